//! Random secrets: session tokens, API tokens, the key of the setup link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::Sha256;

/// What an API token may do. Its first letters say so, also to those who search for leaked ones: what is kept is the hash of the
/// whole, so nobody can make one token into another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Whatever its user may.
    #[default]
    All,
    /// Bring samples, and nothing else.
    Ingest,
}

impl Scope {
    pub const ALL: [Scope; 2] = [Scope::All, Scope::Ingest];

    /// As the command line and the audit log name it.
    pub fn name(self) -> &'static str {
        match self {
            Scope::All => "all",
            Scope::Ingest => "ingest",
        }
    }

    /// How such tokens begin.
    pub fn prefix(self) -> &'static str {
        match self {
            Scope::All => "ata_",
            Scope::Ingest => "atain_",
        }
    }

    /// The scope of what looks like a token.
    pub fn of_token(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| text.starts_with(scope.prefix()))
    }
}

/// A secret as its owner holds it. It is shown once; only [`Secret::hash`] is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// For a browser's session: 256 random bits.
    pub fn session() -> Self {
        Secret(random::<32>())
    }

    /// For a program: its scope's letters and 256 random bits.
    pub fn token(scope: Scope) -> Self {
        Secret(format!("{}{}", scope.prefix(), random::<32>()))
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

/// What names a login or token to people and programs, and opens nothing: 96 bits of the hash of what is kept of it, as hex digits.
pub fn handle(kept: Sha256) -> String {
    Sha256::of(&kept.0).to_string()[..24].to_owned()
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
        assert_eq!(Secret::token(Scope::All).text().len(), 4 + 43);
        assert_eq!(Secret::key().text().len(), 22, "128 bits in base64");
        assert!(Secret::session() != Secret::session());
    }

    #[test]
    fn a_handle_names_a_secret_and_holds_nothing_of_what_is_kept_of_it() {
        let (one, two) = (Secret::session().hash(), Secret::session().hash());
        assert_eq!(handle(one), handle(one));
        assert_ne!(handle(one), handle(two));
        assert!(!one.to_string().contains(&handle(one)));
    }

    #[test]
    fn a_token_says_its_scope() {
        for scope in Scope::ALL {
            assert_eq!(Scope::of_token(Secret::token(scope).text()), Some(scope));
        }
        assert_eq!(Scope::of_token("at_x"), None);
    }
}
