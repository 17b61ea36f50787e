//! The app in Chromium, driven by Playwright: `tests/browser/*.test.mjs` under Node's own test runner.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::rust::offer_components;
use super::stream::counted;
use crate::command::command;
use crate::report::Counts;
use crate::{files, tools};

/// Runs every browser test against the real server.
///
/// They get `ATALAYA_BIN` (the server), `CHROMIUM` (the browser), `ARTEFACTS` (where screenshots of failures go) and the
/// variables of the real components (the story that needs one skips itself without, which is one failure).
pub fn browser() -> Result<Counts> {
    crate::build()?;
    let chromium = tools::for_browser_tests()?;
    // One file at a time: a server and a browser are enough for two cores.
    let mut node = command("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(tests()?);
    node.env("ATALAYA_BIN", files::binary()).env("CHROMIUM", chromium).env("ARTEFACTS", files::artefacts());
    let missing = offer_components(&mut node, tools::for_browser_stories());
    let mut counts = counted(&mut node)?;
    counts += missing;
    Ok(counts)
}

fn tests() -> Result<Vec<PathBuf>> {
    let mut all = files::walk(&files::root().join("tests/browser"))?;
    all.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    // Node would go and look for tests of its own.
    ensure!(!all.is_empty(), "tests/browser has no *.test.mjs");
    Ok(all)
}
