//! Stages that are `cargo test`.

use std::process::Command;

use anyhow::Result;

use super::stream::counted;
use crate::command::cargo;
use crate::report::Counts;
use crate::{checks, dist, files, server, tools};

/// Every package but the app, against the binary that they find in `ATALAYA_BIN` and the real components that `tools` installs, each in
/// a variable of its own, and what is installed on a machine in `PACKAGE_ARCHIVE`. Not stopped by an app that does not build.
pub fn host() -> Result<Counts> {
    tools::for_checks()?;
    checks::build()?;
    server::build()?;
    let mut test = cargo(["test", "--no-fail-fast"]);
    test.args(server::HOST).env("ATALAYA_BIN", files::binary()).env("ARTEFACTS", files::artefacts());
    test.env("PACKAGE_ARCHIVE", dist::pack()?);
    let missing = offer_components(&mut test, tools::for_host_tests());
    let mut counts = counted(&mut test)?;
    counts += missing;
    counts += counted(&mut cargo(["test", "--package", "xtask"]))?;
    Ok(counts)
}

/// Tells the tests where these real components are. What needs one that cannot be had skips itself, which is one failure.
pub(super) fn offer_components(test: &mut Command, components: tools::Components) -> Counts {
    let mut missing = Counts::default();
    for (name, installed) in components {
        match installed {
            Ok(path) => {
                test.env(name, path);
            }
            Err(error) => {
                println!("error: {error:#}");
                missing += Counts::one(false);
            }
        }
    }
    missing
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
