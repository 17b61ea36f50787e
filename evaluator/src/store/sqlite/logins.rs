//! Sessions and API tokens. Of what lets somebody in only hashes are kept.

use rusqlite::{Connection, Row, params};
use serde_json::json;

use super::super::{Actor, LoginStore, Result, SessionRow, StoreError, TokenRow};
use super::SqliteStore;
use super::people::name_of;
use super::row::{millis, sha256};
use super::settings::Entry;
use crate::domain::{Millis, Sha256, UserId};

const SESSION: &str = "SELECT token_hash, user, sessions.created_at, used_at, expires_at, username \
     FROM sessions JOIN users ON users.id = user";
const TOKEN: &str = "SELECT token_hash, name, prefix, user, tokens.created_at, used_at, expires_at, username \
     FROM tokens JOIN users ON users.id = user";

impl LoginStore for SqliteStore {
    fn create_session(&self, session: &SessionRow, password_hash: &str) -> Result<bool> {
        let (one, password_hash) = (session.clone(), password_hash.to_owned());
        self.write(move |connection| {
            let sql = "INSERT INTO sessions (token_hash, user, created_at, used_at, expires_at) \
                       SELECT ?, id, ?, ?, ? FROM users WHERE id = ? AND password_hash = ?";
            let values = params![
                one.token_hash.0,
                one.created_at.0,
                one.used_at.0,
                one.expires_at.0,
                one.user.as_bytes(),
                password_hash,
            ];
            let is_there = connection.prepare_cached(sql)?.execute(values)? > 0;
            was_here(connection, "sessions", one.token_hash, one.used_at)?;
            Ok(is_there)
        })
    }

    fn session(&self, token_hash: Sha256) -> Result<Option<SessionRow>> {
        self.read(|connection| Ok(find_session(connection, token_hash)?.map(|(session, _)| session)))
    }

    fn touch_session(&self, token_hash: Sha256, used_at: Millis) -> Result<()> {
        self.touch("sessions", token_hash, used_at)
    }

    fn end_session(&self, token_hash: Sha256) -> Result<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE token_hash = ?", [token_hash.0])?;
            Ok(())
        })
    }

    fn revoke_session(&self, token_hash: Sha256, by: &Actor) -> Result<()> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| {
            let found = find_session(connection, token_hash)?.ok_or(StoreError::NotFound)?;
            connection.execute("DELETE FROM sessions WHERE token_hash = ?", [token_hash.0])?;
            let (session, name) = found;
            let before = json!({"username": name, "created_at": session.created_at.timestamp()});
            Entry { what: "session ended", subject: &name, before: Some(&before), after: None }
                .write(connection, now, &by)
        })
    }

    fn prune_sessions(&self, now: Millis) -> Result<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", [now.0])?;
            Ok(())
        })
    }

    fn sessions(&self, of: Option<UserId>) -> Result<Vec<(SessionRow, String)>> {
        self.read(|connection| {
            let sql = format!("{SESSION} WHERE ?1 IS NULL OR user = ?1 ORDER BY used_at DESC, token_hash");
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_and_then([of.as_ref().map(UserId::as_bytes)], session)?.collect()
        })
    }

    fn create_token(&self, token: &TokenRow, by: &Actor) -> Result<()> {
        let (token, by, now) = (token.clone(), by.clone(), self.now());
        self.write(move |connection| create_token(connection, &token, &by, now))
    }

    fn token(&self, token_hash: Sha256) -> Result<Option<TokenRow>> {
        self.read(|connection| Ok(find_token(connection, token_hash)?.map(|(token, _)| token)))
    }

    fn touch_token(&self, token_hash: Sha256, used_at: Millis) -> Result<()> {
        self.touch("tokens", token_hash, used_at)
    }

    fn revoke_token(&self, token_hash: Sha256, by: &Actor) -> Result<()> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| {
            let (token, owner) = find_token(connection, token_hash)?.ok_or(StoreError::NotFound)?;
            connection.execute("DELETE FROM tokens WHERE token_hash = ?", [token_hash.0])?;
            let before = shown(&token);
            Entry { what: "token revoked", subject: &owner, before: Some(&before), after: None }
                .write(connection, now, &by)
        })
    }

    fn tokens(&self, of: Option<UserId>) -> Result<Vec<(TokenRow, String)>> {
        self.read(|connection| {
            let sql =
                format!("{TOKEN} WHERE ?1 IS NULL OR user = ?1 ORDER BY tokens.created_at DESC, token_hash");
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_and_then([of.as_ref().map(UserId::as_bytes)], token)?.collect()
        })
    }
}

impl SqliteStore {
    /// Notes when it was used. It may have ended in the meantime, which is no error.
    fn touch(&self, table: &'static str, token_hash: Sha256, at: Millis) -> Result<()> {
        self.write(move |connection| {
            let sql = format!("UPDATE {table} SET used_at = ?2 WHERE token_hash = ?1");
            connection.prepare_cached(&sql)?.execute(params![token_hash.0, at.0])?;
            was_here(connection, table, token_hash, at)
        })
    }
}

/// The user of a session or token was here.
fn was_here(connection: &Connection, table: &str, token_hash: Sha256, at: Millis) -> Result<()> {
    let sql = format!(
        "UPDATE users SET last_seen_at = ?2 WHERE id = (SELECT user FROM {table} WHERE token_hash = ?1)"
    );
    connection.prepare_cached(&sql)?.execute(params![token_hash.0, at.0])?;
    Ok(())
}

fn create_token(connection: &Connection, token: &TokenRow, by: &Actor, now: Millis) -> Result<()> {
    let owner = name_of(connection, token.user)?;
    let sql = "INSERT INTO tokens (token_hash, name, prefix, user, created_at, used_at, expires_at) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values = params![
        token.token_hash.0,
        token.name,
        token.prefix,
        token.user.as_bytes(),
        token.created_at.0,
        token.used_at.map(|at| at.0),
        token.expires_at.map(|at| at.0)
    ];
    connection.execute(sql, values)?;
    Entry { what: "token created", subject: &owner, before: None, after: Some(&shown(token)) }
        .write(connection, now, by)
}

/// A token as the audit log shows it.
fn shown(token: &TokenRow) -> serde_json::Value {
    json!({
        "name": token.name,
        "prefix": token.prefix,
        "expires_at": token.expires_at.map(Millis::timestamp),
    })
}

fn find_session(connection: &Connection, token_hash: Sha256) -> Result<Option<(SessionRow, String)>> {
    let mut statement = connection.prepare_cached(&format!("{SESSION} WHERE token_hash = ?"))?;
    statement.query_and_then([token_hash.0], session)?.next().transpose()
}

fn find_token(connection: &Connection, token_hash: Sha256) -> Result<Option<(TokenRow, String)>> {
    let mut statement = connection.prepare_cached(&format!("{TOKEN} WHERE token_hash = ?"))?;
    statement.query_and_then([token_hash.0], token)?.next().transpose()
}

/// With its user's name.
fn session(row: &Row<'_>) -> Result<(SessionRow, String)> {
    let session = SessionRow {
        token_hash: sha256(row, 0)?,
        user: UserId::from_bytes(row.get(1)?),
        created_at: millis(row, 2)?,
        used_at: millis(row, 3)?,
        expires_at: millis(row, 4)?,
    };
    Ok((session, row.get(5)?))
}

/// With its user's name.
fn token(row: &Row<'_>) -> Result<(TokenRow, String)> {
    let token = TokenRow {
        token_hash: sha256(row, 0)?,
        name: row.get(1)?,
        prefix: row.get(2)?,
        user: UserId::from_bytes(row.get(3)?),
        created_at: millis(row, 4)?,
        used_at: row.get::<_, Option<i64>>(5)?.map(Millis),
        expires_at: row.get::<_, Option<i64>>(6)?.map(Millis),
    };
    Ok((token, row.get(7)?))
}
