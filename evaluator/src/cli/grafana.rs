//! `grafana inspect`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use atalaya::catalog::{Report, read, report};
use clap::ValueEnum;
use serde::Serialize;

/// How the report is written.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One object: a member for each file
    Json,
}

/// A file's report, or why there is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Read(Report),
    Refused { error: String },
}

/// Says what exported dashboards hold. Files that are none are told, and the others are read all the same.
pub fn inspect(files: &[PathBuf], format: Format) -> anyhow::Result<()> {
    let outcomes: BTreeMap<String, Outcome> =
        files.iter().map(|file| (file.display().to_string(), outcome(file))).collect();
    match format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&outcomes)?),
        Format::Text => print_text(&outcomes),
    }
    let refused = outcomes.values().filter(|outcome| matches!(outcome, Outcome::Refused { .. })).count();
    if refused > 0 {
        bail!("{refused} of {} files could not be read as dashboards", outcomes.len());
    }
    Ok(())
}

fn outcome(file: &Path) -> Outcome {
    match inspected(file) {
        Ok(report) => Outcome::Read(report),
        Err(error) => Outcome::Refused { error: format!("{error:#}") },
    }
}

fn inspected(file: &Path) -> anyhow::Result<Report> {
    let bytes = std::fs::read(file).context("cannot be read")?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let json = serde_json::from_slice(text).context("is not JSON")?;
    read(&json).map(|dashboard| report(&dashboard)).map_err(|words| anyhow::Error::msg(words.en))
}

fn print_text(outcomes: &BTreeMap<String, Outcome>) {
    let (mut panels, mut targets, mut problems) = (0, 0, 0);
    for (file, outcome) in outcomes {
        match outcome {
            Outcome::Read(report) => {
                print!("{file}: {report}");
                panels += report.panels.len();
                targets += report.targets.len();
                problems += report.problems.len();
            }
            Outcome::Refused { error } => println!("{file}: {error}"),
        }
    }
    println!("{} files, {panels} panels, {targets} targets, {problems} problems", outcomes.len());
}
