//! What is wrong with a form: beside its fields, and in a sentence.

use atalaya_api::problem::FieldError;
use leptos::prelude::*;

use super::wording::wrong_words;
use crate::api::Failure;
use crate::dom;
use crate::erase::derive;
use crate::format::{Format, use_format};
use crate::logic::wrong::{What, Wrong, of};
use crate::prefs::{Prefs, use_prefs};

#[derive(Clone, Copy)]
pub struct Faults {
    pub wrongs: RwSignal<Vec<Wrong>>,
    /// What went wrong beyond the fields, in words.
    pub failure: RwSignal<Option<String>>,
    pub prefs: Prefs,
    format: Format,
}

impl Faults {
    pub fn new() -> Self {
        let (prefs, format) = (use_prefs(), use_format());
        Faults { wrongs: RwSignal::new(Vec::new()), failure: RwSignal::new(None), prefs, format }
    }

    /// What is wrong with a field, in words; tracks.
    pub fn of(self, field: impl Into<String>) -> Signal<Option<String>> {
        self.of_field(field.into())
    }

    fn of_field(self, field: String) -> Signal<Option<String>> {
        derive(move || {
            self.wrongs
                .with(|wrongs| of(wrongs, &field).map(|what| wrong_words(self.prefs, self.format, what)))
        })
    }

    pub fn clear(self) {
        let _ = self.failure.try_set(None);
        let _ = self.wrongs.try_set(Vec::new());
    }

    /// What is typed anew is not wrong until it is looked at again.
    pub fn forget(self, field: &str) {
        if self.wrongs.with_untracked(|wrongs| of(wrongs, field).is_some()) {
            self.wrongs.update(|wrongs| wrongs.retain(|wrong| wrong.field != field));
            if self.wrongs.with_untracked(Vec::is_empty) {
                self.failure.set(None);
            }
        }
    }

    /// Marks the fields at fault, says so, and goes to the first of them.
    pub fn mark(self, wrongs: Vec<Wrong>) {
        let first = wrongs.first().map(|wrong| wrong.field.clone());
        if self.failure.try_with_untracked(Option::is_none) == Some(true) {
            let words = untrack(|| said!(self.prefs, pages.common.check_fields).to_owned());
            let _ = self.failure.try_set(Some(words));
        }
        let _ = self.wrongs.try_set(wrongs);
        if let Some(field) = first {
            request_animation_frame(move || dom::focus(&format!("[id=\"{field}\"]")));
        }
    }

    /// Shows what the server refused: beside the fields it names, what has no field here as a sentence. What it calls
    /// `PREFIX.name` is the field `name`.
    pub fn refused(self, failure: &Failure, prefix: &str) {
        let errors = match failure {
            Failure::Problem(problem) => problem.errors.as_slice(),
            _ => &[],
        };
        if errors.is_empty() {
            let _ = self.failure.try_set(Some(untrack(|| failure.words(self.prefs))));
            return;
        }
        let name = |error: &FieldError| field_of(error.field.trim_start_matches(prefix));
        let without_field =
            errors.iter().filter(|error| document().get_element_by_id(&name(error)).is_none());
        let rest: Vec<&str> = without_field.map(|error| error.message.as_str()).collect();
        let _ = self.failure.try_set(Some(rest.join(" ")).filter(|rest| !rest.is_empty()));
        let server = |error: &FieldError| Wrong::new(name(error), What::Server(error.message.clone()));
        self.mark(errors.iter().map(server).collect());
    }
}

/// The id of the field for what the API calls it: one of a list stands in the list's field, unless it has its own.
fn field_of(path: &str) -> String {
    let list = path.strip_suffix(']').and_then(|path| path.rsplit_once('[')).map(|(list, _)| list);
    let own = document().get_element_by_id(path).is_some();
    list.filter(|_| !own).unwrap_or(path).to_owned()
}
