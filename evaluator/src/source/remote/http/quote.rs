//! What others say, made fit to be shown: short, one line, without markup, without our secrets.

/// Longest quotation of an error, characters.
const LONGEST: usize = 200;

/// Longest answer that is kept, characters; with its last, which says that it goes on.
const LONGEST_ANSWER: usize = 1_999;

/// Quotes without giving away what lets in.
#[derive(Clone, Default)]
pub struct Quoter {
    secrets: Vec<String>,
}

impl Quoter {
    /// Texts that are never shown; the empty one is ignored.
    pub fn hiding(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        // A secret that contains another one is hidden whole.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Quoter { secrets }
    }

    /// A text body in at most 200 characters; of a page its title. Empty when there is nothing to quote.
    pub fn body(&self, body: &[u8]) -> String {
        if is_page(body) {
            return self.text(&title(body).unwrap_or_default());
        }
        self.text(&String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]))
    }

    /// In at most 200 characters.
    pub fn text(&self, text: &str) -> String {
        one_line(&self.hide(text), LONGEST)
    }

    /// All that was said, for whoever wants to see it as it was: in at most 2,000 characters, markup and all.
    pub fn answer(&self, body: &[u8]) -> String {
        let beginning = String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]);
        one_line(&self.hide(&beginning), LONGEST_ANSWER)
    }

    /// All of it, as it is but for the secrets.
    pub fn hide(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"))
    }
}

/// The beginning of a body as text.
pub fn plain(body: &[u8], longest: usize) -> String {
    one_line(&String::from_utf8_lossy(&body[..body.len().min(longest * 4)]), longest)
}

/// Whether it is HTML (or XML, which is as little of an answer).
pub fn is_page(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.first() == Some(&b'<')
        && ["<!doctype", "<html", "<head", "<body", "<title", "<h1", "<!--", "<?xml", "<pre"]
            .iter()
            .any(|tag| start.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag.as_bytes())))
}

/// Of a page: its title, else its first heading.
pub fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    ["title", "h1"].iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find(&format!("</{tag}"))?;
        let words = one_line(&unescape(&without_tags(&text[start..end])), 80);
        (!words.is_empty()).then_some(words)
    })
}

/// Text between tags.
fn without_tags(html: &str) -> String {
    let mut inside = false;
    html.chars()
        .filter(|c| {
            inside = (inside || *c == '<') && *c != '>';
            !inside && *c != '>'
        })
        .collect()
}

/// The five references that every page uses.
pub fn unescape(html: &str) -> String {
    let names =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    names.iter().fold(html.to_owned(), |text, (name, meant)| text.replace(name, meant))
}

/// Without control characters (nor those that turn the writing around), runs of space as one, cut at `longest`.
fn one_line(text: &str, longest: usize) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let clean: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_page_the_title_is_quoted() {
        let page =
            b"<!DOCTYPE html>\n<html><head><TITLE lang=en>502 Bad\n Gateway &amp; co</TITLE></head><body>..";
        assert!(is_page(page));
        assert_eq!(title(page).as_deref(), Some("502 Bad Gateway & co"));
        assert_eq!(title(b"<html><h1><b>Oh</b> no</h1>").as_deref(), Some("Oh no"));
        assert_eq!(title(b"<html><title>never closed"), None);
        assert_eq!(Quoter::default().body(b"<html><p>nothing to say</p>"), "");
    }

    #[test]
    fn text_is_quoted_short_and_without_control_characters() {
        let quoted = Quoter::default().body(format!("bad\r\n\x1b[31m{}", "x".repeat(500)).as_bytes());
        assert!(quoted.starts_with("bad [31mxxx") && quoted.ends_with("x…"), "{quoted}");
        assert_eq!(quoted.chars().count(), 201);
        assert_eq!(Quoter::default().text("a\u{202e}b"), "a b");
    }

    #[test]
    fn secrets_are_not_quoted() {
        let quoter = Quoter::hiding(["s3cret".to_owned(), String::new(), "s3cret-and-more".to_owned()]);
        assert_eq!(quoter.text("you said s3cret and s3cret-and-more"), "you said … and …");
    }

    #[test]
    fn a_body_that_is_no_text_does_no_harm() {
        assert_eq!(Quoter::default().body(&[0xff, 0xfe, 0, b'a']), "\u{fffd}\u{fffd} a");
    }
}
