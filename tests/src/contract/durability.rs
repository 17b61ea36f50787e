//! What a caller has seen succeed survives `kill -9`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use atalaya::clock::SystemClock;
use atalaya::domain::{RuleId, Severity};
use atalaya::store::{AlarmFilter, CycleCommit, Happening, Store};

use super::make::{Life, first};
use super::{Open, START};

/// Names the directory in the environment of the process that is to be killed.
const DIRECTORY: &str = "ATALAYA_TEST_STORE";
/// The test of the same binary that the killed process runs.
const WRITER: &str = "a_process_that_writes_until_it_is_killed";
const ROUNDS: u64 = 5;
/// Commits that a process has seen succeed when it is killed.
const COMMITS: usize = 25;

pub fn what_was_committed_is_there_after_the_process_was_killed(open: Open) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let mut promised = 0;
    for round in 1..=ROUNDS {
        promised = kill_in_the_middle(directory.path())?.max(promised);
        let store = open(directory.path(), Arc::new(SystemClock::new()))?;
        let found = everything_is_there(&*store)?;
        ensure!(found >= promised, "round {round}: {found} of {promised} transitions are there");
    }
    ensure!(promised >= ROUNDS * COMMITS as u64 * 3, "{promised} transitions are too few to prove anything");
    Ok(())
}

/// Starts a writer, kills it while it writes, and returns the highest number that it said was written.
fn kill_in_the_middle(directory: &Path) -> Result<u64> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", WRITER, "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()?;
    let promised = read_promises(&mut child);
    // Whatever was read, no process stays behind.
    child.kill()?;
    child.wait()?;
    promised
}

fn read_promises(child: &mut Child) -> Result<u64> {
    let lines = BufReader::new(child.stdout.take().context("it is piped")?).lines();
    let mut seen = 0;
    let mut highest = 0;
    for line in lines {
        let line = line?;
        let Some(number) = line.strip_prefix("written ") else { continue };
        highest = number.parse()?;
        seen += 1;
        if seen == COMMITS {
            child.kill()?;
        }
    }
    ensure!(seen >= COMMITS, "the writer stopped by itself after {seen} commits");
    Ok(highest)
}

/// Checks that numbers and events have no gap and that alarm and state agree with the last transition, whose
/// number it returns.
fn everything_is_there(store: &dyn Store) -> Result<u64> {
    let last = store.last_event()?;
    let events = store.events_after(0, u32::MAX)?.context("nothing was pruned")?;
    ensure!(events.iter().map(|(id, _)| *id).eq(1..=last), "events have a gap");
    for (id, happening) in &events {
        let Happening::Alarm { transition, .. } = happening else { continue };
        ensure!(transition.transition.seq == *id, "transition {} is event {id}", transition.transition.seq);
    }
    let alarms = store.alarms(&AlarmFilter::default(), &first(u32::MAX))?;
    ensure!(alarms.items.iter().map(|alarm| alarm.seq).max() == Some(last), "the alarm is behind");
    let mut states = Vec::new();
    store.each_state(&mut |state| states.push(state))?;
    ensure!(states.len() == 1 && states[0].state.seq == last, "the state is behind");
    Ok(last)
}

/// Does nothing unless [`what_was_committed_is_there_after_the_process_was_killed`] started this process.
pub fn a_process_that_writes_until_it_is_killed(open: Open) -> Result<()> {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return Ok(()) };
    let store = open(Path::new(&directory), Arc::new(SystemClock::new()))?;
    let mut life = Life::of(RuleId::from_bytes([7; 16]), "s");
    let before = store.last_event()?;
    while life.seq < before {
        let _ = life.goes(next(life.seq), START);
    }
    loop {
        let transitions = (0..3).map(|_| life.goes(next(life.seq), START)).collect();
        let states = vec![life.state()];
        store.commit(&CycleCommit { transitions, states, ..CycleCommit::default() })?;
        // The harness of the tests may have left its line unfinished.
        let mut out = std::io::stdout().lock();
        write!(out, "\nwritten {}\n", life.seq)?;
        out.flush()?;
    }
}

/// Raised, escalated, cleared, raised, ...
fn next(seq: u64) -> Option<Severity> {
    [Some(Severity::Major), Some(Severity::Critical), None][seq as usize % 3]
}
