//! Phone numbers, and the named lists of them.

use std::collections::BTreeSet;

use atalaya_api::settings::PhoneList;

use super::faults::Faults;
use super::problem::clipped;

pub use crate::domain::phone_number as number;

const MOST_LISTS: usize = 100;
const MOST_NUMBERS: usize = 200;
const LONGEST_NAME: usize = 60;

/// What is wrong with what is no number, in English and Spanish.
pub fn not_a_number(text: &str) -> (String, String) {
    let text = clipped(text);
    (
        format!(
            "{text:?} is no number: one has 3 to 15 digits with an optional + before them, e.g. +34600123123"
        ),
        format!(
            "{text:?} no es un número: tiene de 3 a 15 cifras con un + opcional delante, p. ej. +34600123123"
        ),
    )
}

/// The lists as they are kept; what is wrong with them goes to `faults`.
pub fn lists(lists: &mut [PhoneList], faults: &mut Faults) {
    if lists.len() > MOST_LISTS {
        faults.add(
            "phone_lists",
            format!("must be at most {MOST_LISTS}"),
            format!("deben ser como mucho {MOST_LISTS}"),
        );
    }
    let mut names = BTreeSet::new();
    for (place, list) in lists.iter_mut().enumerate().take(MOST_LISTS) {
        list.name = list.name.trim().to_owned();
        let (field, name) = (format!("phone_lists[{place}]"), clipped(&list.name));
        if name.is_empty()
            || list.name.chars().count() > LONGEST_NAME
            || list.name.chars().any(char::is_control)
        {
            faults.add(
                &format!("{field}.name"),
                format!("must have 1 to {LONGEST_NAME} characters, on one line"),
                format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
            );
        } else if !names.insert(list.name.to_lowercase()) {
            faults.add(
                &format!("{field}.name"),
                format!("two lists are called {name:?}; each needs a name of its own"),
                format!("dos listas se llaman {name:?}; cada una necesita su nombre"),
            );
        }
        if list.numbers.is_empty() || list.numbers.len() > MOST_NUMBERS {
            faults.add(
                &format!("{field}.numbers"),
                format!("the list {name:?} must hold 1 to {MOST_NUMBERS} numbers"),
                format!("la lista {name:?} debe tener de 1 a {MOST_NUMBERS} números"),
            );
        }
        for (at, text) in list.numbers.iter_mut().enumerate().take(MOST_NUMBERS) {
            match number(text) {
                Some(kept) => *text = kept,
                None => {
                    let (en, es) = not_a_number(text);
                    faults.add(
                        &format!("{field}.numbers[{at}]"),
                        format!("in the list {name:?}: {en}"),
                        format!("en la lista {name:?}: {es}"),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_they_are_dialled() {
        let kept = |text: &str| number(text);
        assert_eq!(kept(" +34 600-12.31 23 ").as_deref(), Some("+34600123123"));
        assert_eq!(kept("217").as_deref(), Some("217"));
        for none in ["", "+", "12", "600 LUIS", "34+600", "++34600", "1234567890123456", "٣٤٦٠٠", "600;rm"]
        {
            assert_eq!(kept(none), None, "{none}");
        }
    }

    #[test]
    fn a_letter_is_told_with_its_list_and_its_number() {
        let list = |name: &str, numbers: &[&str]| PhoneList {
            name: name.to_owned(),
            numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        };
        let mut known =
            [list("Guardia", &["600 123 123", "6oo123123"]), list("guardia ", &[]), list("", &["217"])];
        let mut faults = Faults::default();
        lists(&mut known, &mut faults);
        assert_eq!(known[0].numbers[0], "600123123");
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        let wanted = [
            "phone_lists[0].numbers[1]",
            "phone_lists[1].name",
            "phone_lists[1].numbers",
            "phone_lists[2].name",
        ];
        assert_eq!(fields, wanted);
        let said = &faults.0[0].message.es;
        assert!(said.contains("Guardia") && said.contains("6oo123123"), "{said}");
    }
}
