//! The file of a backup: a gzipped tar whose first member is the manifest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::sqlite::snapshot::Census;

pub const MANIFEST: &str = "manifest.json";
pub const STORE: &str = "atalaya.db";
pub const CONFIG: &str = "atalaya.toml";
pub const KEY: &str = "secret.key";
pub const CHECKS: &str = "checks/";

/// How it is laid out; a later layout has a higher number.
const FORMAT: u32 = 1;
/// More than this is no manifest, bytes.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Of the Atalaya that made it.
    pub version: String,
    pub made_at: Timestamp,
    pub with_key: bool,
    /// What the store holds.
    pub store: Census,
    pub members: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub bytes: u64,
    /// In hex digits.
    pub sha256: String,
}

/// What is to go into a member.
pub enum Content<'a> {
    File(&'a Path),
    Bytes(Vec<u8>),
}

impl Content<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Content::File(path) => Box::new(File::open(path)?),
            Content::Bytes(bytes) => Box::new(&bytes[..]),
        })
    }
}

/// Reads on until somebody says stop.
pub(super) struct Stoppable<'a, R>(pub(super) R, pub(super) &'a AtomicBool);

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.1.load(Ordering::Relaxed) {
            true => Err(io::Error::other("stopped")),
            false => self.0.read(buffer),
        }
    }
}

impl Manifest {
    pub fn new(made_at: Timestamp, store: Census) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Manifest { format: FORMAT, version, made_at, with_key: false, store, members: Vec::new() }
    }
}

/// Writes an archive of these members, in this order; what they are is noted in the manifest.
///
/// # Errors
/// A member cannot be read or the archive not written, or `stop` was set.
pub fn write(
    target: &File,
    mut manifest: Manifest,
    members: &[(String, Content<'_>)],
    stop: &AtomicBool,
) -> io::Result<()> {
    for (name, content) in members {
        let mut hashed = Hashed::default();
        io::copy(&mut Stoppable(content.open()?, stop), &mut hashed)?;
        manifest.with_key |= name == KEY;
        manifest.members.push(hashed.member(name));
    }
    let zipped = GzEncoder::new(BufWriter::new(target), Compression::fast());
    let mut tar = tar::Builder::new(zipped);
    let text = serde_json::to_vec_pretty(&manifest)?;
    append(&mut tar, &manifest, MANIFEST, text.len() as u64, &text[..])?;
    for ((name, content), member) in members.iter().zip(&manifest.members) {
        let content = Stoppable(content.open()?, stop);
        append(&mut tar, &manifest, name, member.bytes, content.take(member.bytes))?;
    }
    tar.into_inner()?.finish()?.into_inner().map_err(|error| error.into_error())?;
    target.sync_all()
}

fn append(
    tar: &mut tar::Builder<impl Write>,
    manifest: &Manifest,
    name: &str,
    bytes: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(manifest.made_at.as_second().unsigned_abs());
    tar.append_data(&mut header, name, content)
}

/// The manifest alone, without reading on.
///
/// # Errors
/// It is none of ours, or of a later layout.
pub fn manifest(file: &Path) -> io::Result<Manifest> {
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(file)?)));
    let first = tar.entries()?.next().ok_or_else(|| invalid("it is empty"))??;
    read_manifest(first)
}

fn read_manifest(entry: tar::Entry<'_, impl Read>) -> io::Result<Manifest> {
    if name_of(&entry)? != MANIFEST || entry.size() > LARGEST_MANIFEST {
        return Err(invalid("it is no backup of Atalaya: it does not begin with a manifest"));
    }
    let manifest: Manifest = serde_json::from_reader(entry)?;
    if manifest.format > FORMAT {
        let words = format!("a newer Atalaya ({}) made it: install that version", manifest.version);
        return Err(invalid(words));
    }
    Ok(manifest)
}

/// Reads a whole archive and checks every member against the manifest. `put` says where a member is to be written, if anywhere.
///
/// # Errors
/// It is cut off, damaged, or holds something else than the manifest says; or `stop` was set.
pub fn read(
    file: &Path,
    mut put: impl FnMut(&str) -> io::Result<Option<File>>,
    stop: &AtomicBool,
) -> io::Result<Manifest> {
    let file = Stoppable(File::open(file)?, stop);
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut entries = tar.entries()?;
    let first = entries.next().ok_or_else(|| invalid("it is empty"))??;
    let manifest = read_manifest(first)?;
    let mut wanted: BTreeMap<&str, &Member> =
        manifest.members.iter().map(|member| (&*member.name, member)).collect();
    for entry in entries {
        let mut entry = entry?;
        let name = name_of(&entry)?;
        let member = wanted.remove(&*name).filter(|_| is_known(&name));
        let member = member.ok_or_else(|| invalid(format!("{name:?} does not belong into it")))?;
        if entry.size() != member.bytes {
            return Err(invalid(format!("{name} has another size than the manifest says")));
        }
        let mut hashed = Hashed { file: put(&name)?, ..Hashed::default() };
        io::copy(&mut entry, &mut hashed)?;
        if hashed.member(&name) != *member {
            return Err(invalid(format!("{name} is not what the manifest says")));
        }
        if let Some(file) = &hashed.file {
            file.sync_all()?;
        }
    }
    if let Some(missing) = wanted.into_keys().next() {
        return Err(invalid(format!("{missing} is missing")));
    }
    Ok(manifest)
}

/// Names that may be written into a folder: nothing leads out of it.
fn is_known(name: &str) -> bool {
    let plain = |file: &str| !file.is_empty() && !file.contains(['/', '\\', '\0']) && !file.starts_with('.');
    [STORE, CONFIG, KEY].contains(&name) || name.strip_prefix(CHECKS).is_some_and(plain)
}

fn name_of(entry: &tar::Entry<'_, impl Read>) -> io::Result<String> {
    let name = String::from_utf8(entry.path_bytes().into_owned());
    let name = name.map_err(|_| invalid("a member's name is not UTF-8"))?;
    match entry.header().entry_type().is_file() {
        true => Ok(name),
        false => Err(invalid(format!("{name:?} is no file"))),
    }
}

fn invalid(words: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words.into())
}

/// Counts and hashes what goes through, and writes it if there is somewhere to.
#[derive(Default)]
struct Hashed {
    file: Option<File>,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    fn member(&self, name: &str) -> Member {
        let hash = crate::domain::Sha256(self.hash.clone().finalize().into());
        Member { name: name.to_owned(), bytes: self.bytes, sha256: hash.to_string() }
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
        }
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
