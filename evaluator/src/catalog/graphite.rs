//! What Grafana does to Graphite's targets before it sends them.

use crate::domain::Texts;

/// References of one target that lead back to itself, or nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    #[error("refers to itself by #{0}")]
    Circular(String),
    #[error("refers to #{0}, and there is no such target")]
    Missing(String),
    /// Each reference may double the text.
    #[error("is too long with its references resolved")]
    TooLong,
}

impl ReferenceError {
    pub fn words(&self) -> Texts {
        let es = match self {
            ReferenceError::Circular(letter) => format!("se refiere a sí mismo con #{letter}"),
            ReferenceError::Missing(letter) => format!("se refiere a #{letter}, y no existe esa consulta"),
            ReferenceError::TooLong => "es demasiado largo con sus referencias resueltas".to_owned(),
        };
        Texts { en: self.to_string(), es }
    }
}

/// Longest resolved target, characters.
const LONGEST: usize = 100_000;

/// The target with this letter, with every `#A` to `#Z` in it replaced by that target, hidden ones too. None: it has no text.
///
/// # Errors
/// A reference cannot be resolved.
pub fn resolve(ref_id: &str, targets: &[(String, String)]) -> Result<Option<String>, ReferenceError> {
    let Some(target) = find(ref_id, targets) else { return Ok(None) };
    let mut path = vec![ref_id.to_owned()];
    resolved(target, targets, &mut path).map(Some)
}

fn resolved(
    target: &str,
    targets: &[(String, String)],
    path: &mut Vec<String>,
) -> Result<String, ReferenceError> {
    let mut text = String::with_capacity(target.len());
    let mut characters = target.chars().peekable();
    while let Some(character) = characters.next() {
        let letter = characters.peek().copied().filter(char::is_ascii_uppercase).filter(|_| character == '#');
        match letter {
            Some(letter) => {
                characters.next();
                text.push_str(&referred(letter, targets, path)?);
            }
            None => text.push(character),
        }
        if text.len() > LONGEST {
            return Err(ReferenceError::TooLong);
        }
    }
    Ok(text)
}

fn referred(
    letter: char,
    targets: &[(String, String)],
    path: &mut Vec<String>,
) -> Result<String, ReferenceError> {
    let name = letter.to_string();
    if path.contains(&name) {
        return Err(ReferenceError::Circular(name));
    }
    let target = find(&name, targets).ok_or_else(|| ReferenceError::Missing(name.clone()))?;
    path.push(name);
    let text = resolved(target, targets, path);
    path.pop();
    text
}

fn find<'a>(ref_id: &str, targets: &'a [(String, String)]) -> Option<&'a str> {
    targets.iter().find(|(name, _)| name == ref_id).map(|(_, target)| target.as_str())
}

/// Grafana's `'5m'` is Graphite's `'5min'`, its `'1M'` is `'1mon'`: in single quotes only, as Grafana does it.
pub fn minutes_and_months(target: &str) -> String {
    let mut text = String::with_capacity(target.len());
    let mut rest = target;
    while let Some(start) = rest.find('\'') {
        let (before, quoted) = rest.split_at(start + 1);
        text.push_str(before);
        let digits = quoted.bytes().take_while(u8::is_ascii_digit).count();
        let unit = match quoted.as_bytes().get(digits..digits + 2) {
            Some(b"m'") if digits > 0 => Some("min'"),
            Some(b"M'") if digits > 0 => Some("mon'"),
            _ => None,
        };
        rest = match unit {
            Some(unit) => {
                text.push_str(&quoted[..digits]);
                text.push_str(unit);
                &quoted[digits + 2..]
            }
            None => quoted,
        };
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn targets(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, target)| ((*name).to_owned(), (*target).to_owned())).collect()
    }

    #[test]
    fn references_are_replaced_however_deep() {
        let all = targets(&[("A", "a.b"), ("B", "sum(#A)"), ("C", "divideSeries(#B, #A)")]);
        assert_eq!(resolve("C", &all), Ok(Some("divideSeries(sum(a.b), a.b)".to_owned())));
    }

    #[test]
    fn a_circle_and_a_letter_that_is_not_there_are_told() {
        let all = targets(&[("A", "sum(#B)"), ("B", "sum(#A)"), ("C", "sum(#Z)")]);
        assert_eq!(resolve("A", &all), Err(ReferenceError::Circular("A".to_owned())));
        assert_eq!(resolve("C", &all), Err(ReferenceError::Missing("Z".to_owned())));
    }

    #[test]
    fn references_that_double_and_double_end_before_they_fill_the_memory() {
        let mut all = targets(&[("A", "abcdefgh")]);
        for letter in 'B'..='Z' {
            let before = char::from(letter as u8 - 1);
            all.push((letter.to_string(), format!("#{before}#{before}#{before}")));
        }
        assert_eq!(resolve("Z", &all), Err(ReferenceError::TooLong));
    }

    #[test]
    fn minutes_and_months_are_spelled_out_in_quotes_only() {
        let target = "summarize(a.5m.b, '5m', 'sum') + '1M' + '1mon' + \"5m\" + 'm'";
        let spelled = "summarize(a.5m.b, '5min', 'sum') + '1mon' + '1mon' + \"5m\" + 'm'";
        assert_eq!(minutes_and_months(target), spelled);
    }

    proptest! {
        #[test]
        fn what_has_no_reference_and_no_quote_stays_as_it_is(target in "[a-z.*(){},0-9 ]{0,40}") {
            let all = targets(&[("A", &target)]);
            prop_assert_eq!(resolve("A", &all), Ok(Some(target.clone())));
            prop_assert_eq!(minutes_and_months(&target), target);
        }

        #[test]
        fn any_text_is_no_panic(target in "\\PC{0,60}") {
            let _spelled = minutes_and_months(&target);
            let _resolved = resolve("A", &targets(&[("A", &target), ("B", "b")]));
        }
    }
}
