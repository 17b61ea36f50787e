//! Texts of strangers, made fit to be sent.

/// Whether it is seen, or does something else: control characters, and those that turn the writing around or hide in it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// On one line: what is hidden becomes a space, runs of space one.
pub fn line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With its line breaks, as `\n`, and nothing else that is hidden.
pub fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean = text.chars().map(|c| if c != '\n' && is_hidden(c) { ' ' } else { c });
    clean.collect::<String>().trim_end().to_owned()
}

/// At most so many characters, the last of which says that there were more.
pub fn cut(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_becomes_a_space() {
        assert_eq!(line(" a\r\nBcc: x\u{202e}\u{0}\tb "), "a Bcc: x b");
        assert_eq!(paragraphs("a\r\nb\rc\u{7}d\n\n"), "a\nb\nc d");
    }

    #[test]
    fn what_is_too_long_says_so_and_is_never_longer_than_it_may_be() {
        assert_eq!(cut("ñandú", 5), "ñandú");
        assert_eq!(cut("ñandúes", 5), "ñand…");
        assert_eq!(cut("a b c", 3), "a…");
    }
}
