//! The one engine, and the thread that counts its time.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::limits::HostLimits;

/// The epoch moves on this often.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Elements of one table. A few thousand functions are called through a table in a large guest.
pub(super) const TABLE_ELEMENTS: usize = 20_000;

/// Slots of the pool that keep pages while nobody uses them: enough for the audits' fresh instances to find one.
const WARM_SLOTS: u32 = 8;

/// Bytes of a slot's memory and table that are kept and wiped instead of given back. About what a small guest touches:
/// wiping is cheaper than faulting pages in again (measured: a fresh instance takes half the time), for larger ones it is dearer.
const KEEP_MEMORY: usize = 256 << 10;
const KEEP_TABLE: usize = 32 << 10;

/// What decides the compiled code: the same in the compiling child and here.
///
/// Async, gc, exceptions and threads are not compiled in at all. Tail calls and multiple memories stay on, because
/// composed components of interpreters need them.
fn code_config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .wasm_backtrace_max_frames(None);
    config
}

/// The engine that the compiling child uses: it reserves no memory for instances.
pub(super) fn compiling_engine() -> wasmtime::Result<Engine> {
    Engine::new(&code_config())
}

/// The engine that runs checks. Its pool reserves address space, not memory: an unused slot costs nothing.
pub(super) fn running_engine(limits: &HostLimits) -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances.saturating_mul(4))
        .total_memories(limits.instances.saturating_mul(2))
        .total_tables(limits.instances.saturating_mul(4))
        .max_memory_size(limits.memory_bytes)
        .table_elements(TABLE_ELEMENTS)
        .max_unused_warm_slots(WARM_SLOTS)
        .linear_memory_keep_resident(KEEP_MEMORY)
        .table_keep_resident(KEEP_TABLE);
    let mut config = code_config();
    config.max_wasm_stack(limits.stack_bytes).allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config)?;
    start_ticker(&engine)?;
    Ok(engine)
}

/// Names the engine's version and settings: artefacts of another one are not for it.
pub(super) fn compatibility(engine: &Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// A thread that moves the epoch on until the engine is gone.
fn start_ticker(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new().name("check-epoch".to_owned()).spawn(tick)?;
    Ok(())
}

/// Ticks until a call that starts now has had its milliseconds.
pub(super) fn deadline_ticks(deadline_ms: u64) -> u64 {
    deadline_ms.div_ceil(TICK.as_millis() as u64) + 1
}
