//! Copies of backups in a second folder.
//!
//! Other servers' backups may lie there, with names like ours. So it is written down, in a file of the data folder, what was copied where:
//! only that is ever removed, when it is not among the backups any more.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::archive::Stoppable;
use super::{BackupError, Places, folder};
use crate::domain::Sha256;

/// Copies a backup to the second folder, and removes the copies of those there that are not kept any more: afterwards, or, where there is no
/// room, before.
///
/// # Errors
/// There is no copy, and nothing is left of it.
pub(super) fn bring(
    places: &Places,
    made: &Path,
    second: &Path,
    stop: &AtomicBool,
) -> Result<(), BackupError> {
    let mut copied = copy(made, second, stop);
    if let Err(error) = &copied
        && [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].contains(&error.kind())
    {
        forget_old(places);
        copied = copy(made, second, stop);
    }
    let done = copied.and_then(|copy| {
        let mut known = known(places);
        known.push(copy);
        write(places, &known)
    });
    match done {
        Ok(()) => {
            forget_old(places);
            Ok(())
        }
        Err(_) if stop.load(Ordering::Relaxed) => Err(BackupError::Stopping),
        Err(error) => Err(BackupError::Second { folder: second.to_owned(), error: error.to_string() }),
    }
}

/// Removes the copies of backups that are not there any more. Those that cannot be removed now are known on.
fn forget_old(places: &Places) {
    let mut known = known(places);
    known.retain(|copy| {
        let name = copy.file_name().unwrap_or_default();
        if places.backups.join(name).exists() {
            return true;
        }
        match fs::remove_file(copy) {
            Ok(()) => false,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                tracing::warn!("the old backup {} cannot be removed: {error}", copy.display());
                true
            }
        }
    });
    if let Err(error) = write(places, &known) {
        tracing::warn!("{} cannot be written: {error}", places.copies.display());
    }
}

/// What was copied and not removed yet.
fn known(places: &Places) -> Vec<PathBuf> {
    let text = fs::read_to_string(&places.copies).unwrap_or_default();
    text.lines().map(PathBuf::from).filter(|path| folder::is_backup(path)).collect()
}

fn write(places: &Places, known: &[PathBuf]) -> io::Result<()> {
    let lines: String = known.iter().map(|path| format!("{}\n", path.display())).collect();
    let unfinished = places.copies.with_extension("tmp");
    let _gone = fs::remove_file(&unfinished);
    io::Write::write_all(&mut folder::private(&unfinished)?, lines.as_bytes())?;
    folder::finish(&unfinished, &places.copies)
}

/// A whole copy that was read back, or none. Where it is.
fn copy(made: &Path, second: &Path, stop: &AtomicBool) -> io::Result<PathBuf> {
    let name = made.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let place = second.join(&name);
    if place.exists() {
        return Err(io::Error::other(
            "one of this name is there already; each server needs a folder of its own",
        ));
    }
    let unfinished = folder::unfinished(second, &name);
    let copied = || -> io::Result<()> {
        let mut target = folder::private(&unfinished)?;
        io::copy(&mut Stoppable(File::open(made)?, stop), &mut target)?;
        target.sync_all()?;
        if hash(&unfinished, stop)? != hash(made, stop)? {
            return Err(io::Error::other("what was written is not what was to be written"));
        }
        folder::finish(&unfinished, &place)
    };
    let done = copied();
    if done.is_err() {
        let _gone = fs::remove_file(&unfinished);
    }
    done.map(|()| place)
}

fn hash(path: &Path, stop: &AtomicBool) -> io::Result<Sha256> {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    let mut file = Stoppable(File::open(path)?, stop);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(Sha256(hash.finalize().into())),
            count => hash.update(&buffer[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_copy_ends_in_its_middle_when_the_server_stops_and_nothing_is_left_of_it() {
        let (folder, second) = (tempfile::tempdir(), tempfile::tempdir());
        let (folder, second) = (folder.expect("a temporary folder"), second.expect("a temporary folder"));
        // A pipe: the copy cannot be over before the test says so.
        let made = folder.path().join("atalaya-backup-20260131T080509Z.tar.gz");
        rustix::fs::mkfifoat(rustix::fs::CWD, &made, rustix::fs::Mode::RWXU).expect("a pipe");
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let copying = scope.spawn(|| copy(&made, second.path(), &stop));
            let mut pipe = File::options().write(true).open(&made).expect("it is read");
            pipe.write_all(b"first").expect("it is read");
            stop.store(true, Ordering::Relaxed);
            // Whoever has ended already does not take it.
            let _taken = pipe.write_all(b"second");
            let ended = copying.join().expect("it does not panic").expect_err("it was stopped");
            assert_eq!(ended.to_string(), "stopped");
        });
        assert_eq!(fs::read_dir(second.path()).expect("it is there").count(), 0);
    }
}
