//! The form of any check, made from the JSON Schema of its params.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use crate::components::{Button, Kind as Look};
use crate::erase::{drawn, memo};
use crate::logic::params::{Field, Key, Kind, Spec, at, entries, is_on, path_of, put, text_of};
use crate::pages::faults::Faults;
use crate::pages::wording::decimal;
use crate::prefs::{Prefs, use_prefs};

/// The fields of `spec` over `value`, what is typed. Each field's id is its path behind `prefix`, which is what `faults` are
/// told by. `unit` is that of the metric's values.
#[component]
pub fn ParamsForm(
    spec: Arc<Spec>,
    value: RwSignal<Value>,
    faults: Faults,
    #[prop(into)] unit: Signal<String>,
    #[prop(default = "check.params".to_owned(), into)] prefix: String,
) -> impl IntoView {
    let form = Form { spec, prefix: prefix.into(), value, faults, unit, prefs: use_prefs() };
    let fields = form.spec.clone();
    view! { <div class="params">{group(&form, &fields.fields, &[])}</div> }
}

/// What all fields of one form share.
#[derive(Clone)]
struct Form {
    spec: Arc<Spec>,
    prefix: Arc<str>,
    value: RwSignal<Value>,
    faults: Faults,
    unit: Signal<String>,
    prefs: Prefs,
}

impl Form {
    /// What a part of what is typed says; tracks.
    fn read<T>(&self, way: &[Key], of: impl FnOnce(Option<&Value>) -> T) -> T {
        self.value.with(|typed| of(at(typed, way)))
    }

    fn write(&self, way: &[Key], new: Value) {
        self.value.update(|typed| put(typed, way, new));
    }

    /// The field's title, or its name where the check gave it none; tracks.
    fn title(&self, field: &Field) -> String {
        field.title.get(self.prefs.language()).unwrap_or(&field.name).to_owned()
    }

    fn unit_of(&self, field: &Field) -> String {
        match field.unit.as_deref() {
            Some("value") => self.unit.get(),
            Some("intervals") => said!(self.prefs, pages.form.unit_intervals).to_owned(),
            unit => unit.unwrap_or_default().to_owned(),
        }
    }
}

fn group(form: &Form, fields: &[Field], around: &[Key]) -> AnyView {
    let one = |field: &Field| {
        let mut way = around.to_vec();
        way.push(Key::Name(field.name.clone()));
        field_view(form.clone(), field.clone(), around.to_vec(), way)
    };
    fields.iter().map(one).collect_view().into_any()
}

/// The field while it is to be seen, as what it takes now.
fn field_view(form: Form, field: Field, around: Vec<Key>, way: Vec<Key>) -> AnyView {
    let (of, asked, place) = (form.clone(), field.clone(), around.clone());
    let kind = memo(move || {
        of.value.with(|typed| {
            let shown = of.spec.is_shown(&asked, &place, typed);
            of.spec.kind(&asked, &place, typed).filter(|_| shown).cloned()
        })
    });
    drawn(move || kind.get().map(|kind| kind_view(&form, &field, &way, kind))).into_any()
}

fn kind_view(form: &Form, field: &Field, way: &[Key], kind: Kind) -> AnyView {
    match kind {
        Kind::Group(fields) => framed(form, field, way, group(form, &fields, way)),
        Kind::List { of, least, most } => {
            framed(form, field, way, list(form, field, way, (*of, least, most)))
        }
        Kind::Switch => switch(form, field, way),
        Kind::Choice(choices) => {
            let (of, this, here) = (form.clone(), field.clone(), way.to_vec());
            let text = move || of.read(&here, |typed| text_of(typed, &this, '.'));
            let chosen = memo(text);
            let language = form.prefs;
            let options = choices.into_iter().map(move |(name, title)| {
                let (value, mine) = (name.clone(), name.clone());
                let words = move || title.get(language.language()).unwrap_or(&name).to_owned();
                view! { <option value=value selected=move || chosen.with(|now| *now == mine)>{drawn(words)}</option> }
            });
            let options = options.collect_view().into_any();
            let (of, here, id) = (form.clone(), way.to_vec(), path_of(&form.prefix, way));
            let select = view! {
                <select
                    id=id.clone()
                    name=id.clone()
                    aria-describedby=format!("{id}-help {id}-error")
                    on:change=move |event| of.write(&here, event_target_value(&event).into())
                >
                    {options}
                </select>
            };
            labelled(form, field, way, select.into_any())
        }
        Kind::Number { .. } => line(form, field, way, "decimal"),
        Kind::Text { .. } | Kind::Time => line(form, field, way, "text"),
    }
}

/// A line of text: numbers too, since a number input swallows what it cannot read.
fn line(form: &Form, field: &Field, way: &[Key], inputmode: &'static str) -> AnyView {
    let id = path_of(&form.prefix, way);
    let (of, this, here) = (form.clone(), field.clone(), way.to_vec());
    let text = move || of.read(&here, |typed| text_of(typed, &this, decimal(of.prefs)));
    let (of, here) = (form.clone(), way.to_vec());
    let error = form.faults.of(id.clone());
    let (units, this) = (form.clone(), field.clone());
    let optional =
        (!field.required && field.default.is_none()).then(|| say!(form.prefs, pages.common.optional));
    let input = view! {
        <span class="input">
            <input
                id=id.clone()
                name=id.clone()
                type="text"
                inputmode=inputmode
                autocomplete="off"
                spellcheck="false"
                placeholder=optional
                prop:value=text
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=format!("{id}-help {id}-error")
                on:input=move |event| of.write(&here, event_target_value(&event).into())
            />
            <span class="unit">{drawn(move || units.unit_of(&this))}</span>
        </span>
    };
    labelled(form, field, way, input.into_any())
}

/// Label above, help and error below. An entry of a list has no name of its own: its number says which it is.
fn labelled(form: &Form, field: &Field, way: &[Key], input: AnyView) -> AnyView {
    let id = path_of(&form.prefix, way);
    let error = form.faults.of(id.clone());
    let (of, this, last) = (form.clone(), field.clone(), way.last().cloned());
    let label = move || match &last {
        Some(Key::At(index)) => (index + 1).to_string(),
        _ => of.title(&this),
    };
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=id.clone()>{drawn(label)}</label>
            {input}
            {help(form, field, &id)}
            <p class="error" id=format!("{id}-error")>{drawn(move || error.get())}</p>
        </div>
    }
    .into_any()
}

fn help(form: &Form, field: &Field, id: &str) -> AnyView {
    let (prefs, texts) = (form.prefs, field.help.clone());
    let words = move || texts.get(prefs.language()).map(str::to_owned);
    view! { <p class="help" id=format!("{id}-help")>{drawn(words)}</p> }.into_any()
}

fn switch(form: &Form, field: &Field, way: &[Key]) -> AnyView {
    let id = path_of(&form.prefix, way);
    let (of, this, here) = (form.clone(), field.clone(), way.to_vec());
    let on = move || of.read(&here, |typed| is_on(typed, &this));
    let (of, here) = (form.clone(), way.to_vec());
    let (titled, this) = (form.clone(), field.clone());
    view! {
        <div class="field switch">
            <label for=id.clone()>
                <input
                    id=id.clone()
                    name=id.clone()
                    type="checkbox"
                    prop:checked=on
                    aria-describedby=format!("{id}-help")
                    on:change=move |event| of.write(&here, event_target_checked(&event).into())
                />
                <span>{drawn(move || titled.title(&this))}</span>
            </label>
            {help(form, field, &id)}
        </div>
    }
    .into_any()
}

/// Several fields that belong together.
fn framed(form: &Form, field: &Field, way: &[Key], fields: AnyView) -> AnyView {
    let id = path_of(&form.prefix, way);
    let error = form.faults.of(id.clone());
    let (of, this, last) = (form.clone(), field.clone(), way.last().cloned());
    let title = move || match &last {
        Some(Key::At(index)) => (index + 1).to_string(),
        _ => of.title(&this),
    };
    view! {
        <fieldset id=id.clone() class="params-group">
            <legend>{drawn(title)}</legend>
            {help(form, field, &id)}
            {fields}
            <p class="error" id=format!("{id}-error")>{drawn(move || error.get())}</p>
        </fieldset>
    }
    .into_any()
}

/// The entries, and a button that adds one and another that takes the last away.
fn list(form: &Form, field: &Field, way: &[Key], (of, least, most): (Field, usize, Option<u64>)) -> AnyView {
    let (reader, this, here) = (form.clone(), field.clone(), way.to_vec());
    let count = memo(move || reader.read(&here, |typed| entries(typed, &this, least)));
    let (each, here, item) = (form.clone(), way.to_vec(), of);
    let rows = move || {
        let row = |index| {
            let mut entry = here.clone();
            entry.push(Key::At(index));
            field_view(each.clone(), item.clone(), here.clone(), entry)
        };
        (0..count.get()).map(row).collect_view()
    };
    let (adder, here) = (form.clone(), way.to_vec());
    let add = move |()| {
        let mut entry = here.clone();
        entry.push(Key::At(count.get_untracked()));
        adder.write(&entry, Value::Null);
    };
    let (remover, here) = (form.clone(), way.to_vec());
    let remove = move |()| {
        let left = count.get_untracked().saturating_sub(1);
        let list = remover.value.with_untracked(|typed| at(typed, &here).and_then(Value::as_array).cloned());
        let mut list = list.unwrap_or_default();
        list.truncate(left);
        remover.write(&here, Value::Array(list));
    };
    let prefs = form.prefs;
    let full = memo(move || most.is_some_and(|most| count.get() as u64 >= most));
    let bare = memo(move || count.get() <= least);
    view! {
        {drawn(rows)}
        <p class="form-actions" hidden=move || full.get() && bare.get()>
            <Button kind=Look::Quiet disabled=full press=add>{say!(prefs, pages.form.one_more)}</Button>
            <Button kind=Look::Quiet disabled=bare press=remove>{say!(prefs, pages.form.one_less)}</Button>
        </p>
    }
    .into_any()
}
