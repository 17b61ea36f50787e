//! One maintenance window: what it mutes, when, and when it holds next as it is typed.

mod scope;

use atalaya_api::Timestamp;
use atalaya_api::page::Page;
use atalaya_api::quiet::{Maintenance, MaintenanceDraft, Once, Weekly};
use leptos::prelude::*;

use self::scope::{Scope, ScopeFields};
use super::windows::DAYS;
use crate::account::use_account;
use crate::api::{read, use_api};
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::{Button, Empty, Kind, Loaded, SelectField, TextField};
use crate::dom;
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::{duration, ms, zone_name};
use crate::logic::quiet::{Stretch, next_stretches};
use crate::logic::wrong::{What, Wrong};
use crate::pages::clock;
use crate::pages::faults::Faults;
use crate::pages::form::day_word;
use crate::pages::unsaved::Unsaved;
use crate::pages::week::{Week, WeekFields};
use crate::pages::{Heading, WINDOW, use_go, use_id};
use crate::prefs::use_prefs;
use crate::reading::value_of;

/// The address of one that is not there yet.
const NEW: &str = "new";
/// A new window lasts so long, ms.
const HOUR_MS: f64 = 3_600_000.0;
/// How many of the next times are shown.
const SHOWN: usize = 3;

#[component]
pub fn WindowPage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(WINDOW));
    let is_new = memo(move || id.with(|id| id == NEW));
    // There are few: the one is found among all.
    let windows = fetched::<Page<Maintenance>>(move || (!is_new.get()).then(|| "maintenance".to_owned()));
    let title = move || match is_new.get() {
        true => said!(prefs, quiet.plan),
        false => said!(prefs, quiet.edit_window),
    };
    view! {
        <Heading text=title><a class="button" href="quiet">{say!(prefs, quiet.title)}</a></Heading>
        <Show
            when=move || is_new.get()
            fallback=move || view! {
                <Loaded from=windows let:page>
                    {
                        let found = page.with_untracked(|page| {
                            page.items.iter().find(|window| id.with_untracked(|id| *id == window.id)).cloned()
                        });
                        match found {
                            Some(window) => view! { <WindowForm before=Some(window) /> }.into_any(),
                            None => view! { <Empty title=say!(prefs, quiet.no_window) /> }.into_any(),
                        }
                    }
                </Loaded>
            }
        >
            <WindowForm before=None />
        </Show>
    }
}

/// The fields as signals.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    scope: Scope,
    /// `once` or `weekly`.
    repeat: RwSignal<String>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    week: Week,
    zone: RwSignal<String>,
    /// As it was read; none: it is a new one.
    before: StoredValue<Option<Maintenance>>,
}

impl Fields {
    fn new(before: Option<Maintenance>) -> Self {
        let shown = before.as_ref().map(|window| window.maintenance.clone()).unwrap_or_default();
        // A full hour to come, or as it was.
        let hour = (dom::now_ms() / HOUR_MS).ceil() * HOUR_MS;
        let (from, to) = shown.once.map_or((hour, hour + HOUR_MS), |once| (ms(once.from), ms(once.to)));
        let repeat = if shown.weekly.is_some() { "weekly" } else { "once" };
        let weekly = shown.weekly.unwrap_or_default();
        let week = Week::new(&weekly.week);
        if weekly.week.is_empty() {
            week.add();
        }
        let zone = if weekly.time_zone.is_empty() { zone_name() } else { weekly.time_zone };
        Fields {
            name: RwSignal::new(shown.name),
            scope: Scope::new(shown.everything, shown.dashboards, shown.rules),
            repeat: RwSignal::new(repeat.to_owned()),
            from: RwSignal::new(clock::local(from)),
            to: RwSignal::new(clock::local(to)),
            week,
            zone: RwSignal::new(zone),
            before: StoredValue::new(before),
        }
    }

    fn is_weekly(self) -> bool {
        self.repeat.with(|repeat| repeat == "weekly")
    }

    /// What is typed, or what is wrong with it; tracks.
    fn draft(self) -> Result<MaintenanceDraft, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let name = self.name.get().trim().to_owned();
        if name.is_empty() {
            wrongs.push(Wrong::new("name", What::Missing));
        }
        let (everything, dashboards, rules) = self.scope.chosen();
        if !everything && dashboards.is_empty() && rules.is_empty() {
            wrongs.push(Wrong::new("scope", What::Missing));
        }
        let (mut once, mut weekly) = (None, None);
        match self.is_weekly() {
            true => {
                weekly =
                    Some(Weekly { week: self.week.ranges(), time_zone: self.zone.get().trim().to_owned() });
            }
            false => once = self.once(&mut wrongs),
        }
        let version =
            self.before.with_value(|before| before.as_ref().map_or(0, |window| window.maintenance.version));
        let draft = MaintenanceDraft { name, everything, dashboards, rules, once, weekly, version };
        if wrongs.is_empty() { Ok(draft) } else { Err(wrongs) }
    }

    fn once(self, wrongs: &mut Vec<Wrong>) -> Option<Once> {
        let kept = self
            .before
            .with_value(|before| before.as_ref().and_then(|before| before.maintenance.once.clone()));
        let (kept_from, kept_to) = (kept.as_ref().map(|once| once.from), kept.as_ref().map(|once| once.to));
        let mut at = |field: &str, text: String, kept: Option<Timestamp>| {
            // A field has no seconds, and cannot tell the hours of an autumn night apart: what nobody typed anew stays as it was.
            let same = kept.filter(|at| clock::local(ms(*at)) == text);
            let read = same.or_else(|| clock::instant(&text).and_then(|text| text.parse().ok()));
            if read.is_none() {
                wrongs.push(Wrong::new(field, What::Missing));
            }
            read
        };
        let from = at("once.from", self.from.get(), kept_from);
        let to = at("once.to", self.to.get(), kept_to);
        Some(Once { from: from?, to: to? })
    }
}

#[component]
fn WindowForm(before: Option<Maintenance>) -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let (api, notices, unsaved) = (use_api(), use_notices(), Unsaved::guard());
    let (fields, faults, saving) = (Fields::new(before), Faults::new(), RwSignal::new(false));
    let done = Callback::new(move |()| go("quiet"));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if saving.get_untracked() {
            return;
        }
        faults.clear();
        let draft = match untrack(|| fields.draft()) {
            Ok(draft) => draft,
            Err(wrongs) => return faults.mark(wrongs),
        };
        saving.set(true);
        let before = fields.before.get_value();
        leptos::task::spawn_local(async move {
            let path = |id: &str| format!("maintenance/{}", encode(id));
            let answer = match &before {
                Some(before) => api.put(&path(&before.id), &value_of(&draft)).await,
                None => api.post("maintenance", &value_of(&draft)).await,
            };
            let _ = saving.try_set(false);
            let after = match answer.and_then(read::<Maintenance>) {
                Ok(after) => after,
                Err(failure) => return faults.refused(&failure, ""),
            };
            let words = untrack(|| said!(prefs, pages.metrics.saved, name = draft.name.clone()).to_string());
            let path = path(&after.id);
            match before {
                None => notices.offer_undo_by(words, true, move || api.delete(&path), None),
                Some(before) => {
                    let version = after.maintenance.version;
                    let back = value_of(&MaintenanceDraft { version, ..before.maintenance });
                    notices.offer_undo_by(words, true, move || api.put(&path, &back), None);
                }
            }
            done.try_run(());
        });
    };
    let words = move || match saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <Show when=move || !account.may_configure()>
            <p class="note">{say!(prefs, pages.common.read_only)}</p>
        </Show>
        <form class="form-columns calendar-form" novalidate on:submit=submit on:input=move |_| unsaved.note()>
            <div class="form-fields">
                <fieldset class="step">
                    <legend>{say!(prefs, pages.form.name)}</legend>
                    <TextField
                        name="name"
                        label=say!(prefs, pages.form.name)
                        value=fields.name
                        help=say!(prefs, quiet.name_help)
                        error=faults.of("name")
                    />
                </fieldset>
                <fieldset class="step">
                    <legend>{say!(prefs, quiet.what)}</legend>
                    <ScopeFields scope=fields.scope faults />
                </fieldset>
                <fieldset class="step">
                    <legend>{say!(prefs, quiet.when)}</legend>
                    <WhenFields fields faults />
                </fieldset>
                <div class="form-actions">
                    <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
                    <Show when=move || account.may_configure()>
                        <Button kind=Kind::Primary submits=true disabled=saving press=|()| ()>{drawn(words)}</Button>
                    </Show>
                </div>
            </div>
            <div class="form-chart"><Preview fields /></div>
        </form>
    }
}

#[component]
fn WhenFields(fields: Fields, faults: Faults) -> impl IntoView {
    let prefs = use_prefs();
    let repeats = derive(move || {
        let words = [("once", said!(prefs, quiet.once)), ("weekly", said!(prefs, quiet.weekly))];
        words.map(|(value, words)| (value.to_owned(), words.to_owned())).into()
    });
    let at = move |name: &'static str, label: fn(crate::prefs::Prefs) -> &'static str, value| {
        view! {
            <TextField
                name
                kind="datetime-local"
                label=move || label(prefs)
                value
                error=faults.of(name)
            />
        }
    };
    view! {
        <SelectField name="repeat" label=say!(prefs, quiet.repeat) value=fields.repeat options=repeats />
        <Show
            when=move || fields.is_weekly()
            fallback=move || view! {
                <div class="row-of-fields wide-fields">
                    {at("once.from", |prefs| said!(prefs, pages.history.from), fields.from)}
                    {at("once.to", |prefs| said!(prefs, pages.history.to), fields.to)}
                </div>
            }
        >
            <WeekFields week=fields.week path="weekly.week" faults />
            <TextField
                name="weekly.time_zone"
                label=say!(prefs, pages.settings.time_zone)
                value=fields.zone
                help=say!(prefs, tables.calendars.zone_help)
                error=faults.of("weekly.time_zone")
            />
        </Show>
    }
}

/// When it holds next, as it is typed.
#[component]
fn Preview(fields: Fields) -> impl IntoView {
    let prefs = use_prefs();
    let line = move |stretch: Stretch| {
        let place = |minute| {
            let (day, time) = Stretch::place(minute);
            format!("{} {time}", day_word(prefs, DAYS[day]))
        };
        let when = match stretch.wait {
            0 => said!(prefs, quiet.holds_now).to_owned(),
            wait => said!(prefs, quiet.holds_in, time = duration(f64::from(wait) * 60_000.0)).to_string(),
        };
        view! {
            <li>
                <span class="number">{place(stretch.from)}" – "{place(stretch.to)}</span>
                " " <span class="muted">{when}</span>
            </li>
        }
    };
    let weekly = move || {
        let minute = clock::minute_of_week(dom::now_ms(), &fields.zone.get());
        let next = next_stretches(&fields.week.ranges(), u32::from(minute), SHOWN);
        if next.is_empty() {
            return view! { <p class="error">{said!(prefs, quiet.never)}</p> }.into_any();
        }
        view! { <ol class="ranges">{next.into_iter().map(line).collect_view()}</ol> }.into_any()
    };
    let once = move || {
        let read = |text: String| clock::instant(&text)?.parse().ok().map(ms);
        let (from, to) = (read(fields.from.get()), read(fields.to.get()));
        let now = dom::now_ms();
        let words = match (from, to) {
            (Some(from), Some(to)) if to <= from => {
                return view! { <p class="error">{said!(prefs, quiet.reversed)}</p> }.into_any();
            }
            (Some(_), Some(to)) if to <= now => said!(prefs, quiet.over).to_owned(),
            (Some(from), Some(to)) if from <= now => {
                said!(prefs, quiet.holds_for, time = duration(to - now)).to_string()
            }
            (Some(from), Some(to)) => {
                let (wait, length) = (duration(from - now), duration(to - from));
                said!(prefs, quiet.holds_later, wait = wait, length = length).to_string()
            }
            _ => said!(prefs, quiet.never).to_owned(),
        };
        view! { <p>{words}</p> }.into_any()
    };
    view! {
        <h2>{say!(prefs, quiet.preview)}</h2>
        <div aria-live="polite">{drawn(move || if fields.is_weekly() { weekly() } else { once() })}</div>
        <p class="muted">{say!(prefs, quiet.mute_help)}</p>
    }
}
