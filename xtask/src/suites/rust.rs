//! Stages that are `cargo test`.

use anyhow::Result;

use super::stream::counted;
use crate::command::cargo;
use crate::files;
use crate::report::Counts;
use crate::server::HOST;

/// Every package but the app, against the binary just built.
pub fn host() -> Result<Counts> {
    crate::build()?;
    let mut test = cargo(["test", "--no-fail-fast"]);
    test.args(HOST).env("ATALAYA_BIN", files::binary()).env("ARTEFACTS", files::artefacts());
    counted(&mut test)
}

/// The app's plain functions. Unoptimised: they are quick, and the app's many dependencies are compiled for the host only here.
pub fn app() -> Result<Counts> {
    let unoptimised = ["--config", "profile.dev.opt-level=0"];
    counted(
        cargo(unoptimised)
            .args(["test", "--package", "atalaya-app"])
            .env("CARGO_TARGET_DIR", files::target().join("app-host")),
    )
}
