//! A program that is run for a message: no shell, an end within a time, and nothing of it left.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// Of the environment it gets only what programs cannot do without.
const KEPT: [&str; 2] = ["PATH", "LANG"];

/// Bytes of its words that are kept; the rest is read and forgotten.
const MOST_WORDS: usize = 16 << 10;

/// After its end this long for words that are still on their way.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// None: it did not within the time, and was killed.
    pub status: Option<ExitStatus>,
    /// What it said, on either of its outputs.
    pub words: Vec<u8>,
}

/// Runs it in a process group of its own, and ends the whole group when it has ended or the time is up. Blocks until then.
///
/// # Errors
/// It cannot be started.
pub fn run<A: AsRef<OsStr>>(program: &Path, arguments: &[A], limit: Duration) -> io::Result<Ended> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().process_group(0).current_dir("/");
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    let (mut ours, theirs) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(theirs.try_clone()?).stderr(theirs);
    let mut group = Group(command.spawn()?);
    // It holds the writing ends; with ours open the words would have no end.
    drop(command);
    let (send, words) = mpsc::channel();
    // Nobody listens any more when a descendant that left the group keeps the pipe open.
    thread::spawn(move || drop(send.send(read(&mut ours))));
    let ended = group.ends_within(limit);
    group.kill();
    let status = group.0.wait()?;
    let words = words.recv_timeout(LAST_WORDS).unwrap_or_default();
    Ok(Ended { status: ended.then_some(status), words })
}

/// To the end, so that nobody is stopped by a full pipe.
fn read(from: &mut impl Read) -> Vec<u8> {
    let mut words = Vec::new();
    // What could be read is enough.
    let _broken = from.take(MOST_WORDS as u64).read_to_end(&mut words);
    let _broken = io::copy(from, &mut io::sink());
    words
}

/// The program and whatever it started. Killed when dropped.
struct Group(Child);

impl Group {
    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.0.id()).ok()?)
    }

    /// Without taking its status: as long as nobody has, its number is no one else's.
    fn ends_within(&self, limit: Duration) -> bool {
        let Some(pid) = self.pid() else { return false };
        let (send, ended) = mpsc::channel();
        thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let _nobody = send.send(waitid(WaitId::Pid(pid), options).is_ok());
        });
        ended.recv_timeout(limit).unwrap_or(false)
    }

    /// Before its status is taken.
    fn kill(&self) {
        if let Some(pid) = self.pid() {
            // There may be nobody left.
            let _gone = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Both did their work already unless something failed before.
        if let Ok(None) = self.0.try_wait() {
            self.kill();
            let _gone = self.0.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Ended {
        run(Path::new("/bin/sh"), &["-c", script], limit).expect("there is a shell")
    }

    const PLENTY: Duration = Duration::from_secs(60);

    #[test]
    fn its_words_and_its_exit_are_told() {
        let ended = sh("echo out; echo err >&2; exit 3", PLENTY);
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!(ended.words, b"out\nerr\n");
    }

    #[test]
    fn more_words_than_anybody_wants_stop_nobody() {
        let ended = sh("head -c 1000000 /dev/zero; exit 0", PLENTY);
        assert!(ended.status.is_some_and(|status| status.success()));
        assert_eq!(ended.words.len(), MOST_WORDS);
    }

    #[test]
    fn of_the_environment_it_sees_only_path_and_language() {
        let said = String::from_utf8(sh("env", PLENTY).words).expect("text");
        let names: Vec<&str> = said.lines().filter_map(|line| line.split('=').next()).collect();
        // The shell itself adds the others.
        assert!(
            names.iter().all(|name| ["PATH", "LANG", "PWD", "SHLVL", "_", "OLDPWD"].contains(name)),
            "{said}"
        );
    }

    #[test]
    fn what_does_not_end_is_killed_with_all_that_it_started() {
        // On a busy machine it may not even have begun.
        let child = (0..10).find_map(|doubled| {
            let ended = sh("sleep 1000 & echo $!; wait", Duration::from_millis(200 << doubled));
            assert!(ended.status.is_none());
            number_in(&ended.words)
        });
        assert_gone(child.expect("its number"));
    }

    #[test]
    fn what_it_left_behind_ends_with_it() {
        let ended = sh("sleep 1000 & echo $!; exit 0", PLENTY);
        assert!(ended.status.is_some_and(|status| status.success()));
        assert_gone(number_in(&ended.words).expect("its number"));
    }

    fn number_in(words: &[u8]) -> Option<i32> {
        String::from_utf8_lossy(words).trim().parse().ok()
    }

    /// Gone, or dead and not yet buried by whoever inherited it; a signal takes its time.
    fn assert_gone(pid: i32) {
        let is_gone = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(text) => text.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
            Err(_) => true,
        };
        for _ in 0..1_000 {
            if is_gone() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{pid} goes on");
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        run(Path::new("/nowhere/opcmsg"), &["a=b"], PLENTY).expect_err("it is not there");
    }
}
