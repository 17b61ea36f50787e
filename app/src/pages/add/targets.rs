//! The third step: which of the panel's metrics, and with which values of its variables.

use atalaya_api::catalog::{CatalogMetric, Target};
use leptos::prelude::*;

use super::steps::{Steps, folded};
use super::variables::Variables;
use crate::components::{Button, Kind};
use crate::dom;
use crate::erase::{Show, drawn, effect, memo};
use crate::format::use_format;
use crate::logic::wizard::{Step, is_watchable};
use crate::pages::wording::check_title;
use crate::prefs::use_prefs;

#[component]
pub fn TargetStep(steps: Steps) -> impl IntoView {
    let prefs = use_prefs();
    let targets = memo(move || steps.panel.with(|panel| panel.as_ref().map(|panel| panel.targets.clone())));
    let watchable = memo(move || {
        let of = |targets: &Vec<Target>| targets.iter().filter(|one| is_watchable(one)).count();
        targets.with(|targets| targets.as_ref().map_or(0, of))
    });
    let picked = memo(move || steps.chosen.with(|chosen| chosen.refs.len()));
    let all = move |()| {
        let refs = targets.with_untracked(|targets| {
            let watchable = targets.iter().flatten().filter(|target| is_watchable(target));
            watchable.map(|target| target.ref_id.clone()).collect::<Vec<_>>()
        });
        steps.chosen.update(|chosen| chosen.refs = refs);
    };
    let failure =
        move || steps.metrics.state.with(|state| state.failure().map(|failure| failure.words(prefs)));
    let list = NodeRef::<leptos::html::Ul>::new();
    effect(move || {
        if list.get().is_some() {
            request_animation_frame(|| dom::focus(".targets input:not(:disabled)"));
        }
    });
    view! {
        <section class="step" aria-label=say!(prefs, pages.add.metrics)>
            <h2>{say!(prefs, pages.add.which_metrics)}</h2>
            <Variables steps />
            <p class="error" role="status">{drawn(failure)}</p>
            <ul class="targets" node_ref=list>
                {drawn(move || {
                    targets.get().unwrap_or_default().into_iter().map(|target| target_view(steps, target)).collect_view()
                })}
            </ul>
            <Show when=move || watchable.get() == 0>
                <p class="note">
                    {say!(prefs, pages.add.nothing_watchable)} " "
                    <a href="settings/grafana">{say!(prefs, pages.add.to_sources)}</a>
                </p>
            </Show>
            <div class="form-actions">
                <Show when=move || { picked.get() > 0 }>
                    <Button kind=Kind::Primary press=move |()| steps.reopened.set(None)>{say!(prefs, pages.add.go_on)}</Button>
                </Show>
                <Show when=move || { watchable.get() > 1 && picked.get() < watchable.get() }>
                    <Button press=all>{say!(prefs, pages.add.take_all)}</Button>
                </Show>
            </div>
        </section>
    }
}

fn target_view(steps: Steps, target: Target) -> AnyView {
    let prefs = use_prefs();
    let target = StoredValue::new(target);
    let ref_id = target.with_value(|target| target.ref_id.clone());
    let id = format!("target-{ref_id}");
    let usable = target.with_value(is_watchable);
    let resolved = memo({
        let ref_id = ref_id.clone();
        move || {
            let found =
                |metrics: &Vec<CatalogMetric>| metrics.iter().find(|one| one.ref_id == ref_id).cloned();
            steps.metrics.state.with(|state| state.value().and_then(found))
        }
    });
    let of = move |get: fn(&CatalogMetric) -> Option<String>| resolved.with(|one| one.as_ref().and_then(get));
    let name = move || {
        let usual = || {
            target.with_value(|target| {
                let text = target.alias.clone().or(target.query.clone()).unwrap_or_default();
                format!("{}: {text}", target.ref_id)
            })
        };
        of(|metric| Some(metric.name.clone())).unwrap_or_else(usual)
    };
    let query =
        move || of(|metric| metric.expr.clone()).or_else(|| target.with_value(|target| target.query.clone()));
    let problem = move || {
        target.with_value(|target| target.problem.clone()).or_else(|| of(|metric| metric.problem.clone()))
    };
    let watched = move || {
        let of_metric = resolved.with(|one| one.as_ref().map(|metric| metric.configured.clone()));
        let kinds = of_metric.unwrap_or_else(|| target.with_value(|target| target.configured.clone()));
        let kinds: Vec<String> = kinds.iter().map(|kind| check_title(prefs, kind)).collect();
        (!kinds.is_empty()).then(|| said!(prefs, pages.add.watched_as, kinds = kinds.join(", ")).to_string())
    };
    let hidden = target.with_value(|target| target.hidden);
    let toggle = {
        let ref_id = ref_id.clone();
        move |_| {
            if let Some(panel) = steps.panel.get_untracked() {
                steps.chosen.update(|chosen| chosen.toggle(&ref_id, &panel));
                steps.charted.set(ref_id.clone());
                // It stays open until the operator goes on.
                steps.reopened.set(Some(Step::Metrics));
            }
        }
    };
    let checked = move || steps.chosen.with(|chosen| chosen.refs.contains(&ref_id));
    view! {
        <li class:unusable=!usable>
            <label class="choice">
                <input
                    type="checkbox"
                    name=id.clone()
                    disabled=!usable
                    prop:checked=checked
                    aria-describedby=id.clone()
                    on:change=toggle
                />
                <strong>{drawn(name)}</strong>
                {hidden.then(|| view! { <span class="tag">{say!(prefs, pages.add.hidden)}</span> })}
                {drawn(move || watched().map(|words| view! { <span class="tag">{words}</span> }))}
            </label>
            <p class="help" id=id>
                <span class="expr">{drawn(query)}</span>
                {drawn(move || problem().map(|words| view! { <span class="why-not">{words}</span> }))}
            </p>
        </li>
    }
    .into_any()
}

/// The line that the step folds into; where there are several it says whose chart is shown.
#[component]
pub fn PickedLine(steps: Steps) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let several = memo(move || steps.picked.with(|picked| picked.len() > 1));
    let text = move || {
        let names = steps.picked.with(|picked| picked.iter().map(|one| one.name.clone()).collect::<Vec<_>>());
        match names.as_slice() {
            [] => (steps.chosen.with(|chosen| chosen.refs.join(", ")), String::new()),
            [one] => (one.clone(), steps.picked.with(|picked| picked[0].expr.clone().unwrap_or_default())),
            many => (
                said!(prefs, pages.add.metric_many, count = format.count(many.len() as u64)).to_string(),
                String::new(),
            ),
        }
    };
    let lost = move || {
        let lost = steps.metrics.state.with(|state| {
            let metrics = state.value()?;
            steps.chosen.with(|chosen| {
                let problem =
                    |one: &&CatalogMetric| chosen.refs.contains(&one.ref_id) && one.problem.is_some();
                metrics.iter().find(problem).and_then(|one| one.problem.clone())
            })
        });
        lost.or_else(|| steps.metrics.state.with(|state| state.failure().map(|failure| failure.words(prefs))))
    };
    let choice = move |metric: CatalogMetric| {
        let (mine, on) = (metric.ref_id.clone(), metric.ref_id);
        let shown = move || {
            let charted = steps.charted.get();
            steps.picked.with(|picked| {
                let first = picked.first().map(|one| one.ref_id.clone()).unwrap_or_default();
                let known = picked.iter().any(|one| one.ref_id == charted);
                if known { charted == on } else { first == on }
            })
        };
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || shown().to_string()
                on:click=move |_| steps.charted.set(mine.clone())
            >
                {metric.name}
            </button>
        }
    };
    view! {
        {folded(steps, Step::Metrics, Box::new(text))}
        <p class="error" role="status">{drawn(lost)}</p>
        <Show when=move || several.get()>
            <div class="chips charted" role="group" aria-label=say!(prefs, pages.add.charted)>
                <span class="muted">{say!(prefs, pages.add.charted)}</span>
                {drawn(move || steps.picked.get().into_iter().map(choice).collect_view())}
            </div>
        </Show>
    }
}
