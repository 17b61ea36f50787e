//! What `atalaya.toml` says of telling.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `[notify]`: what only whoever installs Atalaya may set, because it is run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotifyConfig {
    /// The command of the Operations agent, an absolute path; empty: receivers of kind OVO cannot be used.
    pub opcmsg: PathBuf,
}

impl NotifyConfig {
    /// The command, where there is one.
    pub fn opcmsg(&self) -> Option<&Path> {
        Some(self.opcmsg.as_path()).filter(|path| !path.as_os_str().is_empty())
    }

    /// What types alone cannot say. The key at fault, and what would be right.
    ///
    /// # Errors
    /// The path depends on where the server was started.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.opcmsg().is_some_and(|path| !path.is_absolute()) {
            let words = "must be empty or a path from the root, e.g. \"/opt/OV/bin/opcmsg\"";
            return Err(("notify.opcmsg", words.to_owned()));
        }
        Ok(())
    }
}
