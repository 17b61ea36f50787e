//! Programs that `cargo xtask test` unpacked from the system's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::skip;

/// A folder in which they lie as they would below `/`.
pub struct Unpacked(PathBuf);

impl Unpacked {
    /// By the variable that says where it is; without it the test says that it is skipped.
    pub fn of(variable: &str) -> Option<Self> {
        skip::component(variable).map(Unpacked)
    }

    /// A program of it, e.g. `usr/sbin/nginx`, with the libraries that came with it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.0.join(program));
        let below = ["lib", "usr/lib"].map(|folder| folders(&self.0.join(folder)));
        let libraries =
            below.into_iter().flatten().filter(|path| path.to_string_lossy().ends_with("-linux-gnu"));
        command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap_or_default());
        command
    }
}

fn folders(below: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(below).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
