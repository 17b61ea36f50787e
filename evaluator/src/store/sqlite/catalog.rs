//! What was read from Grafana.

use atalaya_api::catalog::GrafanaSettings;
use atalaya_api::rule::Drift;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::super::catalog::{
    CatalogOrigin, CatalogStore, DashboardFilter, DashboardHead, DashboardRow, DashboardSort, DatasourceRow,
    DriftRow,
};
use super::super::{Actor, CipherError, Page, Result, Slice, StoreError};
use super::SqliteStore;
use super::paging::{Order, Select};
use super::row::{damaged, haystack, int, millis, to_json, unsigned};
use super::rules;
use super::settings::{Entry, setting};
use crate::domain::{Rule, RuleId};

/// Where the settings are kept, and whose secret it is.
const GRAFANA: &str = "grafana";
const HEAD: &str = "uid, title, folder, origin, url, panels, targets, problems, loaded_at";
/// The words of the index `rules_origin`.
const OF_DASHBOARD: &str = "deleted_at IS NULL AND json_extract(draft, '$.origin.dashboard') IS NOT NULL \
                            AND json_extract(draft, '$.origin.dashboard') = ?";

impl CatalogStore for SqliteStore {
    fn grafana(&self) -> Result<GrafanaSettings> {
        self.read(grafana)
    }

    fn put_grafana(&self, settings: &GrafanaSettings, token: Option<&str>, by: &Actor) -> Result<()> {
        let sealed = match token {
            Some(token) if !token.is_empty() => Some(Some(self.cipher.seal(GRAFANA, token.as_bytes())?)),
            Some(_) => Some(None),
            None => None,
        };
        let (mut settings, by, now) = (settings.clone(), by.clone(), self.now());
        self.write(move |connection| {
            let before = setting(connection, GRAFANA)?;
            if let Some(sealed) = &sealed {
                put_secret(connection, sealed.as_deref())?;
            }
            settings.token = None;
            settings.has_token = has_secret(connection)?;
            let value = serde_json::to_value(&settings).map_err(damaged)?;
            let sql =
                "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
            connection.prepare_cached(sql)?.execute(params![GRAFANA, to_json(&value)?])?;
            let mut after = value;
            if sealed.is_some() {
                after["secrets"] = "entered anew".into();
            }
            let (before, after) = (before.as_ref(), Some(&after));
            let entry = Entry { what: "grafana changed", subject: GRAFANA, before, after };
            entry.write(connection, now, &by)
        })
    }

    fn grafana_token(&self) -> Result<Option<String>> {
        let sealed: Option<Vec<u8>> = self.read(|connection| {
            let sql = "SELECT secret FROM secrets WHERE name = ?";
            Ok(connection.prepare_cached(sql)?.query_row([GRAFANA], |row| row.get(0)).optional()?)
        })?;
        let Some(sealed) = sealed else { return Ok(None) };
        let plain = self.cipher.open(GRAFANA, &sealed)?;
        String::from_utf8(plain).map(Some).map_err(|_| CipherError::Damaged.into())
    }

    fn audit_load(&self, what: &'static str, subject: &str, summary: &Value, by: &Actor) -> Result<()> {
        let (subject, after, by, now) = (subject.to_owned(), Some(summary.clone()), by.clone(), self.now());
        self.write(move |connection| {
            Entry { what, subject: &subject, before: None, after: after.as_ref() }.write(connection, now, &by)
        })
    }

    fn put_dashboard(&self, row: &DashboardRow, texts: &str) -> Result<()> {
        let (row, texts) = (row.clone(), texts.to_owned());
        self.write(move |connection| {
            let DashboardRow { head, frame } = &row;
            let search = haystack([Some(head.title.as_str()), head.folder.as_deref(), Some(&texts)]);
            let sql = "INSERT OR REPLACE INTO dashboards (uid, title, folder, by_place, search, origin, url, panels, targets, \
                       problems, loaded_at, dashboard) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
            connection.prepare_cached(sql)?.execute(params![
                head.uid,
                head.title,
                head.folder,
                place(head),
                search,
                origin_name(head.origin),
                head.url,
                int(head.panels),
                int(head.targets),
                int(head.problems),
                head.loaded_at.0,
                frame,
            ])?;
            Ok(())
        })
    }

    fn remove_dashboard(&self, uid: &str, by: Option<&Actor>) -> Result<bool> {
        let (uid, by, now) = (uid.to_owned(), by.cloned(), self.now());
        self.write(move |connection| {
            let Some(head) = head_of(connection, &uid)? else { return Ok(false) };
            connection.prepare_cached("DELETE FROM dashboards WHERE uid = ?")?.execute([&uid])?;
            if let Some(by) = by {
                let before = json!({ "title": head.title, "folder": head.folder });
                let entry =
                    Entry { what: "dashboard removed", subject: &uid, before: Some(&before), after: None };
                entry.write(connection, now, &by)?;
            }
            Ok(true)
        })
    }

    fn dashboard(&self, uid: &str) -> Result<Option<DashboardRow>> {
        self.read(|connection| {
            let sql = format!("SELECT {HEAD}, dashboard FROM dashboards WHERE uid = ?");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([uid])?;
            let row = rows.next()?;
            row.map(|row| Ok(DashboardRow { head: head(row)?, frame: row.get(9)? })).transpose()
        })
    }

    fn dashboards(&self, filter: &DashboardFilter, slice: &Slice) -> Result<Page<DashboardHead>> {
        let mut select = Select::new("dashboards", HEAD);
        match filter.folder.as_deref() {
            Some("") => select.only("folder IS NULL", []),
            folder => select.only_if("folder = ?", folder.map(str::to_owned)),
        }
        select.words("search", filter.q.as_deref());
        let (list, keys): (_, &'static [&'static str]) = match filter.sort {
            DashboardSort::Place => ("dashboards/place", &["by_place", "uid"]),
            DashboardSort::Title => ("dashboards/title", &["lower(title)", "uid"]),
            DashboardSort::Loaded => ("dashboards/loaded", &["loaded_at", "uid"]),
        };
        let order = Order { list, keys, descending: filter.descending };
        self.read(|connection| select.page(connection, &order, slice, head))
    }

    fn dashboards_of(&self, origin: CatalogOrigin) -> Result<Vec<String>> {
        self.read(|connection| {
            let sql = "SELECT uid FROM dashboards WHERE origin = ? ORDER BY uid";
            strings(connection, sql, [origin_name(origin)])
        })
    }

    fn folders(&self) -> Result<Vec<(Option<String>, u64)>> {
        self.read(|connection| {
            let sql = "SELECT folder, count(*) FROM dashboards GROUP BY folder ORDER BY lower(folder)";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut folders = Vec::new();
            while let Some(row) = rows.next()? {
                folders.push((row.get(0)?, unsigned(row, 1)?));
            }
            Ok(folders)
        })
    }

    fn put_datasources(&self, rows: &[DatasourceRow], origin: CatalogOrigin) -> Result<()> {
        let rows = rows.to_vec();
        self.write(move |connection| {
            if origin == CatalogOrigin::Grafana {
                // Those that are gone and stand for nothing are forgotten.
                let there: Vec<&str> = rows.iter().map(|row| row.uid.as_str()).collect();
                let sql = "DELETE FROM datasources WHERE origin = 'grafana' AND source IS NULL \
                           AND uid NOT IN (SELECT value FROM json_each(?))";
                connection.prepare_cached(sql)?.execute([to_json(&there)?])?;
            }
            let sql = "INSERT INTO datasources (uid, name, kind, url, is_default, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                       ON CONFLICT DO UPDATE SET name = ?2, kind = ?3, url = ?4, is_default = ?5, origin = ?6 \
                       WHERE ?6 = 'grafana' OR origin = 'file'";
            let mut statement = connection.prepare_cached(sql)?;
            for row in &rows {
                statement.execute(params![
                    row.uid,
                    row.name,
                    row.kind,
                    row.url,
                    row.is_default,
                    origin_name(origin)
                ])?;
            }
            Ok(())
        })
    }

    fn datasources(&self) -> Result<Vec<DatasourceRow>> {
        self.read(|connection| {
            let sql = "SELECT uid, name, kind, url, is_default, origin, source FROM datasources \
                       ORDER BY lower(name), uid";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut datasources = Vec::new();
            while let Some(row) = rows.next()? {
                datasources.push(datasource(row)?);
            }
            Ok(datasources)
        })
    }

    fn match_datasource(&self, uid: &str, source: Option<&str>, by: &Actor) -> Result<()> {
        let (uid, source, by, now) = (uid.to_owned(), source.map(str::to_owned), by.clone(), self.now());
        self.write(move |connection| {
            let sql = "SELECT source FROM datasources WHERE uid = ?";
            let before: Option<Option<String>> =
                connection.prepare_cached(sql)?.query_row([&uid], |row| row.get(0)).optional()?;
            let before = before.ok_or(StoreError::NotFound)?;
            let sql = "UPDATE datasources SET source = ? WHERE uid = ?";
            connection.prepare_cached(sql)?.execute(params![source, uid])?;
            let shown = |source: Option<String>| Some(json!({ "source": source }));
            let (before, after) = (shown(before), shown(source));
            Entry {
                what: "data source matched",
                subject: &uid,
                before: before.as_ref(),
                after: after.as_ref(),
            }
            .write(connection, now, &by)
        })
    }

    fn rules_of_dashboard(&self, uid: &str) -> Result<Vec<Rule>> {
        self.read(|connection| {
            let sql = format!("SELECT {} FROM rules WHERE {OF_DASHBOARD}", rules::COLUMNS);
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([uid])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(rules::rule(row)?);
            }
            Ok(found)
        })
    }

    fn rules_by_dashboard(&self, uids: &[String]) -> Result<Vec<u64>> {
        self.read(|connection| {
            let sql = format!("SELECT count(*) FROM rules WHERE {OF_DASHBOARD}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut count = |uid: &String| -> Result<u64> {
                let count: i64 = statement.query_row([uid], |row| row.get(0))?;
                Ok(count.unsigned_abs())
            };
            uids.iter().map(&mut count).collect()
        })
    }

    fn dashboards_of_rules(&self) -> Result<Vec<String>> {
        self.read(|connection| {
            let sql = "SELECT DISTINCT json_extract(draft, '$.origin.dashboard') FROM rules \
                       WHERE deleted_at IS NULL AND json_extract(draft, '$.origin.dashboard') IS NOT NULL";
            strings(connection, sql, [])
        })
    }

    fn put_drift(&self, dashboard: &str, rows: &[DriftRow]) -> Result<()> {
        let (dashboard, rows) = (dashboard.to_owned(), rows.to_vec());
        self.write(move |connection| {
            let sql = format!("DELETE FROM drift WHERE rule IN (SELECT id FROM rules WHERE {OF_DASHBOARD})");
            connection.prepare_cached(&sql)?.execute([&dashboard])?;
            let sql = "INSERT OR REPLACE INTO drift (rule, before, now, expr) VALUES (?, ?, ?, ?)";
            let mut statement = connection.prepare_cached(sql)?;
            for DriftRow { rule, drift } in &rows {
                statement.execute(params![rule.as_bytes(), drift.before, drift.now, drift.expr])?;
            }
            Ok(())
        })
    }

    fn drift(&self, rule: RuleId) -> Result<Option<Drift>> {
        self.read(|connection| {
            let sql = "SELECT before, now, expr FROM drifted WHERE rule = ?";
            let drift =
                |row: &Row<'_>| Ok(Drift { before: row.get(0)?, now: row.get(1)?, expr: row.get(2)? });
            Ok(connection.prepare_cached(sql)?.query_row([rule.as_bytes()], drift).optional()?)
        })
    }

    fn drifted(&self) -> Result<u64> {
        self.read(|connection| {
            let count: i64 =
                connection.prepare_cached("SELECT count(*) FROM drifted")?.query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }
}

fn grafana(connection: &Connection) -> Result<GrafanaSettings> {
    let stored: Option<Value> = setting(connection, GRAFANA)?;
    // What was stored by another version and cannot be read counts as never saved.
    let settings = stored.and_then(|value| serde_json::from_value(value).ok());
    let settings: GrafanaSettings = settings.unwrap_or_default();
    Ok(GrafanaSettings { has_token: has_secret(connection)?, token: None, ..settings })
}

fn has_secret(connection: &Connection) -> Result<bool> {
    let sql = "SELECT count(*) FROM secrets WHERE name = ?";
    let count: i64 = connection.prepare_cached(sql)?.query_row([GRAFANA], |row| row.get(0))?;
    Ok(count > 0)
}

fn put_secret(connection: &Connection, secret: Option<&[u8]>) -> Result<()> {
    match secret {
        Some(secret) => {
            let sql =
                "INSERT INTO secrets (name, secret) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET secret = ?2";
            connection.prepare_cached(sql)?.execute(params![GRAFANA, secret])?
        }
        None => connection.prepare_cached("DELETE FROM secrets WHERE name = ?")?.execute([GRAFANA])?,
    };
    Ok(())
}

fn strings<P: rusqlite::Params>(connection: &Connection, sql: &str, params: P) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(sql)?;
    let all = statement.query_map(params, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(all)
}

/// What sorts by folder and then by title; those in no folder come first.
fn place(head: &DashboardHead) -> String {
    let folder = head.folder.as_deref().unwrap_or_default();
    format!("{}\u{1}{}", folder.to_lowercase(), head.title.to_lowercase())
}

fn head_of(connection: &Connection, uid: &str) -> Result<Option<DashboardHead>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {HEAD} FROM dashboards WHERE uid = ?"))?;
    let mut rows = statement.query([uid])?;
    rows.next()?.map(head).transpose()
}

fn head(row: &Row<'_>) -> Result<DashboardHead> {
    Ok(DashboardHead {
        uid: row.get(0)?,
        title: row.get(1)?,
        folder: row.get(2)?,
        origin: origin(row, 3)?,
        url: row.get(4)?,
        panels: unsigned(row, 5)?,
        targets: unsigned(row, 6)?,
        problems: unsigned(row, 7)?,
        loaded_at: millis(row, 8)?,
    })
}

fn datasource(row: &Row<'_>) -> Result<DatasourceRow> {
    Ok(DatasourceRow {
        uid: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        url: row.get(3)?,
        is_default: row.get(4)?,
        origin: origin(row, 5)?,
        source: row.get(6)?,
    })
}

fn origin(row: &Row<'_>, column: usize) -> Result<CatalogOrigin> {
    match super::row::text(row, column)? {
        "grafana" => Ok(CatalogOrigin::Grafana),
        "file" => Ok(CatalogOrigin::File),
        other => Err(damaged(format!("the origin {other:?}"))),
    }
}

fn origin_name(origin: CatalogOrigin) -> &'static str {
    match origin {
        CatalogOrigin::Grafana => "grafana",
        CatalogOrigin::File => "file",
    }
}
