//! Compiled artefacts on disk, so that a start compiles nothing twice.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::domain::Sha256;

use super::engine::compatibility;

/// The directory of artefacts. It is as trusted as the program itself: loading one runs it.
pub(super) struct Cache {
    dir: PathBuf,
    compatibility: u64,
    most: usize,
}

impl Cache {
    /// # Errors
    /// The directory can neither be made nor closed to others.
    pub(super) fn open(dir: PathBuf, engine: &Engine, most: usize) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(Cache { dir, compatibility: compatibility(engine), most })
    }

    fn path(&self, sha256: Sha256) -> PathBuf {
        self.dir.join(format!("{sha256}-{:016x}.cwasm", self.compatibility))
    }

    /// The compiled component; none when it is not there or cannot be loaded, which is the same to everybody.
    pub(super) fn load(&self, engine: &Engine, sha256: Sha256) -> Option<Component> {
        let artefact = self.read(&self.path(sha256)).ok()?;
        component_of_artefact(engine, &artefact).ok()
    }

    /// The artefact without the digest in front of it, if that is its digest: a file cut short or overwritten by a full
    /// disk must not be run.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(self.most as u64 + 33).read_to_end(&mut bytes)?;
        let digest = bytes.first_chunk::<32>().copied();
        let artefact = bytes.split_off(bytes.len().min(32));
        if digest != Some(Sha256::of(&artefact).0) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(artefact)
    }

    /// Keeps an artefact. It appears whole or not at all.
    ///
    /// # Errors
    /// The disk is full or the directory is gone.
    pub(super) fn store(&self, sha256: Sha256, artefact: &[u8]) -> io::Result<()> {
        let path = self.path(sha256);
        let temporary = self.dir.join(format!("{sha256}-{}.tmp", std::process::id()));
        let mut file =
            File::options().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&Sha256::of(artefact).0)?;
        file.write_all(artefact)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    }
}

/// An artefact that the compiling child made, ready to run.
#[expect(unsafe_code, reason = "the one place where compiled code enters; see the comment on safety")]
pub(super) fn component_of_artefact(engine: &Engine, artefact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes come from our own compiling child, directly or through the cache: a directory that only this
    // user may write, where the digest in front of each file was checked. Wasmtime itself checks version and settings.
    unsafe { Component::deserialize(engine, artefact) }
}
