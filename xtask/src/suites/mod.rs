//! `cargo xtask test`: every check of the project, stage by stage, and one line of numbers at the end.

mod browser;
mod faults;
mod lint;
mod rust;
mod stream;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::report::Counts;
use crate::step::spoken;
use crate::{app, compress};

/// Run every check: format, lints, build, tests of every package, the app in a browser
///
/// Goes on after a failing stage. The last line is `N passed, N failed, N skipped`; the exit code is 0 when nothing failed.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only this stage (see --list); may be given several times
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<String>,
    /// Only say which stages there are
    #[arg(long)]
    list: bool,
}

/// A stage: its name, what it checks, and how.
struct Suite {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<Counts>,
}

/// In the order of how soon they find something.
const SUITES: &[Suite] = &[
    Suite { name: "format", what: "every Rust file is formatted", run: lint::format },
    Suite {
        name: "clippy",
        what: "no lint in the server, the checks, the tests and the commands",
        run: lint::clippy,
    },
    Suite { name: "clippy-app", what: "no lint in the browser app", run: lint::clippy_app },
    Suite { name: "docs", what: "no broken link in the documentation", run: lint::docs },
    Suite { name: "build", what: "everything builds, and the app keeps its size", run: build },
    Suite { name: "rust", what: "unit tests, contract suites, stories and guards", run: rust::host },
    Suite { name: "app", what: "the app's logic, on the host", run: rust::app },
    Suite { name: "browser", what: "the app in Chromium against the real server", run: browser::browser },
];

/// Those that take so long that they run only when they are asked for.
const LONG: &[Suite] = &[Suite {
    name: "faults",
    what: "crashes, full disks, set clocks, bad sources, 190 rules for ten minutes: the long run, with a table",
    run: faults::faults,
}];

fn all() -> impl Iterator<Item = &'static Suite> {
    SUITES.iter().chain(LONG)
}

/// Runs the wanted stages and prints the verdict.
pub fn test(arguments: &Arguments) -> ExitCode {
    if arguments.list {
        SUITES.iter().for_each(|suite| println!("{:<12} {}", suite.name, suite.what));
        LONG.iter().for_each(|suite| println!("{:<12} {} (only when asked for)", suite.name, suite.what));
        return ExitCode::SUCCESS;
    }
    let wanted = match chosen(&arguments.suites) {
        Ok(wanted) => wanted,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let outcomes: Vec<Outcome> = wanted.into_iter().map(run).collect();
    summary(&outcomes)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = names.iter().find(|name| all().all(|suite| suite.name != **name)) {
        let known: Vec<_> = all().map(|suite| suite.name).collect();
        bail!("there is no stage {unknown}; there are: {}", known.join(", "));
    }
    if names.is_empty() {
        return Ok(SUITES.iter().collect());
    }
    Ok(all().filter(|suite| names.iter().any(|name| name == suite.name)).collect())
}

/// What a stage came to.
struct Outcome {
    name: &'static str,
    counts: Counts,
    took: Duration,
}

/// Runs one stage. One that cannot even start counts as one failed test.
fn run(suite: &Suite) -> Outcome {
    println!("\n== {}: {}", suite.name, suite.what);
    let start = Instant::now();
    let mut counts = (suite.run)().unwrap_or_else(|error| {
        println!("error: {error:#}");
        Counts::one(false)
    });
    if counts.failed > 0 && counts.failures.is_empty() {
        counts.failures.push(suite.name.to_string());
    }
    let took = start.elapsed();
    println!("== {}: {counts}, {}", suite.name, spoken(took));
    Outcome { name: suite.name, counts, took }
}

fn summary(outcomes: &[Outcome]) -> ExitCode {
    let mut total = Counts::default();
    println!();
    for Outcome { name, counts, took } in outcomes {
        println!("{name:<12} {:>10}   {counts}", spoken(*took));
        total += counts.clone();
    }
    for name in &total.failures {
        println!("failed: {name}");
    }
    println!("{total}");
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Builds all that the tests use; the size of the app is a check of its own.
fn build() -> Result<Counts> {
    crate::build()?;
    let weight = compress::weight(&app::dist())?;
    println!("{}", app::weight_line(weight));
    let mut counts = Counts::one(true);
    counts += Counts::one(weight.first <= app::BUDGET);
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_run_in_their_own_order_whatever_the_order_asked_for() {
        let names = ["rust", "format"].map(String::from);
        let wanted: Vec<_> = chosen(&names).expect("both exist").iter().map(|suite| suite.name).collect();
        assert_eq!(wanted, ["format", "rust"]);
    }

    #[test]
    fn a_long_stage_runs_only_when_it_is_named() {
        let names = |wanted: &[String]| -> Vec<_> {
            chosen(wanted).expect("all exist").iter().map(|suite| suite.name).collect()
        };
        assert!(!names(&[]).contains(&"faults"));
        assert_eq!(names(&["faults".to_string()]), ["faults"]);
    }

    #[test]
    fn an_unknown_stage_is_answered_with_those_there_are() {
        let error = chosen(&["speed".to_string()]).err().expect("it does not exist").to_string();
        assert!(error.starts_with("there is no stage speed; there are: format, clippy"), "{error}");
    }
}
