//! Stages that only say yes or no.

use std::process::Command;

use anyhow::Result;

use crate::command::{cargo, run};
use crate::report::Counts;
use crate::rust::{WASM, install_linters, install_wasm_target};
use crate::{checks, tools};

/// Everything but the app, which only the browser's target knows how to lint.
const NOT_THE_APP: &[&str] = &["--workspace", "--exclude", "atalaya-app"];

/// `cargo fmt --check`.
pub fn format() -> Result<Counts> {
    install_linters()?;
    verdict(&mut cargo(["fmt", "--all", "--check"]))
}

/// Clippy over everything but the app. The server embeds the built-in checks: they come first.
pub fn clippy() -> Result<Counts> {
    install_linters()?;
    tools::for_checks()?;
    checks::build()?;
    verdict(
        cargo(["clippy", "--all-targets", "--keep-going"]).args(NOT_THE_APP).args(["--", "-D", "warnings"]),
    )
}

/// Clippy over the app, for the target and with the profile that it is built with.
pub fn clippy_app() -> Result<Counts> {
    install_linters()?;
    install_wasm_target()?;
    let arguments =
        ["clippy", "--package", "atalaya-app", "--profile", "app", "--target", WASM, "--", "-D", "warnings"];
    verdict(&mut cargo(arguments))
}

/// Rustdoc over the same.
pub fn docs() -> Result<Counts> {
    tools::for_checks()?;
    checks::build()?;
    let mut doc = cargo(["doc", "--no-deps", "--document-private-items"]);
    verdict(doc.args(NOT_THE_APP).env("RUSTDOCFLAGS", "-D warnings"))
}

fn verdict(command: &mut Command) -> Result<Counts> {
    let outcome = run(command);
    if let Err(error) = &outcome {
        println!("{error:#}");
    }
    Ok(Counts::one(outcome.is_ok()))
}
