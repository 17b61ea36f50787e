//! Child processes: which environment they get, and what is said when they fail.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::files;

/// What `cargo run` adds to our environment. Some build scripts (ring's) depend on these, so a nested Cargo that saw them
/// would compile again what a Cargo started by hand has compiled.
const OURS: &[&str] =
    &["CARGO", "CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "LD_LIBRARY_PATH", "OUT_DIR"];
const OUR_PREFIXES: &[&str] = &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_"];

/// A command that runs at the root, with the environment our own caller had and the installed tools on its PATH.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(files::root()).env("PATH", path_with_tools());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if OURS.contains(&&*name) || OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&*name);
        }
    }
    command
}

/// `cargo` with these arguments.
pub fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut cargo = command("cargo");
    cargo.args(arguments);
    cargo
}

fn path_with_tools() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = [files::tools().join("bin"), files::tools().join("node/node_modules/.bin")];
    let all = ours.into_iter().chain(std::env::split_paths(&path));
    // A folder whose name has a colon cannot be on a PATH; then the tools are found by nobody, but nothing else breaks.
    std::env::join_paths(all).unwrap_or(path)
}

/// Runs it, showing what it prints.
///
/// # Errors
/// When it cannot be started or fails; the error names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", spelled(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", spelled(command));
    }
    Ok(())
}

/// Runs it and gives what it printed on its standard output.
///
/// # Errors
/// When it cannot be started or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", spelled(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", spelled(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Is there such a program on the PATH?
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder.join(program)))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// The command as one would type it.
fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named_in_the_error() {
        let error = run(&mut command("false")).expect_err("false fails");
        assert!(error.to_string().starts_with("`false` failed"), "{error}");
    }

    #[test]
    fn children_do_not_see_what_cargo_run_set_for_us() {
        let seen = output(&mut command("env")).expect("env exists");
        assert!(!seen.contains("CARGO_PKG_") && !seen.contains("CARGO_MANIFEST_DIR"), "{seen}");
    }

    #[test]
    fn programs_are_found_on_the_path_only_when_they_can_run() {
        assert!(exists("cargo"));
        assert!(!exists("no-such-program"));
    }
}
