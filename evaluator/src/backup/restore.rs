//! Puts a backup back into a data folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::archive::{self, CHECKS, CONFIG, KEY, Manifest, STORE};
use super::{BackupError, Places, folder};
use crate::domain::Millis;
use crate::store::sqlite::snapshot::{self, Origin, Shut};
use crate::store::{Actor, StoreError};

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    /// Where what was there before is now, if anything was.
    pub before: Option<PathBuf>,
    /// The configuration that was in it: nothing reads it there.
    pub config: Option<PathBuf>,
    /// Messages that were on their way when it was made: they are not sent.
    pub given_up: u64,
    /// Whose secrets must be typed again.
    pub shut: Vec<Shut>,
}

/// Why nothing was put back. Nothing was changed either.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("{0}")]
    Running(StoreError),
    #[error(
        "{} holds data already: name an empty folder with --data, or say --force: what is there is moved aside then",
        .0.display()
    )]
    NotEmpty(PathBuf),
    #[error("{} is not a sound backup: {why}", file.display())]
    NotSound { file: PathBuf, why: String },
    #[error("a newer Atalaya ({version}) made it: install that version")]
    Newer { version: String },
    #[error(transparent)]
    File(#[from] BackupError),
}

/// Puts the backup into the data folder of `places`. It is verified before anything is changed; what is there is moved aside if `force`
/// says so, else it is refused. Messages that were on their way in it are given up; the audit log says who restored what.
///
/// # Errors
/// A server runs there, the folder holds data, or the backup is not sound.
pub fn restore(
    file: &Path,
    places: &Places,
    force: bool,
    now: Millis,
    by: &Actor,
) -> Result<Restored, RestoreError> {
    // Read before a folder is made for it.
    archive::manifest(file).map_err(|error| not_sound(file, error))?;
    let _lock = snapshot::lock(&places.store).map_err(RestoreError::Running)?;
    let is_empty = !places.store.exists();
    if !is_empty && !force {
        return Err(RestoreError::NotEmpty(places.data().to_owned()));
    }
    let unpacked = Unpacked::of(file, places)?;
    if unpacked.manifest.store.schema > snapshot::newest_schema() {
        return Err(RestoreError::Newer { version: unpacked.manifest.version.clone() });
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let origin = Origin { name: &name, made_at: unpacked.manifest.made_at.into() };
    let settled = snapshot::settle(&unpacked.folder.join(STORE), origin, now, by);
    let given_up = settled.map_err(BackupError::Store)?;
    let moved = unpacked.put_in_place(places, now)?;
    let shut = snapshot::shut(&places.store).map_err(RestoreError::Running)?;
    Ok(Restored { shut, given_up, ..moved })
}

fn not_sound(file: &Path, why: impl ToString) -> RestoreError {
    RestoreError::NotSound { file: file.to_owned(), why: why.to_string() }
}

/// Nothing is wrong with the backup: it cannot be written here.
fn is_of_the_disk(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    [StorageFull, QuotaExceeded, PermissionDenied, ReadOnlyFilesystem].contains(&error.kind())
}

/// A backup beside the data, read and found to be sound.
struct Unpacked {
    manifest: Manifest,
    /// Removed when this is dropped.
    folder: PathBuf,
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

impl Unpacked {
    fn of(file: &Path, places: &Places) -> Result<Self, RestoreError> {
        let folder = places.data().join("restoring.tmp");
        // What somebody who was killed left behind.
        let _gone = fs::remove_dir_all(&folder);
        folder::make(&folder.join(CHECKS)).map_err(BackupError::file(&folder))?;
        let put = |name: &str| folder::private(&folder.join(name)).map(Some);
        let read = archive::read(file, put, &AtomicBool::new(false));
        let unpacked = |manifest| Unpacked { manifest, folder: folder.clone() };
        let unpacked = match read {
            Ok(manifest) => unpacked(manifest),
            Err(error) => {
                let _gone = fs::remove_dir_all(&folder);
                return Err(match is_of_the_disk(&error) {
                    true => BackupError::file(&folder)(error).into(),
                    false => not_sound(file, error),
                });
            }
        };
        let census = snapshot::examine(&folder.join(STORE)).map_err(|error| not_sound(file, error))?;
        match census == unpacked.manifest.store {
            true => Ok(unpacked),
            false => Err(not_sound(file, "its store does not hold what its manifest says")),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// The store comes last: until it is there the folder holds no data, and the same can be done again.
    fn put_in_place(&self, places: &Places, now: Millis) -> Result<Restored, RestoreError> {
        let data = places.data();
        let before = data.join(format!("before-restore-{}", now.timestamp().strftime("%Y%m%dT%H%M%SZ")));
        let mut old = vec!["atalaya.db".to_owned(), "atalaya.db-wal".to_owned(), "atalaya.db-shm".to_owned()];
        old.push("checks".to_owned());
        if self.has(KEY) {
            old.push(KEY.to_owned());
        }
        old.retain(|name| data.join(name).exists());
        if !old.is_empty() {
            folder::make(&before).map_err(BackupError::file(&before))?;
        }
        for name in &old {
            rename(&data.join(name), &before.join(name))?;
        }
        rename(&self.folder.join(CHECKS), &places.checks)?;
        if self.has(KEY) {
            rename(&self.folder.join(KEY), &places.key)?;
        }
        let config = self.has(CONFIG).then(|| data.join("restored-atalaya.toml"));
        if let Some(config) = &config {
            rename(&self.folder.join(CONFIG), config)?;
        }
        rename(&self.folder.join(STORE), &places.store)?;
        let synced = || -> io::Result<()> { File::open(data)?.sync_all() };
        synced().map_err(BackupError::file(data))?;
        let before = (!old.is_empty()).then_some(before);
        Ok(Restored { manifest: self.manifest.clone(), before, config, given_up: 0, shut: Vec::new() })
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::rename(from, to).map_err(BackupError::file(to))
}
