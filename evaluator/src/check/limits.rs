//! What a check may use.

use serde::{Deserialize, Serialize};

/// The host's limits: every check has the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostLimits {
    /// Fuel (about one per wasm instruction) for one series evaluated alone. The deterministic limit: the same input runs
    /// out at the same instruction everywhere.
    pub fuel_per_series: u64,
    /// Fuel for each other call: instantiate, describe, prepare, explain.
    pub fuel_per_call: u64,
    /// Milliseconds that one call may take, batches too: the backstop of the fuel, told in steps of 10 ms.
    pub deadline_ms: u64,
    /// Bytes of linear memory of one instance, all its memories together.
    pub memory_bytes: usize,
    /// Bytes of stack of one call. Threads that evaluate need at least 2 MiB of their own.
    pub stack_bytes: usize,
    /// Bytes that a call may hand back, besides 4 KiB of memory for each series of a batch.
    pub answer_bytes: usize,
    /// Bytes of a component.
    pub component_bytes: usize,
    /// Bytes of address space of the compiling child process.
    pub compile_memory_bytes: u64,
    /// CPU seconds of the compiling child process.
    pub compile_cpu_seconds: u64,
    /// Seconds until the compiling child process is killed.
    pub compile_wall_seconds: u64,
    /// Bytes of a compiled artefact.
    pub artefact_bytes: usize,
    /// Prepared rules that one instance holds before a new one takes its place; at least a batch's.
    pub slots_per_instance: u32,
    /// Instances at a time, over all checks and threads.
    pub instances: u32,
    /// Evaluations after which a warm instance is replaced.
    pub evaluations_per_instance: u64,
    /// Evaluations of a check that are repeated before it is trusted.
    pub audit_first: u64,
    /// From then on one in this many is repeated, on average.
    pub audit_every: u64,
    /// Good runs alone until a rule found guilty is evaluated together with others again.
    pub good_runs: u32,
    /// Failures in a row until a rule, or a check that never did better, is only probed.
    pub failures_to_throttle: u32,
    /// Milliseconds between the probes of what is throttled.
    pub probe_every_ms: u64,
    /// Failed probes in a row until a throttled check is quarantined.
    pub probes_to_quarantine: u32,
}

impl Default for HostLimits {
    fn default() -> Self {
        HostLimits {
            fuel_per_series: 10_000_000,
            fuel_per_call: 100_000_000,
            deadline_ms: 1_000,
            memory_bytes: 16 << 20,
            stack_bytes: 512 << 10,
            answer_bytes: 256 << 10,
            component_bytes: 32 << 20,
            compile_memory_bytes: 1 << 30,
            compile_cpu_seconds: 60,
            compile_wall_seconds: 120,
            artefact_bytes: 256 << 20,
            slots_per_instance: 16_384,
            instances: 128,
            evaluations_per_instance: 10_000_000,
            audit_first: 100,
            audit_every: 1_024,
            good_runs: 100,
            failures_to_throttle: 8,
            probe_every_ms: 60_000,
            probes_to_quarantine: 10,
        }
    }
}
