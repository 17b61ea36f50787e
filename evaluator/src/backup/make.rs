//! Makes one backup: written to a name of its own, read back and compared, and only then given its name.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::archive::{self, CHECKS, CONFIG, Content, KEY, Manifest, STORE};
use super::{BackupError, Places, folder};
use crate::domain::{Millis, Sha256};
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
    folder::clear_unfinished(target);
    require_room(target, &places.store)?;
    let name = folder::free_name(target, now);
    let parts = Parts {
        archive: folder::unfinished(target, &name),
        store: folder::unfinished(target, &format!("{name}.db")),
    };
    let made = parts.write(places, wish, now, stop).and_then(|()| parts.verify(stop));
    let place = target.join(&name);
    let made = made.and_then(|()| {
        folder::finish(&parts.archive, &place).map_err(BackupError::file(&place))?;
        fs::metadata(&place).map_err(BackupError::file(&place))
    });
    parts.clear();
    let bytes = match made {
        Ok(file) => file.len(),
        Err(_) if stop.load(Ordering::Relaxed) => return Err(BackupError::Stopping),
        Err(error) => return Err(error),
    };
    let trouble = keep_in_order(wish, target, &place, stop).err();
    Ok(Made { file: place, bytes, trouble })
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

    /// Reads it as one who needs it would.
    fn verify(&self, stop: &AtomicBool) -> Result<(), BackupError> {
        let not_verified = |why: String| BackupError::NotVerified(why);
        let put = |name: &str| match name {
            STORE => folder::private(&self.store).map(Some),
            _ => Ok(None),
        };
        let manifest =
            archive::read(&self.archive, put, stop).map_err(|error| not_verified(error.to_string()))?;
        let census = snapshot::examine(&self.store).map_err(|error| not_verified(error.to_string()))?;
        match census == manifest.store {
            true => Ok(()),
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

/// Old ones go only now that there is a good one. In the second folder those go that went in the first: backups of another server that
/// may lie there are none of ours.
fn keep_in_order(wish: &Wish, first: &Path, made: &Path, stop: &AtomicBool) -> Result<(), BackupError> {
    let gone = wish.keep.map(|keep| folder::forget_old(first, keep)).unwrap_or_default();
    let Some(second) = &wish.second else { return Ok(()) };
    copy(made, second, stop)
        .map_err(|error| BackupError::Second { folder: second.clone(), error: error.to_string() })?;
    for name in gone {
        let _gone = fs::remove_file(second.join(name));
    }
    Ok(())
}

/// A whole copy that was read back, or none.
fn copy(made: &Path, second: &Path, stop: &AtomicBool) -> io::Result<()> {
    let name = made.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if second.join(&name).exists() {
        return Err(io::Error::other(
            "one of this name is there already; each server needs a folder of its own",
        ));
    }
    let unfinished = folder::unfinished(second, &name);
    let copied = || -> io::Result<()> {
        let mut target = folder::private(&unfinished)?;
        io::copy(&mut File::open(made)?, &mut target)?;
        target.sync_all()?;
        if hash(&unfinished)? != hash(made)? {
            return Err(io::Error::other("what was written is not what was to be written"));
        }
        if stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("the server is stopping"));
        }
        folder::finish(&unfinished, &second.join(&name))
    };
    let done = copied();
    if done.is_err() {
        let _gone = fs::remove_file(&unfinished);
    }
    done
}

fn hash(path: &Path) -> io::Result<Sha256> {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(Sha256(hash.finalize().into())),
            count => hash.update(&buffer[..count]),
        }
    }
}
