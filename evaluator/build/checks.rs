//! Embeds the built-in checks: writes a list of the components with `include_bytes!`.

use std::path::PathBuf;
use std::{env, fs, io};

/// Embeds `target/checks/*.wasm`, where `cargo xtask build` leaves them, or the folder `ATALAYA_CHECKS`.
pub fn embed() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=ATALAYA_CHECKS");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR"));
    let folder = env::var_os("ATALAYA_CHECKS").map_or_else(|| here.join("../target/checks"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(fs::canonicalize(path)?);
        }
    }
    files.sort();
    if files.is_empty() {
        println!("cargo::error=there are no built-in checks yet: build them with `cargo xtask build`");
    }
    let list: String =
        files.iter().map(|file| format!("include_bytes!({:?}),\n", file.display().to_string())).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    fs::write(out.join("checks.rs"), format!("&[\n{list}]\n"))
}
