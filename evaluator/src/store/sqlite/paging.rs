//! Pages of a list by keyset: the cursor holds the sort key of the last row, so that the ten-thousandth page costs
//! what the first does, and rows that come or go in between move no other row.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};

use super::super::{Page, Result, Slice, StoreError};

/// The order of a list: columns that together are unique, all in one direction.
pub(super) struct Order {
    /// Names list and sort; a cursor of another one is refused.
    pub(super) list: &'static str,
    pub(super) keys: &'static [&'static str],
    pub(super) descending: bool,
}

/// A list being put together: what is selected, and under which conditions.
pub(super) struct Select {
    /// Whatever may follow `FROM`.
    from: &'static str,
    columns: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

/// As within a cursor.
#[derive(Serialize, Deserialize)]
struct Cursor {
    list: String,
    descending: bool,
    keys: Vec<Key>,
}

#[derive(Serialize, Deserialize)]
enum Key {
    #[serde(rename = "i")]
    Int(i64),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "b")]
    Blob(Vec<u8>),
}

impl Select {
    pub(super) fn new(from: &'static str, columns: &'static str) -> Self {
        Select { from, columns, conditions: Vec::new(), values: Vec::new() }
    }

    /// Adds a condition, with its values in the order of its question marks.
    pub(super) fn only(&mut self, condition: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        self.conditions.push(condition.into());
        self.values.extend(values);
    }

    /// Adds a condition if there is a value for it.
    pub(super) fn only_if(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.only(condition, [value.into()]);
        }
    }

    /// Every word of `q` must be in `column`, which is lower-case. Signs such as `%` mean themselves.
    pub(super) fn words(&mut self, column: &str, q: Option<&str>) {
        for word in q.unwrap_or_default().split_whitespace() {
            self.only(format!("instr({column}, ?) > 0"), [Value::Text(word.to_lowercase())]);
        }
    }

    /// One page, and how many rows there are on all pages.
    pub(super) fn page<T>(
        mut self,
        connection: &Connection,
        order: &Order,
        slice: &Slice,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Page<T>> {
        let all = (self.conditions.len(), self.values.len());
        self.start_after(order, slice.cursor.as_deref())?;
        let (items, next) = self.rows(connection, order, slice.limit as usize, read)?;
        if slice.cursor.is_none() && next.is_none() && slice.limit > 0 {
            return Ok(Page { total: items.len() as u64, items, next });
        }
        self.conditions.truncate(all.0);
        self.values.truncate(all.1);
        Ok(Page { items, next, total: self.count(connection)? })
    }

    /// One page without a look at the others, and the cursor of the page after it, if there is one.
    pub(super) fn stretch<T>(
        mut self,
        connection: &Connection,
        order: &Order,
        slice: &Slice,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<(Vec<T>, Option<String>)> {
        self.start_after(order, slice.cursor.as_deref())?;
        self.rows(connection, order, slice.limit as usize, read)
    }

    /// At most `limit` rows, and the cursor of the page after them, if there is one.
    fn rows<T>(
        &self,
        connection: &Connection,
        order: &Order,
        limit: usize,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<(Vec<T>, Option<String>)> {
        let mut statement = connection.prepare_cached(&self.sql(order, limit))?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        let (mut items, mut last) = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            if items.len() == limit {
                return Ok((items, last));
            }
            items.push(read(row)?);
            if items.len() == limit {
                last = Some(cursor(order, row)?);
            }
        }
        Ok((items, None))
    }

    /// Looks at every row, in no order.
    pub(super) fn each(
        self,
        connection: &Connection,
        mut see: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let sql = format!("SELECT {} FROM {}{}", self.columns, self.from, self.filter());
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        while let Some(row) = rows.next()? {
            see(row)?;
        }
        Ok(())
    }

    fn count(&self, connection: &Connection) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {}{}", self.from, self.filter());
        let mut statement = connection.prepare_cached(&sql)?;
        let total: i64 = statement.query_row(params_from_iter(&self.values), |row| row.get(0))?;
        Ok(total.unsigned_abs())
    }

    /// One row more than wanted: whether it is there says whether another page follows.
    fn sql(&self, order: &Order, limit: usize) -> String {
        let direction = if order.descending { " DESC" } else { "" };
        let keys = order.keys.join(", ");
        let sort: Vec<String> = order.keys.iter().map(|key| format!("{key}{direction}")).collect();
        format!(
            "SELECT {}, {keys} FROM {}{} ORDER BY {} LIMIT {}",
            self.columns,
            self.from,
            self.filter(),
            sort.join(", "),
            limit + 1
        )
    }

    fn filter(&self) -> String {
        if self.conditions.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", self.conditions.join(" AND "))
    }

    fn start_after(&mut self, order: &Order, cursor: Option<&str>) -> Result<()> {
        let Some(cursor) = cursor else { return Ok(()) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::BadCursor)?;
        let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| StoreError::BadCursor)?;
        let belongs = cursor.list == order.list
            && cursor.descending == order.descending
            && cursor.keys.len() == order.keys.len();
        if !belongs {
            return Err(StoreError::BadCursor);
        }
        let sign = if order.descending { "<" } else { ">" };
        let marks = vec!["?"; order.keys.len()].join(", ");
        let condition = format!("({}) {sign} ({marks})", order.keys.join(", "));
        self.only(condition, cursor.keys.into_iter().map(Value::from));
        Ok(())
    }
}

/// The place of a row in its list; its keys are the last columns.
fn cursor(order: &Order, row: &Row<'_>) -> Result<String> {
    let columns = row.as_ref().column_count();
    let keys: Result<Vec<Key>> = (columns - order.keys.len()..columns)
        .map(|column| Key::try_from(row.get::<_, Value>(column)?))
        .collect();
    let cursor = Cursor { list: order.list.to_owned(), descending: order.descending, keys: keys? };
    let json = serde_json::to_vec(&cursor).map_err(super::row::damaged)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

impl TryFrom<Value> for Key {
    type Error = StoreError;

    fn try_from(value: Value) -> Result<Self> {
        match value {
            Value::Integer(number) => Ok(Key::Int(number)),
            Value::Text(text) => Ok(Key::Text(text)),
            Value::Blob(bytes) => Ok(Key::Blob(bytes)),
            other => Err(super::row::damaged(format!("{other:?} as a sort key"))),
        }
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Int(number) => Value::Integer(number),
            Key::Text(text) => Value::Text(text),
            Key::Blob(bytes) => Value::Blob(bytes),
        }
    }
}
