//! What is asked before alarms are acknowledged or muted.

use leptos::prelude::*;

use super::Attend;
use crate::components::{Button, Dialog, Kind, SelectField, TextField};
use crate::erase::{Show, derive, drawn};
use crate::format::use_format;
use crate::logic::quiet::{LASTING, MuteText, UNTIL, check_note};
use crate::pages::clock;
use crate::pages::faults::Faults;
use crate::prefs::use_prefs;

/// How far ahead "until" starts, ms: an hour.
const AHEAD_MS: f64 = 3_600_000.0;

/// Both dialogs; once in each view that attends to alarms.
#[component]
pub fn AttendDialogs(attend: Attend) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let title = move |one: &'static str, many: &'static str| {
        let chosen = attend.chosen();
        match chosen.count {
            1 => format!("{one}: {}", chosen.name),
            count => format!("{one}: {} {many}", format.count(count)),
        }
    };
    let ack = move || title(said!(prefs, quiet.acknowledge), said!(prefs, quiet.alarms));
    let mute = move || title(said!(prefs, quiet.mute), said!(prefs, quiet.alarms));
    view! {
        <Dialog open=attend.acknowledging title=ack><Acknowledge attend /></Dialog>
        <Dialog open=attend.muting title=mute><Mute attend /></Dialog>
    }
}

#[component]
fn Acknowledge(attend: Attend) -> impl IntoView {
    let prefs = use_prefs();
    let (note, faults) = (RwSignal::new(String::new()), Faults::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        faults.clear();
        let note = note.get_untracked().trim().to_owned();
        let mut wrongs = Vec::new();
        check_note("note", &note, &mut wrongs);
        match wrongs.is_empty() {
            true => attend.acknowledge(note, faults),
            false => faults.mark(wrongs),
        }
    };
    view! {
        <form novalidate on:submit=submit>
            <p>{say!(prefs, quiet.ack_help)}</p>
            <TextField
                name="note"
                label=say!(prefs, quiet.note)
                value=note
                help=say!(prefs, quiet.note_help)
                error=faults.of("note")
                focused=true
            />
            <Actions attend open=attend.acknowledging faults words=say!(prefs, quiet.acknowledge) />
        </form>
    }
}

#[component]
fn Mute(attend: Attend) -> impl IntoView {
    let prefs = use_prefs();
    let faults = Faults::new();
    let what = RwSignal::new("alarm".to_owned());
    let lasting = RwSignal::new(LASTING[0].to_owned());
    let until = RwSignal::new(clock::local(crate::dom::now_ms() + AHEAD_MS));
    let reason = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        faults.clear();
        let text = MuteText {
            lasting: lasting.get_untracked(),
            until: clock::instant(&until.get_untracked()),
            reason: reason.get_untracked(),
        };
        match text.members() {
            Err(wrongs) => faults.mark(wrongs),
            Ok(body) => attend.mute(body, what.get_untracked(), faults),
        }
    };
    let targets = derive(move || {
        let (rule, dashboard) = attend.hangs_on();
        let option = |value: &str, words: &str| (value.to_owned(), words.to_owned());
        let mut all = vec![option("alarm", said!(prefs, quiet.this_alarm))];
        all.extend(rule.then(|| option("rule", said!(prefs, quiet.its_metric))));
        all.extend(dashboard.then(|| option("dashboard", said!(prefs, quiet.its_dashboard))));
        all
    });
    view! {
        <form novalidate on:submit=submit>
            <p>{say!(prefs, quiet.mute_help)}</p>
            <Show when=move || attend.is_of_alarms()>
                <SelectField name="what" label=say!(prefs, quiet.what) value=what options=targets error=faults.of("what") />
            </Show>
            <LastingFields lasting until faults />
            <TextField
                name="reason"
                label=say!(prefs, quiet.reason)
                value=reason
                help=say!(prefs, quiet.reason_help)
                error=faults.of("reason")
                focused=true
            />
            <Actions attend open=attend.muting faults words=say!(prefs, quiet.mute) />
        </form>
    }
}

/// For how long: 1 h, 8 h, or until a time.
#[component]
fn LastingFields(lasting: RwSignal<String>, until: RwSignal<String>, faults: Faults) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let choices = derive(move || {
        let [short, long] = LASTING;
        let words = [(short, "1 h"), (long, "8 h"), (UNTIL, said!(prefs, quiet.until_time))];
        words.map(|(value, words)| (value.to_owned(), words.to_owned())).into()
    });
    view! {
        <SelectField name="for" label=say!(prefs, quiet.how_long) value=lasting options=choices error=faults.of("for") />
        <Show when=move || lasting.with(|lasting| lasting == UNTIL)>
            <TextField
                name="until"
                kind="datetime-local"
                label=say!(prefs, quiet.until)
                value=until
                help=move || said!(prefs, pages.common.time_zone_is, zone = format.zone()).to_string()
                error=faults.of("until")
            />
        </Show>
    }
}

/// What could not be done, "Cancel", and the deed.
#[component]
fn Actions(
    attend: Attend,
    open: RwSignal<bool>,
    faults: Faults,
    #[prop(into)] words: TextProp,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let deed = move || match attend.chosen().count {
        0 | 1 => words.get().to_string(),
        count => format!("{} ({})", words.get(), format.count(count)),
    };
    view! {
        <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
        <div class="dialog-actions">
            <Button press=move |()| open.set(false)>{say!(prefs, pages.common.cancel)}</Button>
            <Button kind=Kind::Primary submits=true disabled=derive(move || { attend.busy.get() > 0 }) press=|()| ()>
                {drawn(deed)}
            </Button>
        </div>
    }
}
