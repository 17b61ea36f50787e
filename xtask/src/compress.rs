//! `.br` and `.gz` beside each file of the app, made once here instead of at each request.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;

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

/// What the app weighs on the wire: all its wasm and JavaScript, brotli, in bytes.
///
/// # Errors
/// When `dist` cannot be read.
pub fn weight(dist: &Path) -> Result<u64> {
    let counts = |file: &&PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".js.br") || name.ends_with(".wasm.br")
    };
    let sizes = files::walk(dist)?
        .iter()
        .filter(counts)
        .map(|file| file.metadata().map(|data| data.len()))
        .sum::<Result<u64, _>>();
    Ok(sizes?)
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
    fn the_page_that_the_server_completes_and_pictures_stay_as_they_are() {
        assert!(shrinks(Path::new("a/app_bg.wasm")));
        assert!(!shrinks(Path::new("a/index.html")) && !shrinks(Path::new("a/photo.png")));
    }
}
