//! Saying that there is nothing to test with.

use std::io::Write;
use std::path::PathBuf;

/// A component that `cargo xtask test` installs, by the variable that says where it is. Without it the test says that it is
/// skipped, which is counted.
pub fn component(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable);
    if found.is_none() {
        // Not by print!, which is captured while a test passes.
        let _shown = writeln!(std::io::stdout(), "skipped: no {variable}; run cargo xtask test --suite rust");
    }
    found.map(PathBuf::from)
}
