//! The `atalaya` command: arguments, then the configuration, then what was asked.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
