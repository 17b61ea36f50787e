//! Rules.

use atalaya_api::event::RuleAction;
use atalaya_api::span::Span;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, Page, Result, RuleFilter, RuleSort, RuleStore, Slice, StoreError};
use super::SqliteStore;
use super::events;
use super::paging::{Order, Select};
use super::row::{damaged, from_json, haystack, int, millis, rule_id, text, to_json, unsigned};
use super::settings::Entry;
use crate::domain::{Millis, Rule, RuleId};

pub(super) const COLUMNS: &str =
    "id, version, draft, interval_s, time_zone, created_at, updated_at, updated_by, deleted_at";

/// The worst severity that a rule holds now, 0 when none.
const WORST: &str = "ifnull((SELECT max(severity) FROM alarms \
     WHERE alarms.rule = rules.id AND active = 1), 0)";

impl RuleStore for SqliteStore {
    fn create_rule(&self, rule: &Rule, by: &Actor) -> Result<()> {
        let (rule, by, now) = (rule.clone(), by.clone(), self.now());
        self.write(move |connection| {
            if find(connection, rule.id)?.is_some() {
                return Err(StoreError::Taken("the rule's id"));
            }
            put(connection, &rule)?;
            tell(connection, None, &rule, RuleAction::Created, &by, now)
        })
    }

    fn change_rule(&self, rule: &Rule, expected: u64, action: RuleAction, by: &Actor) -> Result<()> {
        let (rule, by, now) = (rule.clone(), by.clone(), self.now());
        self.write(move |connection| {
            let before = find(connection, rule.id)?.ok_or(StoreError::NotFound)?;
            if before.version != expected {
                return Err(StoreError::VersionMoved);
            }
            put(connection, &rule)?;
            tell(connection, Some(&before), &rule, action, &by, now)
        })
    }

    fn rule(&self, id: RuleId) -> Result<Option<Rule>> {
        self.read(|connection| find(connection, id))
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

fn put(connection: &Connection, rule: &Rule) -> Result<()> {
    let (draft, query) = (&rule.draft, &rule.draft.query);
    let search = haystack([
        Some(draft.name.as_str()),
        Some(&query.expr),
        query.dashboard.as_deref(),
        query.panel.as_deref(),
        Some(&draft.note),
    ]);
    let sql = "INSERT OR REPLACE INTO rules (id, version, by_name, dashboard, panel, interval_s, created_at, \
               updated_at, updated_by, deleted_at, time_zone, search, draft, check_name, template) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
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
        search,
        to_json(draft)?,
        draft.check.name,
        draft.template.as_ref().map(|template| &template.id),
    ])?;
    Ok(())
}

/// Audit and event of a change.
fn tell(
    connection: &Connection,
    before: Option<&Rule>,
    rule: &Rule,
    action: RuleAction,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let subject = rule.id.to_string();
    let what = format!("rule {}", action_name(action));
    let before = before.map(audited).transpose()?;
    Entry { what: &what, subject: &subject, before, after: Some(audited(rule)?) }
        .write(connection, now, by)?;
    events::add_rule(connection, rule.id, action_name(action))
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
    select.words("search", filter.q.as_deref());
    select
}

fn order(filter: &RuleFilter) -> Order {
    let (list, keys): (_, &'static [&'static str]) = match filter.sort {
        RuleSort::Name => ("rules/name", &["by_name", "id"]),
        RuleSort::Created => ("rules/created", &["created_at", "id"]),
        RuleSort::Updated => ("rules/updated", &["updated_at", "id"]),
        RuleSort::Interval => ("rules/interval", &["interval_s", "by_name", "id"]),
        RuleSort::Severity => ("rules/severity", &[WORST, "by_name", "id"]),
    };
    Order { list, keys, descending: filter.descending }
}
