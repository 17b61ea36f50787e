//! The server, and which packages are compiled together.

use anyhow::Result;

use crate::command::{cargo, run};
use crate::step::step;

/// Everything that runs on the host, always together: Cargo joins the features of the packages it builds, so another selection
/// would compile common crates twice. The app has its own targets and its own build.
pub const HOST: &[&str] = &["--workspace", "--exclude", "atalaya-app"];

/// Builds `target/debug/atalaya`, with the checks and the app inside it.
///
/// # Errors
/// When it does not compile.
pub fn build() -> Result<()> {
    step("Server: compiling", "8 min the first time, then 20 s", || {
        run(cargo(["build", "--bin", "atalaya"]).args(HOST))
    })
}
