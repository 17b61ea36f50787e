//! Templates.

use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::super::{Actor, Page, Result, RuleWrite, Slice, StoreError, TemplateFilter, TemplateStore};
use super::SqliteStore;
use super::paging::{Order, Select};
use super::row::{damaged, from_json, int, millis, text, to_json, unsigned};
use super::rules;
use super::settings::Entry;
use crate::domain::{Millis, RuleId, Template, TemplateId};

const COLUMNS: &str = "id, version, draft, created_at, updated_at, updated_by, deleted_at, released";

impl TemplateStore for SqliteStore {
    fn write_template(
        &self,
        before: Option<&Template>,
        template: &Template,
        rules: &[RuleWrite],
        by: &Actor,
    ) -> Result<()> {
        let rows = rules::rule_rows(rules)?;
        let (before, template, by, now) = (before.cloned(), template.clone(), by.clone(), self.now());
        self.write(move |connection| {
            let stored = find(connection, template.id)?.map(|stored| stored.version);
            match (stored, before.as_ref().map(|before| before.version)) {
                (Some(_), None) => return Err(StoreError::Taken("the template's id")),
                (None, Some(_)) => return Err(StoreError::NotFound),
                (stored, expected) if stored != expected => return Err(StoreError::VersionMoved),
                _ => {}
            }
            require_free_name(connection, &template)?;
            put(connection, &template)?;
            tell(connection, before.as_ref(), &template, &by, now)?;
            rules::put_all(connection, &rows, &by, now)
        })
    }

    fn template(&self, id: TemplateId) -> Result<Option<Template>> {
        self.read(|connection| find(connection, id))
    }

    fn templates(&self, filter: &TemplateFilter, slice: &Slice) -> Result<Page<Template>> {
        let mut select = Select::new("templates", COLUMNS);
        select.only(if filter.deleted { "deleted_at IS NOT NULL" } else { "deleted_at IS NULL" }, []);
        select.words("by_name", filter.q.as_deref());
        let order = Order { list: "templates", keys: &["by_name", "id"], descending: false };
        self.read(|connection| select.page(connection, &order, slice, template))
    }

    fn rules_of_template(&self, id: TemplateId) -> Result<u64> {
        self.read(|connection| {
            let sql = "SELECT count(*) FROM rules WHERE template = ? AND deleted_at IS NULL";
            let mut statement = connection.prepare_cached(sql)?;
            let rules: i64 = statement.query_row([id.to_string()], |row| row.get(0))?;
            Ok(rules.unsigned_abs())
        })
    }
}

fn find(connection: &Connection, id: TemplateId) -> Result<Option<Template>> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE id = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id.to_string()])?;
    rows.next()?.map(template).transpose()
}

fn template(row: &Row<'_>) -> Result<Template> {
    let released: Vec<(String, String)> = from_json(text(row, 7)?)?;
    let with_id = |(id, set): (String, String)| Ok((id.parse::<RuleId>().map_err(damaged)?, set));
    Ok(Template {
        id: text(row, 0)?.parse().map_err(damaged)?,
        version: unsigned(row, 1)?,
        draft: from_json(text(row, 2)?)?,
        created_at: millis(row, 3)?,
        updated_at: millis(row, 4)?,
        updated_by: row.get(5)?,
        deleted_at: row.get::<_, Option<i64>>(6)?.map(Millis),
        released: released.into_iter().map(with_id).collect::<Result<_>>()?,
    })
}

fn require_free_name(connection: &Connection, template: &Template) -> Result<()> {
    if template.deleted_at.is_some() {
        return Ok(());
    }
    let sql = "SELECT 1 FROM templates WHERE by_name = ? AND id <> ? AND deleted_at IS NULL";
    let values = params![template.draft.name.to_lowercase(), template.id.to_string()];
    match connection.prepare_cached(sql)?.exists(values)? {
        true => Err(StoreError::Taken("the template's name")),
        false => Ok(()),
    }
}

fn put(connection: &Connection, template: &Template) -> Result<()> {
    let released: Vec<(String, &String)> =
        template.released.iter().map(|(rule, set)| (rule.to_string(), set)).collect();
    let sql = "INSERT OR REPLACE INTO templates (id, version, by_name, created_at, updated_at, updated_by, deleted_at, \
               draft, released) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        template.id.to_string(),
        int(template.version),
        template.draft.name.to_lowercase(),
        template.created_at.0,
        template.updated_at.0,
        template.updated_by,
        template.deleted_at.map(|at| at.0),
        to_json(&template.draft)?,
        to_json(&released)?,
    ])?;
    Ok(())
}

fn tell(
    connection: &Connection,
    before: Option<&Template>,
    template: &Template,
    by: &Actor,
    now: Millis,
) -> Result<()> {
    let was_deleted = before.is_some_and(|before| before.deleted_at.is_some());
    let what = match (before, was_deleted, template.deleted_at) {
        (None, _, _) => "template created",
        (_, false, Some(_)) => "template deleted",
        (_, true, None) => "template restored",
        _ => "template updated",
    };
    let before = before.map(audited).transpose()?;
    let (subject, after) = (template.id.to_string(), audited(template)?);
    Entry { what, subject: &subject, before: before.as_ref(), after: Some(&after) }.write(connection, now, by)
}

/// A template as the audit log shows it.
fn audited(template: &Template) -> Result<Value> {
    Ok(json!({
        "version": template.version,
        "template": serde_json::to_value(&template.draft).map_err(damaged)?,
        "deleted_at": template.deleted_at.map(Millis::timestamp),
    }))
}
