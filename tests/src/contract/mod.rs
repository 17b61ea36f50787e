//! What every backend of the store promises. A backend's own test names each promise once with `promises!`.

mod alarms;
mod calendars;
mod catalog;
mod counting;
mod deleted;
mod durability;
mod events;
mod evidence;
mod history;
mod logins;
mod make;
mod many;
mod paging;
mod past;
mod people;
mod quiet;
mod receivers;
mod rules;
mod settings;
mod sources;
mod telling;
mod templates;
mod tries;

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use atalaya::clock::{Clock, ManualClock};
use atalaya::domain::Millis;
use atalaya::store::{self, Store};
use tempfile::TempDir;

pub use alarms::*;
pub use calendars::*;
pub use catalog::*;
pub use counting::*;
pub use deleted::*;
pub use durability::*;
pub use events::*;
pub use evidence::*;
pub use history::*;
pub use logins::*;
pub use many::*;
pub use paging::*;
pub use past::*;
pub use people::*;
pub use quiet::*;
pub use receivers::*;
pub use rules::*;
pub use settings::*;
pub use sources::*;
pub use telling::*;
pub use templates::*;
pub use tries::*;

/// Opens a backend's store in a directory, as the server does.
pub type Open = fn(&Path, Arc<dyn Clock>) -> store::Result<Arc<dyn Store>>;

/// When the stories of the suite begin.
pub const START: Millis = Millis(1_700_000_000_000);

/// A store of its own for one test.
pub struct Stage {
    pub open: Open,
    pub directory: TempDir,
    pub clock: Arc<ManualClock>,
    pub store: Arc<dyn Store>,
}

impl Stage {
    /// # Errors
    /// The backend cannot open an empty directory.
    pub fn new(open: Open) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let clock = Arc::new(ManualClock::at(START));
        let store = open(directory.path(), clock.clone())?;
        Ok(Stage { open, directory, clock, store })
    }

    /// Closes the store and opens it again.
    ///
    /// # Errors
    /// The backend cannot open what it wrote.
    pub fn reopen(self) -> Result<Self> {
        drop(self.store);
        let store = (self.open)(self.directory.path(), self.clock.clone())?;
        Ok(Stage { store, ..self })
    }
}

/// Makes a test of each promise, for the backend that `$open` opens.
#[macro_export]
macro_rules! promises {
    ($open:expr => $($promise:ident),+ $(,)?) => {
        $(
            #[test]
            fn $promise() -> anyhow::Result<()> {
                $crate::contract::$promise($open)
            }
        )+
    };
}
