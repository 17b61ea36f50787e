//! Backups.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// When and where backups are made: a part of the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    pub enabled: bool,
    /// Each day, `HH:MM` in the settings' time zone.
    pub at: String,
    /// How many are kept, 1 to 1,000; older ones are deleted after a new one was verified.
    pub keep: u16,
    /// Each is copied to this folder, too; empty: it is not.
    pub second_folder: String,
}

impl Default for BackupSettings {
    fn default() -> Self {
        BackupSettings { enabled: true, at: "00:00".to_owned(), keep: 14, second_folder: String::new() }
    }
}

/// One line of `GET /api/v1/backups`, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupFile {
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    pub bytes: u64,
    /// It has the secrets' key in it.
    pub with_key: bool,
}

/// `GET /api/v1/backups`: how it stands with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backups {
    /// Where they are.
    pub folder: String,
    pub items: Vec<BackupFile>,
    /// One is being made.
    pub running: bool,
    /// When the last one was verified.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub verified_at: Option<Timestamp>,
    /// When the next one is made by itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next_at: Option<Timestamp>,
    /// Why the last try failed; none: it did not.
    pub trouble: Option<String>,
}
