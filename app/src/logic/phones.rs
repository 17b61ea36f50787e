//! Phone numbers as they are typed, one a line.

use super::wrong::What;

/// The numbers of a text, one a line or with commas between: without what people put between digits.
///
/// # Errors
/// The first that is no number: it has letters, or no digit at all.
pub fn numbers(text: &str) -> Result<Vec<String>, What> {
    text.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty()).map(number).collect()
}

/// Digits with an optional `+` before them.
fn number(text: &str) -> Result<String, What> {
    let wrong = || What::NotAPhone { number: text.to_owned() };
    let plain: String =
        text.chars().filter(|letter| !matches!(letter, ' ' | '.' | '-' | '(' | ')' | '\u{a0}')).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    let right = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    right.then_some(plain.clone()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_put_between_digits_is_left_out() {
        let read = numbers("+34 600 123 123\n\n 600.123.124, 600-123-125\n(91) 555 00 00");
        assert_eq!(
            read,
            Ok(["+34600123123", "600123124", "600123125", "915550000"].map(String::from).to_vec())
        );
        assert_eq!(numbers(" \n"), Ok(Vec::new()));
    }

    #[test]
    fn a_number_with_letters_is_named() {
        for text in ["6OO123", "+", "12+3", "call Ana"] {
            let read = numbers(&format!("+34600123123\n{text}"));
            assert_eq!(read, Err(What::NotAPhone { number: text.to_owned() }));
        }
    }
}
