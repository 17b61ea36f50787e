//! Which values of a variable there are to choose from: filtered and put in order as Grafana does it.

use std::cmp::Ordering;
use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use super::interpolate::Choice;
use super::variable::{ALL, Variable, VariableKind};

/// A variable's expression that is none, or that uses what only JavaScript knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRegex(String);

/// Those values that the variable's expression takes, as far as it takes them: what is named `value` (or `text`), the first
/// group, or the whole match. Each once.
///
/// # Errors
/// It is no expression.
pub fn filtered(values: Vec<String>, regex: Option<&str>) -> Result<Vec<String>, BadRegex> {
    let regex = regex.map(str::trim).filter(|text| !text.is_empty()).map(compiled).transpose()?;
    let taken = |value: String| match &regex {
        None => Some(value),
        Some(regex) => taken(&value, regex),
    };
    let mut seen = HashSet::new();
    Ok(values.into_iter().filter_map(taken).filter(|value| seen.insert(value.clone())).collect())
}

fn taken(value: &str, regex: &Regex) -> Option<String> {
    let found = regex.captures(value)?;
    let named = found.name("value").or_else(|| found.name("text"));
    let first = || found.get(1).filter(|_| found.len() > 1);
    let taken = named.or_else(first).or_else(|| found.get(0))?;
    Some(taken.as_str().to_owned()).filter(|text| !text.is_empty())
}

/// `/…/flags`; without slashes it must match from beginning to end.
fn compiled(text: &str) -> Result<Regex, BadRegex> {
    let parts = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    let (pattern, flags) = match parts {
        Some((pattern, flags)) => (pattern.replace("\\/", "/"), flags),
        None => (format!("^(?:{text})$"), ""),
    };
    let built = RegexBuilder::new(&pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .build();
    built.map_err(|error| {
        let words = error.to_string();
        BadRegex(words.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned())
    })
}

/// In the order that Grafana's number says: 1 and 2 by text, 3 and 4 by the number in it, 5 and 6 by text whatever its case, 7 and
/// 8 as people count; even ones downwards.
pub fn sorted(mut values: Vec<String>, order: u64) -> Vec<String> {
    match order {
        1 | 2 => values.sort(),
        3 | 4 => values.sort_by_key(|value| number_in(value)),
        5 | 6 => values.sort_by_key(|value| value.to_lowercase()),
        7 | 8 => values.sort_by(|a, b| as_counted(a, b)),
        _ => return values,
    }
    if order.is_multiple_of(2) {
        values.reverse();
    }
    values
}

/// The first number in a text; -1: there is none.
fn number_in(text: &str) -> i128 {
    let digits: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).take(30).collect();
    digits.parse().unwrap_or(-1)
}

/// `r2` before `r10`.
fn as_counted(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a).into_iter(), parts(b).into_iter());
    loop {
        let ordering = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => a.cmp(b),
            },
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

/// Numbers and what stands between them.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

/// What is chosen for a variable: as asked, else as the dashboard was saved, else "All" where that can be, else the first value.
/// None: there is none, and the values must tell.
pub fn chosen_of(variable: &Variable, asked: Option<&[String]>) -> Option<Choice> {
    match asked {
        Some([only]) if only == ALL => return Some(Choice::All),
        Some([only]) if !variable.multi => return Some(Choice::One(only.clone())),
        Some(values) if !values.is_empty() => return Some(Choice::Many(values.to_vec())),
        _ => {}
    }
    let is_sensible = |choice: &Choice| match choice {
        Choice::All => variable.include_all || variable.all_value.is_some(),
        Choice::One(value) => !value.is_empty() && !value.starts_with("$__auto"),
        Choice::Many(values) => !values.is_empty(),
    };
    let saved = variable.current.clone().filter(is_sensible);
    let all = || variable.include_all.then_some(Choice::All);
    let first = || variable.options.first().cloned().map(Choice::One);
    let is_written = matches!(variable.kind, VariableKind::Constant | VariableKind::Textbox);
    if is_written {
        return first().or(saved).or_else(|| Some(Choice::One(String::new())));
    }
    saved.or_else(all).or_else(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strings(all: &[&str]) -> Vec<String> {
        all.iter().map(|one| (*one).to_owned()).collect()
    }

    #[test]
    fn an_expression_takes_the_first_group_or_what_is_named() {
        let values = strings(&["router1.cpu", "router2.cpu", "switch", "router1.mem"]);
        let take = |regex: &str| filtered(values.clone(), Some(regex)).expect("an expression");
        assert_eq!(take("/router(\\d)/"), ["1", "2"]);
        assert_eq!(take("/(?<text>router\\d)\\.(?<value>\\w+)/"), ["cpu", "mem"]);
        assert_eq!(take("/ROUTER\\d/i"), ["router1", "router2"]);
        assert_eq!(take("switch|nothing"), ["switch"]);
        assert_eq!(take(""), values);
    }

    #[test]
    fn what_only_javascript_knows_is_told() {
        assert!(filtered(strings(&["a"]), Some("/^(?!b)/")).is_err());
    }

    #[test]
    fn values_are_sorted_as_grafana_sorts_them() {
        let values = strings(&["r10", "R2", "r2", "x"]);
        let by = |order| sorted(values.clone(), order);
        assert_eq!(by(0), ["r10", "R2", "r2", "x"]);
        assert_eq!(by(1), ["R2", "r10", "r2", "x"]);
        assert_eq!(by(2), ["x", "r2", "r10", "R2"]);
        assert_eq!(by(3), ["x", "R2", "r2", "r10"]);
        assert_eq!(by(5), ["r10", "R2", "r2", "x"]);
        assert_eq!(by(7), ["R2", "r2", "r10", "x"]);
    }

    #[test]
    fn what_nobody_chose_is_as_it_was_saved_or_all_or_the_first() {
        let variable = Variable { include_all: true, options: strings(&["a", "b"]), ..Variable::default() };
        assert_eq!(chosen_of(&variable, None), Some(Choice::All));
        assert_eq!(chosen_of(&variable, Some(&strings(&["b"]))), Some(Choice::One("b".to_owned())));
        assert_eq!(chosen_of(&variable, Some(&strings(&[ALL]))), Some(Choice::All));
        let saved = Variable { current: Some(Choice::One("c".to_owned())), ..variable.clone() };
        assert_eq!(chosen_of(&saved, None), Some(Choice::One("c".to_owned())));
        let plain = Variable { include_all: false, ..variable };
        assert_eq!(chosen_of(&plain, None), Some(Choice::One("a".to_owned())));
        assert_eq!(chosen_of(&Variable::default(), None), None);
    }

    proptest! {
        #[test]
        fn sorting_loses_nothing(values in proptest::collection::vec("[a-z0-9]{0,4}", 0..8), order in 0_u64..10) {
            let mut sorted_values = sorted(values.clone(), order);
            let mut values = values;
            sorted_values.sort();
            values.sort();
            prop_assert_eq!(sorted_values, values);
        }
    }
}
