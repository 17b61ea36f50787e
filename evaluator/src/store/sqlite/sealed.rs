//! Secrets as they lie in the database: encrypted, each for what it belongs to.

use serde::{Deserialize, Serialize};

use super::super::{CipherError, Result};
use super::SqliteStore;
use super::row::damaged;
use crate::domain::Secret;

/// What is encrypted.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    password: Option<String>,
    token: Option<String>,
}

/// What becomes of the stored secret.
pub(super) enum Sealed {
    Stays,
    Becomes(Option<Vec<u8>>),
}

impl Sealed {
    /// Whether the stored one stays, and what takes its place.
    pub(super) fn parts(&self) -> (bool, Option<&[u8]>) {
        match self {
            Sealed::Stays => (true, None),
            Sealed::Becomes(secret) => (false, secret.as_deref()),
        }
    }
}

impl SqliteStore {
    /// `owner`: as the cipher knows it, e.g. `source/main`.
    pub(super) fn seal(&self, owner: &str, secret: &Secret) -> Result<Sealed> {
        if *secret == Secret::default() {
            return Ok(Sealed::Becomes(None));
        }
        let kept = Kept { password: secret.password.clone(), token: secret.token.clone() };
        let plain = serde_json::to_vec(&kept).map_err(damaged)?;
        Ok(Sealed::Becomes(Some(self.cipher.seal(owner, &plain)?)))
    }

    pub(super) fn unsealed(&self, owner: &str, sealed: Option<Vec<u8>>) -> Result<Secret> {
        let Some(sealed) = sealed else { return Ok(Secret::default()) };
        let plain = self.cipher.open(owner, &sealed)?;
        let kept: Kept = serde_json::from_slice(&plain).map_err(|_| CipherError::Damaged)?;
        Ok(Secret { password: kept.password, token: kept.token })
    }
}
