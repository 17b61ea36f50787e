//! Who must be told what. Pure: time comes in as a value.

pub mod quiet;
