//! Attending to alarms: acknowledging them, muting them, and taking that back; one of them or many.

mod dialogs;
mod panel;

use atalaya_api::alarm::Alarm;
use atalaya_api::quiet::{AlarmsDone, MuteKind, MuteTarget};
use leptos::prelude::*;
use serde_json::{Map, Value, json};

pub use self::dialogs::AttendDialogs;
pub use self::panel::{AttendPanel, ToldList, told_words};

use super::faults::Faults;
use super::many::{Choice, Chosen};
use crate::api::{Api, Failure, read, use_api};
use crate::components::alarms::title_of;
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Icon};
use crate::dom;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// Whom something is done to.
#[derive(Clone)]
enum Whom {
    One(Box<Alarm>),
    /// What is chosen of a list, as it is when it is done.
    Many(Choice),
    /// What can be muted without an alarm: a receiver, a metric; and its name.
    Thing(MuteTarget, String),
}

/// Where things are muted that are no alarms.
const MUTES: &str = "mutes";
/// Where alarms are acknowledged.
const ACK: &str = "alarms/ack";

/// What can be done, with all it needs.
#[derive(Clone, Copy)]
pub struct Attend {
    /// How many are being changed right now.
    pub busy: RwSignal<u64>,
    whom: RwSignal<Option<Whom>>,
    acknowledging: RwSignal<bool>,
    muting: RwSignal<bool>,
    api: Api,
    prefs: Prefs,
    notices: Notices,
    refresh: Callback<()>,
}

impl Attend {
    /// `refresh` reads anew what shows the alarms.
    pub fn new(refresh: impl Fn() + Send + Sync + 'static) -> Self {
        Attend {
            busy: RwSignal::new(0),
            whom: RwSignal::new(None),
            acknowledging: RwSignal::new(false),
            muting: RwSignal::new(false),
            api: use_api(),
            prefs: use_prefs(),
            notices: use_notices(),
            refresh: Callback::new(move |()| refresh()),
        }
    }

    /// Asks for how long nothing is to be sent to a receiver.
    pub fn mute_receiver(self, id: String, name: String) {
        self.open(self.muting, Whom::Thing(MuteTarget { kind: MuteKind::Receiver, id }, name));
    }

    /// Asks for how long nobody is to be told of a metric.
    pub fn mute_rule(self, id: String, name: String) {
        self.open(self.muting, Whom::Thing(MuteTarget { kind: MuteKind::Rule, id }, name));
    }

    fn open(self, dialog: RwSignal<bool>, whom: Whom) {
        self.whom.set(Some(whom));
        dialog.set(true);
    }

    /// Those it is about; tracks.
    fn chosen(self) -> Chosen {
        match self.whom.get() {
            None => Chosen { count: 0, ..Chosen::one(String::new(), String::new()) },
            Some(Whom::One(alarm)) => Chosen::one(alarm.id.clone(), title_of(self.prefs, &alarm)),
            Some(Whom::Many(choice)) => choice.now(),
            Some(Whom::Thing(target, name)) => Chosen::one(target.id, name),
        }
    }

    /// False: what is to be muted is known already. Tracks.
    fn is_of_alarms(self) -> bool {
        self.whom.with(|whom| !matches!(whom, Some(Whom::Thing(..))))
    }

    /// What else than the alarm can be muted: its metric, its dashboard; of many all. Tracks.
    fn hangs_on(self) -> (bool, bool) {
        match self.whom.get() {
            Some(Whom::One(alarm)) => (alarm.rule.is_some(), alarm.dashboard.is_some()),
            _ => (true, true),
        }
    }

    fn acknowledge(self, note: String, faults: Faults) {
        let body = Map::from_iter([("note".to_owned(), json!(note))]);
        self.send(ACK, body, self.acknowledging, faults);
    }

    /// `what` of alarms: each itself, its metric or its dashboard.
    fn mute(self, mut body: Map<String, Value>, what: String, faults: Faults) {
        match self.whom.get_untracked() {
            Some(Whom::Thing(target, _)) => {
                body.insert("targets".to_owned(), json!([value_of(&target)]));
                self.send(MUTES, body, self.muting, faults);
            }
            _ => {
                body.insert("what".to_owned(), what.into());
                self.send("alarms/mute", body, self.muting, faults);
            }
        }
    }

    /// Asks for it; the dialog closes once it is done, else it says why not. A list that moved is read anew, so that its dialog
    /// shows the new count.
    fn send(self, path: &'static str, mut body: Map<String, Value>, dialog: RwSignal<bool>, faults: Faults) {
        let chosen = untrack(|| self.chosen());
        if self.busy.get_untracked() > 0 || chosen.count == 0 {
            return;
        }
        let Chosen { select, count, name } = chosen;
        if path != MUTES {
            body.insert("select".to_owned(), value_of(&select));
            body.insert("expected_total".to_owned(), json!(count));
        }
        self.busy.set(count);
        leptos::task::spawn_local(async move {
            let answer = self.api.post(path, &Value::Object(body)).await.and_then(read::<AlarmsDone>);
            let _ = self.busy.try_set(0);
            match answer {
                Ok(done) => {
                    let _ = dialog.try_set(false);
                    if let Some(Some(Whom::Many(choice))) = self.whom.try_get_untracked() {
                        choice.choose_none();
                    }
                    self.tell(path, done, name);
                    // What was pressed may be gone with what was chosen: keys and readers go on at the heading then.
                    request_animation_frame(dom::focus_page);
                }
                Err(failure) => faults.refused(&failure, ""),
            }
            self.refresh.try_run(());
        });
    }

    fn tell(self, path: &str, done: AlarmsDone, name: String) {
        let (prefs, api) = (self.prefs, self.api);
        let muted = path != ACK;
        let words = untrack(|| match (muted, done.total) {
            (true, 0) => said!(prefs, quiet.none_active).to_owned(),
            _ if done.ids.is_empty() => said!(prefs, quiet.already).to_owned(),
            (false, 1) => said!(prefs, quiet.acked_one, name = name).to_string(),
            (false, count) => said!(prefs, quiet.acked_many, count = count).to_string(),
            (true, 1) => said!(prefs, quiet.muted_one, name = name).to_string(),
            (true, count) => said!(prefs, quiet.muted_many, count = count).to_string(),
        });
        let ids = done.ids;
        match (ids.is_empty(), muted) {
            (true, _) => self.notices.tell(words),
            (_, true) => {
                let end = move || -> crate::api::Answer { Box::pin(end_mutes(api, ids.clone())) };
                self.notices.offer_undo_by(words, false, end, Some(self.refresh));
            }
            (_, false) => {
                let body = json!({"select": {"ids": ids}, "expected_total": ids.len()});
                let back = move || api.post("alarms/unack", &body);
                self.notices.offer_undo_by(words, false, back, Some(self.refresh));
            }
        }
    }

    /// Takes an acknowledgement back.
    fn unacknowledge(self, alarm: &Alarm) {
        let (api, prefs, notices) = (self.api, self.prefs, self.notices);
        let select = json!({"ids": [alarm.id]});
        let note = alarm.acknowledged.as_ref().map(|seen| seen.note.clone()).unwrap_or_default();
        let name = untrack(|| title_of(prefs, alarm));
        leptos::task::spawn_local(async move {
            let body = json!({"select": select, "expected_total": 1});
            match api.post("alarms/unack", &body).await {
                Ok(_) => {
                    let words = untrack(|| said!(prefs, quiet.unacked, name = name).to_string());
                    let body = json!({"select": select, "expected_total": 1, "note": note});
                    let again = move || api.post("alarms/ack", &body);
                    notices.offer_undo_by(words, false, again, Some(self.refresh));
                }
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            self.refresh.try_run(());
        });
    }
}

/// Ends mutes, one after the other.
pub async fn end_mutes(api: Api, ids: Vec<String>) -> Result<String, Failure> {
    for id in ids {
        match api.delete(&format!("mutes/{}", crate::base::encode(&id))).await {
            // Whoever ended it meanwhile did the same.
            Err(failure) if failure.status() != Some(404) => return Err(failure),
            _ => {}
        }
    }
    Ok(String::new())
}

/// "Acknowledge" and "Mute" for what is chosen of a list.
#[component]
pub fn AttendTools(attend: Attend, choice: Choice) -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Button icon="seen" press=move |()| attend.open(attend.acknowledging, Whom::Many(choice))>
            {say!(prefs, quiet.acknowledge)}
        </Button>
        <Button icon="silent" press=move |()| attend.open(attend.muting, Whom::Many(choice))>
            {say!(prefs, quiet.mute)}
        </Button>
    }
}

/// The way to what is muted now.
#[component]
pub fn QuietLink() -> impl IntoView {
    let prefs = use_prefs();
    view! { <a class="button quiet" href="quiet"><Icon name="silent" />{say!(prefs, quiet.title)}</a> }
}
