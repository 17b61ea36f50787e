//! What the commands need, and how it gets here. Each step is quick when there is nothing to do.

use std::path::PathBuf;

use anyhow::Result;

use crate::command::{cargo, command, output, run};
use crate::step::step;
use crate::unpacked::{ALERTMANAGER, KANNEL, NGINX};
use crate::{apt, files, graphite, npm, prometheus, rust, smtp};

/// A program that Cargo builds into `target/tools/bin`.
struct Tool {
    package: &'static str,
    binary: &'static str,
    version: &'static str,
    usually: &'static str,
    /// Without optimisation: the tool's own work is small beside building it with optimisation.
    flags: &'static [&'static str],
}

const TRUNK: Tool = Tool {
    package: "trunk",
    binary: "trunk",
    version: "0.21.14",
    usually: "5 min",
    flags: &["--debug", "--locked", "--no-default-features", "--features", "rustls"],
};

/// Must be the version of the `wasm-bindgen` crate in Cargo.toml. Not `--locked`: its lock file names a yanked version.
const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    version: "0.2.130",
    usually: "2 min",
    flags: &["--debug"],
};

/// Everything that building the checks needs: the wasm target and the crates.
///
/// # Errors
/// What is missing and could not be installed.
pub fn for_checks() -> Result<()> {
    rust::install_wasm_target()?;
    fetch()
}

/// Everything that building needs: the wasm target, the crates, Trunk, wasm-bindgen, and wasm-opt from npm.
///
/// # Errors
/// What is missing and could not be installed.
pub fn for_building() -> Result<()> {
    for_checks()?;
    for tool in [&TRUNK, &WASM_BINDGEN] {
        install(tool)?;
    }
    npm::install_build_tools()
}

/// Everything that `cargo xtask test` needs beyond that. Gives the browser's path.
///
/// # Errors
/// What is missing and could not be installed.
pub fn for_browser_tests() -> Result<PathBuf> {
    npm::install_browser_tests()?;
    apt::chromium()
}

/// Real components: the variable that tells each, and where it is or why it is not.
pub type Components = Vec<(&'static str, Result<PathBuf>)>;

/// Those that the browser's stories start.
pub fn for_browser_stories() -> Components {
    vec![("GRAPHITE_VENV", graphite::venv()), ("SMTP_VENV", smtp::venv()), (KANNEL.variable, KANNEL.root())]
}

/// Those that the tests of the host start.
pub fn for_host_tests() -> Components {
    let mut all = vec![
        ("GRAPHITE_VENV", graphite::venv()),
        ("PROMETHEUS_BIN", prometheus::program()),
        ("SMTP_VENV", smtp::venv()),
    ];
    all.extend([KANNEL, ALERTMANAGER, NGINX].map(|one| (one.variable, one.root())));
    all
}

/// Trunk builds offline, so that everything must be here before.
fn fetch() -> Result<()> {
    if output(&mut cargo(["fetch", "--offline", "--locked"])).is_ok() {
        return Ok(());
    }
    step("Crates: fetching them", "30 s", || run(&mut cargo(["fetch"])))
}

fn install(tool: &Tool) -> Result<()> {
    let program = files::tools().join("bin").join(tool.binary);
    let said = output(command(program).arg("--version")).unwrap_or_default();
    if said.trim() == format!("{} {}", tool.binary, tool.version) {
        return Ok(());
    }
    let what = format!("{} {}: building it into target/tools", tool.package, tool.version);
    step(&what, tool.usually, || {
        let mut install = cargo(["install", tool.package, "--version", tool.version, "--force", "--root"]);
        run(install.arg(files::tools()).args(tool.flags))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> String {
        std::fs::read_to_string(files::root().join(path)).expect("the repository has this file")
    }

    #[test]
    fn the_tools_have_the_versions_that_the_project_names() {
        let pin = format!("wasm-bindgen = \"={}\"", WASM_BINDGEN.version);
        assert!(text("Cargo.toml").contains(&pin), "Cargo.toml pins another version than {pin}");
        let pin = format!("trunk-version = \"={}\"", TRUNK.version);
        assert!(text("Trunk.toml").contains(&pin), "Trunk.toml wants another version than {pin}");
    }
}
