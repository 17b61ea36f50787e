//! The Wasm host: every check runs here, and reaches nothing, stalls nothing, takes no memory from others and
//! changes no other rule's verdict.
//!
//! [`Host`] loads components, a [`Check`] is one that was loaded, and each evaluating thread has a [`Runner`] with warm
//! instances. How series are batched and whether instances are warm or fresh changes no verdict: whatever breaks in a
//! batch is done again alone, and only that decides.

mod batch;
mod bindings;
mod built_in;
mod cache;
pub mod compile;
mod conduct;
mod descriptor;
mod engine;
mod evaluate;
mod fault;
mod host;
mod inspect;
mod instance;
mod limits;
mod loaded;
mod prepared;
mod records;
mod runner;
mod solo;
mod stats;
mod text;
mod warm;

pub use batch::Batch;
pub use bindings::MEMORY_BYTES;
pub use built_in::built_in;
pub use compile::{CompileError, CompilerCommand};
pub use conduct::{Health, Quarantine, QuarantineReason};
pub use descriptor::{Descriptor, DescriptorError, Traits};
pub use host::{Host, LoadError, StartError};
pub use limits::HostLimits;
pub use loaded::Check;
pub use prepared::{Explanation, Input, NotPrepared, ParamError, Prepared};
pub use records::RecordId;
pub use runner::Runner;
pub use stats::Stats;
