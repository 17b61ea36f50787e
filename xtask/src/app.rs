//! The browser app: Trunk, then wasm-opt, names by content, compression.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{command, run};
use crate::compress::Weight;
use crate::names::App;
use crate::stamp::Stamp;
use crate::step::step;
use crate::{compress, files, names, parts};

/// What the app is made from.
pub const INPUTS: &[&str] =
    &["app", "api", "public", "Cargo.toml", "Cargo.lock", "Trunk.toml", "xtask/node/package-lock.json"];

/// The budget for wasm + JavaScript, brotli, in bytes (README, "Speed"): of what a browser must load before the app can be used, which
/// is all but the parts that load when a page is opened ([`crate::parts`]).
pub const BUDGET: u64 = 400_000;

/// Changes when the steps below do, so that an app made by older steps is made again.
const RECIPE: &str = "3";

/// Cargo's profile for the app, as in Trunk.toml.
const PROFILE: &str = "app";

/// Views of one type instead of a type per view: 7 % less on the wire, and quicker to compile.
const FLAGS: &str = "--cfg erase_components";

/// The features that rustc's wasm uses, named because the list that it leaves in the file is stripped. `-Oz` and more: size is
/// what a browser waits for.
const WASM_OPT: &[&str] = &[
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The finished app, which the server embeds.
pub fn dist() -> PathBuf {
    files::target().join("dist")
}

/// Builds `target/dist`, unless nothing that it is made from has changed.
///
/// # Errors
/// When a tool fails.
pub fn build() -> Result<()> {
    let stamp = Stamp::of("app", &files::root(), INPUTS, RECIPE)?;
    if stamp.is_fresh() && dist().join("index.html").is_file() {
        return Ok(());
    }
    let staging = files::target().join("dist-staging");
    step("App: compiling", "3 min the first time, then 1 min", || {
        run(trunk().arg(&staging).args(["--features", "split"]))
    })?;
    step("App: splitting, optimising and compressing", "1 min", || finish(&staging))?;
    replace(&staging, &dist())?;
    println!("  {}", weight_line(compress::weight(&dist())?));
    stamp.set()
}

/// Builds the app for development: quickly, uncompressed, into `folder`.
///
/// # Errors
/// When a tool fails.
pub fn build_quickly(folder: &Path) -> Result<()> {
    step("App: compiling for development", "2 min the first time, then 20 s", || {
        run(trunk().arg(folder).args(["--cargo-profile", "dev"]))
    })
}

/// `trunk build --dist`, to be followed by a folder. This Trunk refuses the usual values of `NO_COLOR`.
fn trunk() -> Command {
    let mut trunk = command("trunk");
    trunk.args(["build", "--dist"]).env_remove("NO_COLOR").env_remove("RUSTFLAGS");
    trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS);
    trunk
}

/// One line about the app's size and its budget.
pub fn weight_line(weight: Weight) -> String {
    let Weight { first, later } = weight;
    let verdict = if first <= BUDGET { "within" } else { "over" };
    format!(
        "wasm + JS, brotli: {} kB before the first page, {verdict} the budget of {} kB; {} kB with all pages",
        first / 1000,
        BUDGET / 1000,
        (first + later) / 1000
    )
}

fn finish(staging: &Path) -> Result<()> {
    parts::split(staging, PROFILE)?;
    let app = App::find(staging)?;
    for wasm in app.parts.iter().chain([&app.wasm]) {
        run(command("wasm-opt").args(WASM_OPT).arg(wasm).arg("--output").arg(wasm))?;
    }
    names::by_content(staging)?;
    compress::beside_each(staging)
}

/// Puts the finished folder where the old one was.
fn replace(staging: &Path, dist: &Path) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).with_context(|| format!("cannot remove {}", dist.display()))?;
    }
    fs::rename(staging, dist).with_context(|| format!("cannot move the app to {}", dist.display()))
}
