//! Rules.

use atalaya_api::event::RuleAction;
use atalaya_api::span::Span;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, Page, Result, RuleFilter, RuleSort, RuleStore, RuleWrite, Slice, StoreError};
use super::SqliteStore;
use super::events;
use super::paging::{Order, Select};
use super::row::{damaged, from_json, haystack, hex_list, int, millis, rule_id, text, to_json, unsigned};
use super::settings::Entry;
use super::telling;
use crate::domain::{Millis, Rule, RuleId};

pub(super) const COLUMNS: &str =
    "id, version, draft, interval_s, time_zone, created_at, updated_at, updated_by, deleted_at";

/// How a rule sorts by severity: 0 while paused, else one more than the worst that it holds.
const STANDING: &str =
    "1 + ifnull((SELECT max(severity) FROM alarms WHERE alarms.rule = ?1 AND active = 1), 0)";

impl RuleStore for SqliteStore {
    fn create_rule(&self, rule: &Rule, by: &Actor) -> Result<()> {
        let write = RuleWrite { before: None, rule: rule.clone(), action: RuleAction::Created };
        self.write_rules(&[write], by)
    }

    fn change_rule(&self, rule: &Rule, expected: u64, action: RuleAction, by: &Actor) -> Result<()> {
        let before = self.rule(rule.id)?.ok_or(StoreError::NotFound)?;
        if before.version != expected {
            return Err(StoreError::VersionMoved);
        }
        let write = RuleWrite { before: Some(before), rule: rule.clone(), action };
        self.write_rules(&[write], by)
    }

    fn write_rules(&self, writes: &[RuleWrite], by: &Actor) -> Result<()> {
        let rows = rule_rows(writes)?;
        let (by, now) = (by.clone(), self.now());
        self.write(move |connection| put_all(connection, &rows, &by, now))
    }

    fn rule(&self, id: RuleId) -> Result<Option<Rule>> {
        self.read(|connection| find(connection, id))
    }

    fn rules_by_id(&self, ids: &[RuleId]) -> Result<Vec<Rule>> {
        self.read(|connection| {
            let mut seen = std::collections::HashSet::new();
            let wanted = ids.iter().filter(|id| seen.insert(**id));
            wanted.filter_map(|id| find(connection, *id).transpose()).collect()
        })
    }

    fn rules(&self, filter: &RuleFilter, slice: &Slice) -> Result<Page<Rule>> {
        let (select, order) = (select(filter), order(filter));
        self.read(|connection| select.page(connection, &order, slice, rule))
    }

    fn each_rule(&self, visit: &mut dyn FnMut(Rule)) -> Result<()> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM rules WHERE deleted_at IS NULL");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                visit(rule(row)?);
            }
            Ok(())
        })
    }
}

fn find(connection: &Connection, id: RuleId) -> Result<Option<Rule>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM rules WHERE id = ?"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(rule).transpose()
}

/// A change of a rule with its columns: made before the writing thread is asked, which others wait for.
pub(super) struct RuleRow {
    rule: Rule,
    /// The version that must be stored; none: it is new.
    expected: Option<u64>,
    action: &'static str,
    draft: String,
    search: String,
    before: Option<Value>,
    after: Value,
}

pub(super) fn rule_rows(writes: &[RuleWrite]) -> Result<Vec<RuleRow>> {
    writes.iter().map(rule_row).collect()
}

fn rule_row(write: &RuleWrite) -> Result<RuleRow> {
    let (draft, query) = (&write.rule.draft, &write.rule.draft.query);
    let search = haystack([
        Some(draft.name.as_str()),
        Some(&query.expr),
        query.dashboard.as_deref(),
        query.panel.as_deref(),
        Some(&draft.note),
    ]);
    Ok(RuleRow {
        expected: write.before.as_ref().map(|before| before.version),
        action: action_name(write.action),
        draft: to_json(draft)?,
        search,
        before: write.before.as_ref().map(audited).transpose()?,
        after: audited(&write.rule)?,
        rule: write.rule.clone(),
    })
}

/// Writes all of them in the caller's transaction, with audit and events.
pub(super) fn put_all(connection: &Connection, rows: &[RuleRow], by: &Actor, now: Millis) -> Result<()> {
    for row in rows {
        let id = row.rule.id;
        match (version(connection, id)?, row.expected) {
            (Some(_), None) => return Err(StoreError::Taken("the rule's id")),
            (None, Some(_)) => return Err(StoreError::NotFound),
            (Some(stored), Some(expected)) if stored != expected => return Err(StoreError::VersionMoved),
            _ => {}
        }
        put(connection, row)?;
        if row.expected.is_some() {
            telling::mark_rule(connection, id, now)?;
        }
        let (what, subject) = (format!("rule {}", row.action), id.to_string());
        let (before, after) = (row.before.as_ref(), Some(&row.after));
        Entry { what: &what, subject: &subject, before, after }.write(connection, now, by)?;
        events::add_rule(connection, id, row.action)?;
    }
    Ok(())
}

fn version(connection: &Connection, id: RuleId) -> Result<Option<u64>> {
    let mut statement = connection.prepare_cached("SELECT version FROM rules WHERE id = ?")?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(|row| unsigned(row, 0)).transpose()
}

fn put(connection: &Connection, row: &RuleRow) -> Result<()> {
    let (rule, draft, query) = (&row.rule, &row.rule.draft, &row.rule.draft.query);
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
    let standing = if draft.enabled { STANDING } else { "0" };
    let sql = format!(
        "INSERT INTO rules (id, version, by_name, dashboard, panel, interval_s, created_at, updated_at, updated_by, \
         deleted_at, time_zone, search, draft, check_name, template, period, by_dashboard, by_panel, by_expr, standing) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, {standing}) \
         ON CONFLICT DO UPDATE SET version = ?2, by_name = ?3, dashboard = ?4, panel = ?5, interval_s = ?6, \
         created_at = ?7, updated_at = ?8, updated_by = ?9, deleted_at = ?10, time_zone = ?11, search = ?12, \
         draft = ?13, check_name = ?14, template = ?15, period = ?16, by_dashboard = ?17, by_panel = ?18, \
         by_expr = ?19, standing = excluded.standing"
    );
    connection.prepare_cached(&sql)?.execute(params![
        rule.id.as_bytes(),
        int(rule.version),
        draft.name.to_lowercase(),
        query.dashboard,
        query.panel,
        rule.interval.seconds(),
        rule.created_at.0,
        rule.updated_at.0,
        rule.updated_by,
        rule.deleted_at.map(|at| at.0),
        rule.time_zone,
        row.search,
        row.draft,
        draft.check.name,
        draft.template.as_ref().map(|template| &template.id),
        draft.period,
        lower(&query.dashboard),
        lower(&query.panel),
        query.expr.to_lowercase(),
    ])?;
    Ok(())
}

/// The rule's alarms changed: how it sorts by severity, unless it is paused.
pub(super) fn settle_standing(connection: &Connection, rule: &[u8; 16]) -> Result<()> {
    let sql =
        format!("UPDATE rules SET standing = {STANDING} WHERE id = ?1 AND standing NOT IN (0, {STANDING})");
    connection.prepare_cached(&sql)?.execute([rule])?;
    Ok(())
}

/// A rule as the audit log shows it.
fn audited(rule: &Rule) -> Result<Value> {
    Ok(json!({
        "version": rule.version,
        "rule": serde_json::to_value(&rule.draft).map_err(damaged)?,
        "interval": rule.interval,
        "time_zone": rule.time_zone,
        "deleted_at": rule.deleted_at.map(Millis::timestamp),
    }))
}

pub(super) fn action_name(action: RuleAction) -> &'static str {
    match action {
        RuleAction::Created => "created",
        RuleAction::Updated => "updated",
        RuleAction::Deleted => "deleted",
        RuleAction::Restored => "restored",
    }
}

pub(super) fn action(name: &str) -> Result<RuleAction> {
    [RuleAction::Created, RuleAction::Updated, RuleAction::Deleted, RuleAction::Restored]
        .into_iter()
        .find(|action| action_name(*action) == name)
        .ok_or_else(|| damaged(format!("action {name:?}")))
}

pub(super) fn rule(row: &Row<'_>) -> Result<Rule> {
    Ok(Rule {
        id: rule_id(row, 0)?,
        version: unsigned(row, 1)?,
        draft: from_json(text(row, 2)?)?,
        interval: Span(row.get(3)?),
        time_zone: row.get(4)?,
        created_at: millis(row, 5)?,
        updated_at: millis(row, 6)?,
        updated_by: row.get(7)?,
        deleted_at: row.get::<_, Option<i64>>(8)?.map(Millis),
    })
}

fn select(filter: &RuleFilter) -> Select {
    let mut select = Select::new("rules", COLUMNS);
    select.only("deleted = ?", [Sql::Integer(filter.deleted.into())]);
    select.only_if("dashboard = ?", filter.dashboard.clone());
    select.only_if("panel = ?", filter.panel.clone());
    select.only_if("json_extract(draft, '$.query.source') = ?", filter.source.clone());
    if let Some((key, value)) = &filter.label {
        let condition = "EXISTS (SELECT 1 FROM json_each(draft, '$.labels') WHERE key = ? AND value = ?)";
        select.only(condition, [key.clone().into(), value.clone().into()]);
    }
    if let Some(severity) = filter.severity {
        let condition = "EXISTS (SELECT 1 FROM alarms WHERE alarms.rule = rules.id \
                         AND active = 1 AND severity = ?)";
        select.only(condition, [Sql::Integer(severity as i64)]);
    }
    select.only_if("check_name = ?", filter.check.clone());
    select.only_if("template = ?", filter.template.clone());
    select.only_if("period = ?", filter.period.clone());
    if filter.drifted {
        select.only("id IN (SELECT rule FROM drifted)", []);
    }
    match filter.paused {
        Some(true) => select.only("standing = 0", []),
        Some(false) => select.only("standing > 0", []),
        None => {}
    }
    for set in &filter.among {
        let not = if set.except { "NOT " } else { "" };
        let condition = format!("id {not}IN (SELECT unhex(value) FROM json_each(?))");
        select.only(condition, [Sql::Text(hex_list(set.ids.iter().map(|id| id.0)))]);
    }
    select.words("search", filter.q.as_deref());
    select
}

fn order(filter: &RuleFilter) -> Order {
    let (list, keys): (_, &'static [&'static str]) = match filter.sort {
        RuleSort::Name => ("rules/name", &["by_name", "id"]),
        RuleSort::Created => ("rules/created", &["created_at", "id"]),
        RuleSort::Updated => ("rules/updated", &["updated_at", "id"]),
        RuleSort::Interval => ("rules/interval", &["interval_s", "by_name", "id"]),
        RuleSort::Severity => ("rules/standing", &["standing", "by_name", "id"]),
        RuleSort::Dashboard => ("rules/dashboard", &["by_dashboard", "by_panel", "by_name", "id"]),
        RuleSort::Panel => ("rules/panel", &["by_panel", "by_dashboard", "by_name", "id"]),
        RuleSort::Metric => ("rules/metric", &["by_expr", "by_name", "id"]),
        RuleSort::Check => ("rules/check", &["check_name", "by_name", "id"]),
    };
    Order { list, keys, descending: filter.descending }
}
