//! A check that misbehaves as its params say, so that a bad rule can stand in one batch with good ones.
//!
//! `{"how": "ok"}` is the good one: critical above 90, else ok.

use std::cell::Cell;

use atalaya_check::{Check, CheckError, Context, Level, Meta, Outcome, Traits, Verdict, Window};
use schemars::JsonSchema;
use serde::Deserialize;

/// The params.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Misbehaves {
    pub how: How,
}

/// What happens when a series with these params is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Nothing bad: critical above 90, else ok.
    Ok,
    /// Never comes back.
    Loop,
    /// Takes memory until there is none.
    Allocate,
    /// Traps.
    Panic,
    /// The whole batch's answer is one verdict short.
    WrongCount,
    /// Critical for every series but the first of a batch: answers otherwise in company than alone.
    Impure,
    /// Critical from the instance's second evaluation on: answers otherwise in a fresh instance.
    Ages,
    /// Recurses until the stack is used up.
    Recurse,
    /// Says `failed`.
    Fail,
}

// Statics are how a guest leaves the contract: nothing else survives a series. One per thread, so that tests do not
// see each other's; a guest has one thread.
thread_local! {
    /// Series evaluated since the batch began.
    static IN_BATCH: Cell<u32> = const { Cell::new(0) };

    /// Series evaluated since the instance began.
    static IN_LIFE: Cell<u32> = const { Cell::new(0) };

    /// Set by a series whose answer is to be taken from the batch.
    static ONE_SHORT: Cell<bool> = const { Cell::new(false) };
}

impl Check for Misbehaves {
    const META: Meta = Meta {
        name: "misbehaves",
        version: env!("CARGO_PKG_VERSION"),
        title: &[("es", "Se porta mal"), ("en", "Misbehaves")],
        summary: &[("en", "For tests of the host.")],
        traits: Traits::NONE,
    };

    fn evaluate(&self, window: &Window<'_>, _: &Context<'_>) -> Outcome {
        let before_in_batch = IN_BATCH.replace(IN_BATCH.get() + 1);
        let before_in_life = IN_LIFE.replace(IN_LIFE.get() + 1);
        let value = window.last().map_or(0.0, |sample| sample.value);
        let critical_if = |critical| {
            let level = if critical { Level::Critical } else { Level::Ok };
            Ok(Verdict::new(level, value))
        };
        match self.how {
            How::Ok => critical_if(value > 90.0),
            How::Loop => loop_for_ever(),
            How::Allocate => allocate_for_ever(),
            How::Panic => panic!("as the params say"),
            How::WrongCount => {
                ONE_SHORT.set(true);
                critical_if(false)
            }
            How::Impure => critical_if(before_in_batch > 0),
            How::Ages => critical_if(before_in_life > 0),
            How::Recurse => critical_if(recurse(u64::from(before_in_life)) == 1),
            How::Fail => Err(CheckError::failed("as the params say")),
        }
    }
}

fn loop_for_ever() -> ! {
    let mut turns = 0u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

/// Takes without writing, so that memory runs out long before fuel does; the allocator's failure aborts.
fn allocate_for_ever() -> ! {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(std::hint::black_box(Vec::with_capacity(1 << 20)));
    }
}

/// Keeps a kilobyte on the stack at every depth.
#[expect(unconditional_recursion, reason = "using up the stack is its purpose")]
fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 128]);
    recurse(depth + 1).wrapping_add(frame[(depth % 128) as usize])
}

/// The SDK never miscounts and a check never sees where a batch begins: this goes around it.
#[cfg(target_arch = "wasm32")]
mod component {
    use std::cell::RefCell;

    use atalaya_check::Slots;
    use atalaya_check::wasm::{Component, bindings, export_component, wire};

    use super::{IN_BATCH, Misbehaves, ONE_SHORT};

    thread_local! {
        static SLOTS: RefCell<Slots<Misbehaves>> = const { RefCell::new(Slots::new()) };
    }

    struct Honest;

    impl Component for Honest {
        type Check = Misbehaves;
        fn slots<T>(f: impl FnOnce(&mut Slots<Misbehaves>) -> T) -> T {
            SLOTS.with_borrow_mut(f)
        }
    }

    struct Dishonest;

    impl wire::Guest for Dishonest {
        fn describe() -> wire::Descriptor {
            Honest::describe()
        }

        fn prepare(slot: u32, rule: wire::Rule) -> Result<wire::Prepared, wire::ParamError> {
            Honest::prepare(slot, rule)
        }

        fn release(slot: u32) {
            Honest::release(slot);
        }

        fn evaluate(batch: wire::Batch) -> Vec<Result<wire::Verdict, wire::CheckError>> {
            IN_BATCH.set(0);
            ONE_SHORT.set(false);
            let mut answers = Honest::evaluate(batch);
            if ONE_SHORT.get() {
                answers.pop();
            }
            answers
        }

        fn explain(batch: wire::Batch, language: String, draw: wire::Span) -> wire::Explanation {
            Honest::explain(batch, language, draw)
        }
    }

    export_component!(Dishonest with_types_in bindings);
}

#[cfg(test)]
mod tests {
    use atalaya_check::{Rule, harness};

    use super::*;

    #[test]
    fn without_ill_will_it_is_a_proper_check() {
        assert_eq!(harness::faults::<Misbehaves>(), Vec::<String>::new());
        let verdict = harness::run::<Misbehaves>(r#"{"how":"ok"}"#, &Rule::default(), &[91.0]);
        assert_eq!(verdict, Ok(Verdict::new(Level::Critical, 91.0)));
    }

    #[test]
    #[should_panic(expected = "in company")]
    fn the_harness_finds_a_check_that_answers_otherwise_in_company() {
        let _ = harness::run::<Misbehaves>(r#"{"how":"ages"}"#, &Rule::default(), &[91.0]);
    }
}
