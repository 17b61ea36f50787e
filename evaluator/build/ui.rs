//! Embeds the browser's app: writes a list of its files with `include_bytes!`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Embeds `target/dist`, or the folder that `ATALAYA_DIST` names.
pub fn embed() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=ATALAYA_DIST");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    let folder = folder();
    // Cargo would run this each time for a path that is missing, and so build the server each time.
    fs::create_dir_all(&folder)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    walk(&folder, &mut files)?;
    files.sort();
    let mut list = String::from("static FILES: &[(&str, &[u8])] = &[\n");
    for file in files {
        let name = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_bytes!({:?})),", file.display().to_string())
            .expect("a string can be written to");
    }
    list.push_str("];\n");
    fs::write(out.join("ui_files.rs"), list)
}

fn folder() -> PathBuf {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR"));
    env::var_os("ATALAYA_DIST").map_or_else(|| here.join("../target/dist"), PathBuf::from)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
