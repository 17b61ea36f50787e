//! The variables of a dashboard that the panel's metrics mention, each with what is chosen and, opened, what there is.

use std::collections::BTreeMap;

use atalaya_api::catalog::{AskValues, Values, Variable};
use leptos::prelude::*;

use super::steps::Steps;
use crate::components::{Button, Kind, Loaded, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::asked;
use crate::format::use_format;
use crate::logic::query::encode;
use crate::logic::wizard::{ALL, matches, variables_of};
use crate::pages::form::ShortField;
use crate::pages::listing::after_rest;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// As many as can be looked through.
const MOST: usize = 200;
/// Typing rests this long before metrics are asked for with it, ms.
const REST_MS: u64 = 400;

#[component]
pub fn Variables(steps: Steps) -> impl IntoView {
    let variables = memo(move || {
        let panel = steps.panel.get()?;
        steps.dashboard.state.with(|state| state.value().map(|dashboard| variables_of(dashboard, &panel)))
    });
    // One at a time is open.
    let open = RwSignal::new(String::new());
    drawn(move || {
        variables
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|one| variable_view(steps, open, one))
            .collect_view()
    })
}

fn variable_view(steps: Steps, open: RwSignal<String>, variable: Variable) -> AnyView {
    if variable.kind == "textbox" {
        return typed_view(steps, variable);
    }
    let prefs = use_prefs();
    let label = StoredValue::new(name_of(&variable));
    let variable = StoredValue::new(variable);
    let is_open = move || open.with(|open| variable.with_value(|variable| *open == variable.name));
    let press = move |()| {
        let name = if untrack(is_open) {
            String::new()
        } else {
            variable.with_value(|variable| variable.name.clone())
        };
        open.set(name);
    };
    let chosen =
        move || steps.chosen.with(|chosen| variable.with_value(|variable| chosen.of(variable).to_vec()));
    let words = move || chosen().iter().map(|value| value_words(prefs, value)).collect::<Vec<_>>().join(", ");
    let turn = move || match is_open() {
        true => said!(prefs, pages.add.fold),
        false => said!(prefs, pages.common.change),
    };
    view! {
        <div class="variable">
            <div class="variable-head">
                <span class="label">{label.get_value()}</span>
                <strong>{drawn(words)}</strong>
                <Button
                    kind=Kind::Quiet
                    icon="edit"
                    press
                    label=move || format!("{}: {}", turn(), label.get_value())
                >
                    {drawn(turn)}
                </Button>
            </div>
            <Show when=is_open>
                {values_view(steps, variable.get_value())}
            </Show>
        </div>
    }
    .into_any()
}

fn name_of(variable: &Variable) -> String {
    if variable.label.is_empty() { variable.name.clone() } else { variable.label.clone() }
}

/// "All" is a word, not a value; tracks.
fn value_words(prefs: Prefs, value: &str) -> String {
    if value == ALL { said!(prefs, pages.add.all_values).to_owned() } else { value.to_owned() }
}

/// A variable that is typed.
fn typed_view(steps: Steps, variable: Variable) -> AnyView {
    let text = RwSignal::new(steps.chosen.with_untracked(|chosen| chosen.of(&variable).join(",")));
    let label = name_of(&variable);
    let name = variable.name;
    let id = format!("var-{name}");
    after_rest(
        move || text.get(),
        REST_MS,
        move |text| {
            steps.chosen.update(|chosen| drop(chosen.variables.insert(name.clone(), vec![text])));
        },
    );
    view! { <ShortField id label=move || label.clone() value=text inputmode="text" /> }.into_any()
}

/// What there is to choose from, the others chosen so.
fn values_view(steps: Steps, variable: Variable) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let q = RwSignal::new(String::new());
    let variable = StoredValue::new(variable);
    let name = move || variable.with_value(|variable| variable.name.clone());
    // Its own value does not decide what there is.
    let others = memo(move || {
        let all = |dashboard: &_| steps.chosen.with(|chosen| chosen.all(dashboard));
        let mut all: BTreeMap<_, _> =
            steps.dashboard.state.with(|state| state.value().map(all)).unwrap_or_default();
        all.remove(&name());
        all
    });
    let uid = memo(move || steps.chosen.with(|chosen| chosen.dashboard.clone()));
    let values = asked::<Values>(move || {
        let ask = AskValues { variable: name(), chosen: others.get() };
        Some((format!("catalog/dashboards/{}/values", encode(&uid.get())), value_of(&ask)))
    });
    let (multi, include_all) = variable.with_value(|variable| (variable.multi, variable.include_all));
    let pick = move |value: &str| {
        steps.chosen.update(|chosen| variable.with_value(|variable| chosen.pick(variable, value)));
    };
    let one = move |value: String| {
        let (mine, on) = (value.clone(), value.clone());
        let checked = move || {
            steps.chosen.with(|chosen| variable.with_value(|variable| chosen.of(variable).contains(&on)))
        };
        view! {
            <label class="choice">
                <input
                    type=if multi { "checkbox" } else { "radio" }
                    name=format!("var-{}", name())
                    prop:checked=checked
                    on:change=move |_| pick(&mine)
                />
                <span>{value_words(prefs, &value)}</span>
            </label>
        }
    };
    view! {
        <TextField name="value-search" kind="search" focused=true label=say!(prefs, pages.add.search_value) value=q />
        <Loaded from=values let:values>
            {
                let found = memo(move || values.with(|values| {
                    let fits = |value: &&String| q.with(|q| matches(q, &[value]));
                    values.values.iter().filter(fits).take(MOST).cloned().collect::<Vec<_>>()
                }));
                let total = derive(move || values.with(|values| values.total.max(values.values.len() as u64)));
                // What is not listed, or has no data yet, can be typed.
                let typed = memo(move || {
                    let text = q.with(|q| q.trim().to_owned());
                    let listed = values.with(|values| values.values.contains(&text));
                    (!text.is_empty() && !listed).then_some(text)
                });
                let count = move || {
                    let (shown, total) = (format.count(found.with(Vec::len) as u64), format.count(total.get()));
                    said!(prefs, pages.form.hits, shown = shown, total = total).to_string()
                };
                let all = move || (include_all && q.with(String::is_empty)).then(|| one(ALL.to_owned()));
                let take = move || typed.get().map(|text| {
                    let words = said!(prefs, pages.add.use_value, value = text.clone()).to_string();
                    view! { <Button kind=Kind::Quiet icon="add" press=move |()| pick(&text)>{words}</Button> }
                });
                view! {
                    <div class="values">
                        {drawn(all)}
                        {drawn(move || found.get().into_iter().map(one).collect_view())}
                    </div>
                    <p class="help number" role="status">{drawn(count)}</p>
                    {drawn(take)}
                }
            }
        </Loaded>
    }
    .into_any()
}
