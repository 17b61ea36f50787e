//! What a history of alarms comes to, counted in one pass over an index.

use std::cmp::Reverse;
use std::collections::HashMap;

use atalaya_api::level::Severity;
use rusqlite::{Connection, Row};

use super::super::{AlarmCounts, AlarmFilter, History, NoisyRow, Result};
use super::alarms::select_columns;
use super::row::{NEVER, held_severity, subject};
use crate::domain::{Millis, RuleId};

/// Metrics that are named.
const NOISIEST: usize = 10;

/// What is counted. What has no rule is told apart by its name and place, for which its row is looked at.
const COLUMNS: &str =
    "raised_at, ended_at, worst, rule, n, iif(rule IS NULL, by_subject || char(10) || by_place, NULL)";

/// What belongs together.
#[derive(PartialEq, Eq, Hash)]
enum Metric {
    Rule(RuleId),
    Named(String),
}

#[derive(Default)]
struct Noise {
    alarms: u64,
    ms: i64,
    /// The latest raised and its number.
    latest: (i64, i64),
}

/// One pass.
#[derive(Default)]
struct Count {
    worst: AlarmCounts,
    sum_ms: i64,
    /// Parts within the stretch.
    parts: Vec<(i64, i64)>,
    metrics: HashMap<Metric, Noise>,
}

pub(super) fn read(connection: &Connection, filter: &AlarmFilter, now: Millis) -> Result<History> {
    let from = filter.from.map_or(i64::MIN, |from| from.0);
    let to = filter.to.map_or(now.0, |to| to.0.min(now.0));
    let mut count = Count::default();
    select_columns(filter, COLUMNS).each(connection, |row| count.see(row, from, to))?;
    let Count { worst, sum_ms, mut parts, metrics } = count;
    let mut noisiest: Vec<Noise> = metrics.into_values().collect();
    noisiest.sort_unstable_by_key(|noise| Reverse((noise.alarms, noise.ms, noise.latest)));
    noisiest.truncate(NOISIEST);
    let noisiest = noisiest.into_iter().map(|noise| named(connection, &noise));
    Ok(History { worst, any_ms: together(&mut parts), sum_ms, noisiest: noisiest.collect::<Result<_>>()? })
}

impl Count {
    fn see(&mut self, row: &Row<'_>, from: i64, to: i64) -> Result<()> {
        let (raised, ended): (i64, i64) = (row.get(0)?, row.get(1)?);
        let count = match held_severity(row, 2)? {
            Severity::Warning => &mut self.worst.warning,
            Severity::Unknown => &mut self.worst.unknown,
            Severity::Major => &mut self.worst.major,
            Severity::Critical => &mut self.worst.critical,
        };
        *count += 1;
        let part = (raised.max(from), if ended == NEVER { to } else { ended.min(to) });
        let ms = (part.1 - part.0).max(0);
        if ms > 0 {
            self.parts.push(part);
        }
        self.sum_ms += ms;
        let metric = match row.get::<_, Option<[u8; 16]>>(3)? {
            Some(rule) => Metric::Rule(RuleId::from_bytes(rule)),
            None => Metric::Named(row.get(5)?),
        };
        let noise = self.metrics.entry(metric).or_default();
        noise.alarms += 1;
        noise.ms += ms;
        noise.latest = noise.latest.max((raised, row.get(4)?));
        Ok(())
    }
}

/// How long all of them take where each instant counts once.
fn together(parts: &mut [(i64, i64)]) -> i64 {
    parts.sort_unstable();
    let (mut total, mut reached) = (0, i64::MIN);
    for (from, to) in parts.iter() {
        let from = (*from).max(reached);
        if *to > from {
            total += to - from;
            reached = *to;
        }
    }
    total
}

fn named(connection: &Connection, noise: &Noise) -> Result<NoisyRow> {
    let sql = "SELECT rule, rule_name, subject_key, dashboard FROM alarms WHERE n = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let (rule, rule_name, key, dashboard): (Option<[u8; 16]>, String, String, Option<String>) = statement
        .query_row([noise.latest.1], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let name = if rule.is_some() { rule_name } else { subject(&key)?.name().to_owned() };
    let rule = rule.map(RuleId::from_bytes);
    Ok(NoisyRow { rule, name, dashboard, alarms: noise.alarms, ms: noise.ms })
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn each_instant_counts_once_however_many_stand() {
        assert_eq!(together(&mut []), 0);
        assert_eq!(together(&mut [(10, 20), (0, 5), (15, 18), (4, 6), (20, 30)]), 6 + 20);
    }
}
