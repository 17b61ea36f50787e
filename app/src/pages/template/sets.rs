//! The sets of a template, each a check with its params.

use std::sync::Arc;

use atalaya_api::check::CheckView;
use atalaya_api::page::Page;
use leptos::prelude::*;
use serde_json::Value;

use crate::components::{Button, Kind};
use crate::erase::{For, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::logic::form::{CheckForm, OtherForm, THRESHOLD, no_params};
use crate::logic::params::{Spec, put_in_order};
use crate::logic::template::SetText;
use crate::logic::threshold::ThresholdForm;
use crate::pages::faults::Faults;
use crate::pages::form::{ParamsForm, ShortField, ThresholdFields, ThresholdInputs, Thresholds};
use crate::pages::wording::in_language;
use crate::prefs::{Prefs, use_prefs};

/// One set as signals.
#[derive(Clone, Copy)]
pub struct SetFields {
    /// Distinguishes the sets while some are added and removed.
    id: u64,
    name: RwSignal<String>,
    was: StoredValue<Option<String>>,
    check: RwSignal<String>,
    threshold: ThresholdFields,
    /// What is typed for another check.
    params: RwSignal<Value>,
}

impl SetFields {
    fn new(id: u64, text: &SetText) -> Self {
        let (threshold, params) = match &text.check {
            CheckForm::Threshold(form) => (form.clone(), no_params()),
            CheckForm::Other(other) => (ThresholdForm::default(), other.params.clone()),
        };
        SetFields {
            id,
            name: RwSignal::new(text.name.clone()),
            was: StoredValue::new(text.was.clone()),
            check: RwSignal::new(text.check.name().to_owned()),
            threshold: ThresholdFields::new(&threshold),
            params: RwSignal::new(params),
        }
    }

    /// What the first set is called; tracks.
    pub fn usual_name(prefs: Prefs) -> String {
        untrack(|| said!(prefs, tables.kind.threshold).to_owned())
    }
}

/// All of them; copied into views.
#[derive(Clone, Copy)]
pub struct Sets {
    pub all: RwSignal<Vec<SetFields>>,
    next_id: StoredValue<u64>,
    checks: Fetched<Page<CheckView>>,
    faults: Faults,
    /// The zone that hours are told in.
    zone: StoredValue<String>,
}

impl Sets {
    pub fn new(texts: &[SetText], faults: Faults, zone: String) -> Self {
        let sets = Sets {
            all: RwSignal::new(Vec::new()),
            next_id: StoredValue::new(0),
            checks: fetched(|| Some("checks".to_owned())),
            faults,
            zone: StoredValue::new(zone),
        };
        texts.iter().for_each(|text| sets.push(text));
        sets
    }

    /// Tracks.
    pub fn texts(self) -> Vec<SetText> {
        let text = |set: &SetFields| {
            let name = set.check.get();
            let check = match name == THRESHOLD {
                true => CheckForm::Threshold(set.threshold.form()),
                false => {
                    let spec = self.spec_of(&name);
                    CheckForm::Other(OtherForm { name, params: set.params.get(), spec })
                }
            };
            SetText { name: set.name.get(), was: set.was.get_value(), check }
        };
        self.all.with(|all| all.iter().map(text).collect())
    }

    /// The form of a check, once it is known; tracks.
    fn spec_of(self, name: &str) -> Option<Arc<Spec>> {
        self.checks.state.with(|state| {
            let check = state.value()?.items.iter().find(|check| check.name == name)?;
            Some(Arc::new(Spec::of(&check.params_schema)))
        })
    }

    pub fn add(self, name: String) {
        self.push(&SetText { name, was: None, check: CheckForm::Threshold(ThresholdForm::default()) });
    }

    fn push(self, text: &SetText) {
        let id = self.next_id.with_value(|id| id + 1);
        self.next_id.set_value(id);
        let set = SetFields::new(id, text);
        self.all.update(|all| all.push(set));
    }

    fn remove(self, id: u64) {
        self.all.update(|all| all.retain(|set| set.id != id));
    }

    pub fn view(self) -> impl IntoView {
        let prefs = use_prefs();
        let checks = self.checks;
        let kinds = derive(move || {
            let named =
                |check: &CheckView| (check.name.clone(), in_language(prefs, &check.title, &check.name));
            let mut known: Vec<_> = checks.state.with(|state| {
                state.value().map_or_else(Vec::new, |page| page.items.iter().map(named).collect())
            });
            put_in_order(&mut known);
            match known.is_empty() {
                true => vec![(THRESHOLD.to_owned(), said!(prefs, tables.kind.threshold).to_owned())],
                false => known,
            }
        });
        // Paths name the position, which changes when an earlier set is removed.
        let numbered = move || self.all.get().into_iter().enumerate().collect::<Vec<_>>();
        let add = move |()| {
            let number = self.all.with_untracked(Vec::len) + 1;
            self.add(untrack(|| said!(prefs, tables.templates.set_number, number = number).to_string()));
        };
        view! {
            <For
                each=numbered
                key=|(at, set)| format!("{at} {}", set.id)
                children=move |(at, set)| view! { <SetView sets=self at set kinds /> }.into_any()
            />
            <p><Button icon="add" press=add>{say!(prefs, tables.templates.add_set)}</Button></p>
        }
    }
}

#[component]
fn SetView(
    sets: Sets,
    at: usize,
    set: SetFields,
    #[prop(into)] kinds: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let prefs = use_prefs();
    let path = format!("sets[{at}]");
    let name_id = format!("{path}.name");
    let several = memo(move || sets.all.with(|all| all.len() > 1));
    let remove = move || {
        several.get().then(|| {
            view! {
                <Button kind=Kind::Quiet icon="delete" press=move |()| sets.remove(set.id)>
                    {say!(prefs, tables.templates.remove_set)}
                </Button>
            }
        })
    };
    let threshold = memo(move || set.check.with(|check| check == THRESHOLD));
    let within = Thresholds {
        fields: set.threshold,
        unit: RwSignal::new(String::new()),
        faults: sets.faults,
        path: StoredValue::new(format!("{path}.check.params")),
        zone: sets.zone,
    };
    view! {
        <fieldset class="step">
            <legend>{drawn(move || said!(prefs, tables.templates.set_number, number = at + 1))}</legend>
            <div class="row-of-fields">
                <ShortField
                    id=name_id.clone()
                    label=say!(prefs, pages.form.name)
                    value=set.name
                    inputmode="text"
                    error=sets.faults.of(name_id)
                />
                {kind_field(prefs, at, set, kinds)}
            </div>
            {drawn(move || match threshold.get() {
                true => view! { <ThresholdInputs at=within /> }.into_any(),
                false => view! { <OtherParams sets set at /> }.into_any(),
            })}
            {drawn(remove)}
        </fieldset>
    }
}

/// Which check.
fn kind_field(
    prefs: Prefs,
    at: usize,
    set: SetFields,
    kinds: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let id = format!("sets[{at}].check.name");
    // What was typed for another check is none of this one's.
    let change = move |event| {
        set.params.set(no_params());
        set.check.set(event_target_value(&event));
    };
    let option = move |(value, words): (String, String)| {
        let mine = value.clone();
        view! { <option value=value selected=move || set.check.get() == mine>{words}</option> }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{say!(prefs, tables.many.kind)}</label>
            <select id=id prop:value=set.check on:change=change>
                {drawn(move || kinds.get().into_iter().map(option).collect_view())}
            </select>
        </div>
    }
}

/// The form that the check's schema describes.
#[component]
fn OtherParams(sets: Sets, set: SetFields, at: usize) -> impl IntoView {
    let spec = memo(move || set.check.with(|name| sets.spec_of(name)));
    let unit = derive(String::new);
    drawn(move || {
        let prefix = format!("sets[{at}].check.params");
        spec.get().map(|spec| view! { <ParamsForm spec value=set.params faults=sets.faults unit prefix /> })
    })
}
