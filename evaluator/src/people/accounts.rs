//! Making accounts and API tokens. All calls block; hashing a password takes some 20 ms.

use atalaya_api::people::Role;

use crate::domain::{Millis, UserId};
use crate::store::{Actor, Store, StoreError, TokenRow, User};

use super::secret::{Scope, Secret};

/// The shortest password that a person may choose, characters.
pub const SHORTEST_PASSWORD: usize = 8;
/// The longest, bytes: hashing more is work for nothing.
pub const LONGEST_PASSWORD: usize = 1_024;
/// The longest user name, characters.
pub const LONGEST_NAME: usize = 64;

/// Why there is no such account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("a user name has 1 to {LONGEST_NAME} letters, digits and . _ @ -")]
    BadName,
    #[error("a password has at least {SHORTEST_PASSWORD} characters and at most {LONGEST_PASSWORD} bytes")]
    BadPassword,
    #[error("there is no user {0:?}")]
    NoSuchUser(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A user name that can be typed, shown and put into an address.
///
/// # Errors
/// [`AccountError::BadName`].
pub fn check_name(name: &str) -> Result<(), AccountError> {
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    let plain = name.chars().all(|c| c.is_alphanumeric() || ".@_-".contains(c));
    if fits && plain { Ok(()) } else { Err(AccountError::BadName) }
}

/// # Errors
/// [`AccountError::BadPassword`].
pub fn check_password(password: &str) -> Result<(), AccountError> {
    let long_enough = password.chars().count() >= SHORTEST_PASSWORD;
    if long_enough && password.len() <= LONGEST_PASSWORD { Ok(()) } else { Err(AccountError::BadPassword) }
}

/// A new user, not stored yet.
pub fn new_user(username: String, password_hash: String, role: Role, now: Millis) -> User {
    User {
        id: UserId::generate(),
        username,
        password_hash,
        role,
        groups: Vec::new(),
        effective_role: role,
        created_at: now,
        last_seen_at: None,
    }
}

/// With no users yet, makes the administrator `admin`, as `ATALAYA_ADMIN_PASSWORD` asks. False: there are users.
/// The operator's own word is taken as it is: any password but an empty one.
///
/// # Errors
/// An empty password, or the store's.
pub fn first_admin(store: &dyn Store, password: &str, now: Millis) -> Result<bool, AccountError> {
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return Err(AccountError::BadPassword);
    }
    if !store.users()?.is_empty() {
        return Ok(false);
    }
    let hash = super::password::hash(password);
    Ok(store.create_first_user(&new_user("admin".to_owned(), hash, Role::Admin, now))?)
}

/// Gives a user another password and ends all sessions of that user.
///
/// # Errors
/// No such user, a password too short or long, or the store's.
pub fn reset_password(store: &dyn Store, name: &str, password: &str, by: &Actor) -> Result<(), AccountError> {
    check_password(password)?;
    let user = store.user_by_name(name)?.ok_or_else(|| AccountError::NoSuchUser(name.to_owned()))?;
    Ok(store.set_password(user.id, &super::password::hash(password), None, by)?)
}

/// Makes an API token of a user; what it may do, its scope says.
///
/// # Errors
/// No such user, or the store's.
pub fn create_token(
    store: &dyn Store,
    name: &str,
    scope: Scope,
    expires_at: Option<Millis>,
    now: Millis,
    by: &Actor,
) -> Result<Secret, AccountError> {
    let user = store.user_by_name(name)?.ok_or_else(|| AccountError::NoSuchUser(name.to_owned()))?;
    let (secret, token) = new_token(user.id, "", scope, expires_at, now);
    store.create_token(&token, by)?;
    Ok(secret)
}

/// A new API token, not stored yet; `name` is what it is for.
pub fn new_token(
    user: UserId,
    name: &str,
    scope: Scope,
    expires_at: Option<Millis>,
    now: Millis,
) -> (Secret, TokenRow) {
    let secret = Secret::token(scope);
    let token = TokenRow {
        token_hash: secret.hash(),
        name: name.to_owned(),
        prefix: secret.text()[..scope.prefix().len() + 6].to_owned(),
        user,
        created_at: now,
        used_at: None,
        expires_at,
    };
    (secret, token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_typed_or_shown_are_refused() {
        for name in ["ana", "ana.ruiz@noc-2", "Íñigo", "a"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "ana ruiz", "a\nb", "<b>", "../x", &"a".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_password_has_eight_characters_whatever_they_are() {
        assert!(check_password("ñandúñandú").is_ok());
        assert!(check_password("1234567").is_err());
        assert!(check_password(&"x".repeat(1_025)).is_err());
    }
}
