//! A real SMTP server for the tests, in a Python of its own.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::stamp::Stamp;
use crate::step::step;
use crate::{files, python};

/// What decides an installation, below `xtask/python`.
const INPUTS: &[&str] = &["smtp-requirements.txt"];

const LOADS: &str = "import aiosmtpd.controller, aiosmtpd.smtp";

/// The folder of a Python with aiosmtpd: `SMTP_VENV` from the environment, or `target/tools/smtp`, made now unless that was done
/// before to its end.
///
/// # Errors
/// When there is no Python 3 and none can be installed, or a package cannot be had.
pub fn venv() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("SMTP_VENV") {
        return Ok(folder.into());
    }
    let (from, to) = (files::root().join("xtask/python"), files::tools().join("smtp"));
    let stamp = || Stamp::of("smtp", &from, INPUTS, &python::version());
    if stamp()?.is_fresh() && python::loads(&to, LOADS) {
        return Ok(to);
    }
    step("aiosmtpd: installing it from PyPI into target/tools, for the tests", "10 s", || {
        install(&from, &to)?;
        // Its Python may only now have been installed.
        stamp()?.set()
    })?;
    Ok(to)
}

fn install(from: &Path, to: &Path) -> Result<()> {
    python::venv(to)?;
    python::pip(to, &["--no-deps"], &from.join(INPUTS[0]))?;
    ensure!(python::loads(to, LOADS), "aiosmtpd was installed but does not start: `{LOADS}` fails");
    Ok(())
}
