//! Reads the JSON of servers that are not strict about it, straight into whatever is built from it.
//!
//! Graphite writes infinity as `1e9999`, others write `NaN` and `Infinity`; none of these is JSON (RFC 8259, 6), and all of
//! them mean something. Each byte is looked at once, nothing recurses, and garbage ends in a [`Flaw`].

use std::borrow::Cow;

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("it ends in the middle")]
    Half,
    /// At this byte.
    #[error("byte {0} does not belong there")]
    Wrong(usize),
}

type Read<T> = Result<T, Flaw>;

/// A place in a text.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        // Some write a byte order mark before it.
        Cursor { bytes: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), at: 0 }
    }

    /// The first byte of what comes next.
    pub fn peek(&mut self) -> Read<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Flaw::Half),
            }
        }
    }

    pub fn wrong<T>(&self) -> Read<T> {
        Err(Flaw::Wrong(self.at))
    }

    pub fn eat(&mut self, byte: u8) -> Read<()> {
        if self.peek()? != byte {
            return self.wrong();
        }
        self.at += 1;
        Ok(())
    }

    /// `each` reads one element.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.eat(b'[')?;
        self.separated(b']', &mut each)
    }

    /// `each` reads one value, after its key.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Read<()>) -> Read<()> {
        self.eat(b'{')?;
        self.separated(b'}', &mut |cursor| {
            let key = cursor.string()?;
            cursor.eat(b':')?;
            each(cursor, key)
        })
    }

    fn separated(&mut self, end: u8, each: &mut impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        if self.peek()? == end {
            return self.eat(end);
        }
        loop {
            each(self)?;
            if self.peek()? == end {
                return self.eat(end);
            }
            self.eat(b',')?;
        }
    }

    pub fn string(&mut self) -> Read<Cow<'a, str>> {
        self.eat(b'"')?;
        let start = self.at;
        let escaped = self.pass_string()?;
        let inner = &self.bytes[start..self.at - 1];
        let wrong = Flaw::Wrong(start);
        if !escaped {
            return str::from_utf8(inner).map(Cow::Borrowed).map_err(|_| wrong);
        }
        serde_json::from_slice(&self.bytes[start - 1..self.at]).map(Cow::Owned).map_err(|_| wrong)
    }

    /// Behind the closing quote; says whether something was escaped.
    fn pass_string(&mut self) -> Read<bool> {
        let mut escaped = false;
        loop {
            match self.bytes.get(self.at).ok_or(Flaw::Half)? {
                b'"' => {
                    self.at += 1;
                    return Ok(escaped);
                }
                b'\\' => {
                    escaped = true;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }

    /// A number, however large; `null` is NaN.
    pub fn number(&mut self) -> Read<f64> {
        self.peek()?;
        if let Some((number, length)) = short_number(&self.bytes[self.at..]) {
            self.at += length;
            return Ok(number);
        }
        let start = self.at;
        let word = self.word()?;
        number_of(word).ok_or(Flaw::Wrong(start))
    }

    /// Letters, digits, signs and dots.
    fn word(&mut self) -> Read<&'a str> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len());
        if length == 0 {
            return self.wrong();
        }
        self.at += length;
        if self.at == self.bytes.len() {
            // No document ends in a number: more of it may have been meant to follow.
            return Err(Flaw::Half);
        }
        str::from_utf8(&rest[..length]).map_err(|_| Flaw::Wrong(self.at))
    }

    /// Passes over a value of any kind.
    pub fn skip(&mut self) -> Read<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b'"' => {
                    self.at += 1;
                    self.pass_string()?;
                }
                _ => {
                    self.word()?;
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// # Errors
    /// Something follows.
    pub fn end(&mut self) -> Read<()> {
        match self.peek() {
            Ok(_) => self.wrong(),
            Err(_) => Ok(()),
        }
    }
}

/// Of a word.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Most digits whose number is exact in an f64, whatever they are.
const EXACT: usize = 15;

/// Of ten, exact.
const POWERS: [f64; EXACT + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// What most numbers are: at most 15 digits, maybe with a point among them. Digits and the power of ten are exact, so the one division
/// rounds as it must (W. Clinger, How to Read Floating Point Numbers Accurately, 1990). None: it is another one.
fn short_number(bytes: &[u8]) -> Option<(f64, usize)> {
    let start = usize::from(bytes.first() == Some(&b'-'));
    let (mut digits, mut point, mut at) = (0_u64, None, start);
    loop {
        match *bytes.get(at)? {
            digit @ b'0'..=b'9' => digits = digits * 10 + u64::from(digit - b'0'),
            b'.' if point.is_none() && at > start => point = Some(at),
            byte if is_part(byte) => return None,
            _ => break,
        }
        at += 1;
        if at - start > EXACT + 1 {
            return None;
        }
    }
    let decimals = point.map_or(0, |point| at - point - 1);
    let count = at - start - usize::from(point.is_some());
    if count == 0 || count > EXACT {
        return None;
    }
    let number = digits as f64 / POWERS.get(decimals)?;
    Some((if start == 1 { -number } else { number }, at))
}

/// What a number's text means, whatever its size; `null` and the words for what is no number are NaN.
pub fn number_of(word: &str) -> Option<f64> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    match digits {
        "null" | "None" => Some(f64::NAN),
        _ if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => word.parse().ok(),
        _ if ["nan", "inf", "infinity"].iter().any(|name| digits.eq_ignore_ascii_case(name)) => {
            word.parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn number(text: &str) -> Read<f64> {
        Cursor::new(format!("{text} ").as_bytes()).number()
    }

    /// The same document by way of the cursor, numbers as their bits.
    fn read(cursor: &mut Cursor<'_>) -> Read<Value> {
        match cursor.peek()? {
            b'[' => {
                let mut items = Vec::new();
                cursor.array(|cursor| {
                    items.push(read(cursor)?);
                    Ok(())
                })?;
                Ok(Value::Array(items))
            }
            b'{' => {
                let mut pairs = serde_json::Map::new();
                cursor.object(|cursor, key| {
                    pairs.insert(key.into_owned(), read(cursor)?);
                    Ok(())
                })?;
                Ok(Value::Object(pairs))
            }
            b'"' => Ok(Value::String(cursor.string()?.into_owned())),
            _ => Ok(serde_json::json!(cursor.number()?.to_bits().to_string())),
        }
    }

    fn documents() -> impl Strategy<Value = Value> {
        let text = any::<String>().prop_map(Value::String);
        let number =
            any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from);
        let leaf = prop_oneof![text, number];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    fn with_bits(value: &Value) -> Value {
        match value {
            Value::Number(number) => {
                Value::String(number.as_f64().expect("it was made from one").to_bits().to_string())
            }
            Value::Array(items) => Value::Array(items.iter().map(with_bits).collect()),
            Value::Object(pairs) => {
                Value::Object(pairs.iter().map(|(key, value)| (key.clone(), with_bits(value))).collect())
            }
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_json_is_read_to_the_last_bit(document in documents()) {
            let text = format!("[{document}]");
            let mut cursor = Cursor::new(text.as_bytes());
            prop_assert_eq!(read(&mut cursor), Ok(Value::Array(vec![with_bits(&document)])));
            prop_assert_eq!(cursor.end(), Ok(()));
            let mut cursor = Cursor::new(text.as_bytes());
            prop_assert_eq!(cursor.skip(), Ok(()));
            prop_assert_eq!(cursor.end(), Ok(()));
        }

        #[test]
        fn whatever_is_cut_short_is_half(document in documents(), share in 0.0..1.0) {
            let text = format!("[{document}]");
            let cut = &text.as_bytes()[..(text.len() as f64 * share) as usize];
            prop_assert_eq!(Cursor::new(cut).skip(), Err(Flaw::Half));
        }

        #[test]
        fn garbage_is_a_flaw_and_nothing_worse(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _flaw = read(&mut Cursor::new(&bytes));
            let _flaw = Cursor::new(&bytes).skip();
        }

        #[test]
        fn what_looks_like_json_is_a_flaw_and_nothing_worse(text in r#"[\[\]{}",:\\u0-9eE.+\-nulNaIfity ]{0,60}"#) {
            let _flaw = read(&mut Cursor::new(text.as_bytes()));
            let _flaw = Cursor::new(text.as_bytes()).skip();
        }

        #[test]
        fn every_decimal_is_read_as_it_was_written(whole in -1_000_000_000_i64..1_000_000_000, parts in 0_u32..1_000_000) {
            let text = format!("{whole}.{parts}");
            let long: f64 = text.parse().expect("a number");
            prop_assert_eq!(number(&text)?.to_bits(), long.to_bits());
        }

        #[test]
        fn every_number_is_read_as_it_was_written(bits in any::<u64>()) {
            let written = f64::from_bits(bits);
            let read = number(&format!("{written:?}"))?;
            prop_assert!(read.to_bits() == bits || (read.is_nan() && written.is_nan()));
        }
    }

    #[test]
    fn what_is_beyond_all_numbers_is_infinite() {
        assert_eq!(number("1e9999"), Ok(f64::INFINITY));
        assert_eq!(number("-1e9999"), Ok(f64::NEG_INFINITY));
        assert_eq!(number("Infinity"), Ok(f64::INFINITY));
        assert_eq!(number("-Infinity"), Ok(f64::NEG_INFINITY));
        assert_eq!(number("+Inf"), Ok(f64::INFINITY));
        assert_eq!(number("1e-9999"), Ok(0.0));
    }

    #[test]
    fn short_numbers_are_read_as_long_ones() {
        for text in [
            "0",
            "-0",
            "7",
            "-12.5",
            "1795310250",
            "0.1",
            "123456789012345",
            "0.00000000000001",
            "1.",
            "9.99999999999999",
        ] {
            let long: f64 = text.parse().expect("a number");
            assert_eq!(number(text).map(f64::to_bits), Ok(long.to_bits()), "{text}");
        }
    }

    #[test]
    fn null_is_not_zero() {
        assert!(number("null").is_ok_and(f64::is_nan));
        assert!(number("NaN").is_ok_and(f64::is_nan));
    }

    #[test]
    fn words_are_no_numbers() {
        for word in ["true", "nothing", "infinite", "-", "e5", "1x", "1.2.3", "0x10", "nan1"] {
            assert!(number(word).is_err(), "{word}");
        }
    }

    #[test]
    fn a_million_brackets_do_no_harm() {
        assert_eq!(Cursor::new(&vec![b'['; 1_000_000]).skip(), Err(Flaw::Half));
    }

    #[test]
    fn escapes_are_read() {
        let mut cursor = Cursor::new(br#" "a\"b\u00f1\\" "#);
        assert_eq!(cursor.string().as_deref(), Ok("a\"bñ\\"));
        assert_eq!(Cursor::new(br#""\ud800""#).string(), Err(Flaw::Wrong(1)));
    }
}
