//! Write an Atalaya check: one struct, one trait, one macro.
//!
//! The struct is the params: serde reads them, schemars derives the form. [`Check::evaluate`] is the logic for
//! one series. [`export!`] makes a Wasm component of it. The host evaluates series in batches of columns
//! (`wit/v1/check.wit`); this crate takes them apart, so a check never sees a batch.
//!
//! # A new check
//! 1. A crate with `crate-type = ["cdylib", "rlib"]` that depends on `atalaya-check`, `serde` and `schemars`.
//! 2. The struct, the impl, `atalaya_check::export!(MyCheck);` as in `checks/threshold`.
//! 3. Tests with [`harness`], in plain `cargo test`. Assert that [`harness::faults`] finds none.
//! 4. `cargo build --profile guest --target wasm32-unknown-unknown`, and a component made from the
//!    module (`cargo xtask build` does both for `checks/*`).
//!
//! A check is pure: what it answers may depend on its params, the window and the context, and on nothing that
//! an earlier call left behind. What it must remember goes into [`Verdict::memory`].

mod explain;
pub mod harness;
mod levels;
mod model;
mod params;
pub mod schema;
mod slots;
mod window;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// Words and numbers for explanations.
pub mod words {
    pub use crate::explain::{
        apart, choose, duration, exact, is_spanish, level_word, not_enough_data, number, quantity, with_unit,
    };
}

pub use explain::{Explanation, Line, View};
pub use levels::{Direction, Levels};
pub use model::{
    CheckError, Input, Inputs, Level, MEMORY_LIMIT, Meta, Outcome, ParamError, Rule, Texts, Traits, Verdict,
};
pub use slots::{Batch, Slots};
pub use window::{Context, Sample, Samples, Span, Window};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// A check. The implementing struct is the params of one rule.
pub trait Check: DeserializeOwned + JsonSchema + 'static {
    const META: Meta;

    /// The schema as a constant text. Deriving it is 150 kB of code in the component; a check that is to compile and
    /// start fast gives the text (`include_str!`) and [`harness::faults`] tells when it is not what the struct derives.
    const SCHEMA: Option<&'static str> = None;

    /// What the types alone cannot say of the params: order, sense, and whether `rule.ok_margin` leaves an OK value.
    ///
    /// # Errors
    /// Names the field and what would be right.
    fn validate(&self, _rule: &Rule) -> Result<(), ParamError> {
        Ok(())
    }

    /// The history that each evaluation needs. By default the last three intervals, one sample or more.
    fn inputs(&self, rule: &Rule) -> Inputs {
        Inputs::last(3.0 * rule.interval)
    }

    /// Judges one series. The hot path: nothing is formatted here, and best nothing allocated.
    ///
    /// # Errors
    /// The series is unknown for this evaluation, and why.
    fn evaluate(&self, window: &Window<'_>, context: &Context<'_>) -> Outcome;

    /// Says `outcome` (what [`evaluate`](Self::evaluate) answers for this window) in words, and which lines a chart draws.
    /// By default the level and the value, and no lines.
    fn explain(
        &self,
        _window: &Window<'_>,
        context: &Context<'_>,
        outcome: &Outcome,
        view: &View<'_>,
    ) -> Explanation {
        Explanation::of(outcome, &context.rule.unit, view.language)
    }
}

/// Exports a [`Check`] as the component's one interface. On other targets than wasm32 it does nothing, so that
/// the same crate is tested on the host.
#[macro_export]
macro_rules! export {
    ($check:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static SLOTS: ::std::cell::RefCell<$crate::Slots<$check>> =
                    const { ::std::cell::RefCell::new($crate::Slots::new()) };
            }

            impl $crate::wasm::Component for Component {
                type Check = $check;
                fn slots<T>(f: impl FnOnce(&mut $crate::Slots<$check>) -> T) -> T {
                    SLOTS.with_borrow_mut(f)
                }
            }

    $crate::wasm::export_component!(Component with_types_in $crate::wasm::bindings);
        };
    };
}
