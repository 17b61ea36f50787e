//! The sections of `atalaya.toml` that the server itself reads; the others stand with what they configure.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use atalaya_api::span::Span;
use serde::Deserialize;

use super::cidr::Cidr;

/// Everything in `atalaya.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The file it was read from, if there is one.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// Where the browser and the API are served.
    pub listen: SocketAddr,
    /// The folder of the store, the samples and the compiled checks. Relative to where the server was started.
    pub data: PathBuf,
    /// Below which path a proxy shows Atalaya, e.g. `/atalaya`; empty: at the root.
    pub base_path: String,
    /// PEM file with the certificate and its chain; empty: plain HTTP.
    pub tls_cert: PathBuf,
    /// PEM file with the certificate's key.
    pub tls_key: PathBuf,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<Cidr>,
    pub log: LogConfig,
    pub session: SessionConfig,
    pub ingest: crate::ingest::IngestConfig,
    pub local: crate::source::local::LocalConfig,
    pub checks: crate::check::HostLimits,
    pub notify: crate::notify::NotifyConfig,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            file: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8420)),
            data: PathBuf::from("./atalaya-data"),
            base_path: String::new(),
            tls_cert: PathBuf::new(),
            tls_key: PathBuf::new(),
            trusted_proxies: Vec::new(),
            log: LogConfig::default(),
            session: SessionConfig::default(),
            ingest: Default::default(),
            local: Default::default(),
            checks: Default::default(),
            notify: Default::default(),
        }
    }
}

/// Certificate and key, as files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls<'a> {
    pub cert: &'a std::path::Path,
    pub key: &'a std::path::Path,
}

impl Config {
    /// The files of the certificate and its key; none: plain HTTP.
    pub fn tls(&self) -> Option<Tls<'_>> {
        let named = !self.tls_cert.as_os_str().is_empty() && !self.tls_key.as_os_str().is_empty();
        named.then_some(Tls { cert: &self.tls_cert, key: &self.tls_key })
    }

    /// The database of everything but samples.
    pub fn store_file(&self) -> PathBuf {
        self.data.join("atalaya.db")
    }

    /// The database of samples.
    pub fn samples_file(&self) -> PathBuf {
        self.data.join("samples.db")
    }

    /// Where a browser on this machine finds Atalaya.
    pub fn address(&self) -> String {
        let scheme = if self.tls().is_some() { "https" } else { "http" };
        let host = match self.listen.ip() {
            ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
            ip if ip.is_ipv6() => format!("[{ip}]"),
            ip => ip.to_string(),
        };
        format!("{scheme}://{host}:{}{}", self.listen.port(), self.base_path)
    }

    /// What types alone cannot say. The key at fault, and what would be right.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let base = &self.base_path;
        let plain = base.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c));
        if !base.is_empty()
            && (!base.starts_with('/') || base.ends_with('/') || base.contains("//") || !plain)
        {
            let words = "must be empty or start with a slash and not end with one, e.g. \"/atalaya\"";
            return Err(("base_path", words.to_owned()));
        }
        match (self.tls_cert.as_os_str().is_empty(), self.tls_key.as_os_str().is_empty()) {
            (true, false) => {
                return Err(("tls_cert", "is missing: tls_key is set, and both are needed".to_owned()));
            }
            (false, true) => {
                return Err(("tls_key", "is missing: tls_cert is set, and both are needed".to_owned()));
            }
            _ => {}
        }
        self.session.check()?;
        self.notify.check()
    }
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or per module as in `info,atalaya::check=debug`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people: time, level, words, fields.
    #[default]
    Text,
    /// The same without the time, for a journal that adds its own.
    Journal,
}

/// `[session]`: how long a login lasts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// Without any request, 1 min or more.
    pub idle: Span,
    /// In all, at least as long as `idle`.
    pub absolute: Span,
}

impl Default for SessionConfig {
    fn default() -> Self {
        SessionConfig { idle: Span(12 * 3_600), absolute: Span(7 * 86_400) }
    }
}

impl SessionConfig {
    fn check(&self) -> Result<(), (&'static str, String)> {
        if self.idle < Span::MINUTE {
            return Err(("session.idle", "must be at least \"1m\"".to_owned()));
        }
        if self.absolute < self.idle {
            return Err(("session.absolute", format!("must be at least session.idle, \"{}\"", self.idle)));
        }
        Ok(())
    }
}
