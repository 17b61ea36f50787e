//! Hours of the week as rows of fields: of the daytime, of a calendar.

use atalaya_api::calendar::{Hours, WeekRange};
use leptos::prelude::*;

use super::faults::Faults;
use super::form::HoursWhen;
use crate::components::{Button, Kind};
use crate::erase::{For, drawn};
use crate::prefs::use_prefs;

/// One stretch as signals.
#[derive(Clone, Copy)]
struct Row {
    /// Distinguishes the rows while some are added and removed.
    id: u64,
    days: RwSignal<[bool; 7]>,
    from: RwSignal<String>,
    to: RwSignal<String>,
}

/// All of them; copied into views.
#[derive(Clone, Copy)]
pub struct Week {
    rows: RwSignal<Vec<Row>>,
    next_id: StoredValue<u64>,
}

impl Week {
    pub fn new(ranges: &[WeekRange]) -> Self {
        let week = Week { rows: RwSignal::new(Vec::new()), next_id: StoredValue::new(0) };
        ranges.iter().for_each(|range| week.push(range));
        week
    }

    fn push(self, range: &WeekRange) {
        let id = self.next_id.with_value(|id| id + 1);
        self.next_id.set_value(id);
        let on = |day: u8| range.days.contains(&day);
        let row = Row {
            id,
            days: RwSignal::new([1, 2, 3, 4, 5, 6, 7].map(on)),
            from: RwSignal::new(range.hours.from.clone()),
            to: RwSignal::new(range.hours.to.clone()),
        };
        self.rows.update(|rows| rows.push(row));
    }

    /// Working hours, for a start.
    pub fn add(self) {
        let hours = Hours { from: "09:00".to_owned(), to: "18:00".to_owned() };
        self.push(&WeekRange { days: (1..=5).collect(), hours });
    }

    /// What is typed; tracks.
    pub fn ranges(self) -> Vec<WeekRange> {
        let range = |row: &Row| WeekRange {
            days: (1..=7).zip(row.days.get()).filter_map(|(day, on)| on.then_some(day)).collect(),
            hours: Hours { from: row.from.get().trim().to_owned(), to: row.to.get().trim().to_owned() },
        };
        self.rows.with(|rows| rows.iter().map(range).collect())
    }
}

/// The rows; `path` is what the API calls the list.
#[component]
pub fn WeekFields(week: Week, path: &'static str, faults: Faults) -> impl IntoView {
    let prefs = use_prefs();
    // Paths name the position, which changes when an earlier row is removed.
    let numbered = move || week.rows.get().into_iter().enumerate().collect::<Vec<_>>();
    let row = move |(at, row): (usize, Row)| {
        let remove = move |()| week.rows.update(|rows| rows.retain(|other| other.id != row.id));
        view! {
            <fieldset class="hours">
                <legend>{drawn(move || said!(prefs, pages.form.hours, number = at + 1))}</legend>
                <HoursWhen
                    path=format!("{path}[{at}]")
                    within="hours."
                    days=row.days
                    from=row.from
                    to=row.to
                    faults
                />
                <Button kind=Kind::Quiet icon="delete" press=remove>{say!(prefs, pages.form.other_remove)}</Button>
            </fieldset>
        }
        .into_any()
    };
    let error = faults.of(path);
    view! {
        <For each=numbered key=|(at, row)| format!("{at} {}", row.id) children=row />
        <p class="error">{drawn(move || error.get())}</p>
        <p><Button icon="add" press=move |()| week.add()>{say!(prefs, pages.form.other_add)}</Button></p>
    }
}
