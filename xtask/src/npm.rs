//! Packages from npm: exactly those of the committed lock files.

use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{command, exists, run};
use crate::files;
use crate::stamp::Stamp;
use crate::step::step;

/// The files that decide an installation. `.npmrc` is hidden, so it is named.
const INPUTS: &[&str] = &["package.json", "package-lock.json", ".npmrc"];

/// wasm-opt, into `target/tools/node`.
///
/// # Errors
/// When npm is missing or fails.
pub fn install_build_tools() -> Result<()> {
    let (from, to) = (files::root().join("xtask/node"), files::tools().join("node"));
    install("npm: wasm-opt into target/tools", &from, &to)
}

/// Playwright and axe, beside the tests that import them.
///
/// # Errors
/// When npm is missing or fails.
pub fn install_browser_tests() -> Result<()> {
    let folder = files::root().join("tests/browser");
    install("npm: Playwright and axe", &folder, &folder)
}

fn install(what: &str, from: &Path, to: &Path) -> Result<()> {
    let name = format!("npm-{}", to.file_name().unwrap_or_default().to_string_lossy());
    let stamp = Stamp::of(&name, from, INPUTS, "")?;
    if stamp.is_fresh() && to.join("node_modules").is_dir() {
        return Ok(());
    }
    if !exists("npm") {
        bail!("npm is missing: install Node.js 20 or later (Debian: apt-get install nodejs npm)");
    }
    step(what, "10 s", || {
        if from != to {
            copy_inputs(from, to)?;
        }
        // `ci` installs what the lock file says, by checksum, and runs no scripts of strangers.
        run(command("npm").current_dir(to).args(["ci", "--ignore-scripts", "--loglevel=error"]))?;
        stamp.set()
    })
}

fn copy_inputs(from: &Path, to: &Path) -> Result<()> {
    for name in INPUTS {
        files::write(&to.join(name), &files::read(&from.join(name))?)?;
    }
    Ok(())
}
