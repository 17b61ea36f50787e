//! What rules say to their checks, each kept once, and how each has fared.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::Digest;

use crate::domain::{RuleRecord, Unknown};

use super::loaded::Check;
use super::prepared::{NotPrepared, Prepared};

/// A rule record of a check, as one [`Runner`](super::Runner) knows it. Equal rules of the same check share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub(super) u32);

impl RecordId {
    /// Small and dense: an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a record is to be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Together with others.
    Plain,
    /// It was found guilty of a failure: alone until it has behaved for a while.
    Alone,
    /// Its check does not take it: not at all.
    Refused,
}

/// What a record that is evaluated alone did.
#[derive(Clone, Debug)]
pub(super) struct Guilt {
    /// Good runs until it is plain again.
    pub(super) good_left: u32,
    pub(super) failed_in_row: u32,
    pub(super) last: Option<Unknown>,
    pub(super) next_probe: Duration,
    /// The check's count of releases when this was noted.
    releases: u32,
}

struct Entry {
    key: [u8; 32],
    check: Arc<Check>,
    record: RuleRecord,
    uses: u32,
    prepared: Option<Result<Prepared, NotPrepared>>,
}

/// The records of one runner.
#[derive(Default)]
pub(super) struct Records {
    ids: HashMap<[u8; 32], RecordId>,
    entries: Vec<Option<Entry>>,
    standings: Vec<Standing>,
    guilt: HashMap<RecordId, Guilt>,
    free: Vec<RecordId>,
}

const KNOWN: &str = "a record is used only between `record` and its last `release`";

impl Records {
    pub(super) fn add(&mut self, check: &Arc<Check>, record: &RuleRecord) -> RecordId {
        let key = key(check, record);
        if let Some(id) = self.ids.get(&key).copied() {
            self.entry_mut(id).uses += 1;
            return id;
        }
        let entry = Entry { key, check: check.clone(), record: record.clone(), uses: 1, prepared: None };
        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.standings.push(Standing::Plain);
            RecordId(u32::try_from(self.entries.len() - 1).expect("fewer rules than 2^32 fit into memory"))
        });
        self.entries[id.index()] = Some(entry);
        self.ids.insert(key, id);
        id
    }

    /// One user less; the check of the record if that was the last one.
    pub(super) fn release(&mut self, id: RecordId) -> Option<Arc<Check>> {
        let entry = self.entry_mut(id);
        entry.uses -= 1;
        if entry.uses > 0 {
            return None;
        }
        let entry = self.entries[id.index()].take().expect(KNOWN);
        self.ids.remove(&entry.key);
        self.guilt.remove(&id);
        self.standings[id.index()] = Standing::Plain;
        self.free.push(id);
        Some(entry.check)
    }

    pub(super) fn check(&self, id: RecordId) -> &Arc<Check> {
        &self.entry(id).check
    }

    pub(super) fn record(&self, id: RecordId) -> &RuleRecord {
        &self.entry(id).record
    }

    pub(super) fn prepared(&self, id: RecordId) -> Option<&Result<Prepared, NotPrepared>> {
        self.entry(id).prepared.as_ref()
    }

    /// What the check said of the record. A good answer stays: windows are gathered by it.
    pub(super) fn note(&mut self, id: RecordId, prepared: Result<Prepared, NotPrepared>) {
        if matches!(prepared, Err(NotPrepared::Refused(_))) {
            self.standings[id.index()] = Standing::Refused;
        }
        let noted = &mut self.entry_mut(id).prepared;
        if !matches!(noted, Some(Ok(_))) {
            *noted = Some(prepared);
        }
    }

    pub(super) fn standing(&self, id: RecordId) -> Standing {
        self.standings[id.index()]
    }

    /// The guilt of a record, from now on evaluated alone.
    pub(super) fn guilt(&mut self, id: RecordId) -> &mut Guilt {
        let check = self.entry(id).check.clone();
        let (good_left, releases) = (check.limits.good_runs, check.releases());
        if self.standings[id.index()] == Standing::Plain {
            self.standings[id.index()] = Standing::Alone;
        }
        let fresh =
            || Guilt { good_left, failed_in_row: 0, last: None, next_probe: Duration::ZERO, releases };
        let guilt = self.guilt.entry(id).or_insert_with(fresh);
        if guilt.releases != releases {
            *guilt = fresh();
        }
        guilt
    }

    /// A record that is evaluated alone did well once more.
    pub(super) fn behaved(&mut self, id: RecordId) {
        if self.standings[id.index()] != Standing::Alone {
            return;
        }
        let guilt = self.guilt(id);
        guilt.failed_in_row = 0;
        guilt.good_left = guilt.good_left.saturating_sub(1);
        if guilt.good_left == 0 {
            self.guilt.remove(&id);
            self.standings[id.index()] = Standing::Plain;
        }
    }

    fn entry(&self, id: RecordId) -> &Entry {
        self.entries[id.index()].as_ref().expect(KNOWN)
    }

    fn entry_mut(&mut self, id: RecordId) -> &mut Entry {
        self.entries[id.index()].as_mut().expect(KNOWN)
    }
}

fn key(check: &Check, record: &RuleRecord) -> [u8; 32] {
    let mut hash = sha2::Sha256::new();
    hash.update(check.sha256.0);
    hash.update(record.canonical_json().as_bytes());
    hash.finalize().into()
}
