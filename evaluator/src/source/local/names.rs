//! The registry of series: every name is kept once and has a number for life.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ahash::RandomState;
use hashbrown::HashTable;

/// The number of a series: dense from 0 in the order of first arrival, the same after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub u32);

/// The configured most series are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {0} series already, which is the most that is configured")]
pub struct TooManySeries(pub u32);

/// Names are searched in steps of this many, so that nobody waits for a search.
const CHUNK: usize = 4_096;
const SHARDS: usize = 16;

struct Entry {
    name: Arc<str>,
    hash: u32,
    id: SeriesId,
}

/// All names. The hash is keyed at random: a sender cannot choose names that collide.
pub struct Names {
    hasher: RandomState,
    shards: [RwLock<HashTable<Entry>>; SHARDS],
    list: RwLock<Vec<Arc<str>>>,
    most: u32,
}

impl Names {
    pub fn new(most: u32) -> Self {
        Names {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| RwLock::default()),
            list: RwLock::default(),
            most,
        }
    }

    /// The series of this name, if it has been seen.
    pub fn lookup(&self, name: &[u8]) -> Option<SeriesId> {
        let (shard, hash) = self.place(name);
        let table = read(&self.shards[shard]);
        table.find(spread(hash), |entry| entry.name.as_bytes() == name).map(|entry| entry.id)
    }

    /// The series of this name, which is given a number if it is new.
    pub fn intern(&self, name: &str) -> Result<SeriesId, TooManySeries> {
        if let Some(known) = self.lookup(name.as_bytes()) {
            return Ok(known);
        }
        let (shard, hash) = self.place(name.as_bytes());
        let mut table = write(&self.shards[shard]);
        // Somebody else may have been quicker between the two locks.
        if let Some(entry) = table.find(spread(hash), |entry| *entry.name == *name) {
            return Ok(entry.id);
        }
        let name: Arc<str> = name.into();
        let id = self.number(name.clone())?;
        table.insert_unique(spread(hash), Entry { name, hash, id }, |entry| spread(entry.hash));
        Ok(id)
    }

    /// A name from disk: it gets the next number, however many are configured.
    pub fn restore(&mut self, name: &str) {
        let (shard, hash) = self.place(name.as_bytes());
        let name: Arc<str> = name.into();
        let mut list = write(&self.list);
        let id = SeriesId(list.len() as u32);
        list.push(name.clone());
        write(&self.shards[shard])
            .insert_unique(spread(hash), Entry { name, hash, id }, |entry| spread(entry.hash));
    }

    fn number(&self, name: Arc<str>) -> Result<SeriesId, TooManySeries> {
        let mut list = write(&self.list);
        if list.len() >= self.most as usize {
            return Err(TooManySeries(self.most));
        }
        list.push(name);
        Ok(SeriesId(list.len() as u32 - 1))
    }

    pub fn name(&self, id: SeriesId) -> Option<Arc<str>> {
        read(&self.list).get(id.0 as usize).cloned()
    }

    pub fn len(&self) -> usize {
        read(&self.list).len()
    }

    /// At most a chunk of names from `first` on, in the order of their numbers; empty when there are no more.
    pub fn chunk(&self, first: SeriesId) -> Vec<Arc<str>> {
        let list = read(&self.list);
        let from = (first.0 as usize).min(list.len());
        list[from..list.len().min(from + CHUNK)].to_vec()
    }

    /// Shows every name from `first` on. No lock is held while `visit` runs.
    pub fn each_since(&self, first: SeriesId, mut visit: impl FnMut(SeriesId, &Arc<str>)) {
        let mut next = first.0;
        loop {
            let names = self.chunk(SeriesId(next));
            if names.is_empty() {
                return;
            }
            for name in &names {
                visit(SeriesId(next), name);
                next += 1;
            }
        }
    }

    fn place(&self, name: &[u8]) -> (usize, u32) {
        let hash = self.hasher.hash_one(name);
        ((hash >> 32) as usize % SHARDS, hash as u32)
    }
}

/// The table takes its bucket from the low and its tag from the high bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

// The lists are only ever appended to: what a panicking thread leaves behind is whole.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Names, SeriesId, TooManySeries};

    #[test]
    fn a_name_keeps_its_number() {
        let names = Names::new(10_000);
        for n in 0..10_000u32 {
            assert_eq!(names.intern(&format!("a.{n}")), Ok(SeriesId(n)));
        }
        for n in 0..10_000u32 {
            assert_eq!(names.lookup(format!("a.{n}").as_bytes()), Some(SeriesId(n)));
        }
        assert_eq!(names.name(SeriesId(17)).as_deref(), Some("a.17"));
        assert_eq!(names.lookup(b"b"), None);
    }

    #[test]
    fn one_series_too_many_is_refused_and_the_known_ones_go_on() {
        let names = Names::new(2);
        names.intern("a").expect("room for two");
        names.intern("b").expect("room for two");
        assert_eq!(names.intern("c"), Err(TooManySeries(2)));
        assert_eq!(names.intern("a"), Ok(SeriesId(0)));
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn names_are_listed_from_any_number_on() {
        let names = Names::new(10_000);
        for n in 0..9_000 {
            names.intern(&n.to_string()).expect("room");
        }
        let mut seen = Vec::new();
        names.each_since(SeriesId(8_998), |id, name| seen.push((id.0, name.to_string())));
        assert_eq!(seen, [(8_998, "8998".into()), (8_999, "8999".into())]);
    }
}
