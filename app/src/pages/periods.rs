//! When a metric may tell people: always, in the daytime, or by a calendar.

use atalaya_api::calendar::CalendarView;
use atalaya_api::page::Page;
use leptos::prelude::*;

use crate::erase::derive;
use crate::fetched::fetched;
use crate::prefs::{Prefs, use_prefs};

/// The periods on offer, each with its word; those built in even before the others are known.
pub fn use_periods() -> Signal<Vec<(String, String)>> {
    let prefs = use_prefs();
    let calendars = fetched::<Page<CalendarView>>(|| Some("calendars".to_owned()));
    derive(move || {
        let own = |view: &CalendarView| {
            (!view.built_in).then(|| (view.calendar.id.clone(), view.calendar.name.clone()))
        };
        let own: Vec<_> = calendars.state.with(|state| {
            state.value().map_or_else(Vec::new, |page| page.items.iter().filter_map(own).collect())
        });
        let built_in = ["24x7", "daytime"].map(|id| (id.to_owned(), period_word(prefs, id)));
        built_in.into_iter().chain(own).collect()
    })
}

/// The word of a period that is built in; a calendar's id otherwise. Tracks.
pub fn period_word(prefs: Prefs, id: &str) -> String {
    match id {
        "24x7" => said!(prefs, tables.period.always).to_owned(),
        "daytime" => said!(prefs, tables.period.daytime).to_owned(),
        other => other.to_owned(),
    }
}
