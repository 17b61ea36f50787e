//! Rendering: the question, and the columns of the answer.
//!
//! An answer is `[{"target": "name", "datapoints": [[value or null, seconds], ...]}, ...]`. A datapoint stands for a bucket that begins at its
//! time. graphite-web leaves out the bucket in which `from` lies and gives the one in which `until` lies, which is not over
//! yet; it is `null` as long as nothing arrived, which says nothing about the series. Others include `from`. What was not asked for is cut off
//! here, so that neither matters.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::seconds;
use crate::source::remote::http::Form;
use crate::source::remote::json::{Cursor, Flaw};
use crate::source::remote::{AnswerSeries, Query};

/// None: no second lies within what is asked for, and Graphite would swap the ends or complain.
pub fn question(query: &Query) -> Option<Form> {
    let (from, until) = seconds(query.after, query.upto)?;
    let form = Form::default()
        .with("target", &query.expr)
        .with("from", from.to_string())
        .with("until", until.to_string())
        .with("format", "json")
        .with("noCache", "1");
    Some(match query.max_points {
        Some(points) => form.with("maxDataPoints", points.max(1).to_string()),
        None => form,
    })
}

/// Every series with its samples, after the query's `after`, up to its `upto`.
pub fn parse(body: &[u8], query: &Query) -> Result<Vec<AnswerSeries>, Flaw> {
    let mut found = Vec::new();
    let mut names = Names::default();
    let mut cursor = Cursor::new(body);
    cursor.array(|cursor| {
        let (name, columns) = one(cursor)?;
        let name = names.distinct(name.as_deref().unwrap_or(&query.expr));
        found.push(columns.within(name, query));
        Ok(())
    })?;
    cursor.end()?;
    Ok(found)
}

/// Whether it is an answer at all.
pub fn is_answer(body: &[u8]) -> Result<(), Flaw> {
    let mut cursor = Cursor::new(body);
    cursor.array(Cursor::skip)?;
    cursor.end()
}

fn one(cursor: &mut Cursor<'_>) -> Result<(Option<String>, Columns), Flaw> {
    let (mut name, mut columns) = (None, Columns::default());
    cursor.object(|cursor, key| {
        match &*key {
            "target" if cursor.peek()? == b'"' => {
                name = Some(cursor.string()?.into_owned()).filter(|name| !name.is_empty());
            }
            "datapoints" if cursor.peek()? == b'[' => columns.read(cursor)?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    Ok((name, columns))
}

#[derive(Debug, Default)]
struct Columns {
    times: Vec<f64>,
    values: Vec<f64>,
}

impl Columns {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
        cursor.array(|cursor| {
            cursor.eat(b'[')?;
            let value = cursor.number()?;
            cursor.eat(b',')?;
            let seconds = cursor.number()?;
            cursor.eat(b']')?;
            if seconds.is_finite() {
                self.times.push((seconds * 1_000.0).round());
                self.values.push(value);
            }
            Ok(())
        })
    }

    /// What was asked for, oldest first. The step is that of all that came.
    fn within(mut self, name: Arc<str>, query: &Query) -> AnswerSeries {
        self.put_in_order();
        let step_ms = self.step();
        let (after, upto) = (query.after.as_f64(), query.upto.as_f64());
        let start = self.times.partition_point(|time| *time <= after);
        let mut end = self.times.partition_point(|time| *time <= upto).max(start);
        while end > start && self.values[end - 1].is_nan() && self.is_unfinished(end - 1, step_ms, upto) {
            end -= 1;
        }
        let take = |column: Vec<f64>| {
            if start == 0 && end == column.len() { column } else { column[start..end].to_vec() }
        };
        AnswerSeries { name, step_ms, times: take(self.times), values: take(self.values) }
    }

    /// A bucket that is not over at `upto`. A single one has no known end, and is never over: it is the one in which `until` lies.
    fn is_unfinished(&self, index: usize, step_ms: f64, upto: f64) -> bool {
        step_ms == 0.0 || self.times[index] + step_ms > upto
    }

    /// Between the newest two; 0 with fewer.
    fn step(&self) -> f64 {
        match self.times.as_slice() {
            [.., before, last] => last - before,
            _ => 0.0,
        }
    }

    /// Servers give them in order; one that does not gets its samples sorted, of equal times the last.
    fn put_in_order(&mut self) {
        if self.times.is_sorted_by(|a, b| a < b) {
            return;
        }
        let mut pairs: Vec<(f64, f64)> = self.times.drain(..).zip(self.values.drain(..)).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.reverse();
        pairs.dedup_by(|later, first| later.0 == first.0);
        pairs.reverse();
        (self.times, self.values) = pairs.into_iter().unzip();
    }
}

/// Functions like `alias` give several series one name; each gets one of its own, the same every time as long as the server keeps its order.
#[derive(Debug, Default)]
struct Names {
    taken: HashSet<Arc<str>>,
    next: HashMap<Arc<str>, u32>,
}

impl Names {
    fn distinct(&mut self, name: &str) -> Arc<str> {
        let plain: Arc<str> = name.into();
        if self.taken.insert(plain.clone()) {
            return plain;
        }
        let next = self.next.entry(plain).or_insert(2);
        loop {
            let numbered: Arc<str> = format!("{name} #{next}").into();
            *next += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    fn query(after: i64, upto: i64) -> Query {
        let expr = "lab.*.cpu".into();
        Query {
            expr,
            after: Millis(after * 1_000),
            upto: Millis(upto * 1_000),
            interval_ms: 60_000,
            max_points: None,
        }
    }

    fn only(body: &str, query: &Query) -> AnswerSeries {
        let mut series = parse(body.as_bytes(), query).expect("an answer");
        assert_eq!(series.len(), 1);
        series.remove(0)
    }

    #[test]
    fn samples_after_the_start_and_up_to_the_end_are_delivered() {
        let body = r#"[{"target": "a", "tags": {"name": "a"}, "datapoints": [[1, 60], [2, 120], [3.5, 180], [4, 240]]}]"#;
        let series = only(body, &query(60, 180));
        assert_eq!((series.times, series.values), (vec![120_000.0, 180_000.0], vec![2.0, 3.5]));
        assert_eq!((&*series.name, series.step_ms), ("a", 60_000.0));
    }

    #[test]
    fn the_question_names_its_instants_and_one_target() {
        let form = question(&Query { max_points: Some(500), ..query(60, 180) }).expect("a question");
        let expected = "target=lab.%2A.cpu&from=60&until=180&format=json&noCache=1&maxDataPoints=500";
        assert_eq!(form.as_str(), expected);
        assert!(!question(&query(60, 180)).expect("a question").as_str().contains("maxDataPoints"));
    }

    #[test]
    fn nothing_is_asked_when_the_ends_are_swapped_or_equal() {
        assert_eq!(question(&query(180, 60)), None);
        assert_eq!(question(&query(60, 60)), None);
        let within_a_second = Query { after: Millis(60_100), upto: Millis(60_900), ..query(0, 0) };
        assert_eq!(question(&within_a_second), None, "Graphite knows only whole seconds");
    }

    #[test]
    fn a_null_in_the_middle_is_an_empty_bucket_and_never_zero() {
        let series = only(r#"[{"target":"a","datapoints":[[1,60],[null,120],[3,180]]}]"#, &query(0, 200));
        assert_eq!(series.times.len(), 3);
        assert!(series.values[1].is_nan());
    }

    #[test]
    fn a_null_bucket_that_is_not_over_is_dropped_and_one_that_is_over_is_kept() {
        let body = r#"[{"target":"a","datapoints":[[1,60],[null,120],[null,180]]}]"#;
        assert_eq!(only(body, &query(0, 239)).times, [60_000.0, 120_000.0]);
        assert_eq!(only(body, &query(0, 240)).times, [60_000.0, 120_000.0, 180_000.0]);
        assert_eq!(only(r#"[{"target":"a","datapoints":[[null,60]]}]"#, &query(0, 90)).times, [0.0; 0]);
    }

    #[test]
    fn a_value_in_a_bucket_that_is_not_over_is_delivered() {
        let body = r#"[{"target":"a","datapoints":[[1,60],[2,120]]}]"#;
        assert_eq!(only(body, &query(0, 130)).values, [1.0, 2.0]);
    }

    #[test]
    fn infinity_as_graphite_writes_it_is_infinite() {
        let series = only(
            r#"[{"target":"a","datapoints":[[1e9999,60],[-1e9999,120],[NaN,180],[1,240]]}]"#,
            &query(0, 300),
        );
        assert_eq!(series.values[..2], [f64::INFINITY, f64::NEG_INFINITY]);
        assert!(series.values[2].is_nan());
    }

    #[test]
    fn the_step_is_what_lies_between_the_newest_two() {
        let step = |points: &str| {
            only(&format!(r#"[{{"target":"a","datapoints":[{points}]}}]"#), &query(0, 900)).step_ms
        };
        assert_eq!(step("[1,60],[1,120]"), 60_000.0);
        assert_eq!(step("[1,300],[1,600]"), 300_000.0);
        assert_eq!(step("[1,60]"), 0.0);
        assert_eq!(step(""), 0.0);
    }

    #[test]
    fn series_of_one_name_are_told_apart_the_same_way_each_time() {
        let body = r#"[{"target":"a","datapoints":[]},{"target":"a #2","datapoints":[]},{"target":"a","datapoints":[]},{"target":"a","datapoints":[]}]"#;
        let names = || {
            parse(body.as_bytes(), &query(0, 60))
                .expect("an answer")
                .into_iter()
                .map(|one| one.name.to_string())
        };
        assert_eq!(names().collect::<Vec<_>>(), ["a", "a #2", "a #3", "a #4"]);
    }

    #[test]
    fn a_series_without_a_name_has_that_of_the_expression() {
        assert_eq!(&*only(r#"[{"datapoints":[[1,60]],"target":null}]"#, &query(0, 60)).name, "lab.*.cpu");
    }

    #[test]
    fn samples_out_of_order_are_put_in_order_and_the_last_of_a_time_stands() {
        let series = only(r#"[{"target":"a","datapoints":[[3,180],[1,60],[2,120],[9,60]]}]"#, &query(0, 180));
        assert_eq!(series.times, [60_000.0, 120_000.0, 180_000.0]);
        assert_eq!(series.values, [9.0, 2.0, 3.0]);
    }

    #[test]
    fn half_an_answer_is_not_read_as_a_short_one() {
        let body = r#"[{"target":"a","datapoints":[[1,60],[2,12"#;
        assert_eq!(parse(body.as_bytes(), &query(0, 180)), Err(Flaw::Half));
        assert!(parse(br#"[{"target":"a","datapoints":[[1,60]]}] trailing"#, &query(0, 180)).is_err());
        assert!(parse(br#"{"error":"no"}"#, &query(0, 180)).is_err());
    }
}
