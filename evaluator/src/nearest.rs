//! "Did you mean": the known word nearest to a mistyped one.

/// The known word that differs least, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = word.chars().count().div_ceil(2).min(4);
    let distance = |known: &&str| strsim::damerau_levenshtein(&word.to_lowercase(), &known.to_lowercase());
    known.into_iter().map(|known| (distance(&known), known)).filter(|(d, _)| *d <= far).min().map(|(_, k)| k)
}

/// The words that serde puts between backticks, e.g. in "unknown field `a`, expected `b` or `c`".
pub fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::{nearest, quoted};

    #[test]
    fn a_slip_finds_the_word_that_was_meant() {
        let known = ["interval", "checks_to_alert", "checks_to_ok", "period"];
        assert_eq!(nearest("intervall", known), Some("interval"));
        assert_eq!(nearest("checks_to_alret", known), Some("checks_to_alert"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn the_words_of_a_message_are_found() {
        assert_eq!(quoted("unknown field `a`, expected `b` or `c`"), ["a", "b", "c"]);
    }
}
