//! Where things lie, and the few ways of handling files that the commands share.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The repository's root.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, else `target`.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Where installed tools live: `tools/bin` by Cargo, `tools/node` by npm.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// The server's binary.
pub fn binary() -> PathBuf {
    target().join("debug/atalaya")
}

/// What each failing test left behind.
pub fn artefacts() -> PathBuf {
    target().join("artefacts")
}

/// Every file below `folder`, sorted, without hidden ones, `target` and `node_modules`. A plain file gives itself, a missing
/// one nothing.
///
/// # Errors
/// When a folder cannot be read.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut ahead = vec![folder.to_path_buf()];
    while let Some(path) = ahead.pop() {
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() {
            let entries = fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?;
            ahead.extend(entries.flatten().map(|entry| entry.path()).filter(|path| !is_skipped(path)));
        }
    }
    found.sort();
    Ok(found)
}

fn is_skipped(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name == "target" || name == "node_modules"
}

/// Reads a file, naming it when that fails.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file and the folders above it.
///
/// # Errors
/// When that is not possible.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a file unless it already says the same, so that what depends on it is not rebuilt. True when it wrote.
///
/// # Errors
/// When it cannot be written.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    write(path, bytes).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_already_says_the_same_is_left_alone() {
        let file = std::env::temp_dir().join(format!("atalaya-xtask-same-{}", std::process::id()));
        assert!(write_if_changed(&file, b"one").expect("the temporary folder can be written"));
        assert!(!write_if_changed(&file, b"one").expect("the temporary folder can be written"));
        assert!(write_if_changed(&file, b"two").expect("the temporary folder can be written"));
        fs::remove_file(&file).expect("the file was just written");
    }
}
