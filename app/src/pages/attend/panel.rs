//! One alarm's panel: who has seen it, until when it is muted, who was told of it and who was not, and why.

use atalaya_api::alarm::Alarm;
use atalaya_api::delivery::Told;
use leptos::prelude::*;

use super::{Attend, Whom};
use crate::account::use_account;
use crate::components::severity::standing;
use crate::components::{Button, Icon, SeverityMark};
use crate::erase::{Show, drawn, memo};
use crate::format::{Format, use_format};
use crate::live::use_live;
use crate::prefs::{Prefs, use_prefs};

/// "Acknowledge" and "Mute", and what was done already.
#[component]
pub fn AttendPanel(
    #[prop(into)] alarm: Signal<Alarm>,
    attend: Attend,
    /// Nothing can be done on a wall.
    #[prop(default = true)]
    can_do: bool,
) -> impl IntoView {
    let (prefs, format, account, live) = (use_prefs(), use_format(), use_account(), use_live());
    let seen = memo(move || alarm.with(|alarm| alarm.acknowledged.clone()));
    let seen_words = move || {
        seen.get().map(|seen| {
            let words = said!(prefs, quiet.acked_by, name = seen.by, time = format.time(seen.at)).to_string();
            if seen.note.is_empty() { words } else { format!("{words}: {}", seen.note) }
        })
    };
    let muted = memo(move || {
        alarm.with(|alarm| alarm.muted_until).filter(|at| crate::format::ms(*at) > live.now.get())
    });
    let muted_words =
        move || muted.get().map(|at| said!(prefs, quiet.muted_until, time = format.time(at)).to_string());
    let stands = memo(move || alarm.with(|alarm| alarm.cleared_at.is_none()));
    let whom = move || Whom::One(Box::new(alarm.get_untracked()));
    // One button whose words change: it keeps the focus.
    let turn = move |()| match seen.with_untracked(Option::is_some) {
        true => attend.unacknowledge(&alarm.get_untracked()),
        false => attend.open(attend.acknowledging, whom()),
    };
    let turn_words = move || match seen.with(Option::is_some) {
        true => view! { <Icon name="undo" />{said!(prefs, quiet.unacknowledge)} }.into_any(),
        false => view! { <Icon name="seen" />{said!(prefs, quiet.acknowledge)} }.into_any(),
    };
    view! {
        <div class="attend">
            <Show when=move || seen.with(Option::is_some)>
                <p>{drawn(seen_words)}</p>
            </Show>
            <Show when=move || muted.with(Option::is_some)>
                <p>{drawn(muted_words)} " " <a href="quiet">{say!(prefs, quiet.title)}</a></p>
            </Show>
            <Show when=move || can_do && account.may_configure()>
                <div class="row">
                    <Button press=turn>{drawn(turn_words)}</Button>
                    <Show when=move || stands.get()>
                        <Button icon="silent" press=move |()| attend.open(attend.muting, whom())>{say!(prefs, quiet.mute)}</Button>
                    </Show>
                </div>
            </Show>
        </div>
    }
}

/// A line for each receiver.
#[component]
pub fn ToldList(#[prop(into)] told: Signal<Vec<Told>>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let line = move |told: Told| {
        let of_what = told.last_at.is_some().then_some(told.severity).flatten();
        let words = told_words(prefs, format, &told);
        view! {
            <li>
                <strong>{told.receiver_name}</strong>
                {of_what.map(|severity| view! { <SeverityMark of=standing(severity) /> })}
                <span>{words}</span>
                {why_not(prefs, format, told.why_not, told.again_at)}
            </li>
        }
    };
    drawn(move || {
        let told = told.get();
        if told.is_empty() {
            return view! { <p class="muted">{said!(prefs, quiet.told_nobody)}</p> }.into_any();
        }
        view! { <ul class="told">{told.into_iter().map(line).collect_view()}</ul> }.into_any()
    })
}

/// When it was told last: "14:03", "cleared 14:12"; tracks.
pub fn told_words(prefs: Prefs, format: Format, told: &Told) -> String {
    match (told.last_at, told.severity) {
        (None, _) => said!(prefs, quiet.not_told).to_owned(),
        (Some(at), Some(_)) => format.time(at),
        (Some(at), None) => said!(prefs, app.alarm.cleared_at, time = format.time(at)).to_string(),
    }
}

fn why_not(
    prefs: Prefs,
    format: Format,
    why: Option<String>,
    again: Option<atalaya_api::Timestamp>,
) -> Option<AnyView> {
    let why = why?;
    let words = match again {
        Some(at) => said!(prefs, quiet.again_at, why = why, time = format.time(at)).to_string(),
        None => why,
    };
    Some(view! { <span class="muted">{words}</span> }.into_any())
}
