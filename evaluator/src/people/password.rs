//! Passwords: argon2id with 19 MiB, two passes, one lane (OWASP's first choice).

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many passwords are judged at once: each takes 19 MiB and some 20 ms of a core.
const AT_ONCE: usize = 2;
/// How long a login waits for its turn before it is told that too many try.
const PATIENCE: Duration = Duration::from_secs(10);

/// Too many passwords are being judged just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many logins at once")]
pub struct Busy;

/// Hashes and judges passwords off the async threads, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Judged when there is no such user, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    pub fn new() -> Self {
        let nobody = hash(super::Secret::password().text());
        Passwords { turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() }
    }

    /// Whether the password is the one of this hash; with no hash, false after the same work.
    ///
    /// # Errors
    /// [`Busy`] when its turn did not come in time.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Busy> {
        let nobody = self.nobody.clone();
        self.in_turn(move || {
            let right = verify(&password, stored.as_deref().unwrap_or(&nobody));
            right && stored.is_some()
        })
        .await
    }

    /// The PHC string to keep.
    ///
    /// # Errors
    /// [`Busy`] when its turn did not come in time.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        self.in_turn(move || hash(&password)).await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Busy)?.map_err(|_| Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string of a password, with 128 random bits of salt. Takes some 20 ms.
pub fn hash(password: &str) -> String {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("a system without randomness must not hash passwords");
    let hashed: PasswordHash = argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("argon2 takes any password below 4 GiB and this salt");
    hashed.to_string()
}

fn verify(password: &str, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    argon2().verify_password(password.as_bytes(), &stored).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_the_published_cost() {
        let stored = hash("correct horse");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("correct horse", &stored));
        assert!(!verify("correct hors", &stored));
        assert_ne!(stored, hash("correct horse"), "each hash has a salt of its own");
    }

    #[tokio::test]
    async fn nobody_has_no_right_password() {
        let passwords = Passwords::new();
        assert_eq!(passwords.verify(String::new(), None).await, Ok(false));
        let stored = passwords.hash("secret".to_owned()).await.expect("nobody else is waiting");
        assert_eq!(passwords.verify("secret".to_owned(), Some(stored)).await, Ok(true));
    }
}
