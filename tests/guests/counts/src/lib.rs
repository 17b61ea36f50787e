//! A check that keeps memory: counts its evaluations in a row above a limit and is critical from the third on. It takes
//! nothing from its statics, so it is as pure as a check with a memory can be.

use atalaya_check::{Check, CheckError, Context, Level, Meta, Outcome, Traits, Verdict, Window};
use schemars::JsonSchema;
use serde::Deserialize;

/// The params.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub limit: f64,
}

impl Check for Counts {
    const META: Meta = Meta {
        name: "counts",
        version: env!("CARGO_PKG_VERSION"),
        title: &[("es", "Cuenta"), ("en", "Counts")],
        summary: &[("en", "For tests of the host.")],
        traits: Traits { keeps_memory: true, ..Traits::NONE },
    };

    fn evaluate(&self, window: &Window<'_>, context: &Context<'_>) -> Outcome {
        let Some(last) = window.last() else {
            return Err(CheckError::not_enough_data("no sample has a value"));
        };
        let before = context.memory.first().copied().unwrap_or(0);
        let count = if last.value > self.limit { before.saturating_add(1) } else { 0 };
        let level = if count >= 3 { Level::Critical } else { Level::Ok };
        Ok(Verdict::new(level, last.value).remember(vec![count]))
    }
}

atalaya_check::export!(Counts);

#[cfg(test)]
mod tests {
    use atalaya_check::Rule;
    use atalaya_check::harness::{Harness, Series, faults};

    use super::*;

    #[test]
    fn it_is_critical_at_the_third_in_a_row_and_only_by_its_memory() {
        assert_eq!(faults::<Counts>(), Vec::<String>::new());
        let harness = Harness::<Counts>::new(r#"{"limit":5}"#, &Rule::default());
        let harness = harness.unwrap_or_else(|error| panic!("{error:?}"));
        let mut memory = Vec::new();
        let mut levels = Vec::new();
        for value in [9.0, 9.0, 9.0, 1.0, 9.0] {
            let series = Series::ending(1e12, 1e3, &[value]).memory(&memory);
            let verdict = harness.evaluate(&series).unwrap_or_else(|e| panic!("{e:?}"));
            memory = verdict.memory.unwrap_or_default();
            levels.push(verdict.level);
        }
        use Level::{Critical, Ok};
        assert_eq!(levels, [Ok, Ok, Critical, Ok, Ok]);
    }
}
