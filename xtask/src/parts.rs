//! The app in parts: what a browser loads first, and what it loads when a page is opened (`app/src/late.rs`).
//!
//! Cargo leaves one wasm that says which function needs which (`app/build.rs`). It is split here, before wasm-bindgen, which is given
//! the first part only: the others use what that one shares. The script `parts.js` loads them from beside itself, so that
//! it does not matter where the app is mounted.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

use crate::command::{command, run};
use crate::files;
use crate::names::App;

/// The script that loads the parts.
pub const SCRIPT: &str = "parts.js";

/// What wasm-bindgen names its files after; the names that count come later.
const NAME: &str = "atalaya-app";

/// Splits the app that cargo left for `profile`, and puts the first part in the place of the whole one that Trunk put into `dist`, the
/// others beside it.
///
/// # Errors
/// When the wasm does not say enough about itself, or a tool fails.
pub fn split(dist: &Path, profile: &str) -> Result<()> {
    let whole = files::target().join("wasm32-unknown-unknown").join(profile).join(format!("{NAME}.wasm"));
    let (app, bytes) = (App::find(dist)?, files::read(&whole)?);
    let bound = files::target().join("wasm-bindgen").join("parts");
    fs::create_dir_all(&bound).with_context(|| format!("cannot make {}", bound.display()))?;
    let (first, main) = (bound.join("first.wasm"), format!("./{}.js", app.stem()));
    let mut options = Options::new(&bytes);
    options.output_dir = dist;
    options.main_out_path = &first;
    options.main_module = &main;
    let link = format!("./{SCRIPT}");
    options.link_name = &link;
    transform(options).map_err(|error| anyhow!("cannot split {}: {error:#}", whole.display()))?;
    for part in later(dist)? {
        files::write(&part, &without_names(&files::read(&part)?)?)?;
    }
    let mut bind = command("wasm-bindgen");
    bind.args(["--target=web", "--no-typescript", "--keep-lld-exports", "--out-name", NAME, "--out-dir"]);
    run(bind.arg(&bound).arg(&first))?;
    put(&bound.join(format!("{NAME}.js")), &app.script)?;
    put(&bound.join(format!("{NAME}_bg.wasm")), &app.wasm)?;
    announce(dist)
}

/// A wasm without its custom sections. The names that a part has been given are for debuggers, and wasm-opt warns of what it does not
/// know among them.
fn without_names(wasm: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let (mut kept, mut rest) =
        wasm.split_at_checked(HEADER).context("a wasm has a header").map(|(a, b)| (a.to_vec(), b))?;
    while let Some((&kind, after)) = rest.split_first() {
        let (length, digits) = length(after).context("a section says how long it is")?;
        let (section, next) =
            rest.split_at_checked(1 + digits + length).context("a section is as long as it says")?;
        if kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Ok(kept)
}

/// A number of LEB128 and how many bytes it takes.
fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let digits = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let add = |sum: usize, byte: &u8| (sum << 7) | usize::from(byte & 0x7f);
    Some((bytes[..digits].iter().rev().fold(0, add), digits))
}

/// Names in the page what the app's script asks for before it starts, and what `app/boot.js` fetches when it has started.
fn announce(dist: &Path) -> Result<()> {
    let index = dist.join("index.html");
    let page = String::from_utf8(files::read(&index)?).context("index.html is UTF-8")?;
    let mut links = format!("<link rel=\"modulepreload\" href=\"./{SCRIPT}\">");
    for part in later(dist)? {
        let name = part.file_name().unwrap_or_default().to_string_lossy();
        links += &format!("<link data-later href=\"./{name}\" as=\"fetch\" crossorigin=\"anonymous\">");
    }
    files::write(&index, page.replacen("</head>", &(links + "</head>"), 1).as_bytes())
}

/// The parts that `dist` holds beside the first: what is split and what several of them need.
///
/// # Errors
/// When `dist` cannot be read.
pub fn later(dist: &Path) -> Result<Vec<PathBuf>> {
    Ok(files::walk(dist)?.into_iter().filter(|file| is_later(file)).collect())
}

/// Whether a file of the app, or what it was compressed to, loads only when a page is opened.
pub fn is_later(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(".br").trim_end_matches(".gz");
    name.ends_with(".wasm") && !name.ends_with("_bg.wasm")
}

fn put(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_loses_its_names_and_nothing_else() {
        let header = b"\0asm\x01\0\0\0".to_vec();
        // A type section that is longer than a byte can say, and names before and after it.
        let types = [&[1, 0x80, 0x01][..], &[7; 128]].concat();
        let names = [0, 5, 4, b'n', b'a', b'm', b'e'];
        let wasm = [&header[..], &names, &types, &names].concat();
        assert_eq!(without_names(&wasm).expect("it is a wasm"), [header, types].concat());
        assert!(without_names(&wasm[..wasm.len() - 1]).is_err(), "half a section");
    }

    #[test]
    fn what_loads_first_is_no_later_part() {
        let later = |name: &str| is_later(Path::new(name));
        assert!(later("d/atalaya-app-0123_forms.wasm") && later("d/atalaya-app-0123_forms.wasm.br"));
        assert!(!later("d/atalaya-app-0123_bg.wasm.br") && !later("d/atalaya-app-0123_parts.js.br"));
    }
}
