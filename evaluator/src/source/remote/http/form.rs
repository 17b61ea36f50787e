//! Form bodies and query strings.

use std::fmt::Write as _;

/// Pairs as `application/x-www-form-urlencoded`; the same text serves as a query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(String);

impl Form {
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(&encode(name));
        self.0.push('=');
        self.0.push_str(&encode(value.as_ref()));
        self
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// Everything but the unreserved characters of RFC 3986, 2.3, as `%XX`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => write!(encoded, "%{byte:02X}").expect("a String takes everything"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_form_is_escaped() {
        let form = Form::default().with("target", "alias(a.*.b,'ñ & x=1+2')").with("from", "1");
        assert_eq!(form.as_str(), "target=alias%28a.%2A.b%2C%27%C3%B1%20%26%20x%3D1%2B2%27%29&from=1");
    }
}
