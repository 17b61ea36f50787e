//! A real Prometheus for the tests: Debian's, unpacked beside the other tools, so that nothing starts it as a service.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::{command, exists, output, run};
use crate::step::step;
use crate::{apt, files};

/// The program: `PROMETHEUS_BIN` from the environment, one on the PATH, or Debian's in `target/tools/prometheus`, fetched now.
///
/// # Errors
/// When there is none and it cannot be had; the error says what to do by hand.
pub fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PROMETHEUS_BIN") {
        return Ok(path.into());
    }
    if exists("prometheus") {
        return Ok("prometheus".into());
    }
    let folder = files::tools().join("prometheus");
    let program = folder.join("usr/bin/prometheus");
    if !runs(&program) {
        step("Prometheus: fetching Debian's into target/tools, for the tests", "10 s", || unpack(&folder))?;
    }
    Ok(program)
}

fn runs(program: &Path) -> bool {
    output(command(program).arg("--version")).is_ok()
}

/// From nothing, so that what an interrupted installation left is gone.
fn unpack(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let package = apt::download("prometheus", folder)?;
    run(command("dpkg").arg("-x").arg(&package).arg(folder))?;
    fs::remove_file(&package).with_context(|| format!("cannot remove {}", package.display()))
}
