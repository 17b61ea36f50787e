//! Where the build left things.

use std::path::{Path, PathBuf};

/// The project's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the project's folder")
}

/// The built server: `ATALAYA_BIN`, or the one in the target folder this test was built into.
///
/// # Panics
/// It was not built yet.
pub fn server() -> PathBuf {
    if let Some(path) = std::env::var_os("ATALAYA_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    let built = test.ancestors().nth(2).map(|folder| folder.join("atalaya"));
    built.filter(|path| path.exists()).expect("build the server first: cargo xtask build")
}

/// A guest of `tests/guests` as a component.
///
/// # Panics
/// It was not built yet.
pub fn guest(name: &str) -> Vec<u8> {
    component("guests", name)
}

/// A built-in check as a component.
///
/// # Panics
/// It was not built yet.
pub fn built_in(name: &str) -> Vec<u8> {
    component("checks", name)
}

fn component(folder: &str, name: &str) -> Vec<u8> {
    let folder = server().parent().and_then(Path::parent).map(|target| target.join(folder));
    let path = folder.expect("the server lies in the target folder").join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run cargo xtask build", path.display()))
}

/// Where compiled checks are kept from test to test: compiling them is what takes time.
pub fn compiled_checks() -> PathBuf {
    server().with_file_name("compiled-checks")
}
