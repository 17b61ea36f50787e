//! Mutes, and who is woken when it becomes quiet or no longer is.

use atalaya_api::event::QuietChange;
use atalaya_api::quiet::{MuteKind, MuteTarget};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde_json::{Value, json};

use super::super::{Actor, QuietStore, Result, StoreError};
use super::row::{damaged, millis, subject, text};
use super::settings::Entry;
use super::{SqliteStore, acknowledge, events, maintenance};
use crate::domain::{
    Acknowledgement, AlarmId, MaintenanceConfig, MaintenanceId, Millis, Mute, MuteId, RuleId,
};

const COLUMNS: &str = "id, kind, target, name, starts, until, reason, by";

/// How long a mute, and a window that was deleted, is kept after its end, ms: longer than any period is closed, because when it opens it
/// matters whether one ended meanwhile.
const KEPT_MS: i64 = 400 * 86_400_000;

const KINDS: [(&str, MuteKind); 4] = [
    ("alarm", MuteKind::Alarm),
    ("rule", MuteKind::Rule),
    ("dashboard", MuteKind::Dashboard),
    ("receiver", MuteKind::Receiver),
];

impl QuietStore for SqliteStore {
    fn acknowledge(&self, alarms: &[AlarmId], note: &str, by: &Actor) -> Result<Vec<AlarmId>> {
        let (alarms, by, now) = (alarms.to_vec(), by.clone(), self.now());
        let wanted = Acknowledgement { by: by.name.clone(), at: now, note: note.to_owned() };
        self.write(move |connection| acknowledge::write(connection, &alarms, Some(&wanted), &by, now))
    }

    fn unacknowledge(&self, alarms: &[AlarmId], by: &Actor) -> Result<Vec<AlarmId>> {
        let (alarms, by, now) = (alarms.to_vec(), by.clone(), self.now());
        self.write(move |connection| acknowledge::write(connection, &alarms, None, &by, now))
    }

    fn mute(&self, mutes: &[Mute], by: &Actor) -> Result<()> {
        let (mutes, by, now) = (mutes.to_vec(), by.clone(), self.now());
        self.write(move |connection| {
            for mute in &mutes {
                put(connection, mute)?;
                let what = format!("{} muted", kind_name(mute.target.kind));
                tell(connection, &what, None, mute, &by, now)?;
                wake_target(connection, &mute.target, now)?;
            }
            if mutes.is_empty() { Ok(()) } else { events::add_quiet(connection, QuietChange::Muted) }
        })
    }

    fn name_of(&self, target: &MuteTarget) -> Result<Option<String>> {
        self.read(|connection| name_of(connection, target))
    }

    fn mutes(&self, now: Millis) -> Result<Vec<Mute>> {
        self.read(|connection| {
            // Of an alarm that is over nobody asks when its mute ended, and there may be very many of them.
            let sql = format!(
                "SELECT {COLUMNS} FROM mutes WHERE until >= ?1 AND (until > ?2 OR kind <> 'alarm' OR \
                 EXISTS (SELECT 1 FROM alarms WHERE id = unhex(replace(target, '-', '')) AND active = 1)) ORDER BY until, id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_and_then([now.plus(-KEPT_MS).0, now.0], mute)?.collect()
        })
    }

    fn end_mute(&self, id: MuteId, by: &Actor) -> Result<bool> {
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, id)?.ok_or(StoreError::NotFound)?;
            if before.until <= now {
                return Ok(false);
            }
            let after = Mute { until: now, ..before.clone() };
            put(connection, &after)?;
            tell(connection, "mute ended", Some(&before), &after, &by, now)?;
            wake_target(connection, &after.target, now)?;
            events::add_quiet(connection, QuietChange::Muted)?;
            Ok(true)
        })
    }

    fn create_maintenance(&self, window: &MaintenanceConfig, by: &Actor) -> Result<()> {
        maintenance::create(self, window, by)
    }

    fn change_maintenance(&self, window: &MaintenanceConfig, expected: u64, by: &Actor) -> Result<()> {
        maintenance::change(self, window, expected, by)
    }

    fn maintenance(&self, id: MaintenanceId) -> Result<Option<MaintenanceConfig>> {
        self.read(|connection| maintenance::find(connection, id))
    }

    fn windows(&self) -> Result<Vec<MaintenanceConfig>> {
        self.read(maintenance::all)
    }

    fn prune_mutes(&self, now: Millis) -> Result<()> {
        self.write(move |connection| {
            let sql = "DELETE FROM mutes WHERE until < ?";
            connection.prepare_cached(sql)?.execute([now.plus(-KEPT_MS).0])?;
            let sql = "DELETE FROM maintenance WHERE deleted_at < ?";
            connection.prepare_cached(sql)?.execute([now.plus(-KEPT_MS).0])?;
            Ok(())
        })
    }
}

fn find(connection: &Connection, id: MuteId) -> Result<Option<Mute>> {
    let sql = format!("SELECT {COLUMNS} FROM mutes WHERE id = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(mute).transpose()
}

fn mute(row: &Row<'_>) -> Result<Mute> {
    let word = text(row, 1)?;
    let kind = KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
    Ok(Mute {
        id: MuteId::from_bytes(row.get(0)?),
        target: MuteTarget {
            kind: kind.ok_or_else(|| damaged(format!("a mute of {word:?}")))?,
            id: row.get(2)?,
        },
        name: row.get(3)?,
        from: millis(row, 4)?,
        until: millis(row, 5)?,
        reason: row.get(6)?,
        by: row.get(7)?,
    })
}

fn kind_name(kind: MuteKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(word, _)| word)
}

fn put(connection: &Connection, mute: &Mute) -> Result<()> {
    let sql = format!("INSERT OR REPLACE INTO mutes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    connection.prepare_cached(&sql)?.execute(params![
        mute.id.as_bytes(),
        kind_name(mute.target.kind),
        mute.target.id,
        mute.name,
        mute.from.0,
        mute.until.0,
        mute.reason,
        mute.by,
    ])?;
    Ok(())
}

fn tell(
    connection: &Connection,
    what: &str,
    before: Option<&Mute>,
    after: &Mute,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let before = before.map(audited);
    Entry { what, subject: &after.target.id, before: before.as_ref(), after: Some(&audited(after)) }
        .write(connection, now, by)
}

/// A mute as the audit log shows it.
fn audited(mute: &Mute) -> Value {
    json!({
        "name": mute.name,
        "from": mute.from.timestamp(),
        "until": mute.until.timestamp(),
        "reason": mute.reason,
        "by": mute.by,
    })
}

fn name_of(connection: &Connection, target: &MuteTarget) -> Result<Option<String>> {
    let find = |sql: &str, id: Sql| -> Result<Option<String>> {
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    };
    let blob = |bytes: &[u8; 16]| Sql::Blob(bytes.to_vec());
    match target.kind {
        MuteKind::Alarm => {
            let Ok(id) = target.id.parse::<AlarmId>() else { return Ok(None) };
            let sql = "SELECT subject_key FROM alarms WHERE id = ? AND active = 1";
            let key = find(sql, blob(id.as_bytes()))?;
            key.map(|key| Ok(subject(&key)?.name().to_owned())).transpose()
        }
        MuteKind::Rule => {
            let Ok(id) = target.id.parse::<RuleId>() else { return Ok(None) };
            let sql = "SELECT json_extract(draft, '$.name') FROM rules WHERE id = ? AND deleted_at IS NULL";
            find(sql, blob(id.as_bytes()))
        }
        MuteKind::Dashboard => {
            let sql = "SELECT ?1 WHERE EXISTS (SELECT 1 FROM rules WHERE deleted = 0 AND dashboard = ?1) \
                       OR EXISTS (SELECT 1 FROM dashboards WHERE title = ?1) \
                       OR EXISTS (SELECT 1 FROM alarms WHERE active = 1 AND dashboard = ?1)";
            find(sql, Sql::Text(target.id.clone()))
        }
        MuteKind::Receiver => {
            let sql =
                "SELECT json_extract(draft, '$.name') FROM receivers WHERE id = ? AND deleted_at IS NULL";
            find(sql, Sql::Text(target.id.clone()))
        }
    }
}

fn wake_target(connection: &Connection, target: &MuteTarget, now: Millis) -> Result<()> {
    match target.kind {
        MuteKind::Alarm => {
            let id: AlarmId = target.id.parse().map_err(damaged)?;
            wake(connection, "id = ?", vec![id.as_bytes().to_vec().into()], now)
        }
        MuteKind::Rule => {
            let id: RuleId = target.id.parse().map_err(damaged)?;
            wake(connection, "rule = ?", vec![id.as_bytes().to_vec().into()], now)
        }
        MuteKind::Dashboard => wake(connection, "dashboard = ?", vec![target.id.clone().into()], now),
        MuteKind::Receiver => wake(connection, "true", Vec::new(), now),
    }
}

/// The same for all alarms of a kind that stand, or of which somebody waits to be told that they no longer do. `values`: in the order of
/// the question marks in `of`.
pub(super) fn wake(connection: &Connection, of: &str, values: Vec<Sql>, now: Millis) -> Result<()> {
    let values: Vec<Sql> = std::iter::once(Sql::Integer(now.0)).chain(values).collect();
    for at_issue in ["active = 1", "n IN (SELECT alarm FROM told WHERE look_at IS NOT NULL)"] {
        let sql = format!(
            "INSERT INTO outbox (alarm, since) SELECT n, ? FROM alarms WHERE {at_issue} AND {of} \
             ON CONFLICT DO UPDATE SET mark = mark + 1"
        );
        connection.prepare_cached(&sql)?.execute(params_from_iter(&values))?;
    }
    Ok(())
}
