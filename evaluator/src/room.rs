//! How much room is left on the disk of the data.

use std::path::Path;

use crate::domain::{Severity, Texts};

/// Free and total bytes of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub free: u64,
    pub total: u64,
}

impl Room {
    /// Of the file system that `folder` is on; what is reserved for the system's own user is not free.
    ///
    /// # Errors
    /// The folder is gone, or the system does not say.
    pub fn of(folder: &Path) -> std::io::Result<Self> {
        let stat = rustix::fs::statvfs(folder)?;
        Ok(Room { free: stat.f_bavail * stat.f_frsize, total: stat.f_blocks * stat.f_frsize })
    }

    /// Little: less than a twentieth and less than 512 MiB. What was told as little is so until there is half as much
    /// again, so that it is not told and taken back by turns.
    pub fn is_little(self, told: bool) -> bool {
        let limit = (self.total / 20).min(512 << 20);
        self.free < if told { limit + limit / 2 } else { limit }
    }

    /// What is wrong, if it is.
    pub fn trouble(self, told: bool) -> Option<(Severity, Texts)> {
        let (free, total) = (self.free >> 20, self.total >> 20);
        self.is_little(told).then(|| {
            let words = Texts {
                en: format!(
                    "the disk of the data is nearly full: {free} MiB of {total} MiB are free; make room, or shorten the \
                     retention in Settings"
                ),
                es: format!(
                    "el disco de los datos está casi lleno: quedan {free} MiB de {total} MiB; libere espacio o acorte \
                     la retención en Ajustes"
                ),
            };
            (Severity::Major, words)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_large_disk_is_full_at_half_a_gigabyte_and_a_small_one_at_a_twentieth() {
        let large = |free| Room { free: free * MIB, total: 1_000_000 * MIB };
        assert!(large(511).is_little(false) && !large(513).is_little(false));
        let small = |free| Room { free: free * MIB, total: 100 * MIB };
        assert!(small(4).is_little(false) && !small(6).is_little(false));
    }

    #[test]
    fn what_was_told_is_taken_back_only_when_there_is_clearly_room() {
        let room = |free| Room { free: free * MIB, total: 100 * MIB };
        assert!(room(6).is_little(true) && !room(8).is_little(true));
    }
}
