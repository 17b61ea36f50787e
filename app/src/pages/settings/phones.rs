//! Named lists of phone numbers, which SMS receivers name.

use atalaya_api::settings::{PhoneList, Settings};
use leptos::prelude::*;

use super::part::{Part, change, keep};
use crate::components::{Button, Kind};
use crate::erase::{For, drawn};
use crate::logic::phones::numbers;
use crate::logic::wrong::{What, Wrong};
use crate::pages::form::{NoteField, ShortField};
use crate::prefs::use_prefs;

/// One list as signals.
#[derive(Clone, Copy)]
struct Row {
    /// Distinguishes the rows while some are added and removed.
    id: u64,
    name: RwSignal<String>,
    numbers: RwSignal<String>,
}

impl Row {
    fn new(id: u64, list: &PhoneList) -> Self {
        Row { id, name: RwSignal::new(list.name.clone()), numbers: RwSignal::new(list.numbers.join("\n")) }
    }

    /// Tracks.
    fn list(self, at: usize, wrongs: &mut Vec<Wrong>) -> PhoneList {
        let name = self.name.get().trim().to_owned();
        if name.is_empty() {
            wrongs.push(Wrong::new(format!("phone_lists[{at}].name"), What::Missing));
        }
        let field = format!("phone_lists[{at}].numbers");
        let read = match numbers(&self.numbers.get()) {
            Ok(numbers) if numbers.is_empty() => Err(What::Missing),
            read => read,
        };
        let numbers = keep(read.map_err(|what| Wrong::new(field, what)), wrongs).unwrap_or_default();
        PhoneList { name, numbers }
    }
}

pub fn lists(read: Settings, part: Part) -> AnyView {
    let prefs = use_prefs();
    let rows: Vec<Row> = (0..).zip(&read.phone_lists).map(|(id, list)| Row::new(id, list)).collect();
    let next_id = StoredValue::new(rows.len() as u64);
    let rows = RwSignal::new(rows);
    let add = move |()| {
        let id = next_id.get_value();
        next_id.set_value(id + 1);
        rows.update(|rows| rows.push(Row::new(id, &PhoneList::default())));
    };
    let typed = move || {
        let mut wrongs = Vec::new();
        let lists: Vec<PhoneList> =
            rows.get().into_iter().enumerate().map(|(at, row)| row.list(at, &mut wrongs)).collect();
        change(wrongs, move |settings| settings.phone_lists = lists)
    };
    // Paths name the position, which changes when an earlier row is removed.
    let numbered = move || rows.get().into_iter().enumerate().collect::<Vec<_>>();
    let row = move |(at, row): (usize, Row)| {
        let remove = move |()| rows.update(|rows| rows.retain(|other| other.id != row.id));
        let path = |field: &str| format!("phone_lists[{at}].{field}");
        let legend = move || {
            let name = row.name.get();
            if name.trim().is_empty() { said!(prefs, telling.phones.new_list).to_owned() } else { name }
        };
        view! {
            <fieldset class="hours">
                <legend>{drawn(legend)}</legend>
                <ShortField
                    id=path("name")
                    label=say!(prefs, telling.phones.name)
                    value=row.name
                    inputmode="text"
                    error=part.faults.of(path("name"))
                />
                <NoteField
                    name=path("numbers")
                    label=say!(prefs, telling.phones.numbers)
                    help=say!(prefs, telling.phones.numbers_help)
                    value=row.numbers
                    error=part.faults.of(path("numbers"))
                />
                <Button kind=Kind::Quiet icon="delete" press=remove>{say!(prefs, telling.phones.remove)}</Button>
            </fieldset>
        }
        .into_any()
    };
    let empty = move || rows.with(Vec::is_empty).then(|| said!(prefs, telling.phones.empty));
    let fields = view! {
        <p class="muted">{drawn(empty)}</p>
        <For each=numbered key=|(at, row)| format!("{at} {}", row.id) children=row />
        <p><Button icon="add" press=add>{say!(prefs, telling.phones.add)}</Button></p>
    };
    part.card(move || said!(prefs, telling.phones.lead).to_owned(), typed, fields.into_any())
}
