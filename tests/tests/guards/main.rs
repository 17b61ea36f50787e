//! Guards: what nobody would notice drifting. They read the repository and need no network.

mod architecture;
mod imports;
mod licences;

use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("this package lies in the workspace").to_path_buf()
}

/// The text of a file of the repository.
fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
