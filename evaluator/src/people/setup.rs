//! The one-time setup link: who holds it makes the first account.

use atalaya_api::people::Role;
use serde_json::{Value, json};

use crate::domain::Millis;
use crate::store::{Store, StoreError, User};

use super::accounts::new_user;
use super::secret::{Secret, hash};
use super::system;

/// Where the key's hash is kept.
const SETTING: &str = "setup_key";

/// Whether the first account is still to be made.
///
/// # Errors
/// The store's.
pub fn needed(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.users()?.is_empty())
}

/// A new one-time link below `address` (e.g. `http://127.0.0.1:8420`); any link before it is void. None: there
/// are users already. The key is valid until it is used.
///
/// # Errors
/// The store's.
pub fn setup_link(store: &dyn Store, address: &str) -> Result<Option<String>, StoreError> {
    if !needed(store)? {
        return Ok(None);
    }
    let key = Secret::key();
    store.put_setting(SETTING, &json!({ "sha256": key.hash().to_string() }), &system())?;
    Ok(Some(format!("{}/setup?key={}", address.trim_end_matches('/'), key.text())))
}

/// Whether this is the key of the latest link.
///
/// # Errors
/// The store's.
pub fn opens(store: &dyn Store, key: &str) -> Result<bool, StoreError> {
    let stored = store.setting(SETTING)?;
    let stored = stored.as_ref().and_then(|value| value["sha256"].as_str());
    // Both are hashes of random keys: what time the comparison takes tells nothing about a key.
    Ok(stored.is_some_and(|stored| stored == hash(key).to_string()))
}

/// Makes the first account and voids the link. None: somebody was faster.
///
/// # Errors
/// The store's.
pub fn finish(
    store: &dyn Store,
    username: String,
    password_hash: String,
    now: Millis,
) -> Result<Option<User>, StoreError> {
    let user = new_user(username, password_hash, Role::Admin, now);
    if !store.create_first_user(&user)? {
        return Ok(None);
    }
    store.put_setting(SETTING, &Value::Null, &system())?;
    Ok(Some(user))
}
