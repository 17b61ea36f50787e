//! From bytes to text, whatever program wrote them.

use super::{Unreadable, words};
use crate::domain::Texts;

/// What bytes 0x80 to 0x9F are in Windows-1252, which is what "Latin-1" files of spreadsheets are in; 0 where it has none.
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“',
    '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The text, and what had to be guessed about it.
///
/// # Errors
/// It is no text: it holds zeros.
pub(super) fn decoded(bytes: &[u8]) -> Result<(String, Option<Texts>), Unreadable> {
    if let Some(text) = utf_16(bytes) {
        return Ok((text, None));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(Unreadable::new(
            "This is no text file: save the spreadsheet as CSV.",
            "Esto no es un archivo de texto: guarde la hoja de cálculo como CSV.",
        ));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), None));
    }
    let read = |byte: &u8| match byte {
        0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    };
    let note = words(
        "The file is not in UTF-8; it was read as Latin-1 (Windows-1252). Look whether accents are right.",
        "El archivo no está en UTF-8; se leyó como Latin-1 (Windows-1252). Compruebe que los acentos están bien.",
    );
    Ok((bytes.iter().map(read).filter(|c| *c != '\0').collect(), Some(note)))
}

/// What spreadsheets call "Unicode text".
fn utf_16(bytes: &[u8]) -> Option<String> {
    let (mark, rest) = bytes.split_at_checked(2)?;
    let read: fn([u8; 2]) -> u16 = match mark {
        [0xFF, 0xFE] => u16::from_le_bytes,
        [0xFE, 0xFF] => u16::from_be_bytes,
        _ => return None,
    };
    let units = rest.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}
