//! What several test packages share: contract suites.

pub mod contract;
