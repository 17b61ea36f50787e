//! Running a test runner: its output is shown as it comes, and counted.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::report::Counts;

/// Runs it to its end. A runner that fails without a failed test (it did not compile, it crashed) counts as one failed test.
///
/// # Errors
/// When it cannot be started or its output cannot be read.
pub fn counted(command: &mut Command) -> Result<Counts> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {name}"))?;
    let output = child.stdout.take().context("the output was piped")?;
    let mut counts = Counts::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        counts.read(&line);
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        println!("{name} failed without naming a test ({status})");
        counts.failed = 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Counts {
        counted(Command::new("sh").args(["-c", script])).expect("there is a shell")
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_one_failure() {
        assert_eq!(shell("exit 101"), Counts { failed: 1, ..Counts::default() });
    }

    #[test]
    fn a_runner_that_names_its_failures_is_believed() {
        let counts = shell("echo 'test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured'; exit 101");
        assert_eq!(counts, Counts { passed: 1, failed: 2, ..Counts::default() });
    }
}
