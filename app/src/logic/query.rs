//! The query of an address, `a=1&b=2`, in plain Rust: every view's state is in it, so that it can be shared.

/// Names and values in the order of the address.
pub type Pairs = Vec<(String, String)>;

/// Reads `?a=1&b=x%20y`; what is not valid UTF-8 after decoding is replaced.
pub fn parse(query: &str) -> Pairs {
    query
        .trim_start_matches('?')
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Writes `?a=1&b=x%20y`, or nothing for no pairs. Empty values are left out.
pub fn write(pairs: &[(&str, String)]) -> String {
    let text: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    if text.is_empty() { String::new() } else { format!("?{}", text.join("&")) }
}

/// The first value of a name.
pub fn get<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Percent-encodes all but letters, digits and `-._~*,:/`, which are safe in a query and keep it readable.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'*' | b',' | b':' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Reads what [`encode`] wrote; `+` is a space.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, next) = match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, after),
                _ => (b'%', tail),
            },
            (b'+', _) => (b' ', tail),
            (other, _) => (*other, tail),
        };
        bytes.push(byte);
        rest = next;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{get, parse, write};

    #[test]
    fn what_is_written_is_read_back() {
        let pairs = [
            ("expr", "host.*.cpu%{a=b&c}".to_owned()),
            ("note", "¿qué? 1+1".to_owned()),
            ("none", String::new()),
        ];
        let text = write(&pairs);
        let back = parse(&text);
        assert_eq!(get(&back, "expr"), Some("host.*.cpu%{a=b&c}"));
        assert_eq!(get(&back, "note"), Some("¿qué? 1+1"));
        assert_eq!(get(&back, "none"), None);
    }

    #[test]
    fn a_broken_escape_is_kept_as_it_stands() {
        assert_eq!(get(&parse("?a=100%&b=%zz"), "a"), Some("100%"));
        assert_eq!(get(&parse("?a=100%&b=%zz"), "b"), Some("%zz"));
        assert!(parse("").is_empty());
    }
}
