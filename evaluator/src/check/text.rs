//! Nothing that a guest says is trusted: lengths are capped, control characters are dropped.

/// Characters of the words of a verdict that failed.
pub(super) const WORDS: usize = 200;

/// The text without control characters (line ends become spaces) and at most `most` characters long.
///
/// Marks that turn the direction of writing go too: with them a text shows other words than it holds.
pub(super) fn clean(text: &str, most: usize) -> String {
    let mut cleaned = String::with_capacity(text.len().min(4 * most));
    let kept = text.chars().filter_map(|c| match c {
        '\n' | '\t' => Some(' '),
        c if c.is_control() || is_bidi(c) => None,
        c => Some(c),
    });
    cleaned.extend(kept.take(most));
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Texts by language, cleaned; at most 20 languages.
pub(super) fn clean_texts<'a>(
    texts: impl Iterator<Item = (&'a str, &'a str)>,
    most: usize,
) -> Vec<(String, String)> {
    texts.take(20).map(|(language, text)| (clean(language, 35), clean(text, most))).collect()
}

/// The text in the reader's language, else in English, else the first.
pub(super) fn in_language<'a>(texts: &'a [(String, String)], language: &str) -> &'a str {
    let primary = language.split('-').next().unwrap_or_default();
    let find = |wanted: &str| texts.iter().find(|(tag, _)| tag == wanted);
    let found = find(language).or_else(|| find(primary)).or_else(|| find("en")).or_else(|| texts.first());
    found.map_or("", |(_, text)| text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_dropped_and_lines_joined() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc\u{202e}d\0", 200), "a[31mb cd");
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(clean(&"ñ".repeat(300), 200), "ñ".repeat(200));
    }

    #[test]
    fn a_reader_gets_their_language_else_english_else_the_first() {
        let texts = [("en", "mean"), ("es", "media")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(in_language(&texts, "es-MX"), "media");
        assert_eq!(in_language(&texts, "fr"), "mean");
        assert_eq!(in_language(&texts[1..], "fr"), "media");
        assert_eq!(in_language(&[], "fr"), "");
    }
}
