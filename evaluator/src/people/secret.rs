//! Random secrets: session tokens, API tokens, the key of the setup link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::Sha256;

/// Says that a text is an API token of Atalaya, also to those who search for leaked ones.
pub const TOKEN_PREFIX: &str = "ata_";

/// A secret as its owner holds it. It is shown once; only [`Secret::hash`] is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// For a browser's session: 256 random bits.
    pub fn session() -> Self {
        Secret(random::<32>())
    }

    /// For a program: `ata_` and 256 random bits.
    pub fn token() -> Self {
        Secret(format!("{TOKEN_PREFIX}{}", random::<32>()))
    }

    /// For the setup link: 128 random bits.
    pub fn key() -> Self {
        Secret(random::<16>())
    }

    /// A password for somebody who did not choose one: 128 random bits.
    pub fn password() -> Self {
        Secret(random::<16>())
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> Sha256 {
        hash(&self.0)
    }
}

/// What is kept of a secret. Looking it up by its hash needs no comparison in constant time.
pub fn hash(secret: &str) -> Sha256 {
    Sha256::of(secret.as_bytes())
}

fn random<const N: usize>() -> String {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("a system without randomness must not hand out secrets");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_enough_and_never_the_same() {
        assert_eq!(Secret::session().text().len(), 43, "256 bits in base64");
        assert_eq!(Secret::token().text().len(), 4 + 43);
        assert_eq!(Secret::key().text().len(), 22, "128 bits in base64");
        assert!(Secret::session() != Secret::session());
    }
}
