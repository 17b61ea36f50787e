//! `cargo xtask run`: builds everything and becomes the server.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::command;
use crate::files;

/// Build everything and start Atalaya on http://127.0.0.1:8420
///
/// Data lies in ./atalaya-data unless --data says otherwise. Ctrl-C ends it.
#[derive(clap::Args)]
pub struct Arguments {
    /// Passed on to `atalaya serve`, for example: --listen 127.0.0.1:9000 --data /tmp/other
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    rest: Vec<String>,
}

/// Where a fresh server listens.
const LISTEN: &str = "127.0.0.1:8420";

/// Builds, says what to open, and replaces this process by the server, which then gets Ctrl-C itself.
///
/// # Errors
/// When building fails or the server cannot be started.
pub fn run(arguments: &Arguments) -> Result<()> {
    crate::build()?;
    let arguments = serve_arguments(&arguments.rest);
    println!("\n{}\n", invitation(&arguments));
    let failure = server(&arguments)?.exec();
    Err(failure).context("cannot start target/debug/atalaya")
}

/// The server's process, in the folder where the caller stands: paths among the arguments are meant from there.
///
/// # Errors
/// When that folder is gone.
pub fn server(arguments: &[String]) -> Result<Command> {
    let mut server = command(files::binary());
    server.args(arguments).current_dir(std::env::current_dir()?);
    Ok(server)
}

/// `serve`, with our address and data folder unless the caller chose others, or a configuration file that may say both.
pub fn serve_arguments(rest: &[String]) -> Vec<String> {
    let data = files::root().join("atalaya-data").to_string_lossy().into_owned();
    let mut arguments = vec!["serve".to_string()];
    for (flag, value) in [("--listen", LISTEN), ("--data", &data)] {
        if value_of(rest, flag).is_none() && value_of(rest, "--config").is_none() {
            arguments.extend([flag.to_string(), value.to_string()]);
        }
    }
    arguments.extend_from_slice(rest);
    arguments
}

/// What a person is told to do next.
pub fn invitation(arguments: &[String]) -> String {
    match value_of(arguments, "--listen") {
        Some(address) => format!("Atalaya: open http://{address} in a browser. Ctrl-C ends it."),
        None => "Atalaya: open the address below in a browser. Ctrl-C ends it.".to_string(),
    }
}

/// The value of a flag: the next word, or after `=`.
fn value_of<'a>(arguments: &'a [String], flag: &str) -> Option<&'a str> {
    let next = arguments.iter().position(|word| word == flag).and_then(|at| arguments.get(at + 1));
    let joined = arguments.iter().find_map(|word| word.strip_prefix(flag)?.strip_prefix('='));
    joined.or(next.map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn without_arguments_the_server_gets_the_usual_address_and_folder() {
        let arguments = serve_arguments(&[]);
        assert_eq!(arguments[..3], words("serve --listen 127.0.0.1:8420"));
        assert!(arguments[4].ends_with("/atalaya-data"), "{arguments:?}");
        assert!(invitation(&arguments).contains("open http://127.0.0.1:8420 in a browser"));
    }

    #[test]
    fn what_the_caller_chose_wins() {
        let arguments = serve_arguments(&words("--listen=127.0.0.1:9000 --data /tmp/d"));
        assert_eq!(arguments, words("serve --listen=127.0.0.1:9000 --data /tmp/d"));
        assert!(invitation(&arguments).contains("http://127.0.0.1:9000 "));
        assert_eq!(serve_arguments(&words("--config a.toml")), words("serve --config a.toml"));
    }
}
