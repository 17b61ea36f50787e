//! Pythons for the tests, each with packages of its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::apt;
use crate::command::{command, exists, output, run};
use crate::step::step;

/// A venv belongs to the Python that made it. Empty when there is none.
pub fn version() -> String {
    output(command("python3").arg("--version")).unwrap_or_default()
}

/// Makes a venv from nothing, so that what an interrupted installation left is gone.
///
/// # Errors
/// When there is no Python 3 and none can be installed.
pub fn venv(to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
    }
    install()?;
    run(command("python3").args(["-m", "venv"]).arg(to))
}

/// Whether these modules can be imported there.
pub fn loads(venv: &Path, import: &str) -> bool {
    output(command(venv.join("bin/python")).args(["-c", import])).is_ok()
}

/// Installs what a file of requirements names.
///
/// # Errors
/// When a package cannot be had.
pub fn pip(venv: &Path, arguments: &[&str], requirements: &Path) -> Result<()> {
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let mut pip = command(venv.join("bin/python"));
    run(pip.args(quiet).args(arguments).arg("--requirement").arg(requirements))
}

/// Debian's Python comes without its module `venv`.
fn install() -> Result<()> {
    if exists("python3") && output(command("python3").args(["-c", "import ensurepip, venv"])).is_ok() {
        return Ok(());
    }
    step("apt: installing python3-venv", "15 s", || apt::install(&["python3", "python3-venv"]))
}
