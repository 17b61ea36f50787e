//! A metric that follows something: its dashboard's query, its template's values.

use atalaya_api::rule::{Drift, Rule};
use leptos::prelude::*;

use crate::components::{Button, Kind};
use crate::erase::{drawn, memo};
use crate::pages::many::{Chosen, Deed, Deeds};
use crate::prefs::{Prefs, use_prefs};

/// What its dashboard's query was and is, and the two ways on; nothing while they are the same.
#[component]
pub fn Drifted(rule: Signal<Rule>, deeds: Deeds, may_configure: bool) -> impl IntoView {
    let prefs = use_prefs();
    let drift = memo(move || rule.with(|rule| rule.drift.clone()));
    let run = move |deed: Deed| deeds.run(deed, rule.with_untracked(Chosen::rule));
    drawn(move || {
        let Drift { before, now, expr } = drift.get()?;
        let summary = match now.is_some() {
            true => said!(prefs, tables.many.drifted),
            false => said!(prefs, tables.many.drifted_gone),
        };
        let now = now
            .map(|now| view! { <dt>{said!(prefs, tables.many.drift_now)}</dt><dd class="expr">{now}</dd> });
        let follow = (may_configure && expr.is_some()).then(|| {
            view! {
                <Button kind=Kind::Quiet icon="down" press=move |()| run(Deed::Follow)>
                    {said!(prefs, tables.many.follow)}
                </Button>
            }
        });
        let keep = may_configure.then(|| {
            view! {
                <Button kind=Kind::Quiet icon="lock" press=move |()| run(Deed::Keep)>
                    {said!(prefs, tables.many.keep)}
                </Button>
            }
        });
        Some(view! {
            <details class="mark-details drifted">
                <summary>{summary}</summary>
                <dl>
                    <dt>{said!(prefs, tables.many.drift_before)}</dt>
                    <dd class="expr">{before}</dd>
                    {now}
                </dl>
                {follow}
                {keep}
            </details>
        })
    })
}

/// The template, the values that are the metric's own, and the way back to the template's.
#[component]
pub fn Linked(rule: Signal<Rule>, deeds: Deeds, may_configure: bool) -> impl IntoView {
    let prefs = use_prefs();
    let used = memo(move || rule.with(|rule| rule.draft.template.clone()));
    let run = move |deed: Deed| deeds.run(deed, rule.with_untracked(Chosen::rule));
    drawn(move || {
        let used = used.get()?;
        let href = format!("templates/{}", crate::base::encode(&used.id));
        let summary = said!(prefs, tables.many.from_template, set = used.set).to_string();
        let words: Vec<String> = used.overrides.iter().map(|field| field_word(prefs, field)).collect();
        let own = (!words.is_empty()).then(|| {
            let count = said!(prefs, tables.many.own_values, count = words.len()).to_string();
            let fields = used.overrides;
            let follow = may_configure.then(|| {
                view! {
                    <Button kind=Kind::Quiet icon="undo" press=move |()| run(Deed::Relink(fields.clone()))>
                        {said!(prefs, tables.many.relink)}
                    </Button>
                }
            });
            (view! { <span class="why">{count}</span> }, view! { <p>{words.join(", ")}</p> {follow} })
        });
        let (count, own) = own.unzip();
        let unlink = may_configure.then(|| {
            view! {
                <Button kind=Kind::Quiet icon="close" press=move |()| run(Deed::Unlink)>
                    {said!(prefs, tables.many.unlink)}
                </Button>
            }
        });
        Some(view! {
            <details class="mark-details">
                <summary>{summary} {count}</summary>
                {own}
                <a href=href>{said!(prefs, tables.many.to_template)}</a>
                {unlink}
            </details>
        })
    })
}

/// A field's name as the forms show it; tracks.
pub fn field_word(prefs: Prefs, path: &str) -> String {
    let words = match path {
        "name" => said!(prefs, pages.form.name),
        "note" => said!(prefs, pages.form.note),
        "query.unit" => said!(prefs, pages.form.unit),
        "interval" => said!(prefs, pages.form.interval),
        "checks_to_alert" => said!(prefs, pages.form.to_alert),
        "checks_to_ok" => said!(prefs, pages.form.to_ok),
        "ok_margin" => said!(prefs, pages.form.margin),
        "no_data" => said!(prefs, pages.form.no_data),
        "period" => said!(prefs, tables.period.title),
        "notify.sms" => said!(prefs, tables.alarm_settings.sms),
        "notify.ovo" => said!(prefs, tables.alarm_settings.ovo),
        path if path.starts_with("notify.receivers") => said!(prefs, tables.alarm_settings.receivers),
        "enabled" => said!(prefs, pages.common.pause),
        "check.params.warning" => said!(prefs, app.severity.warning),
        "check.params.major" => said!(prefs, app.severity.major),
        "check.params.critical" => said!(prefs, app.severity.critical),
        "check.name" => said!(prefs, pages.form.kind),
        "check.params.direction" => said!(prefs, pages.form.direction),
        path if path.starts_with("check.params.other_levels") => said!(prefs, pages.form.other),
        path if path.starts_with("query") => said!(prefs, pages.form.what),
        other => return other.trim_start_matches("check.params.").to_owned(),
    };
    words.to_owned()
}
