//! One instance of a check, with its limits set before each call.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use wasmtime::{PoolConcurrencyLimitError, ResourceLimiter, Store};

use crate::domain::{RuleRecord, Unknown, UnknownKind};

use super::bindings::{CheckPlugin, CheckPluginPre, MEMORY_BYTES, rule_to_wit, wit};
use super::engine::{TABLE_ELEMENTS, deadline_ticks};
use super::fault;
use super::limits::HostLimits;
use super::loaded::Check;

/// Bytes of an answer besides its memory: level, value, a few words.
const ANSWER: usize = 512;

/// Grants memory up to the limit, all memories of an instance together, and remembers when it did not.
pub(super) struct Limiter {
    left: usize,
    starved: bool,
}

impl Limiter {
    fn new(bytes: usize) -> Self {
        Limiter { left: bytes, starved: false }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        match self.left.checked_sub(desired.saturating_sub(current)) {
            Some(left) => self.left = left,
            None => self.starved = true,
        }
        Ok(!self.starved)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.starved = true;
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

/// An instance. After any error it is poisoned and must be dropped.
pub(super) struct Instance {
    store: Store<Limiter>,
    plugin: CheckPlugin,
    limits: Arc<HostLimits>,
}

impl Instance {
    /// A new instance; start functions run in here, under the limits of a call.
    ///
    /// # Errors
    /// It broke while starting, wants more memory than there is for it, or the pool is used up (out of time: the host is
    /// busy).
    pub(super) fn new(check: &Check) -> Result<Self, Unknown> {
        check.tally.instances.fetch_add(1, Ordering::Relaxed);
        Self::of(&check.pre, &check.limits)
    }

    /// The same for what is not yet known as a check.
    pub(super) fn of(pre: &CheckPluginPre<Limiter>, limits: &Arc<HostLimits>) -> Result<Self, Unknown> {
        let mut store = Store::new(pre.engine(), Limiter::new(limits.memory_bytes));
        store.limiter(|limiter| limiter);
        arm(&mut store, limits, limits.fuel_per_call, limits.answer_bytes);
        match pre.instantiate(&mut store) {
            Ok(plugin) => Ok(Instance { store, plugin, limits: limits.clone() }),
            Err(error) if error.is::<PoolConcurrencyLimitError>() => {
                Err(Unknown::with_words(UnknownKind::OutOfTime, "the host has no room for another instance"))
            }
            Err(error) => Err(fault::of_call(&error, store.data().starved)),
        }
    }

    pub(super) fn describe(&mut self) -> Result<wit::Descriptor, Unknown> {
        self.arm_call();
        let described = self.plugin.atalaya_check_check().call_describe(&mut self.store);
        self.judge(described)
    }

    pub(super) fn prepare(
        &mut self,
        slot: u32,
        record: &RuleRecord,
    ) -> Result<Result<wit::Prepared, wit::ParamError>, Unknown> {
        self.arm_call();
        let check = self.plugin.atalaya_check_check();
        let prepared = check.call_prepare(&mut self.store, slot, rule_to_wit(record));
        self.judge(prepared)
    }

    /// Evaluates a batch with this much fuel.
    ///
    /// # Errors
    /// No answer, or not as many answers as series.
    pub(super) fn evaluate(
        &mut self,
        batch: wit::Batch<'_>,
        fuel: u64,
    ) -> Result<Vec<Result<wit::Verdict, wit::CheckError>>, Unknown> {
        let series = batch.slots.len();
        let answer = self.limits.answer_bytes + series * (MEMORY_BYTES + ANSWER);
        arm(&mut self.store, &self.limits, fuel, answer);
        let answers = self.plugin.atalaya_check_check().call_evaluate(&mut self.store, batch);
        let answers = self.judge(answers)?;
        if answers.len() != series {
            let words = format!("{} answers for {series} series", answers.len());
            return Err(Unknown::with_words(UnknownKind::WrongAnswer, words));
        }
        Ok(answers)
    }

    pub(super) fn explain(
        &mut self,
        batch: wit::Batch<'_>,
        language: &str,
        draw: wit::Span,
    ) -> Result<wit::Explanation, Unknown> {
        self.arm_call();
        let check = self.plugin.atalaya_check_check();
        let explained = check.call_explain(&mut self.store, batch, language, draw);
        self.judge(explained)
    }

    /// Fuel left of what the last call was given.
    pub(super) fn fuel_left(&self) -> u64 {
        self.store.get_fuel().expect("the engine counts fuel")
    }

    fn arm_call(&mut self) {
        arm(&mut self.store, &self.limits, self.limits.fuel_per_call, self.limits.answer_bytes);
    }

    fn judge<T>(&self, answer: wasmtime::Result<T>) -> Result<T, Unknown> {
        answer.map_err(|error| fault::of_call(&error, self.store.data().starved))
    }
}

/// Sets the limits of the next call.
fn arm(store: &mut Store<Limiter>, limits: &HostLimits, fuel: u64, answer: usize) {
    store.set_fuel(fuel).expect("the engine counts fuel");
    store.set_epoch_deadline(deadline_ticks(limits.deadline_ms));
    store.set_hostcall_fuel(answer);
    store.data_mut().starved = false;
}
