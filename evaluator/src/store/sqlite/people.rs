//! Users, sessions, tokens. Of what lets somebody in only hashes are kept.

use atalaya_api::people::Role;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use super::super::{Actor, PeopleStore, Result, SessionRow, StoreError, TokenRow, User};
use super::SqliteStore;
use super::row::{damaged, millis, sha256, text};
use super::settings::Entry;
use crate::domain::{Millis, Sha256, UserId};

const USER: &str = "SELECT id, username, password_hash, role, created_at FROM users";

impl PeopleStore for SqliteStore {
    fn create_user(&self, user: &User, by: &Actor) -> Result<()> {
        let (user, by, now) = (user.clone(), by.clone(), self.now());
        self.write(move |connection| {
            if named(connection, &user.username)?.is_some() {
                return Err(StoreError::Taken("the user name"));
            }
            insert_user(connection, &user, &by, now)
        })
    }

    fn create_first_user(&self, user: &User) -> Result<bool> {
        let (user, now) = (user.clone(), self.now());
        self.write(move |connection| {
            // Jobs run one after the other: whoever comes second sees the first.
            let any = connection.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))?;
            if any {
                return Ok(false);
            }
            insert_user(connection, &user, &Actor { name: "system".to_owned() }, now)?;
            Ok(true)
        })
    }

    fn set_password(&self, user: UserId, password_hash: &str, by: &Actor) -> Result<()> {
        let (password_hash, by, now) = (password_hash.to_owned(), by.clone(), self.now());
        self.write(move |connection| {
            let sql = "UPDATE users SET password_hash = ? WHERE id = ? RETURNING username";
            let name: Option<String> = connection
                .query_row(sql, params![password_hash, user.as_bytes()], |row| row.get(0))
                .optional()?;
            let name = name.ok_or(StoreError::NotFound)?;
            Entry { what: "password changed", subject: &name, before: None, after: None }
                .write(connection, now, &by)
        })
    }

    fn user(&self, id: UserId) -> Result<Option<User>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{USER} WHERE id = ?"))?;
            let mut rows = statement.query([id.as_bytes()])?;
            rows.next()?.map(user).transpose()
        })
    }

    fn user_by_name(&self, username: &str) -> Result<Option<User>> {
        self.read(|connection| named(connection, username))
    }

    fn users(&self) -> Result<Vec<User>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{USER} ORDER BY by_name"))?;
            statement.query_and_then([], user)?.collect()
        })
    }

    fn create_session(&self, session: &SessionRow) -> Result<()> {
        let one = session.clone();
        self.write(move |connection| {
            let sql = "INSERT INTO sessions (token_hash, user, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?)";
            let values = params![
                one.token_hash.0,
                one.user.as_bytes(),
                one.created_at.0,
                one.used_at.0,
                one.expires_at.0
            ];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
    }

    fn session(&self, token_hash: Sha256) -> Result<Option<SessionRow>> {
        self.read(|connection| {
            let sql =
                "SELECT token_hash, user, created_at, used_at, expires_at FROM sessions WHERE token_hash = ?";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([token_hash.0])?;
            rows.next()?.map(session).transpose()
        })
    }

    fn touch_session(&self, token_hash: Sha256, used_at: Millis) -> Result<()> {
        self.change("UPDATE sessions SET used_at = ?2 WHERE token_hash = ?1", token_hash, used_at)
    }

    fn end_session(&self, token_hash: Sha256) -> Result<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE token_hash = ?", [token_hash.0])?;
            Ok(())
        })
    }

    fn end_sessions_of(&self, user: UserId) -> Result<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE user = ?", [user.as_bytes()])?;
            Ok(())
        })
    }

    fn prune_sessions(&self, now: Millis) -> Result<()> {
        self.write(move |connection| {
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", [now.0])?;
            Ok(())
        })
    }

    fn create_token(&self, token: &TokenRow, by: &Actor) -> Result<()> {
        let (token, by, now) = (token.clone(), by.clone(), self.now());
        self.write(move |connection| create_token(connection, &token, &by, now))
    }

    fn token(&self, token_hash: Sha256) -> Result<Option<TokenRow>> {
        self.read(|connection| {
            let sql = "SELECT token_hash, prefix, user, created_at, used_at, expires_at FROM tokens \
                       WHERE token_hash = ?";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([token_hash.0])?;
            rows.next()?.map(token).transpose()
        })
    }

    fn touch_token(&self, token_hash: Sha256, used_at: Millis) -> Result<()> {
        self.change("UPDATE tokens SET used_at = ?2 WHERE token_hash = ?1", token_hash, used_at)
    }
}

impl SqliteStore {
    /// Runs a statement on the row with this hash; it may have ended in the meantime, which is no error.
    fn change(&self, sql: &'static str, token_hash: Sha256, at: Millis) -> Result<()> {
        self.write(move |connection| {
            connection.prepare_cached(sql)?.execute(params![token_hash.0, at.0])?;
            Ok(())
        })
    }
}

fn insert_user(connection: &Connection, user: &User, by: &Actor, now: Millis) -> Result<()> {
    let sql = "INSERT INTO users (id, username, by_name, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?, ?)";
    let values = params![
        user.id.as_bytes(),
        user.username,
        user.username.to_lowercase(),
        user.password_hash,
        role_name(user.role),
        user.created_at.0
    ];
    connection.execute(sql, values)?;
    let after = Some(json!({"username": user.username, "role": user.role}));
    Entry { what: "user created", subject: &user.username, before: None, after: after.as_ref() }
        .write(connection, now, by)
}

fn create_token(connection: &Connection, token: &TokenRow, by: &Actor, now: Millis) -> Result<()> {
    let name = "SELECT username FROM users WHERE id = ?";
    let owner: Option<String> =
        connection.query_row(name, [token.user.as_bytes()], |row| row.get(0)).optional()?;
    let owner = owner.ok_or(StoreError::NotFound)?;
    let sql = "INSERT INTO tokens (token_hash, prefix, user, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)";
    let values = params![
        token.token_hash.0,
        token.prefix,
        token.user.as_bytes(),
        token.created_at.0,
        token.used_at.map(|at| at.0),
        token.expires_at.map(|at| at.0)
    ];
    connection.execute(sql, values)?;
    let after = Some(json!({"prefix": token.prefix, "expires_at": token.expires_at.map(Millis::timestamp)}));
    Entry { what: "token created", subject: &owner, before: None, after: after.as_ref() }
        .write(connection, now, by)
}

fn named(connection: &Connection, username: &str) -> Result<Option<User>> {
    let mut statement = connection.prepare_cached(&format!("{USER} WHERE by_name = ?"))?;
    let mut rows = statement.query([username.to_lowercase()])?;
    rows.next()?.map(user).transpose()
}

fn user(row: &Row<'_>) -> Result<User> {
    Ok(User {
        id: UserId::from_bytes(row.get(0)?),
        username: row.get(1)?,
        password_hash: row.get(2)?,
        role: role(text(row, 3)?)?,
        created_at: millis(row, 4)?,
    })
}

fn session(row: &Row<'_>) -> Result<SessionRow> {
    Ok(SessionRow {
        token_hash: sha256(row, 0)?,
        user: UserId::from_bytes(row.get(1)?),
        created_at: millis(row, 2)?,
        used_at: millis(row, 3)?,
        expires_at: millis(row, 4)?,
    })
}

fn token(row: &Row<'_>) -> Result<TokenRow> {
    Ok(TokenRow {
        token_hash: sha256(row, 0)?,
        prefix: row.get(1)?,
        user: UserId::from_bytes(row.get(2)?),
        created_at: millis(row, 3)?,
        used_at: row.get::<_, Option<i64>>(4)?.map(Millis),
        expires_at: row.get::<_, Option<i64>>(5)?.map(Millis),
    })
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

fn role(name: &str) -> Result<Role> {
    [Role::Viewer, Role::Operator, Role::Admin]
        .into_iter()
        .find(|role| role_name(*role) == name)
        .ok_or_else(|| damaged(format!("role {name:?}")))
}
