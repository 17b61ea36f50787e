//! Reading the query of an address: `?q=cpu&limit=50`. Every wrong parameter is told at once.

use std::ops::RangeInclusive;

use atalaya_api::Timestamp;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::domain::Millis;
use crate::nearest::nearest;
use crate::store::Slice;

use super::problem::{Fault, FieldFault, clipped};

const LONGEST: usize = 1_000;

/// The parameters of a request. Take each by name, then [`Params::finish`].
pub struct Params {
    pairs: Vec<(String, String)>,
    asked: Vec<&'static str>,
    faults: Vec<FieldFault>,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let read = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = read.map_err(|_| {
            Fault::field(
                "query",
                "must be name=value pairs in UTF-8",
                "deben ser pares nombre=valor en UTF-8",
            )
        })?;
        Ok(Params { pairs, asked: Vec::new(), faults: Vec::new() })
    }
}

impl Params {
    /// Of the same names and values in a body.
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Params { pairs: pairs.into_iter().collect(), asked: Vec::new(), faults: Vec::new() }
    }

    /// The parameter, if it is there and not empty.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.asked.push(name);
        let value =
            self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned())?;
        if value.chars().count() > LONGEST {
            self.wrong(
                name,
                format!("must have at most {LONGEST} characters"),
                format!("debe tener como mucho {LONGEST} caracteres"),
            );
            return None;
        }
        (!value.is_empty()).then_some(value)
    }

    /// The parameter, which must be there.
    pub fn needed(&mut self, name: &'static str) -> String {
        let value = self.text(name);
        if value.is_none() {
            self.wrong(name, "is missing", "falta");
        }
        value.unwrap_or_default()
    }

    /// A whole number within a range.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<u32>, default: u32) -> u32 {
        let Some(text) = self.text(name) else { return default };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let (low, high) = range.into_inner();
                self.wrong(
                    name,
                    format!("must be a whole number from {low} to {high}"),
                    format!("debe ser un número entero de {low} a {high}"),
                );
                default
            }
        }
    }

    /// An instant, RFC 3339.
    pub fn time(&mut self, name: &'static str) -> Option<Millis> {
        let text = self.text(name)?;
        // A form writes the "+" of an offset as a space.
        let parsed = text.replace(' ', "+").parse::<Timestamp>().ok().map(Millis::from);
        if parsed.is_none() {
            let example = "2026-01-31T08:00:00Z";
            self.wrong(
                name,
                format!("must be a time such as {example}"),
                format!("debe ser una hora como {example}"),
            );
        }
        parsed
    }

    pub fn flag(&mut self, name: &'static str) -> bool {
        self.choice(name, &[("true", true), ("false", false)]).unwrap_or(false)
    }

    /// One of the known words.
    pub fn choice<T: Copy>(&mut self, name: &'static str, known: &[(&str, T)]) -> Option<T> {
        let word = self.text(name)?;
        self.known(name, &word, known)
    }

    /// Any of the known words, with commas between them.
    pub fn choices<T: Copy>(&mut self, name: &'static str, known: &[(&str, T)]) -> Vec<T> {
        let text = self.text(name).unwrap_or_default();
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.filter_map(|word| self.known(name, word, known)).collect()
    }

    /// `name` or `-name`: an order, and whether it is turned round.
    pub fn sort<T: Copy>(&mut self, known: &[(&str, T)]) -> Option<(T, bool)> {
        let text = self.text("sort")?;
        let (word, descending) = match text.strip_prefix('-') {
            Some(word) => (word, true),
            None => (text.as_str(), false),
        };
        self.known("sort", word, known).map(|order| (order, descending))
    }

    /// `limit` (1 to 1000, default 100) and `cursor`.
    pub fn slice(&mut self) -> Slice {
        Slice { limit: self.number("limit", 1..=1_000, 100), cursor: self.text("cursor") }
    }

    pub fn wrong(&mut self, name: &str, en: impl Into<String>, es: impl Into<String>) {
        self.faults.push(FieldFault::new(name, en, es));
    }

    /// # Errors
    /// Everything that was wrong, and parameters that nobody asked for.
    pub fn finish(mut self) -> Result<(), Fault> {
        let unknown: Vec<String> = self.pairs.iter().map(|(name, _)| name.clone()).collect();
        for name in unknown.iter().filter(|name| !self.asked.contains(&name.as_str())) {
            let fault = unknown_parameter(name, &self.asked);
            self.faults.push(fault);
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Fault::invalid(self.faults)) }
    }

    fn known<T: Copy>(&mut self, name: &str, word: &str, known: &[(&str, T)]) -> Option<T> {
        let found = known.iter().find(|(one, _)| *one == word).map(|(_, value)| *value);
        if found.is_none() {
            let all: Vec<&str> = known.iter().map(|(one, _)| *one).collect();
            let (all, word) = (all.join(", "), clipped(word));
            self.wrong(
                name,
                format!("must be one of {all}, not {word:?}"),
                format!("debe ser uno de {all}, no {word:?}"),
            );
        }
        found
    }
}

fn unknown_parameter(name: &str, known: &[&str]) -> FieldFault {
    let name = clipped(name);
    match (nearest(&name, known.iter().copied()), known) {
        (Some(meant), _) => FieldFault::new(
            name,
            format!("is not known; did you mean {meant}?"),
            format!("no se conoce; ¿quería decir {meant}?"),
        ),
        (None, []) => FieldFault::new(name, "is not known; there are none", "no se conoce; no hay ninguno"),
        (None, known) => {
            let all = known.join(", ");
            FieldFault::new(
                name,
                format!("is not known; there are: {all}"),
                format!("no se conoce; existen: {all}"),
            )
        }
    }
}
