//! Programs from the system's package manager (Debian, Ubuntu).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use crate::command::{command, exists, output, run};
use crate::step::step;

/// Names under which a Chromium may already be installed.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// The path of a Chromium: `CHROMIUM` from the environment, one on the PATH, or Debian's, installed now.
///
/// # Errors
/// When there is none and it cannot be installed; the error says what to do by hand.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Ok(path.into());
    }
    if !BROWSERS.iter().any(|name| exists(name)) {
        step("apt: installing chromium for the browser tests", "1 min", || install(&["chromium"]))?;
    }
    let found = BROWSERS
        .iter()
        .find(|name| exists(name))
        .context("apt installed chromium, but it is not on the PATH")?;
    let path = output(command("sh").args(["-c", &format!("command -v {found}")]))?;
    Ok(path.trim().into())
}

/// Installs Debian packages, after one `apt-get update` per process.
///
/// # Errors
/// When there is no apt, no right to use it, or it fails.
pub fn install(packages: &[&str]) -> Result<()> {
    static UPDATED: AtomicBool = AtomicBool::new(false);
    if !exists("apt-get") {
        bail!("please install {} by hand: this system has no apt-get", packages.join(" "));
    }
    if !UPDATED.swap(true, Ordering::Relaxed) {
        run(apt_get(packages)?.args(["update", "-qq"]))?;
    }
    run(apt_get(packages)?.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}

/// Fetches a package into a folder without installing it; its path.
///
/// # Errors
/// When there is no apt, or it knows no such package and has no right to ask what there is.
pub fn download(package: &str, folder: &Path) -> Result<PathBuf> {
    if !exists("apt-get") {
        bail!("please install {package} by hand: this system has no apt-get");
    }
    // Without the switch of user: apt's own may not see the folder.
    let fetch = || {
        let alone = ["-qq", "-o", "APT::Sandbox::User=root", "download", package];
        output(command("apt-get").current_dir(folder).args(alone))
    };
    if fetch().is_err() {
        run(apt_get(&[package])?.args(["update", "-qq"]))?;
        fetch()?;
    }
    let first = packages_in(folder)?.into_iter().next();
    first.with_context(|| format!("apt-get download {package} left no package in {}", folder.display()))
}

/// Fetches packages, and those that they need and this system lacks, into a folder that has a folder `partial`, without installing
/// them; their paths.
///
/// # Errors
/// As [`download`].
pub fn download_with_what_it_needs(packages: &[&str], folder: &Path) -> Result<Vec<PathBuf>> {
    if !exists("apt-get") {
        bail!("please install {} by hand: this system has no apt-get", packages.join(" "));
    }
    let archives = format!("Dir::Cache::Archives={}", folder.display());
    let fetch = || {
        // Nothing is installed, so that neither root nor the lock is needed.
        let alone = ["-qq", "-y", "-o", "APT::Sandbox::User=root", "-o", "Debug::NoLocking=true", "-o"];
        let only = ["install", "--download-only", "--reinstall", "--no-install-recommends"];
        output(command("apt-get").args(alone).arg(&archives).args(only).args(packages))
    };
    if fetch().is_err() {
        run(apt_get(packages)?.args(["update", "-qq"]))?;
        fetch()?;
    }
    packages_in(folder)
}

fn packages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    Ok(files.filter(|path| path.extension().is_some_and(|end| end == "deb")).collect())
}

/// `apt-get` as root: directly, or by sudo when there is one that asks nothing.
fn apt_get(packages: &[&str]) -> Result<Command> {
    let mut apt = if is_root() {
        command("apt-get")
    } else if exists("sudo") {
        let mut sudo = command("sudo");
        sudo.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    } else {
        bail!(
            "installing needs root and there is no sudo; please run: apt-get install {}",
            packages.join(" ")
        );
    };
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    Ok(apt)
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // /proc/self belongs to the effective user of this process.
    Path::new("/proc/self").metadata().is_ok_and(|data| data.uid() == 0)
}
