//! The sets of a template, each a check with its params.

use atalaya_api::check::CheckView;
use atalaya_api::page::Page;
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use crate::components::{Button, Kind};
use crate::erase::{For, derive, drawn, memo};
use crate::fetched::fetched;
use crate::logic::form::{CheckForm, THRESHOLD};
use crate::logic::template::SetText;
use crate::logic::threshold::ThresholdForm;
use crate::pages::faults::Faults;
use crate::pages::form::{ShortField, ThresholdFields, ThresholdInputs, Thresholds};
use crate::pages::wording::in_language;
use crate::prefs::{Prefs, use_prefs};

/// One set as signals.
#[derive(Clone, Copy)]
pub struct SetFields {
    /// Distinguishes the sets while some are added and removed.
    id: u64,
    name: RwSignal<String>,
    check: RwSignal<String>,
    threshold: ThresholdFields,
    /// Of a threshold: what has no field.
    rest: StoredValue<Map<String, Value>>,
    /// Of another check.
    params: RwSignal<Value>,
}

impl SetFields {
    fn new(id: u64, text: &SetText) -> Self {
        let (check, threshold, params) = match &text.check {
            CheckForm::Threshold(form) => (THRESHOLD.to_owned(), form.clone(), json!({})),
            CheckForm::Other { name, params } => (name.clone(), ThresholdForm::default(), params.clone()),
        };
        SetFields {
            id,
            name: RwSignal::new(text.name.clone()),
            check: RwSignal::new(check),
            rest: StoredValue::new(threshold.rest.clone()),
            threshold: ThresholdFields::new(&threshold),
            params: RwSignal::new(params),
        }
    }

    /// What the first set is called; tracks.
    pub fn usual_name(prefs: Prefs) -> String {
        untrack(|| said!(prefs, tables.kind.threshold).to_owned())
    }

    /// Tracks.
    fn text(self) -> SetText {
        let check = match self.check.get() {
            name if name == THRESHOLD => CheckForm::Threshold(self.threshold.form(self.rest.get_value())),
            name => CheckForm::Other { name, params: self.params.get() },
        };
        SetText { name: self.name.get(), check }
    }
}

/// All of them; copied into views.
#[derive(Clone, Copy)]
pub struct Sets {
    pub all: RwSignal<Vec<SetFields>>,
    next_id: StoredValue<u64>,
    faults: Faults,
    /// The zone that hours are told in.
    zone: StoredValue<String>,
}

impl Sets {
    pub fn new(texts: &[SetText], faults: Faults, zone: String) -> Self {
        let sets = Sets {
            all: RwSignal::new(Vec::new()),
            next_id: StoredValue::new(0),
            faults,
            zone: StoredValue::new(zone),
        };
        texts.iter().for_each(|text| sets.push(text));
        sets
    }

    /// Tracks.
    pub fn texts(self) -> Vec<SetText> {
        self.all.with(|all| all.iter().map(|set| set.text()).collect())
    }

    pub fn add(self, name: String) {
        self.push(&SetText { name, check: CheckForm::Threshold(ThresholdForm::default()) });
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
        let checks = fetched::<Page<CheckView>>(|| Some("checks".to_owned()));
        let kinds = derive(move || {
            let named =
                |check: &CheckView| (check.name.clone(), in_language(prefs, &check.title, &check.name));
            let known: Vec<_> = checks.state.with(|state| {
                state.value().map_or_else(Vec::new, |page| page.items.iter().map(named).collect())
            });
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
                false => view! { <OtherParams set faults=sets.faults at /> }.into_any(),
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
    let option = move |(value, words): (String, String)| {
        let mine = value.clone();
        view! { <option value=value selected=move || set.check.get() == mine>{words}</option> }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{say!(prefs, tables.many.kind)}</label>
            <select id=id prop:value=set.check on:change=move |event| set.check.set(event_target_value(&event))>
                {drawn(move || kinds.get().into_iter().map(option).collect_view())}
            </select>
        </div>
    }
}

/// The params of a check without a form of its own, as JSON.
#[component]
fn OtherParams(set: SetFields, faults: Faults, at: usize) -> impl IntoView {
    let prefs = use_prefs();
    let id = format!("sets[{at}].check.params");
    let error = faults.of(id.clone());
    let label = id.clone();
    let text = untrack(|| set.params.with(ToString::to_string));
    let typed = move |event| {
        let read = serde_json::from_str::<Value>(&event_target_value(&event));
        set.params.set(read.unwrap_or(Value::Null));
    };
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=label>{say!(prefs, tables.templates.params)}</label>
            <span class="input"><textarea id=id rows="3" class="expr" on:input=typed>{text}</textarea></span>
            <p class="error">{drawn(move || error.get())}</p>
        </div>
    }
}
