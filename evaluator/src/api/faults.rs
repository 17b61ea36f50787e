//! Several faults of one request, told at once.

use std::ops::RangeInclusive;

use super::problem::{Fault, FieldFault};

/// The faults found so far.
#[derive(Default)]
pub struct Faults(pub Vec<FieldFault>);

impl Faults {
    pub fn add(&mut self, field: &str, en: impl Into<String>, es: impl Into<String>) {
        self.0.push(FieldFault::new(field, en, es));
    }

    /// A value that must lie in a range, as people write both.
    pub fn within<T: PartialOrd + std::fmt::Display>(
        &mut self,
        field: &str,
        value: T,
        range: RangeInclusive<T>,
    ) {
        if !range.contains(&value) {
            let (low, high) = range.into_inner();
            self.add(field, format!("must be from {low} to {high}"), format!("debe ser de {low} a {high}"));
        }
    }

    /// # Errors
    /// There are any.
    pub fn done(self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(Fault::invalid(self.0)) }
    }
}
