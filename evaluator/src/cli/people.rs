//! `token`, `user`, `setup-link`: they work beside a running server.

use std::io::BufRead;
use std::sync::Arc;

use anyhow::{Context, bail};
use atalaya::clock::{Clock, SystemClock};
use atalaya::config::Config;
use atalaya::people::{Scope, Secret, accounts, setup};
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{Actor, Store};
use atalaya_api::span::Span;

use super::Place;

/// In the audit log, whoever uses the command line.
pub(super) fn by() -> Actor {
    Actor { name: "command line".to_owned() }
}

fn open(config: &Config, clock: &Arc<SystemClock>) -> anyhow::Result<Arc<SqliteStore>> {
    let path = config.store_file();
    if !path.exists() {
        bail!(
            "{}: there is no store; start the server once, or name the directory with --data",
            path.display()
        );
    }
    SqliteStore::open_beside_server(&path, clock.clone()).with_context(|| path.display().to_string())
}

pub fn create_token(place: Place, user: &str, scope: Scope, expires: Option<Span>) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock::new());
    let store = open(&place.load(None)?, &clock)?;
    let now = clock.now().wall;
    let expires_at = expires.map(|span| now.plus(span.millis()));
    let token = accounts::create_token(&*store, user, scope, expires_at, now, &by())?;
    println!("{}", token.text());
    Ok(())
}

pub fn reset_password(place: Place, name: &str, from_stdin: bool) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock::new());
    let store = open(&place.load(None)?, &clock)?;
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("the new password on standard input")?;
        let password = line.trim_end_matches(['\n', '\r']);
        accounts::reset_password(&*store, name, password, &by())?;
        eprintln!("{name} has the new password; all sessions of {name} have ended");
        return Ok(());
    }
    let password = Secret::password();
    accounts::reset_password(&*store, name, password.text(), &by())?;
    eprintln!("the new password of {name}, shown once; all sessions of {name} have ended:");
    println!("{}", password.text());
    Ok(())
}

pub fn setup_link(place: Place) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock::new());
    let config = place.load(None)?;
    let store: Arc<dyn Store> = open(&config, &clock)?;
    match setup::setup_link(&*store, &config.address())? {
        Some(link) => println!("{link}"),
        None => bail!("there is an account already; use: atalaya user reset-password NAME"),
    }
    Ok(())
}
