//! The command line. Exit codes: 0 done, 1 it failed, 2 the command or the configuration is wrong.

mod backup;
mod check;
mod grafana;
mod people;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use atalaya::config::{self, Config, ConfigError, Flags};
use atalaya::people::Scope;
use clap::{Args, Parser, Subcommand};

const FAILED: u8 = 1;
const WRONG: u8 = 2;

#[derive(Parser)]
#[command(name = "atalaya", version, about = "Watches metrics and tells people in time", after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  atalaya serve                                 serve on http://127.0.0.1:8420, keep everything in ./atalaya-data
  atalaya serve --config /etc/atalaya.toml
  ATALAYA_ADMIN_PASSWORD=... atalaya serve      with no users yet, make the user admin
  atalaya setup-link --data /var/lib/atalaya    print a new link that makes the first account
  atalaya token create --user ana --expires 90d
  atalaya backup --to /mnt/backups              make a backup, also while the server runs; as the user of the data
  atalaya restore /mnt/backups/atalaya-backup-20260131T000000Z.tar.gz --data /var/lib/atalaya";

#[derive(Subcommand)]
enum Command {
    /// Evaluate, keep alarms, serve the app and the API
    Serve {
        #[command(flatten)]
        place: Place,
        /// Where to serve; left out: the configuration's, 127.0.0.1:8420 by default
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// API tokens for programs
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// People who may log in
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Print a new one-time link that makes the first account
    SetupLink {
        #[command(flatten)]
        place: Place,
    },
    /// Make a backup, verify it and print its path. Also while the server runs
    #[command(after_help = BACKUP)]
    Backup {
        #[command(flatten)]
        place: Place,
        /// Where to; left out: the data directory's backups folder, where old ones go as the settings say
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// With the key that the secrets of sources, Grafana and receivers are encrypted with
        #[arg(long)]
        with_key: bool,
    },
    /// Put a backup into a data directory. Not while a server runs there
    #[command(after_help = RESTORE)]
    Restore {
        #[command(flatten)]
        place: Place,
        file: PathBuf,
        /// Also where there is data; it is moved into a folder of its own within
        #[arg(long)]
        force: bool,
    },
    /// Checks: the Wasm components that judge
    Check {
        #[command(subcommand)]
        command: CheckCommand,
    },
    /// Grafana's dashboards
    Grafana {
        #[command(subcommand)]
        command: GrafanaCommand,
    },
    /// Compile a check (the server starts this itself, with limits)
    #[command(hide = true)]
    CompileCheck { limits: Vec<String> },
}

const BACKUP: &str = "In it: everything that Atalaya keeps but samples and logins; the operator's own checks; the configuration file. \
Not in it: certificates and their keys, and without --with-key the key that secrets are encrypted with. \
It is made by the user whom the data directory belongs to, and by nobody else.

Examples:
  atalaya backup
  runuser -u atalaya -- atalaya backup --to /mnt/backups --data /var/lib/atalaya
  atalaya backup --to /mnt/safe --with-key      keep this one locked away";

const RESTORE: &str = "The file is verified before anything is changed. The server that it was made of must be stopped for good: two \
would tell people of the same. Messages that were on their way in it are not sent. Then start the server, and type again what the command lists: \
without the key the passwords of sources, Grafana and receivers cannot be read.

Examples:
  runuser -u atalaya -- atalaya restore atalaya-backup-20260131T000000Z.tar.gz --data /var/lib/atalaya
  atalaya restore atalaya-backup-20260131T000000Z.tar.gz --force    what is there is moved into before-restore-...";

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token; it is shown once. Also while the server runs
    #[command(
        after_help = "Example:\n  curl -H \"Authorization: Bearer $(atalaya token create --user ana)\" \
        http://127.0.0.1:8420/api/v1/alarms\n  \
        atalaya token create --user ana --scope ingest    for Prometheus' remote_write"
    )]
    Create {
        #[command(flatten)]
        place: Place,
        /// Whose token it is
        #[arg(long, value_name = "NAME")]
        user: String,
        /// What it may do
        #[arg(long, value_enum, default_value = "all")]
        scope: TokenScope,
        /// How long it is good for, e.g. 90d; left out: until the user is gone
        #[arg(long, value_name = "DURATION")]
        expires: Option<atalaya_api::span::Span>,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum TokenScope {
    /// Whatever its user may
    All,
    /// Bring samples, and nothing else
    Ingest,
}

impl From<TokenScope> for Scope {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::All => Scope::All,
            TokenScope::Ingest => Scope::Ingest,
        }
    }
}

#[derive(Subcommand)]
enum UserCommand {
    /// Give a user another password and end its sessions. Also while the server runs
    #[command(
        after_help = "Examples:\n  atalaya user reset-password ana                 make one and print it\n  \
        atalaya user reset-password ana --stdin < file  take the first line of the file"
    )]
    ResetPassword {
        #[command(flatten)]
        place: Place,
        name: String,
        /// Read the new password from standard input instead of making one
        #[arg(long)]
        stdin: bool,
    },
}

#[derive(Subcommand)]
enum CheckCommand {
    /// Say what a component is, and whether this server would take it
    #[command(after_help = "Example:\n  atalaya check inspect my-check.wasm")]
    Inspect {
        #[command(flatten)]
        place: Place,
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum GrafanaCommand {
    /// Say what exported dashboards hold: panels, targets, variables, and what was not understood
    #[command(after_help = "Examples:\n  atalaya grafana inspect dashboards/*.json\n  \
        atalaya grafana inspect --format json node-exporter.json")]
    Inspect {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[arg(long, value_enum, default_value = "text")]
        format: grafana::Format,
    },
}

/// Which server is meant.
#[derive(Args, Default)]
struct Place {
    /// The configuration file; left out: ./atalaya.toml if it is there
    #[arg(long, value_name = "F")]
    config: Option<PathBuf>,
    /// The data directory; left out: the configuration's
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    fn load(self, listen: Option<String>) -> Result<Config, ConfigError> {
        let flags = Flags { config: self.config, data: self.data, listen };
        config::load(&flags, std::env::vars())
    }
}

pub fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::CompileCheck { limits } => return atalaya::check::compile::child_main(limits.into_iter()),
        Command::Serve { place, listen } => place.load(listen).map_err(Into::into).and_then(serve::serve),
        Command::Token { command: TokenCommand::Create { place, user, scope, expires } } => {
            people::create_token(place, &user, scope.into(), expires)
        }
        Command::User { command: UserCommand::ResetPassword { place, name, stdin } } => {
            people::reset_password(place, &name, stdin)
        }
        Command::Backup { place, to, with_key } => backup::make(place, to, with_key),
        Command::Restore { place, file, force } => backup::restore(place, &file, force),
        Command::SetupLink { place } => people::setup_link(place),
        Command::Grafana { command: GrafanaCommand::Inspect { files, format } } => {
            grafana::inspect(&files, format)
        }
        Command::Check { command: CheckCommand::Inspect { place, file } } => check::inspect(place, &file),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever the words are made of.
            let words = format!("{error:#}").replace('\n', " ");
            eprintln!("atalaya: {words}");
            ExitCode::from(if error.is::<ConfigError>() { WRONG } else { FAILED })
        }
    }
}
