//! `cargo xtask dev`: the server, restarted or given a new app whenever a file changes.

use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::command::{self, command};
use crate::run::{self, invitation, serve_arguments};
use crate::{app, checks, files, server, tools};

/// Start Atalaya and rebuild what changes
///
/// A change in the app is compiled without optimisation and shown on reload; a change in the server or in a check restarts
/// the server.
#[derive(clap::Args)]
pub struct Arguments {
    /// Passed on to `atalaya serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(500);

const APP: &[&str] = &["app", "api", "public", "Trunk.toml"];
const SERVER: &[&str] = &["evaluator", "checks", "checks-wit", "api", "Cargo.toml", "Cargo.lock"];

/// Builds, starts and watches until Ctrl-C, which the server gets too.
///
/// # Errors
/// When the tools or the first build fail; later failures are shown and the next change is waited for.
pub fn dev(arguments: &Arguments) -> Result<()> {
    let arguments = serve_arguments(&arguments.rest);
    tools::for_building()?;
    app::build_quickly(&ui())?;
    let mut server = Server::start(&arguments)?;
    println!("\n{}\n", invitation(&arguments));
    let mut app_seen = newest(APP)?;
    let mut server_seen = newest(SERVER)?;
    loop {
        std::thread::sleep(LOOK);
        if moved(&mut app_seen, newest(APP)?) {
            tell(app::build_quickly(&ui()).map(|()| println!("  reload the page")));
        }
        if moved(&mut server_seen, newest(SERVER)?) {
            tell(server.restart(&arguments));
        }
    }
}

/// The app for development; the server reads it from here at each request.
fn ui() -> PathBuf {
    files::target().join("dist-dev")
}

/// The latest change below these files and folders, and how many files there are (a deletion changes no time).
fn newest(inputs: &[&str]) -> Result<(SystemTime, usize)> {
    let mut latest = (SystemTime::UNIX_EPOCH, 0);
    for input in inputs {
        for file in files::walk(&files::root().join(input))? {
            // A file that vanished since it was listed counts at the next look.
            let changed = file.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            latest = (latest.0.max(changed), latest.1 + 1);
        }
    }
    Ok(latest)
}

fn moved<T: PartialEq>(seen: &mut T, now: T) -> bool {
    let moved = *seen != now;
    *seen = now;
    moved
}

/// Shows a failure and goes on: the next change may mend it.
fn tell(outcome: Result<()>) {
    if let Err(error) = outcome {
        eprintln!("error: {error:#}\n  waiting for the next change");
    }
}

/// The running server; ended with this value.
struct Server(Child);

impl Server {
    fn start(arguments: &[String]) -> Result<Self> {
        checks::build()?;
        server::build()?;
        let child = run::server(arguments)?.env("ATALAYA_UI_DIR", ui()).spawn();
        child.map(Self).context("cannot start target/debug/atalaya")
    }

    /// Builds first: while that fails, the old server stays.
    fn restart(&mut self, arguments: &[String]) -> Result<()> {
        checks::build()?;
        server::build()?;
        self.stop();
        *self = Self::start(arguments)?;
        Ok(())
    }

    /// Asks it to end, so that it can write what it holds, and waits for that.
    fn stop(&mut self) {
        if command::run(command("kill").args(["-TERM", &self.0.id().to_string()])).is_err() {
            // It has ended by itself, or will not listen: there is nothing left to ask.
            self.0.kill().ok();
        }
        self.0.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_noticed_and_a_second_look_is_quiet() {
        let mut seen = (SystemTime::UNIX_EPOCH, 1);
        assert!(moved(&mut seen, (SystemTime::UNIX_EPOCH, 2)));
        assert!(!moved(&mut seen, (SystemTime::UNIX_EPOCH, 2)));
    }
}
