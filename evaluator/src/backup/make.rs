//! Makes one backup: written to a name of its own, read back and compared, and only then given its name.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::archive::{self, CHECKS, CONFIG, Content, KEY, Manifest, STORE};
use super::{BackupError, Places, copies, folder};
use crate::domain::Millis;
use crate::room::Room;
use crate::store::sqlite::snapshot;

/// Kept free beside what a backup takes, bytes.
const RESERVE: u64 = 64 << 20;

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Where; none: the server's own folder.
    pub folder: Option<PathBuf>,
    /// With the key that secrets are encrypted with.
    pub with_key: bool,
    /// How many are kept in the folder; none: all.
    pub keep: Option<usize>,
    /// Where each is copied to.
    pub second: Option<PathBuf>,
}

/// A backup that was made and verified.
#[derive(Debug)]
pub struct Made {
    pub file: PathBuf,
    pub bytes: u64,
    /// The key is in it: where no secret was ever encrypted there is none.
    pub with_key: bool,
    /// What went wrong after it was made.
    pub trouble: Option<BackupError>,
}

impl Made {
    pub fn name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Makes a backup of what is at `places`, also while a server runs there. `stop`: gives up soon after it is set.
///
/// # Errors
/// There is none then, and nothing is left of it.
pub fn make(places: &Places, wish: &Wish, now: Millis, stop: &AtomicBool) -> Result<Made, BackupError> {
    let _lock = lock(&places.lock)?;
    let target = wish.folder.as_deref().unwrap_or(&places.backups);
    folder::make(target).map_err(BackupError::file(target))?;
    // Elsewhere may be what another server is making.
    if wish.folder.is_none() {
        folder::clear_unfinished(target);
    }
    require_room(target, &places.store)?;
    let name = folder::free_name(target, now);
    let parts = Parts {
        archive: folder::unfinished(target, &name),
        store: folder::unfinished(target, &format!("{name}.db")),
    };
    let made = parts.write(places, wish, now, stop).and_then(|()| parts.verify(stop));
    let place = target.join(&name);
    let made = made.and_then(|with_key| {
        folder::finish(&parts.archive, &place).map_err(BackupError::file(&place))?;
        Ok((fs::metadata(&place).map_err(BackupError::file(&place))?, with_key))
    });
    parts.clear();
    let (bytes, with_key) = match made {
        Ok((file, with_key)) => (file.len(), with_key),
        Err(_) if stop.load(Ordering::Relaxed) => return Err(BackupError::Stopping),
        Err(error) => return Err(error),
    };
    // Old ones go only now that there is a good one.
    if let Some(keep) = wish.keep {
        folder::forget_old(target, keep);
    }
    let second = wish.second.as_deref();
    let trouble = second.and_then(|second| copies::bring(places, &place, second, stop).err());
    Ok(Made { file: place, bytes, with_key, trouble })
}

/// One at a time, whoever makes it.
fn lock(path: &Path) -> Result<File, BackupError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(BackupError::file(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::Busy),
        Err(TryLockError::Error(error)) => Err(BackupError::File { path: path.to_owned(), error }),
    }
}

/// A disk that fills up while a backup is made would keep the server from writing.
fn require_room(folder: &Path, store: &Path) -> Result<(), BackupError> {
    let size = fs::metadata(store).map_err(BackupError::file(store))?.len();
    // Copy and archive are there at once; in the worst case they are of one size.
    let needs = 2 * size + RESERVE;
    let room = Room::of(folder).map_err(BackupError::file(folder))?;
    match room.free < needs {
        true => {
            Err(BackupError::Room { folder: folder.to_owned(), needs: needs >> 20, free: room.free >> 20 })
        }
        false => Ok(()),
    }
}

/// The files while it is made.
struct Parts {
    archive: PathBuf,
    /// The store's copy: first what goes into the archive, then what came out of it.
    store: PathBuf,
}

impl Parts {
    fn write(&self, places: &Places, wish: &Wish, now: Millis, stop: &AtomicBool) -> Result<(), BackupError> {
        let census = snapshot::take(&places.store, &self.store).map_err(BackupError::Store)?;
        let mut members = vec![(STORE.to_owned(), Content::File(&self.store))];
        for (name, bytes) in others(places, wish)? {
            members.push((name, Content::Bytes(bytes)));
        }
        let target = folder::private(&self.archive).map_err(BackupError::file(&self.archive))?;
        let manifest = Manifest::new(now.timestamp(), census);
        archive::write(&target, manifest, &members, stop).map_err(BackupError::file(&self.archive))?;
        drop(members);
        fs::remove_file(&self.store).map_err(BackupError::file(&self.store))
    }

    /// Reads it as one who needs it would. Whether the key is in it.
    fn verify(&self, stop: &AtomicBool) -> Result<bool, BackupError> {
        let not_verified = |why: String| BackupError::NotVerified(why);
        let put = |name: &str| match name {
            STORE => folder::private(&self.store).map(Some),
            _ => Ok(None),
        };
        let manifest =
            archive::read(&self.archive, put, stop).map_err(|error| not_verified(error.to_string()))?;
        let census = snapshot::examine(&self.store).map_err(|error| not_verified(error.to_string()))?;
        match census == manifest.store {
            true => Ok(manifest.with_key),
            false => Err(not_verified("the store in it does not hold what the server's does".to_owned())),
        }
    }

    fn clear(&self) {
        for path in [&self.archive, &self.store] {
            // What is left of it holds nothing that is not elsewhere.
            let _gone = fs::remove_file(path);
        }
    }
}

/// Everything small: checks, configuration, key.
fn others(places: &Places, wish: &Wish) -> Result<Vec<(String, Vec<u8>)>, BackupError> {
    let mut found = Vec::new();
    let mut checks = match fs::read_dir(&places.checks) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>().map_err(BackupError::file(&places.checks))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(BackupError::file(&places.checks)(error)),
    };
    checks.sort_by_key(fs::DirEntry::file_name);
    for path in checks.iter().map(fs::DirEntry::path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == "wasm") && !name.starts_with('.') {
            let bytes = fs::read(&path).map_err(BackupError::file(&path))?;
            found.push((format!("{CHECKS}{name}"), bytes));
        }
    }
    let config = places.config.as_deref().map(|path| (path, CONFIG));
    let key = wish.with_key.then_some((&*places.key, KEY));
    for (path, name) in config.into_iter().chain(key) {
        match fs::read(path) {
            Ok(bytes) => found.push((name.to_owned(), bytes)),
            // No secret was ever encrypted: there is no key yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::file(path)(error)),
        }
    }
    Ok(found)
}
