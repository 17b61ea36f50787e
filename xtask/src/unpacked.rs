//! Debian's programs for the tests, unpacked beside the other tools with the libraries they need, so that nothing is installed and no
//! service starts.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::command::{command, output, run};
use crate::step::step;
use crate::{apt, files};

/// What is unpacked together.
pub struct Unpacked {
    /// The folder below `target/tools`.
    name: &'static str,
    packages: &'static [&'static str],
    /// A program of it and its question for the version, below the folder.
    program: &'static str,
    version: &'static str,
    usually: &'static str,
    /// A folder that the program names from `/`, where it is not.
    elsewhere: Option<&'static str>,
    /// The variable that says where it is.
    pub variable: &'static str,
}

/// An SMS gateway, with a network of phones that is none.
pub const KANNEL: Unpacked = Unpacked {
    name: "kannel",
    packages: &["kannel", "kannel-extras"],
    program: "usr/sbin/bearerbox",
    version: "--version",
    usually: "10 s",
    elsewhere: None,
    variable: "KANNEL_ROOT",
};

pub const ALERTMANAGER: Unpacked = Unpacked {
    name: "alertmanager",
    packages: &["prometheus-alertmanager"],
    program: "usr/bin/prometheus-alertmanager",
    version: "--version",
    usually: "10 s",
    elsewhere: Some("/usr/share/prometheus/alertmanager"),
    variable: "ALERTMANAGER_ROOT",
};

pub const NGINX: Unpacked = Unpacked {
    name: "nginx",
    packages: &["nginx"],
    program: "usr/sbin/nginx",
    version: "-v",
    usually: "5 s",
    elsewhere: None,
    variable: "NGINX_ROOT",
};

impl Unpacked {
    /// The folder that it lies in as it would below `/`: the one of its variable in the environment, or `target/tools/<name>`, filled now
    /// unless what is there starts.
    ///
    /// # Errors
    /// When it cannot be had, or does not start.
    pub fn root(&self) -> Result<PathBuf> {
        if let Some(folder) = std::env::var_os(self.variable) {
            return Ok(folder.into());
        }
        let folder = files::tools().join(self.name);
        if !self.starts(&folder) || !self.is_at_home(&folder)? {
            let what = format!("{}: fetching Debian's into target/tools, for the tests", self.name);
            step(&what, self.usually, || self.fill(&folder))?;
        }
        Ok(folder)
    }

    fn starts(&self, folder: &Path) -> bool {
        let mut program = command(folder.join(self.program));
        output(program.arg(self.version).env("LD_LIBRARY_PATH", libraries(folder))).is_ok()
    }

    /// From nothing, so that what an interrupted installation left is gone.
    fn fill(&self, folder: &Path) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let packages = folder.join("packages");
        fs::create_dir_all(packages.join("partial"))
            .with_context(|| format!("cannot make {}", packages.display()))?;
        for package in apt::download_with_what_it_needs(self.packages, &packages)? {
            run(command("dpkg").arg("-x").arg(&package).arg(folder))?;
        }
        fs::remove_dir_all(&packages).with_context(|| format!("cannot remove {}", packages.display()))?;
        self.bring_home(folder)?;
        let started = self.starts(folder);
        ensure!(started, "{} was unpacked but does not start in {}", self.program, folder.display());
        Ok(())
    }
}

impl Unpacked {
    fn is_at_home(&self, folder: &Path) -> Result<bool> {
        let Some(elsewhere) = self.elsewhere else { return Ok(true) };
        let program = files::read(&folder.join(self.program))?;
        Ok(!program.windows(elsewhere.len()).any(|part| part == elsewhere.as_bytes()))
    }

    /// Makes the path in the program one from where it is started, as long as before: `/usr/x` becomes `usr/x/`.
    fn bring_home(&self, folder: &Path) -> Result<()> {
        let Some(elsewhere) = self.elsewhere else { return Ok(()) };
        let path = folder.join(self.program);
        let mut program = files::read(&path)?;
        let here = format!("{}/", elsewhere.trim_start_matches('/'));
        let length = elsewhere.len();
        let found: Vec<usize> = program
            .windows(length)
            .enumerate()
            .filter_map(|(at, part)| (part == elsewhere.as_bytes()).then_some(at))
            .collect();
        found.into_iter().for_each(|at| program[at..at + length].copy_from_slice(here.as_bytes()));
        files::write(&path, &program)
    }
}

/// Where a program that was unpacked finds the libraries that came with it.
fn libraries(folder: &Path) -> OsString {
    let parents = [folder.join("lib"), folder.join("usr/lib")];
    let below = parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten().flatten();
    let found = below.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with("-linux-gnu"));
    std::env::join_paths(found).unwrap_or_default()
}
