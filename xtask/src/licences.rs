//! The licences of everything that is inside the binary: their texts have to go with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::command::{cargo, output};
use crate::rust::WASM;

/// Whose dependencies are inside: the server's, and the app's and the checks' as wasm.
const PARTS: &[&[&str]] = &[
    &["--package", "atalaya"],
    &["--package", "atalaya-app", "--target", WASM],
    &[
        "--package",
        "check-threshold",
        "--package",
        "check-trend",
        "--package",
        "check-error",
        "--target",
        WASM,
    ],
];

/// Beginnings of the names of files that hold a licence or what must be named with it.
const FILES: &[&str] = &["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// A library: name and version, and its licence by SPDX.
type Library = (String, String);

/// Every library with its licence, then each text once, under the libraries that it came with.
///
/// # Errors
/// Cargo does not tell, or nothing of a library lies where Cargo keeps sources.
pub fn third_party() -> Result<String> {
    let mut libraries = BTreeSet::new();
    for part in PARTS {
        let tree = ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}|{l}"];
        libraries.extend(output(cargo(tree).args(*part))?.lines().filter_map(library));
    }
    let folders = registries();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut all = String::from("Atalaya contains these libraries:\n\n");
    for (name, licence) in &libraries {
        writeln!(all, "{name}: {licence}")?;
        let folder =
            folders.iter().map(|folder| folder.join(name.replace(' ', "-"))).find(|path| path.is_dir());
        ensure!(folder.is_some(), "the sources of {name} are not there: run cargo fetch");
        for text in folder.iter().flat_map(|folder| texts_in(folder)) {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    for (text, names) in sorted(texts) {
        write!(all, "\n\n{}\n{}\n\n{}\n", "=".repeat(80), names.join(", "), text.trim())?;
    }
    Ok(all)
}

/// `serde v1.0.1 (…)|MIT OR Apache-2.0`; not ours, which have a path.
fn library(line: &str) -> Option<Library> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let ours = words.next().is_some_and(|place| place.starts_with("(/"));
    let licence = licence.trim_end_matches("(*)").trim();
    (!ours).then(|| (format!("{name} {version}"), licence.to_owned()))
}

/// By the first library that has the text.
fn sorted(texts: BTreeMap<String, Vec<String>>) -> Vec<(String, Vec<String>)> {
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
    texts
}

/// Where Cargo keeps unpacked sources, a folder for each registry.
fn registries() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let folder = home.unwrap_or_default().join("registry/src");
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// With line ends of one kind, so that the same text is the same.
fn texts_in(folder: &Path) -> Vec<String> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.is_file() && holds_licence(file));
    files.sort();
    files.iter().filter_map(|file| fs::read_to_string(file).ok()).map(|text| text.replace('\r', "")).collect()
}

fn holds_licence(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    FILES.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_cargo_names_a_library_unless_it_is_ours() {
        let named = |line: &str| library(line).map(|(name, licence)| format!("{name}: {licence}"));
        assert_eq!(
            named("serde v1.0.1|MIT OR Apache-2.0").as_deref(),
            Some("serde 1.0.1: MIT OR Apache-2.0")
        );
        assert_eq!(named("a v1.0.1 (proc-macro)|MIT (*)").as_deref(), Some("a 1.0.1: MIT"));
        assert_eq!(named("atalaya-api v0.1.0 (/home/x/api)|MIT"), None);
        assert_eq!(named(""), None);
    }

    #[test]
    fn the_library_that_reads_certificates_is_named_with_its_licence() {
        let text = third_party().expect("Cargo tells");
        assert!(text.contains("\nrustls 0."), "{}", &text[..2_000]);
        assert!(text.contains("\nleptos 0.") && text.contains("Apache License"));
    }
}
