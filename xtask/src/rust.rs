//! The parts of the Rust toolchain that a plain installation may lack.

use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{command, exists, output, run};
use crate::step::step;

/// The target of the checks and of the app.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm target when the compiler lacks it.
///
/// # Errors
/// When it is missing and there is no rustup.
pub fn install_wasm_target() -> Result<()> {
    let folder = output(command("rustc").args(["--print", "target-libdir", "--target", WASM]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    step("Rust: adding the target wasm32-unknown-unknown", "10 s", || rustup(&["target", "add", WASM]))
}

/// Adds rustfmt and clippy when they are missing.
///
/// # Errors
/// When one is missing and there is no rustup.
pub fn install_linters() -> Result<()> {
    for (program, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if output(command(program).arg("--version")).is_err() {
            step(&format!("Rust: adding {component}"), "10 s", || rustup(&["component", "add", component]))?;
        }
    }
    Ok(())
}

fn rustup(arguments: &[&str]) -> Result<()> {
    if !exists("rustup") {
        let wanted = arguments.last().copied().unwrap_or_default();
        anyhow::bail!(
            "this Rust lacks {wanted} and there is no rustup to add it: install Rust by https://rustup.rs"
        );
    }
    run(command("rustup").args(arguments)).context("rustup could not add it")
}
