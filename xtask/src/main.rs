//! The project's commands. `cargo xtask --help` says which, `cargo xtask <command> --help` what each one does.
#![forbid(unsafe_code)]

mod app;
mod apt;
mod bench;
mod checks;
mod command;
mod compress;
mod dev;
mod dist;
mod files;
mod graphite;
mod licences;
mod names;
mod npm;
mod parts;
mod prometheus;
mod python;
mod report;
mod run;
mod rust;
mod server;
mod smtp;
mod stamp;
mod step;
mod suites;
mod tar;
mod tools;
mod unpacked;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything the project does, one command each. Missing tools are installed into target/tools, or by the system's package
/// manager; the first time takes minutes, the second time seconds.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Test(suites::Arguments),
    Build(BuildArguments),
    Bench(bench::Arguments),
    Dev(dev::Arguments),
    Dist(dist::Arguments),
    Tools(ToolsArguments),
}

/// Build everything: the built-in checks (Wasm components), the browser app, and the server with both inside it
///
/// Leaves target/checks/*.wasm, target/dist and target/debug/atalaya.
#[derive(clap::Args)]
struct BuildArguments {}

/// Install everything that building and testing need, and say where the tests find what they start
///
/// Each command installs what it needs by itself; this one prepares a machine that will be offline, or an image.
#[derive(clap::Args)]
struct ToolsArguments {}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Test(arguments) => return suites::test(&arguments),
        Command::Build(BuildArguments {}) => build(),
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Dev(arguments) => dev::dev(&arguments),
        Command::Dist(dist::Arguments {}) => dist::run(),
        Command::Tools(ToolsArguments {}) => install_tools(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The tools, the checks, the app, then the server, which embeds what came before.
///
/// # Errors
/// Whatever stopped a step, in words.
fn build() -> anyhow::Result<()> {
    tools::for_building()?;
    checks::build()?;
    app::build()?;
    server::build()
}

/// What [`build`] and every suite need. The lines that it prints can be given to a shell.
///
/// # Errors
/// What is missing and could not be installed.
fn install_tools() -> anyhow::Result<()> {
    tools::for_building()?;
    rust::install_linters()?;
    let chromium = tools::for_browser_tests()?;
    for (name, path) in tools::for_host_tests() {
        println!("export {name}={}", path?.display());
    }
    println!("export CHROMIUM={}", chromium.display());
    Ok(())
}
