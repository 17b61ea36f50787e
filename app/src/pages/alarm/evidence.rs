//! "Why?": the stored samples, verdicts and params of each transition, and whether they replay to the same.

use atalaya_api::alarm::{EvaluationView, EvidenceView};
use atalaya_api::level::{Level, Standing};
use atalaya_api::page::Page;
use leptos::prelude::*;

use crate::components::{Empty, Icon, Loaded, SeverityMark};
use crate::erase::{For, Show, drawn};
use crate::fetched::fetched;
use crate::format::{Format, use_format};
use crate::logic::query::encode;
use crate::pages::metrics::{LevelsShort, shown_of};
use crate::pages::wording::{level_standing, reason_words};
use crate::prefs::{Prefs, use_prefs};

/// Characters of a hash that tell two versions apart.
const SHORT_HASH: usize = 12;

#[component]
pub fn Evidence(id: Memo<String>, unit: Memo<Option<String>>) -> impl IntoView {
    let prefs = use_prefs();
    let evidence =
        fetched::<Page<EvidenceView>>(move || Some(format!("alarms/{}/evidence", encode(&id.get()))));
    super::keep_fresh(
        move |event| matches!(event, crate::live::LiveEvent::Alarm(event) if id.with_untracked(|id| *id == event.alarm.id)),
        move || evidence.refresh(),
    );
    view! {
        <section class="card why-section">
            <h2>{say!(prefs, pages.alarm.why)}</h2>
            <p class="help">{say!(prefs, pages.alarm.why_help)}</p>
            <Loaded from=evidence let:page>
                <For
                    each=move || page.with(|page| page.items.clone())
                    key=|item| item.transition.seq
                    children=move |item| view! { <Item item unit /> }.into_any()
                />
                <Show when=move || page.with(|page| page.items.is_empty())>
                    <Empty title=say!(prefs, pages.alarm.why_none) />
                </Show>
            </Loaded>
        </section>
    }
}

/// What led to one transition.
#[component]
fn Item(item: EvidenceView, unit: Memo<Option<String>>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let EvidenceView { transition, check, check_sha256, params, evaluations, replays } = item;
    let (before, after) = (Standing::from(transition.before), Standing::from(transition.after));
    let at = transition.at;
    let params = match shown_of(&check, &params) {
        Ok(shown) => view! { <LevelsShort shown unit=unit.get_untracked() /> }.into_any(),
        Err(_) => view! { <code>{params.to_string()}</code> }.into_any(),
    };
    let hash: String = check_sha256.chars().take(SHORT_HASH).collect();
    let rows = evaluations
        .into_iter()
        .enumerate()
        .map(|(at, evaluation)| view! { <Evaluation number=at + 1 evaluation unit /> })
        .collect_view();
    view! {
        <details class="evidence">
            <summary>
                <span class="number">{drawn(move || format.seconds(at))}</span>
                <SeverityMark of=before />
                <span aria-hidden="true">"→"</span>
                <SeverityMark of=after />
                <span class=replay_class(replays)>
                    <Icon name=if replays == Some(true) { "checks" } else { "help" } />
                    {drawn(move || replay_words(prefs, replays))}
                </span>
            </summary>
            <dl class="facts">
                <div>
                    <dt>{say!(prefs, pages.alarm.version)}</dt>
                    <dd>{check} " " <code title=check_sha256>{hash}</code></dd>
                </div>
                <div>
                    <dt>{say!(prefs, pages.alarm.params)}</dt>
                    <dd>{params}</dd>
                </div>
            </dl>
            <div class="evaluations">{rows}</div>
        </details>
    }
}

fn replay_class(replays: Option<bool>) -> &'static str {
    match replays {
        Some(true) => "replay mark ok",
        Some(false) => "replay mark critical",
        None => "replay muted",
    }
}

fn replay_words(prefs: Prefs, replays: Option<bool>) -> &'static str {
    match replays {
        Some(true) => said!(prefs, pages.alarm.replays),
        Some(false) => said!(prefs, pages.alarm.replays_not),
        None => said!(prefs, pages.alarm.replays_unknown),
    }
}

/// One evaluation of the run: its verdict and the window it saw.
#[component]
fn Evaluation(number: usize, evaluation: EvaluationView, unit: Memo<Option<String>>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let EvaluationView { at, held, level, value, reason, times, values } = evaluation;
    let verdict = level.map_or(Standing::Unknown, level_standing);
    let held = (held != Level::Ok).then(|| {
        view! {
            <span class="muted">{say!(prefs, pages.alarm.held)}</span>
            <SeverityMark of=level_standing(held) />
        }
    });
    let count = times.len();
    let words = move || match count {
        1 => said!(prefs, pages.alarm.samples_one).to_owned(),
        count => said!(prefs, pages.alarm.samples_many, count = format.count(count as u64)).to_string(),
    };
    let samples = times.into_iter().zip(values).map(|(at, value)| sample(format, at, value.0)).collect_view();
    view! {
        <div class="evaluation">
            <p class="evaluation-head">
                <strong>{drawn(move || said!(prefs, pages.alarm.evaluation, number = number))}</strong>
                <span class="number">{drawn(move || format.seconds(at))}</span>
                <SeverityMark of=verdict />
                <span class="number">{drawn(move || value.map(|value| format.value(Some(value.0), unit.get().as_deref())))}</span>
                {held}
                <span class="muted">{drawn(move || reason.as_ref().map(|reason| reason_words(prefs, reason)))}</span>
            </p>
            <p class="muted">{drawn(words)}</p>
            <ol class="samples-list number">{samples}</ol>
        </div>
    }
}

fn sample(format: Format, at: f64, value: f64) -> impl IntoView {
    view! {
        <li>
            <span class="muted">{drawn(move || format.seconds_ms(at))}</span>
            " "
            <span>{drawn(move || format.value(Some(value), None))}</span>
        </li>
    }
}
