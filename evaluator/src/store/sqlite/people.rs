//! Users. Of what lets somebody in only hashes are kept.

use atalaya_api::people::Role;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Actor, Group, PeopleStore, Result, StoreError, User, UserChange};
use super::row::{damaged, from_json, millis, text};
use super::settings::Entry;
use super::{SqliteStore, groups};
use crate::domain::{GroupId, Millis, Sha256, UserId};

/// The last column is JSON: the id and the role of each group.
const USER: &str = "SELECT id, username, password_hash, role, created_at, last_seen_at, \
     (SELECT json_group_array(json_array(hex(groups.id), groups.role)) FROM members \
      JOIN groups ON groups.id = members.member_group WHERE members.member = users.id) FROM users";

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

    fn change_user(&self, user: UserId, change: &UserChange, by: &Actor) -> Result<User> {
        let (change, by, now) = (change.clone(), by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, user)?.ok_or(StoreError::NotFound)?;
            let shown_before = shown(connection, &before)?;
            keeping_an_admin(connection, || apply(connection, user, &change))?;
            let after = find(connection, user)?.ok_or(StoreError::NotFound)?;
            let name = &*after.username;
            let shown_after = shown(connection, &after)?;
            if shown_after != shown_before {
                let (before, after) = (Some(&shown_before), Some(&shown_after));
                Entry { what: "user changed", subject: name, before, after }.write(connection, now, &by)?;
            }
            if change.password_hash.is_some() {
                password_changed(name).write(connection, now, &by)?;
            }
            Ok(after)
        })
    }

    fn delete_user(&self, user: UserId, by: &Actor) -> Result<()> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, user)?.ok_or(StoreError::NotFound)?;
            let shown = shown(connection, &before)?;
            // Sessions, tokens and memberships go with it.
            let sql = "DELETE FROM users WHERE id = ?";
            keeping_an_admin(connection, || Ok(connection.execute(sql, [user.as_bytes()])?))?;
            Entry { what: "user deleted", subject: &before.username, before: Some(&shown), after: None }
                .write(connection, now, &by)
        })
    }

    fn set_password(
        &self,
        user: UserId,
        password_hash: &str,
        stays: Option<Sha256>,
        by: &Actor,
    ) -> Result<()> {
        let (password_hash, by, now) = (password_hash.to_owned(), by.clone(), self.now());
        self.write(move |connection| {
            put_password(connection, user, &password_hash, stays)?;
            let name = find(connection, user)?.ok_or(StoreError::NotFound)?.username;
            password_changed(&name).write(connection, now, &by)
        })
    }

    fn user(&self, id: UserId) -> Result<Option<User>> {
        self.read(|connection| find(connection, id))
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

    fn create_group(&self, group: &Group, by: &Actor) -> Result<()> {
        groups::write(self, group, true, by)
    }

    fn change_group(&self, group: &Group, by: &Actor) -> Result<()> {
        groups::write(self, group, false, by)
    }

    fn delete_group(&self, group: GroupId, by: &Actor) -> Result<()> {
        groups::delete(self, group, by)
    }

    fn group(&self, id: GroupId) -> Result<Option<Group>> {
        self.read(|connection| groups::find(connection, id))
    }

    fn groups(&self) -> Result<Vec<Group>> {
        self.read(groups::all)
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

fn apply(connection: &Connection, user: UserId, change: &UserChange) -> Result<()> {
    if let Some(role) = change.role {
        let sql = "UPDATE users SET role = ? WHERE id = ?";
        connection.execute(sql, params![role_name(role), user.as_bytes()])?;
    }
    if let Some(wanted) = &change.groups {
        groups::put_into(connection, user, wanted)?;
    }
    match &change.password_hash {
        Some(hash) => put_password(connection, user, hash, None),
        None => Ok(()),
    }
}

/// The password changes, and who came in with the one before is out, all but one session.
fn put_password(connection: &Connection, user: UserId, hash: &str, stays: Option<Sha256>) -> Result<()> {
    let sql = "UPDATE users SET password_hash = ? WHERE id = ?";
    if connection.execute(sql, params![hash, user.as_bytes()])? == 0 {
        return Err(StoreError::NotFound);
    }
    let sql = "DELETE FROM sessions WHERE user = ? AND token_hash IS NOT ?";
    connection.execute(sql, params![user.as_bytes(), stays.map(|hash| hash.0)])?;
    Ok(())
}

fn password_changed(name: &str) -> Entry<'_> {
    Entry { what: "password changed", subject: name, before: None, after: None }
}

/// A user as the audit log shows it.
fn shown(connection: &Connection, user: &User) -> Result<Value> {
    let names: Vec<String> = groups::all(connection)?
        .into_iter()
        .filter(|group| user.groups.contains(&group.id))
        .map(|group| group.name)
        .collect();
    Ok(json!({
        "username": user.username,
        "role": user.role,
        "groups": names,
        "effective_role": user.effective_role,
    }))
}

/// Does what may take a role from somebody; if nobody is left who is admin it is refused, and its transaction is undone.
pub(super) fn keeping_an_admin<T>(connection: &Connection, change: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = somebody_is_admin(connection)?;
    let changed = change()?;
    if before && !somebody_is_admin(connection)? {
        return Err(StoreError::LastAdmin);
    }
    Ok(changed)
}

fn somebody_is_admin(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin') OR EXISTS (SELECT 1 FROM members \
               JOIN groups ON groups.id = members.member_group WHERE groups.role = 'admin')";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

pub(super) fn find(connection: &Connection, id: UserId) -> Result<Option<User>> {
    let mut statement = connection.prepare_cached(&format!("{USER} WHERE id = ?"))?;
    statement.query_and_then([id.as_bytes()], user)?.next().transpose()
}

fn named(connection: &Connection, username: &str) -> Result<Option<User>> {
    let mut statement = connection.prepare_cached(&format!("{USER} WHERE by_name = ?"))?;
    statement.query_and_then([username.to_lowercase()], user)?.next().transpose()
}

/// The name of somebody who must be there.
pub(super) fn name_of(connection: &Connection, id: UserId) -> Result<String> {
    let sql = "SELECT username FROM users WHERE id = ?";
    let name = connection.query_row(sql, [id.as_bytes()], |row| row.get(0)).optional()?;
    name.ok_or(StoreError::NotFound)
}

fn user(row: &Row<'_>) -> Result<User> {
    let own = role(text(row, 3)?)?;
    let (mut groups, mut effective_role) = (Vec::new(), own);
    for (id, name) in from_json::<Vec<(Uuid, String)>>(text(row, 6)?)? {
        groups.push(GroupId(id));
        effective_role = effective_role.max(role(&name)?);
    }
    groups.sort_unstable();
    Ok(User {
        id: UserId::from_bytes(row.get(0)?),
        username: row.get(1)?,
        password_hash: row.get(2)?,
        role: own,
        groups,
        effective_role,
        created_at: millis(row, 4)?,
        last_seen_at: row.get::<_, Option<i64>>(5)?.map(Millis),
    })
}

pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

pub(super) fn role(name: &str) -> Result<Role> {
    [Role::Viewer, Role::Operator, Role::Admin]
        .into_iter()
        .find(|role| role_name(*role) == name)
        .ok_or_else(|| damaged(format!("role {name:?}")))
}
