//! `cargo xtask dist`: what is installed on a machine, in one file.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::step::step;
use crate::tar::{Entry, packed};
use crate::{files, licences};

/// Build everything and pack it for installation: `target/package/atalaya-<version>-<machine>.tar.gz`
///
/// The same sources make the same file, byte for byte, on the same machine. docs/install.md is the guide.
#[derive(clap::Args)]
pub struct Arguments {}

/// From the repository into the archive, by their paths there.
const FILES: &[(&str, &str)] = &[
    ("packaging/INSTALL", "INSTALL"),
    ("LICENSE", "LICENSE"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("packaging/atalaya.service", "atalaya.service"),
    ("evaluator/config/atalaya.sample.toml", "atalaya.toml"),
    ("docs/install.md", "install.md"),
    ("packaging/nginx.conf", "nginx.conf"),
];

/// Builds and packs.
///
/// # Errors
/// A step failed, or a file of the list is not there.
pub fn run() -> Result<()> {
    crate::build()?;
    let file = pack()?;
    println!("\n{}", file.display());
    Ok(())
}

/// Packs what was built; the file.
///
/// # Errors
/// Something that belongs into it is not there.
pub fn pack() -> Result<PathBuf> {
    let folder = format!("atalaya-{}", env!("CARGO_PKG_VERSION"));
    let machine = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let file = files::target().join("package").join(format!("{folder}-{machine}.tar.gz"));
    step("Package: packing", "15 s", || {
        let bytes = packed(&folder, &entries()?)?;
        files::write_if_changed(&file, &bytes)
    })?;
    Ok(file)
}

/// Sorted by path.
fn entries() -> Result<Vec<Entry>> {
    let program = files::read(&files::binary()).context("the server is built first")?;
    let mut all = vec![
        Entry { path: "bin/atalaya".to_owned(), mode: 0o755, bytes: program },
        Entry { path: "THIRD-PARTY".to_owned(), mode: 0o644, bytes: licences::third_party()?.into_bytes() },
    ];
    for (from, to) in FILES {
        let bytes = files::read(&files::root().join(from))?;
        all.push(Entry { path: (*to).to_owned(), mode: 0o644, bytes });
    }
    all.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(all)
}
