//! The built-in checks, and the guests that the tests run: Rust crates become Wasm components.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

use crate::command::{cargo, run};
use crate::files;
use crate::rust::WASM;
use crate::step::step;

/// 64 KiB instead of rustc's 1 MiB: an instance's stack is memory that each of them has.
const FLAGS: &str = "-C link-arg=-zstack-size=65536";

/// One guest crate.
#[derive(Debug, PartialEq)]
struct Guest {
    package: String,
    /// The component's name: the folder's, without `check-`.
    name: String,
}

/// Builds every crate below `checks/` to `target/checks/<name>.wasm`, and below `tests/guests/` to `target/guests/<name>.wasm`.
/// Files are touched only when their bytes change, because the server is compiled again when they are.
///
/// # Errors
/// When a guest does not compile, or is no component.
pub fn build() -> Result<()> {
    let folders = [("checks", "checks"), ("tests/guests", "guests")];
    let groups = folders.map(|(from, to)| (guests(&files::root().join(from)), files::target().join(to)));
    let packages: Vec<&str> =
        groups.iter().flat_map(|(guests, _)| guests).map(|guest| guest.package.as_str()).collect();
    step("Checks: compiling to Wasm", "30 s the first time, then 1 s", || {
        compile(&packages)?;
        groups.iter().try_for_each(|(guests, folder)| encode(guests, folder))
    })
}

fn compile(packages: &[&str]) -> Result<()> {
    let mut build = cargo(["build", "--quiet", "--profile", "guest", "--target", WASM]);
    for package in packages {
        build.args(["--package", package]);
    }
    // Flags for this target only; RUSTFLAGS would win over them and concern the build scripts too.
    run(build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS).env_remove("RUSTFLAGS"))
}

/// Makes each compiled module a component in `folder` and removes what has no crate any more.
fn encode(guests: &[Guest], folder: &Path) -> Result<()> {
    let mut wanted = BTreeSet::new();
    for guest in guests {
        let module = files::target()
            .join(WASM)
            .join("guest")
            .join(format!("{}.wasm", guest.package.replace('-', "_")));
        let component = component(&files::read(&module)?)
            .with_context(|| format!("{} is no component", guest.package))?;
        let file = folder.join(format!("{}.wasm", guest.name));
        if files::write_if_changed(&file, &component)? {
            println!("  {}: {} bytes", guest.name, component.len());
        }
        wanted.insert(file);
    }
    for file in files::walk(folder)? {
        if !wanted.contains(&file) {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}

/// A core module, with the interface that wit-bindgen noted in it, as a component.
fn component(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(module)?.encode()
}

/// The crates directly below `folder`, sorted by name.
fn guests(folder: &Path) -> Vec<Guest> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut guests: Vec<Guest> = entries.filter_map(|entry| guest(&entry.path())).collect();
    guests.sort_by(|one, other| one.name.cmp(&other.name));
    guests
}

fn guest(folder: &Path) -> Option<Guest> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let name = folder.file_name()?.to_string_lossy().into_owned();
    let name = name.strip_prefix("check-").unwrap_or(&name).to_string();
    package_name(&manifest).map(|package| Guest { package, name })
}

/// The first `name = "…"` of a manifest, which is the package's.
fn package_name(manifest: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.trim_start().starts_with("name"))?;
    line.split('"').nth(1).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_checks_are_found() {
        let found = guests(&files::root().join("checks"));
        for name in ["error", "threshold", "trend"] {
            let guest = Guest { package: format!("check-{name}"), name: name.into() };
            assert!(found.contains(&guest), "{name}");
        }
    }

    #[test]
    fn a_folder_that_does_not_exist_has_no_guests() {
        assert_eq!(guests(Path::new("/nowhere")), []);
    }

    #[test]
    fn bytes_that_are_no_module_are_no_component() {
        assert!(component(b"no wasm").is_err());
    }
}
