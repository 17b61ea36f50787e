//! The folder of backups: their names, what is there, what goes.
//!
//! Copies of the store from before a change of its schema (`atalaya-schema-…`) lie there, too; they have names of their own and are left alone.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::archive;
use crate::domain::Millis;

const PREFIX: &str = "atalaya-backup-";
const ENDING: &str = ".tar.gz";
/// What is not finished ends with this.
const UNFINISHED: &str = ".tmp";
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// A backup in a folder. It got its name after it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub made_at: Millis,
    pub bytes: u64,
    pub with_key: bool,
}

/// The name of a backup of this second.
fn name_of(time: Timestamp) -> String {
    format!("{PREFIX}{}{ENDING}", time.strftime(TIME))
}

/// The time in the name of a backup.
fn time_of(name: &str) -> Option<Timestamp> {
    let time = name.strip_prefix(PREFIX)?.strip_suffix(ENDING)?;
    let time = DateTime::strptime(TIME, time).ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp())
}

/// By its name.
pub(super) fn is_backup(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).and_then(time_of).is_some()
}

/// A name that is free in the folder: of this second or the next that is.
pub(super) fn free_name(folder: &Path, now: Millis) -> String {
    let seconds = (0..).map(|seconds| name_of(now.plus(seconds * 1_000).timestamp()));
    let mut free = seconds.filter(|name| !folder.join(name).exists());
    free.next().unwrap_or_else(|| name_of(now.timestamp()))
}

/// Where something unfinished is written that is to become `name`.
pub(super) fn unfinished(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{UNFINISHED}"))
}

/// Names and times, the newest first. A folder that is not there is empty.
fn named(folder: &Path) -> Vec<(Timestamp, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<_> =
        entries.filter_map(|path| Some((time_of(path.file_name()?.to_str()?)?, path))).collect();
    all.sort_by(|one, other| other.cmp(one));
    all
}

/// The backups in a folder, the newest first. One that cannot be read is not among them.
pub fn list(folder: &Path) -> Vec<Found> {
    let found = |(time, path): (Timestamp, PathBuf)| {
        let manifest = archive::manifest(&path).ok()?;
        Some(Found {
            name: path.file_name()?.to_string_lossy().into_owned(),
            made_at: time.into(),
            bytes: fs::metadata(&path).ok()?.len(),
            with_key: manifest.with_key,
        })
    };
    named(folder).into_iter().filter_map(found).collect()
}

/// When the newest backup in a folder was made.
pub fn verified_at(folder: &Path) -> Option<Millis> {
    named(folder).first().map(|(time, _)| Millis::from(*time))
}

/// Makes the folder, for nobody else.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

pub(super) fn private(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// What somebody who was killed left behind.
pub(super) fn clear_unfinished(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) && name.ends_with(UNFINISHED) {
            let _gone = fs::remove_file(entry.path());
        }
    }
}

/// Gives a finished file its name, in a way that lasts through a loss of power.
pub(super) fn finish(unfinished: &Path, place: &Path) -> io::Result<()> {
    File::open(unfinished)?.sync_all()?;
    fs::rename(unfinished, place)?;
    File::open(place.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Keeps the newest `keep`.
pub(super) fn forget_old(folder: &Path, keep: usize) {
    for (_, path) in named(folder).into_iter().skip(keep.max(1)) {
        match fs::remove_file(&path) {
            Ok(()) => tracing::info!("removed the old backup {}", path.display()),
            Err(error) => tracing::warn!("the old backup {} cannot be removed: {error}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_time_and_nothing_else_is_taken_for_a_backup() {
        let time: Timestamp = "2026-01-31T08:05:09Z".parse().expect("a time");
        let name = name_of(time);
        assert_eq!(name, "atalaya-backup-20260131T080509Z.tar.gz");
        assert_eq!(time_of(&name), Some(time));
        for other in [
            "atalaya-schema-3-20260131T080509Z.db",
            "atalaya-backup-20260131T080509Z.tar.gz.tmp",
            "atalaya-backup-x.tar.gz",
            "mine.tar.gz",
        ] {
            assert_eq!(time_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_are_kept_and_what_is_no_backup_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let time: Timestamp = "2026-01-31T08:05:09Z".parse().expect("a time");
        let names: Vec<String> =
            (0..4).map(|day| name_of(Millis::from(time).plus(day * 86_400_000).timestamp())).collect();
        for name in names.iter().map(String::as_str).chain(["atalaya-schema-3-20200101T000000Z.db", "mine"]) {
            fs::write(folder.path().join(name), "").expect("the folder can be written to");
        }
        let there = |name: &String| folder.path().join(name).exists();
        forget_old(folder.path(), 2);
        assert_eq!(names.iter().map(there).collect::<Vec<_>>(), [false, false, true, true]);
        forget_old(folder.path(), 0);
        assert_eq!(
            names.iter().map(there).collect::<Vec<_>>(),
            [false, false, false, true],
            "the newest stays"
        );
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 3);
        assert_eq!(verified_at(folder.path()), time_of(&names[3]).map(Millis::from));
    }
}
