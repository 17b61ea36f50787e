//! The first run: this host's memory as a chart, and a trial warning that shows what an alarm is within half a minute.

use atalaya_api::float::Float;
use atalaya_api::level::{Level, Standing};
use atalaya_api::page::Page;
use atalaya_api::rule::{CheckUse, Direction, Line, NoData, Notify, Query, Rule, RuleDraft};
use atalaya_api::source::{QueryAnswer, SeriesHit};
use atalaya_api::span::Span;
use atalaya_api::summary::Summary;
use leptos::prelude::*;
use serde_json::json;

use crate::account::use_account;
use crate::api::{Answer, Api, Failure, use_api};
use crate::base::encode;
use crate::components::chart::ChartData;
use crate::components::notices::use_notices;
use crate::components::{Button, Chart, Kind};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{fetched, fetched_at};
use crate::format::{iso, use_format};
use crate::live::{LiveEvent, use_live};
use crate::prefs::use_prefs;
use crate::reading::value_of;

/// The label by which the trial is known again.
const LABEL: &str = "trial";
/// Somebody with more metrics than this has understood alarms.
const FEW: u64 = 3;
/// How far back the panel's chart looks, ms.
const LOOK_BACK: f64 = 15.0 * 60_000.0;
/// The chart shows at least so much, and so much before the first sample, ms.
const SHORTEST: f64 = 2.0 * 60_000.0;
const LEAD: f64 = 10_000.0;
/// Between two readings of the chart, ms; the host is measured every 10 s.
const REFRESH_MS: f64 = 5_000.0;
const UNIT: &str = "%";

/// The panel, for those who may configure: an offer while nothing is configured, then what the trial shows.
#[component]
pub fn Trial(#[prop(into)] summary: Signal<Summary>) -> impl IntoView {
    let (account, live) = (use_account(), use_live());
    let few = memo(move || account.may_configure() && summary.with(|summary| summary.rules <= FEW));
    let rules = fetched::<Page<Rule>>(move || few.get().then(|| format!("rules?label={LABEL}:true&limit=1")));
    live.listen(move |event| {
        if few.get_untracked() && matches!(event, LiveEvent::Rule(_) | LiveEvent::Alarm(_) | LiveEvent::Reset)
        {
            rules.refresh();
        }
    });
    let state = memo(move || {
        let trial = rules.value().filter(|_| few.get())?.items.into_iter().next();
        (trial.is_some() || summary.with(|summary| summary.rules == 0)).then_some(trial)
    });
    move || {
        state.with(Option::is_some).then(|| view! { <Panel trial=derive(move || state.get().flatten()) /> })
    }
}

/// The chart of this host's memory with the next step below it.
#[component]
fn Panel(trial: Signal<Option<Rule>>) -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    let hits = fetched::<Page<SeriesHit>>(|| {
        Some(format!("sources/local/series?q={}", encode("host.*.memory.percent")))
    });
    let series = memo(move || hits.value()?.items.into_iter().find(|hit| hit.leaf).map(|hit| hit.name));
    let to = StoredValue::new(live.server_now());
    let data = fetched_at::<QueryAnswer, _>(
        move || series.get(),
        move |series| {
            to.set_value(live.server_now());
            let from = iso(to.get_value() - LOOK_BACK);
            format!(
                "sources/local/query?expr={}&from={}&to={}",
                encode(series),
                encode(&from),
                encode(&iso(to.get_value()))
            )
        },
    );
    live.listen(move |event| {
        if matches!(event, LiveEvent::Status(_)) && live.server_now() - to.get_value() >= REFRESH_MS {
            data.refresh();
            if series.with_untracked(Option::is_none) {
                hits.refresh();
            }
        }
    });
    let latest = memo(move || data.value().and_then(|answer| latest_of(&answer)));
    let threshold = memo(move || match trial.get() {
        Some(rule) => rule.draft.check.params.get("warning")?.as_f64(),
        None => latest.get().map(just_below),
    });
    let chart = derive(move || {
        let to = to.get_value();
        let series = data.value().map(|answer| answer.series).unwrap_or_default();
        let from = begin(to, series.first().and_then(|series| series.times.first().copied()));
        let line = |value| Line {
            level: Level::Warning,
            value: Float(value),
            direction: Direction::Above,
            start: from,
            end: to,
        };
        ChartData {
            series,
            lines: threshold.get().map(line).into_iter().collect(),
            marks: Vec::new(),
            from,
            to,
        }
    });
    let ready = memo(move || latest.get().is_some());
    view! {
        <section class="trial" aria-label=say!(prefs, app.trial.title)>
            <h2>{say!(prefs, app.trial.title)}</h2>
            <Show when=move || ready.get() fallback=move || view! { <p class="muted">{say!(prefs, app.trial.waiting_for_data)}</p> }>
                <Chart title=derive(move || series.get().unwrap_or_default()) unit=Some(UNIT.to_owned()) data=chart />
                {drawn(move || match trial.with(Option::is_some) {
                    true => view! { <Running trial threshold=threshold /> }.into_any(),
                    false => view! { <Offer series latest threshold /> }.into_any(),
                })}
            </Show>
        </section>
    }
}

/// "Try it": a warning just below the present value.
#[component]
fn Offer(
    series: Memo<Option<String>>,
    latest: Memo<Option<f64>>,
    threshold: Memo<Option<f64>>,
) -> impl IntoView {
    let (prefs, format, api) = (use_prefs(), use_format(), use_api());
    let go = super::use_go();
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let start = move |()| {
        let (Some(series), Some(threshold)) = (series.get_untracked(), threshold.get_untracked()) else {
            return;
        };
        busy.set(true);
        let draft = draft(untrack(|| said!(prefs, app.trial.name).to_owned()), series, threshold);
        leptos::task::spawn_local(async move {
            // The panel changes by the stream's word that there is a new metric.
            if let Err(error) = api.post("rules", &value_of(&draft)).await {
                let _ = failure.try_set(Some(error));
            }
            let _ = busy.try_set(false);
        });
    };
    let words = move || {
        let value = |number: Option<f64>| format.value(number, Some(UNIT));
        said!(prefs, app.trial.offer, value = value(latest.get()), threshold = value(threshold.get()))
    };
    view! {
        <p>{drawn(words)}</p>
        <p class="error" role="alert">{drawn(move || failure.get().map(|failure| failure.words(prefs)))}</p>
        <div class="row">
            <Button kind=Kind::Primary icon="play" disabled=busy press=start>{say!(prefs, app.trial.start)}</Button>
            <Button icon="add" press=move |()| go("add")>{say!(prefs, app.trial.own)}</Button>
        </div>
    }
}

/// What the trial shows, and its end.
#[component]
fn Running(trial: Signal<Option<Rule>>, threshold: Memo<Option<f64>>) -> impl IntoView {
    let (prefs, format, api, notices) = (use_prefs(), use_format(), use_api(), use_notices());
    let go = super::use_go();
    let raised = memo(move || {
        trial.with(|rule| rule.as_ref().is_some_and(|rule| rule.state.severity == Standing::Warning))
    });
    let words = move || {
        let threshold = format.value(threshold.get(), Some(UNIT));
        if raised.get() {
            let value =
                trial.with(|rule| rule.as_ref().and_then(|rule| rule.state.value).map(|value| value.0));
            said!(prefs, app.trial.raised, value = format.value(value, Some(UNIT)), threshold = threshold)
        } else {
            said!(prefs, app.trial.running, threshold = threshold)
        }
    };
    let remove = move |()| {
        let Some(id) = trial.with_untracked(|rule| rule.as_ref().map(|rule| rule.id.clone())) else { return };
        let done = untrack(|| said!(prefs, app.trial.removed).to_owned());
        leptos::task::spawn_local(async move {
            match api.delete(&format!("rules/{id}")).await {
                Ok(_) => notices.offer_undo_by(done, false, move || restore(api, &id), None),
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
        });
    };
    view! {
        <p role="status">{drawn(words)}</p>
        <Show when=move || raised.get()>
            <p>{say!(prefs, app.trial.explained)}</p>
        </Show>
        <div class="row">
            <Button kind=Kind::Primary icon="delete" press=remove>{say!(prefs, app.trial.remove)}</Button>
            <Button icon="add" press={let go = go.clone(); move |()| go("add")}>{say!(prefs, app.trial.own)}</Button>
        </div>
    }
}

/// Takes back a removal; the list learns of it by the stream.
fn restore(api: Api, id: &str) -> Answer {
    api.post(&format!("rules/{id}/restore"), &json!({}))
}

/// The latest finite value of the first series.
fn latest_of(answer: &QueryAnswer) -> Option<f64> {
    answer.series.first()?.values.iter().rev().map(|value| value.0).find(|value| value.is_finite())
}

/// A threshold that the present value is above and stays above while memory breathes: 5 % of it less, one decimal.
fn just_below(value: f64) -> f64 {
    (value * 9.5).floor() / 10.0
}

/// Where the chart begins: fifteen minutes back, but not long before the first sample, so that a young server's few
/// samples fill it. All in Unix ms.
fn begin(to: f64, first: Option<f64>) -> f64 {
    let oldest = to - LOOK_BACK;
    first.map_or(oldest, |first| (first - LEAD).clamp(oldest, to - SHORTEST))
}

/// One check every 10 s decides at once, so that the alarm comes within half a minute.
fn draft(name: String, series: String, threshold: f64) -> RuleDraft {
    RuleDraft {
        name,
        query: Query {
            source: "local".to_owned(),
            expr: series,
            unit: Some(UNIT.to_owned()),
            dashboard: None,
            panel: None,
        },
        check: CheckUse {
            name: "threshold".to_owned(),
            params: json!({"direction": "above", "warning": threshold}),
        },
        // Twice as often as the host is measured: the first alarm is seen within half a minute of a fresh start.
        interval: Some(Span(5)),
        checks_to_alert: 1,
        checks_to_ok: 1,
        ok_margin: 0.0,
        period: "24x7".to_owned(),
        no_data: NoData::default(),
        time_zone: None,
        notify: Notify::default(),
        enabled: true,
        labels: [(LABEL.to_owned(), "true".to_owned())].into(),
        note: String::new(),
        runbook_url: None,
        origin: None,
        template: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOK_BACK, begin, draft, just_below};

    #[test]
    fn the_trial_is_just_below_the_present_value() {
        assert_eq!(just_below(41.5), 39.4);
        assert_eq!(just_below(100.0), 95.0);
        for value in [3.0, 17.3, 55.5, 99.9] {
            assert!(just_below(value) < value);
        }
    }

    #[test]
    fn a_young_servers_few_samples_fill_the_chart() {
        let to = 2.0 * LOOK_BACK;
        assert_eq!(begin(to, None), LOOK_BACK);
        assert_eq!(begin(to, Some(0.0)), LOOK_BACK);
        assert_eq!(begin(to, Some(to - 300_000.0)), to - 310_000.0);
        assert_eq!(begin(to, Some(to - 20_000.0)), to - 120_000.0);
    }

    #[test]
    fn one_check_decides_the_trial() {
        let draft = draft("m".into(), "host.a.memory.percent".into(), 40.6);
        assert_eq!((draft.checks_to_alert, draft.checks_to_ok, draft.ok_margin), (1, 1, 0.0));
    }
}
