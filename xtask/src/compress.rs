//! `.br` and `.gz` beside each file of the app, made once here instead of at each request.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{files, parts};

/// The kinds of files that shrink. Pictures and fonts are compressed already.
const SHRINKING: &[&str] = &["css", "html", "js", "json", "mjs", "svg", "txt", "wasm"];

/// Below this a header costs more than compression saves (bytes).
const SMALLEST: usize = 512;

/// Writes both for every file below `dist` that shrinks. Not for `index.html`, which the server completes at run time.
///
/// # Errors
/// When a file cannot be read or written.
pub fn beside_each(dist: &Path) -> Result<()> {
    for file in files::walk(dist)? {
        let bytes = files::read(&file)?;
        if bytes.len() >= SMALLEST && shrinks(&file) {
            files::write(&with_suffix(&file, "br"), &brotli(&bytes)?)?;
            files::write(&with_suffix(&file, "gz"), &gzip(&bytes)?)?;
        }
    }
    Ok(())
}

/// What the app weighs on the wire: its wasm and JavaScript, brotli, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What a browser must have before the app can be used.
    pub first: u64,
    /// What it loads when pages are opened.
    pub later: u64,
}

/// # Errors
/// When `dist` cannot be read.
pub fn weight(dist: &Path) -> Result<Weight> {
    let mut weight = Weight { first: 0, later: 0 };
    for file in files::walk(dist)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".js.br") || name.ends_with(".wasm.br") {
            let sum = if parts::is_later(&file) { &mut weight.later } else { &mut weight.first };
            *sum += file.metadata()?.len();
        }
    }
    Ok(weight)
}

fn shrinks(file: &Path) -> bool {
    let kind = file.extension().unwrap_or_default().to_string_lossy();
    SHRINKING.contains(&&*kind) && file.file_name().is_some_and(|name| name != "index.html")
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_was_compressed_comes_back() {
        let text = "tower ".repeat(500).into_bytes();
        let (mut from_gzip, mut from_brotli) = (Vec::new(), Vec::new());
        let packed = gzip(&text).expect("memory can be written");
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut from_gzip).expect("it was just packed");
        let packed = brotli(&text).expect("memory can be written");
        brotli::BrotliDecompress(&mut &packed[..], &mut from_brotli).expect("it was just packed");
        assert_eq!((from_gzip, from_brotli), (text.clone(), text));
    }

    #[test]
    fn parts_that_load_later_are_weighed_apart() {
        let dist = std::env::temp_dir().join(format!("atalaya-xtask-weight-{}", std::process::id()));
        for (name, bytes) in
            [("app_bg.wasm.br", 3), ("app.js.br", 4), ("app_forms.wasm.br", 5), ("app_forms.wasm", 9)]
        {
            files::write(&dist.join(name), &vec![0; bytes]).expect("the temporary folder can be written");
        }
        assert_eq!(weight(&dist).expect("it was just written"), Weight { first: 7, later: 5 });
        std::fs::remove_dir_all(dist).expect("the folder was just made");
    }

    #[test]
    fn the_page_that_the_server_completes_and_pictures_stay_as_they_are() {
        assert!(shrinks(Path::new("a/app_bg.wasm")));
        assert!(!shrinks(Path::new("a/index.html")) && !shrinks(Path::new("a/photo.png")));
    }
}
