//! The server, and which packages are compiled together.

use anyhow::Result;

use crate::command::{cargo, run};
use crate::step::step;

/// What is compiled for the host together, always the same selection: Cargo joins the features of the packages that it builds,
/// so another one would compile common crates twice. The app has its own targets; these commands are compiled alone, first.
pub const HOST: &[&str] = &["--workspace", "--exclude", "atalaya-app", "--exclude", "xtask"];

/// Builds `target/debug/atalaya`, with the checks and the app inside it.
///
/// # Errors
/// When it does not compile.
pub fn build() -> Result<()> {
    step("Server: compiling", "8 min the first time, then 20 s", || {
        run(cargo(["build", "--bin", "atalaya"]).args(HOST))
    })
}
