//! A few connections that only read.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;

use super::super::Result;
use super::open;

/// Enough for lists, the event stream and the start at once; readers beyond it wait.
const CONNECTIONS: usize = 4;

pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Pool {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connections: Result<Vec<_>> = (0..CONNECTIONS).map(|_| reader(path)).collect();
        Ok(Pool { idle: Mutex::new(connections?), returned: Condvar::new() })
    }

    /// Runs `job` on one snapshot of the data.
    pub(super) fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let lease = self.lease();
        let snapshot = lease.connection().unchecked_transaction()?;
        job(&snapshot)
    }

    fn lease(&self) -> Lease<'_> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut idle =
            self.returned.wait_while(idle, |idle| idle.is_empty()).unwrap_or_else(PoisonError::into_inner);
        Lease { connection: idle.pop(), pool: self }
    }
}

fn reader(path: &Path) -> Result<Connection> {
    let connection = open::connect(path)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

/// A connection that goes back to the pool, even when its reader panics.
struct Lease<'a> {
    connection: Option<Connection>,
    pool: &'a Pool,
}

impl Lease<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken out only when the lease is dropped")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
        self.pool.returned.notify_one();
    }
}
