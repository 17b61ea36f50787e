//! A real Graphite for the tests, in a Python of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::command::{command, exists, output, run};
use crate::stamp::Stamp;
use crate::step::step;
use crate::{apt, files};

/// What decides an installation, below `xtask/python`.
const INPUTS: &[&str] = &["requirements.txt", "build-requirements.txt", "graphite_compat.py"];

/// Says whether everything that the tests start can be loaded, and quickly.
const LOADS: &str = "import whisper, carbon, twisted, waitress, cairocffi, django, tagging, graphite";

/// The folder of a Python with carbon and graphite-web: `GRAPHITE_VENV` from the environment, or `target/tools/graphite`, made
/// now unless that was done before to its end.
///
/// # Errors
/// When there is no Python 3 and none can be installed, or a package cannot be had.
pub fn venv() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("GRAPHITE_VENV") {
        return Ok(folder.into());
    }
    let (from, to) = (files::root().join("xtask/python"), files::tools().join("graphite"));
    let stamp = Stamp::of("graphite", &from, INPUTS, &python_version())?;
    if stamp.is_fresh() && loads(&to) {
        return Ok(to);
    }
    step("Graphite 1.1.10: installing it from PyPI into target/tools, for the tests", "40 s", || {
        install(&from, &to)?;
        // Its Python may only now have been installed.
        Stamp::of("graphite", &from, INPUTS, &python_version())?.set()
    })?;
    Ok(to)
}

/// A venv belongs to the Python that made it. Empty when there is none.
fn python_version() -> String {
    output(command("python3").arg("--version")).unwrap_or_default()
}

fn loads(venv: &Path) -> bool {
    output(command(venv.join("bin/python")).args(["-c", LOADS])).is_ok()
}

/// From nothing, so that what an interrupted installation left is gone.
fn install(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
    }
    install_python()?;
    run(command("python3").args(["-m", "venv"]).arg(to))?;
    pip(to, &["--requirement"], &from.join("build-requirements.txt"))?;
    be_understood(from, to)?;
    pip(to, &["--no-deps", "--no-build-isolation", "--requirement"], &from.join("requirements.txt"))?;
    if !loads(to) {
        apt::install(&["libcairo2"])?;
    }
    ensure!(loads(to), "Graphite was installed but does not start: `{LOADS}` fails in {}", to.display());
    Ok(())
}

/// Debian's Python comes without its module `venv`.
fn install_python() -> Result<()> {
    if exists("python3") && output(command("python3").args(["-c", "import ensurepip, venv"])).is_ok() {
        return Ok(());
    }
    step("apt: installing python3-venv", "15 s", || apt::install(&["python3", "python3-venv"]))
}

fn pip(venv: &Path, arguments: &[&str], requirements: &Path) -> Result<()> {
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(command(venv.join("bin/python")).args(quiet).args(arguments).arg(requirements))
}

/// Lets the venv's Python load the compatibility module at each start; building the packages needs it already.
fn be_understood(from: &Path, venv: &Path) -> Result<()> {
    let place = ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"];
    let packages = PathBuf::from(output(command(venv.join("bin/python")).args(place))?.trim());
    files::write(&packages.join("graphite_compat.py"), &files::read(&from.join("graphite_compat.py"))?)?;
    files::write(&packages.join("graphite_compat.pth"), b"import graphite_compat\n")
}
