//! Who may come in: passwords, sessions, API tokens, the first account.
//!
//! What is secret is kept as a hash only: a password as argon2id, a token or key (256 or 128 random bits, so that
//! guessing is hopeless) as its SHA-256.

pub mod accounts;
pub mod attempts;
pub mod password;
pub mod secret;
pub mod setup;

pub use accounts::AccountError;
pub use attempts::Attempts;
pub use password::Passwords;
pub use secret::{Scope, Secret};

/// In the audit log, what the server did by itself.
pub fn system() -> crate::store::Actor {
    crate::store::Actor { name: "system".to_owned() }
}
