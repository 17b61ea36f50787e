//! Searching names. Ingest goes on meanwhile: names are looked at in chunks, and no lock is held.

use std::collections::{BTreeMap, HashSet};

use atalaya_api::page::Page;
use atalaya_api::source::SeriesHit;
use atalaya_api::span::Span;

use super::{LocalStore, SeriesId};
use crate::source::GlobError;
use crate::source::glob::{Match, Search};

/// The first of all hits after a cursor, sorted. A branch sorts as its name with a dot, so that it and a leaf of
/// the same name are two hits.
struct Smallest {
    after: Option<String>,
    limit: usize,
    hits: BTreeMap<String, Option<SeriesId>>,
    branches: HashSet<String>,
    total: u64,
}

impl Smallest {
    fn add(&mut self, key: &str, leaf: Option<SeriesId>) {
        self.total += 1;
        if self.after.as_deref().is_some_and(|after| key <= after) {
            return;
        }
        // One more than wanted tells whether another page follows.
        let full = self.hits.len() > self.limit;
        if full && self.hits.last_key_value().is_none_or(|(last, _)| key > last.as_str()) {
            return;
        }
        self.hits.insert(key.to_owned(), leaf);
        if self.hits.len() > self.limit + 1 {
            self.hits.pop_last();
        }
    }

    fn add_branch(&mut self, path: &str) {
        if self.branches.contains(path) {
            return;
        }
        self.branches.insert(path.to_owned());
        self.add(&format!("{path}."), None);
    }
}

impl LocalStore {
    /// Names by glob (`lab.*.cpu`), by level (`lab.*`), or by words; sorted; at most `limit` after the cursor `after`.
    pub fn search(&self, q: &str, limit: usize, after: Option<&str>) -> Result<Page<SeriesHit>, GlobError> {
        let search = Search::parse(q)?;
        let (after, hits, branches) = (after.map(str::to_owned), BTreeMap::new(), HashSet::new());
        let mut found = Smallest { after, limit, hits, branches, total: 0 };
        let mut scratch = String::new();
        self.names.each_since(SeriesId(0), |id, name| match search.find(name, &mut scratch) {
            Some(Match::Leaf) => found.add(name, Some(id)),
            Some(Match::Branch(path)) => found.add_branch(path),
            None => {}
        });
        Ok(self.page(found))
    }

    fn page(&self, mut found: Smallest) -> Page<SeriesHit> {
        let more = found.hits.len() > found.limit;
        if more {
            found.hits.pop_last();
        }
        let next = found.hits.last_key_value().filter(|_| more).map(|(key, _)| key.clone());
        let items = found.hits.into_iter().map(|(key, leaf)| self.hit(key, leaf)).collect();
        Page { items, next, total: found.total }
    }

    fn hit(&self, key: String, leaf: Option<SeriesId>) -> SeriesHit {
        let Some(id) = leaf else {
            let name = key.strip_suffix('.').unwrap_or(&key).to_owned();
            return SeriesHit { name, leaf: false, last_value: None, last_at: None, step: None };
        };
        let last = self.reader().last(id);
        let step = self.usual_step(id, &key);
        SeriesHit {
            name: key,
            leaf: true,
            last_value: last.map(|(_, value)| value.into()),
            last_at: last.map(|(at, _)| at.timestamp()),
            step: span(step),
        }
    }
}

/// Whole seconds, at least one; None while the step is unknown.
pub fn span(step_ms: f64) -> Option<Span> {
    (step_ms > 0.0).then(|| Span((step_ms / 1_000.0).round().max(1.0) as u32))
}
