//! What a load brought, and what of it needs somebody's eyes.

use atalaya_api::catalog::{CatalogProblem, ImportPhase, ImportStatus, Joined};
use leptos::prelude::*;

use crate::format::use_format;
use crate::logic::query::encode;
use crate::prefs::use_prefs;

/// So many problems are listed at once.
const MOST: usize = 100;

pub fn report(status: ImportStatus) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let fact = |name: &'static str, count: u64| {
        view! { <div><dt>{name}</dt><dd class="number">{format.count(count)}</dd></div> }
    };
    let outcome = match status.phase {
        ImportPhase::Cancelled => said!(prefs, pages.grafana.cancelled),
        ImportPhase::Failed => said!(prefs, pages.grafana.failed),
        _ => said!(prefs, pages.grafana.done),
    };
    let when = status.ended_at.map(|at| format.seconds(at));
    let trouble = status.error.clone().map(|error| view! { <div class="trouble"><p>{error}</p></div> });
    let drifted = (status.drifted > 0).then(|| {
        let words = said!(prefs, pages.grafana.drifted, count = format.count(status.drifted)).to_string();
        view! { <p class="note"><a href="configured?drift=true">{words}</a></p> }
    });
    let joined = (!status.joined.is_empty()).then(|| {
        view! {
            <h3>{said!(prefs, pages.grafana.joined)}</h3>
            <ul class="steps">{status.joined.iter().cloned().map(joined_line).collect_view()}</ul>
        }
    });
    let total = status.problems_total.max(status.problems.len() as u64);
    let problems = (total > 0).then(|| problems(status.problems, total));
    view! {
        <div class="report" role="status">
            <h3>{outcome} " " <span class="muted number">{when}</span></h3>
            {trouble}
            <dl class="facts">
                {fact(said!(prefs, pages.grafana.dashboards), status.dashboards)}
                {fact(said!(prefs, pages.grafana.panels), status.panels)}
                {fact(said!(prefs, pages.grafana.targets), status.targets)}
                {fact(said!(prefs, pages.grafana.added), status.added)}
                {fact(said!(prefs, pages.grafana.changed), status.changed)}
                {fact(said!(prefs, pages.grafana.removed), status.removed)}
            </dl>
            {drifted} {joined} {problems}
        </div>
    }
    .into_any()
}

fn joined_line(one: Joined) -> AnyView {
    let prefs = use_prefs();
    let came = (!one.joined.is_empty())
        .then(|| said!(prefs, pages.grafana.came, names = one.joined.join(", ")).to_string());
    let went = (!one.left.is_empty())
        .then(|| said!(prefs, pages.grafana.went, names = one.left.join(", ")).to_string());
    view! {
        <li>
            <a href=format!("configured/{}", encode(&one.rule))>{one.rule_name}</a>
            <span class="muted">{one.variable}</span>
            <span>{came}</span>
            <span>{went}</span>
        </li>
    }
    .into_any()
}

fn problems(all: Vec<CatalogProblem>, total: u64) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let rest = total.saturating_sub(all.len().min(MOST) as u64);
    let line = |one: CatalogProblem| {
        view! {
            <li>
                <strong>{one.dashboard}</strong>
                <span class="muted">{one.place}</span>
                <span class="step-message">{one.words}</span>
            </li>
        }
    };
    let title = said!(prefs, pages.grafana.problems, count = format.count(total)).to_string();
    let more =
        (rest > 0).then(|| said!(prefs, pages.grafana.more_problems, count = format.count(rest)).to_string());
    view! {
        <details class="more" open=total <= 5>
            <summary>{title}</summary>
            <p class="help">{said!(prefs, pages.grafana.problems_help)}</p>
            <ul class="steps">{all.into_iter().take(MOST).map(line).collect_view()}</ul>
            <p class="help number">{more}</p>
        </details>
    }
    .into_any()
}
