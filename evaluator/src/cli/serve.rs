//! `atalaya serve`.

use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use atalaya::app::App;
use atalaya::clock::SystemClock;
use atalaya::config::{Config, LogConfig, LogFormat};
use tracing_subscriber::EnvFilter;

/// Serves until it is asked to stop (Ctrl-C or SIGTERM).
pub fn serve(mut config: Config) -> anyhow::Result<()> {
    start_log(&config.log)?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("{} cannot be listened on (another one: --listen ADDR)", config.listen))?;
    config.listen = listener.local_addr()?;
    if let Some(tls) = config.tls() {
        atalaya::api::check_tls(tls)?;
    }
    let config = Arc::new(config);
    let app = App::start(config.clone(), Arc::new(SystemClock::new()))?;
    greet(&config, app.first_account()?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(app.serve(listener, asked_to_stop()))
}

/// Says on the console what to open: a fresh install has no other way to learn it.
fn greet(config: &Config, setup_link: Option<String>) {
    let mut words = format!("Atalaya {} is at {}\n", env!("CARGO_PKG_VERSION"), config.address());
    if let Some(link) = setup_link {
        words += &format!("Make the first account here (the link works once):\n  {link}\n");
    }
    // A console that takes nothing keeps nobody from serving.
    let _shown = std::io::stdout().write_all(words.as_bytes());
}

fn start_log(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.level).context("log.level")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that cannot be written, on a full disk, ends no thread: it would be told by a print that panics.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => log.init(),
        LogFormat::Journal => log.without_time().init(),
    }
    Ok(())
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => drop(interrupted.await),
    }
    tracing::info!("stopping");
}
