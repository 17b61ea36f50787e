//! `cargo xtask run`: builds everything and becomes the server.

use std::os::unix::process::CommandExt as _;

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
    println!("\nAtalaya: open http://{} in a browser. Ctrl-C ends it.\n", listen(&arguments));
    let failure = command(files::binary()).args(&arguments).exec();
    Err(failure).context("cannot start target/debug/atalaya")
}

/// `serve`, with our address and data folder unless the caller chose others.
pub fn serve_arguments(rest: &[String]) -> Vec<String> {
    let mut arguments = vec!["serve".to_string()];
    for (flag, value) in [("--listen", LISTEN), ("--data", "atalaya-data")] {
        let chosen = rest.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
        // A configuration file may say both.
        let configured = rest.iter().any(|word| word == "--config" || word.starts_with("--config="));
        if !chosen && !configured {
            arguments.extend([flag.to_string(), value.to_string()]);
        }
    }
    arguments.extend_from_slice(rest);
    arguments
}

/// The address that these arguments ask for.
pub fn listen(arguments: &[String]) -> &str {
    let after = arguments.iter().position(|word| word == "--listen").and_then(|at| arguments.get(at + 1));
    let joined = arguments.iter().find_map(|word| word.strip_prefix("--listen="));
    joined.or(after.map(String::as_str)).unwrap_or(LISTEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn without_arguments_the_server_gets_the_usual_address_and_folder() {
        assert_eq!(serve_arguments(&[]), words("serve --listen 127.0.0.1:8420 --data atalaya-data"));
    }

    #[test]
    fn what_the_caller_chose_wins() {
        let arguments = serve_arguments(&words("--listen=127.0.0.1:9000 --data /tmp/d"));
        assert_eq!(arguments, words("serve --listen=127.0.0.1:9000 --data /tmp/d"));
        assert_eq!(listen(&arguments), "127.0.0.1:9000");
        assert_eq!(listen(&words("serve --listen 127.0.0.1:1")), "127.0.0.1:1");
        assert_eq!(serve_arguments(&words("--config a.toml")), words("serve --config a.toml"));
    }
}
