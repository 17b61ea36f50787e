//! A program that a test starts and ends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running program, what it says kept in a file. Killed when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// # Panics
    /// It cannot be started.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("the log can be written to");
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file handle can be doubled"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Process { child, log: log.to_owned() }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The CPU time that it used, all threads together.
    ///
    /// # Panics
    /// There is no `/proc`, or it has ended.
    pub fn cpu(&self) -> std::time::Duration {
        let path = format!("/proc/{}/stat", self.child.id());
        let line = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        // proc(5): after the name in parentheses, fields 14 and 15 are ticks, a hundred a second.
        let fields = line.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        std::time::Duration::from_millis(ticks * 10)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        if std::thread::panicking() {
            let said = self.said();
            let lines: Vec<&str> = said.lines().collect();
            let end = lines.len().saturating_sub(40);
            eprintln!("--- the end of {} ---\n{}", self.log.display(), lines[end..].join("\n"));
        }
    }
}
