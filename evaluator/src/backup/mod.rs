//! Backups: one file that holds the store, the operator's own checks and the configuration, and with it a manifest.
//!
//! A backup is `atalaya-backup-<UTC time>.tar.gz`: `manifest.json` first (version, schema, time, what the store holds, and size and SHA-256
//! of each member), then `atalaya.db`, `checks/*.wasm`, `atalaya.toml` and, only if asked for, `secret.key`. Samples are not in it: they
//! are a window that fills again, and would make it many times larger. Sessions are not in it either.
//!
//! `when` says when one is due, `archive` writes and reads the file, `make` makes one and verifies it, `copies` brings it to a second folder, `folder` names, lists and
//! forgets them, `keeper` is the thread that makes them at their time, `restore` puts one back.

mod archive;
mod copies;
mod folder;
mod keeper;
mod make;
mod restore;
#[cfg(test)]
mod tests;
pub mod when;

use std::io;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::domain::Texts;
use crate::store::StoreError;

pub use folder::{Found, list, verified_at};
pub use keeper::{Backups, Keeper, Status};
pub use make::{Made, Wish, make};
pub use restore::{Restored, restore};

/// Where everything is that belongs to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    pub store: PathBuf,
    /// The folder of the operator's own checks.
    pub checks: PathBuf,
    /// What secrets are encrypted with.
    pub key: PathBuf,
    pub config: Option<PathBuf>,
    /// Where backups are unless somebody says otherwise.
    pub backups: PathBuf,
    /// Held while one is made.
    lock: PathBuf,
    /// What lies in second folders, a path each line.
    copies: PathBuf,
}

impl Places {
    pub fn of(config: &Config) -> Self {
        Places {
            store: config.store_file(),
            checks: config.data.join("checks"),
            key: config.data.join("secret.key"),
            config: config.file.clone(),
            backups: config.data.join("backups"),
            lock: config.data.join("backup.lock"),
            copies: config.data.join("backup-copies"),
        }
    }

    /// The data folder.
    fn data(&self) -> &Path {
        self.store.parent().unwrap_or(Path::new("."))
    }
}

/// Why there is no backup, or it is not as it should be. In words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("another backup is being made just now: wait until it is done")]
    Busy,
    #[error("{}: a backup needs about {needs} MiB there while it is made, {free} MiB are free: make room", folder.display())]
    Room { folder: PathBuf, needs: u64, free: u64 },
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("the store could not be copied: {0}")]
    Store(StoreError),
    #[error("what was written is not what was to be written: {0}; the file was removed")]
    NotVerified(String),
    #[error("the backup was made, and its copy to {} failed: {error}", folder.display())]
    Second { folder: PathBuf, error: String },
    #[error("the server is stopping")]
    Stopping,
}

impl BackupError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| BackupError::File { path, error }
    }

    /// In both languages.
    pub fn texts(&self) -> Texts {
        let es = match self {
            BackupError::Busy => {
                "ya se está haciendo otra copia de seguridad: espere a que termine".to_owned()
            }
            BackupError::Room { folder, needs, free } => format!(
                "{}: mientras se hace, una copia de seguridad necesita ahí unos {needs} MiB, y quedan {free} MiB: libere espacio",
                folder.display()
            ),
            BackupError::File { path, error } => format!("{}: {error}", path.display()),
            BackupError::Store(error) => format!("no se pudo copiar el almacén: {error}"),
            BackupError::NotVerified(why) => {
                format!("lo escrito no es lo que había que escribir: {why}; el archivo se quitó")
            }
            BackupError::Second { folder, error } => {
                format!(
                    "la copia de seguridad se hizo, pero no se pudo llevar a {}: {error}",
                    folder.display()
                )
            }
            BackupError::Stopping => "el servidor se está parando".to_owned(),
        };
        Texts { en: self.to_string(), es }
    }
}
