//! Groups of users, as a part of `people`.

use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Actor, Group, Result, StoreError};
use super::SqliteStore;
use super::people::{keeping_an_admin, role, role_name};
use super::row::{from_json, text};
use super::settings::Entry;
use crate::domain::{GroupId, UserId};

/// The last column is JSON: the ids of the members.
const GROUP: &str = "SELECT id, name, role, (SELECT json_group_array(hex(member)) FROM \
     (SELECT member FROM members JOIN users ON users.id = member WHERE member_group = groups.id ORDER BY users.by_name)) \
     FROM groups";

/// Writes a new group, or another in the place of the one with its id.
pub(super) fn write(store: &SqliteStore, group: &Group, is_new: bool, by: &Actor) -> Result<()> {
    let (group, by, now) = (group.clone(), by.clone(), store.now());
    store.write(move |connection| {
        let before = match is_new {
            true => None,
            false => Some(find(connection, group.id)?.ok_or(StoreError::NotFound)?),
        };
        keeping_an_admin(connection, || put(connection, &group))?;
        let after = find(connection, group.id)?.ok_or(StoreError::NotFound)?;
        let what = if is_new { "group created" } else { "group changed" };
        let before = before.map(|before| shown(connection, &before)).transpose()?;
        let after = shown(connection, &after)?;
        Entry { what, subject: &group.name, before: before.as_ref(), after: Some(&after) }
            .write(connection, now, &by)
    })
}

pub(super) fn delete(store: &SqliteStore, id: GroupId, by: &Actor) -> Result<()> {
    let (by, now) = (by.clone(), store.now());
    store.write(move |connection| {
        let group = find(connection, id)?.ok_or(StoreError::NotFound)?;
        let before = shown(connection, &group)?;
        let sql = "DELETE FROM groups WHERE id = ?";
        keeping_an_admin(connection, || Ok(connection.execute(sql, [id.as_bytes()])?))?;
        Entry { what: "group deleted", subject: &group.name, before: Some(&before), after: None }
            .write(connection, now, &by)
    })
}

fn put(connection: &Connection, group: &Group) -> Result<()> {
    let by_name = group.name.to_lowercase();
    let sql = "SELECT EXISTS (SELECT 1 FROM groups WHERE by_name = ? AND id <> ?)";
    if connection.query_row(sql, params![by_name, group.id.as_bytes()], |row| row.get(0))? {
        return Err(StoreError::Taken("the group's name"));
    }
    let sql = "INSERT INTO groups (id, name, by_name, role) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (id) DO UPDATE SET name = ?2, by_name = ?3, role = ?4";
    connection.execute(sql, params![group.id.as_bytes(), group.name, by_name, role_name(group.role)])?;
    connection.execute("DELETE FROM members WHERE member_group = ?", [group.id.as_bytes()])?;
    group.members.iter().try_for_each(|member| join(connection, group.id, *member))
}

/// A user is in these groups from now on, and in no others.
pub(super) fn put_into(connection: &Connection, user: UserId, groups: &[GroupId]) -> Result<()> {
    connection.execute("DELETE FROM members WHERE member = ?", [user.as_bytes()])?;
    groups.iter().try_for_each(|group| join(connection, *group, user))
}

/// If both are there; who is in it already stays.
fn join(connection: &Connection, group: GroupId, user: UserId) -> Result<()> {
    let sql = "INSERT INTO members (member_group, member) SELECT groups.id, users.id FROM groups, users \
               WHERE groups.id = ? AND users.id = ? ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute([group.as_bytes(), user.as_bytes()])?;
    Ok(())
}

/// A group as the audit log shows it.
fn shown(connection: &Connection, group: &Group) -> Result<Value> {
    let names = group.members.iter().map(|member| super::people::name_of(connection, *member));
    let names = names.collect::<Result<Vec<String>>>()?;
    Ok(json!({"name": group.name, "role": group.role, "members": names}))
}

pub(super) fn find(connection: &Connection, id: GroupId) -> Result<Option<Group>> {
    let mut statement = connection.prepare_cached(&format!("{GROUP} WHERE id = ?"))?;
    statement.query_and_then([id.as_bytes()], group)?.next().transpose()
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Group>> {
    let mut statement = connection.prepare_cached(&format!("{GROUP} ORDER BY by_name"))?;
    statement.query_and_then([], group)?.collect()
}

fn group(row: &Row<'_>) -> Result<Group> {
    let members: Vec<Uuid> = from_json(text(row, 3)?)?;
    Ok(Group {
        id: GroupId::from_bytes(row.get(0)?),
        name: row.get(1)?,
        role: role(text(row, 2)?)?,
        members: members.into_iter().map(UserId).collect(),
    })
}
