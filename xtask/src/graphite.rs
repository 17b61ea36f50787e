//! A real Graphite for the tests, in a Python of its own.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::command::{command, output};
use crate::stamp::Stamp;
use crate::step::step;
use crate::{apt, files, python};

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
    let stamp = Stamp::of("graphite", &from, INPUTS, &python::version())?;
    if stamp.is_fresh() && python::loads(&to, LOADS) {
        return Ok(to);
    }
    step("Graphite 1.1.10: installing it from PyPI into target/tools, for the tests", "40 s", || {
        install(&from, &to)?;
        // Its Python may only now have been installed.
        Stamp::of("graphite", &from, INPUTS, &python::version())?.set()
    })?;
    Ok(to)
}

fn install(from: &Path, to: &Path) -> Result<()> {
    python::venv(to)?;
    python::pip(to, &[], &from.join("build-requirements.txt"))?;
    be_understood(from, to)?;
    python::pip(to, &["--no-deps", "--no-build-isolation"], &from.join("requirements.txt"))?;
    if !python::loads(to, LOADS) {
        apt::install(&["libcairo2"])?;
    }
    ensure!(
        python::loads(to, LOADS),
        "Graphite was installed but does not start: `{LOADS}` fails in {}",
        to.display()
    );
    Ok(())
}

/// Lets the venv's Python load the compatibility module at each start; building the packages needs it already.
fn be_understood(from: &Path, venv: &Path) -> Result<()> {
    let place = ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"];
    let packages = PathBuf::from(output(command(venv.join("bin/python")).args(place))?.trim());
    files::write(&packages.join("graphite_compat.py"), &files::read(&from.join("graphite_compat.py"))?)?;
    files::write(&packages.join("graphite_compat.pth"), b"import graphite_compat\n")
}
