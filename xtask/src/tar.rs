//! Archives that are the same whenever and wherever they are made: sorted by whoever gives the files, of one time, owned by root.

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, GzBuilder};

/// A block of the format (POSIX.1-2017, pax, "ustar Interchange Format").
const BLOCK: usize = 512;

/// 2020-01-01: early enough for every clock.
const TIME: u64 = 1_577_836_800;

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the archive's folder; at most 100 bytes with it.
    pub path: String,
    pub mode: u32,
    pub bytes: Vec<u8>,
}

/// A `.tar.gz` of these files below `folder`, in their order.
///
/// # Errors
/// A path is too long for the format.
pub fn packed(folder: &str, entries: &[Entry]) -> Result<Vec<u8>> {
    let mut tar = Vec::new();
    for entry in entries {
        let path = format!("{folder}/{}", entry.path);
        tar.extend_from_slice(&header(&path, entry.mode, entry.bytes.len())?);
        tar.extend_from_slice(&entry.bytes);
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
    }
    tar.resize(tar.len() + 2 * BLOCK, 0);
    // Without a name and a time of its own.
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    gzip.write_all(&tar)?;
    gzip.finish().context("memory takes everything")
}

fn header(path: &str, mode: u32, size: usize) -> Result<[u8; BLOCK]> {
    ensure!(path.len() <= 100, "{path} is too long for an archive");
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, path);
    put(100, &format!("{mode:07o}"));
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{TIME:011o}"));
    // The sum counts itself as spaces.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    put(265, "root");
    put(297, "root");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{command, output};

    fn entry(path: &str, mode: u32, text: &str) -> Entry {
        Entry { path: path.to_owned(), mode, bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn the_system_s_tar_reads_what_was_packed() {
        let entries =
            [entry("bin/a", 0o755, "one"), entry("b", 0o644, &"x".repeat(1_000)), entry("c", 0o644, "")];
        let bytes = packed("it-1.0", &entries).expect("the paths are short");
        let file = std::env::temp_dir().join(format!("atalaya-xtask-tar-{}.tar.gz", std::process::id()));
        std::fs::write(&file, &bytes).expect("the temporary folder can be written");
        let listed = output(command("tar").args(["--utc", "-tvzf"]).arg(&file)).expect("tar reads it");
        let one = output(command("tar").arg("-xOzf").arg(&file).arg("it-1.0/bin/a")).expect("tar reads it");
        std::fs::remove_file(&file).expect("the file was just written");
        let first = listed.lines().next().expect("there is a first");
        assert!(
            first.starts_with("-rwxr-xr-x root/root") && first.ends_with("2020-01-01 00:00 it-1.0/bin/a"),
            "{first}"
        );
        assert_eq!((listed.lines().count(), one.as_str()), (3, "one"));
    }

    #[test]
    fn the_same_files_make_the_same_bytes() {
        let entries = [entry("a", 0o644, "one")];
        assert_eq!(packed("x", &entries).expect("short"), packed("x", &entries).expect("short"));
        packed(&"x".repeat(100), &entries).expect_err("the path is too long");
    }
}
