//! Variables in texts: `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name.field}`, `${name:format}`.
//!
//! Syntax and formats: <https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/>.

use std::collections::BTreeMap;

/// What is chosen for a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    One(String),
    Many(Vec<String>),
    /// Every value, also those that join later.
    All,
}

/// What each variable stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(BTreeMap<String, Chosen>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Chosen {
    values: Vec<String>,
    is_several: bool,
    /// Goes in as it is, whatever the format.
    verbatim: Option<String>,
}

impl Choices {
    /// `values`: all that there are, for [`Choice::All`]; `all_value`: what stands for it instead, unformatted.
    pub fn choose(&mut self, name: &str, choice: &Choice, values: &[String], all_value: Option<&str>) {
        let chosen = match choice {
            Choice::One(value) => Chosen { values: vec![value.clone()], is_several: false, verbatim: None },
            Choice::Many(values) => Chosen { values: values.clone(), is_several: true, verbatim: None },
            Choice::All => {
                Chosen { values: values.to_vec(), is_several: true, verbatim: all_value.map(str::to_owned) }
            }
        };
        self.0.insert(name.to_owned(), chosen);
    }
}

/// Replaces every variable that was chosen; unknown ones stay as they are. `usual` is the format where none is named: `glob` for
/// Graphite, `regex` for Prometheus.
pub fn interpolate(text: &str, choices: &Choices, usual: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        let replaced = match &piece {
            Piece::Text(_) => None,
            Piece::Variable { name, format, .. } => {
                choices.0.get(*name).map(|chosen| formatted(chosen, format.unwrap_or(usual)))
            }
        };
        match (replaced, piece) {
            (Some(replaced), _) => out.push_str(&replaced),
            (None, Piece::Text(text) | Piece::Variable { written: text, .. }) => out.push_str(text),
        }
    }
    out
}

/// Whether the text has this variable in it.
pub fn mentions(text: &str, variable: &str) -> bool {
    pieces(text).any(|piece| matches!(piece, Piece::Variable { name, .. } if name == variable))
}

/// The names of the variables that a text has in it, each once; those of Grafana's own (`$__interval`) too.
pub fn mentioned(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces(text) {
        if let Piece::Variable { name, .. } = piece
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

enum Piece<'a> {
    Text(&'a str),
    Variable { written: &'a str, name: &'a str, format: Option<&'a str> },
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((length, name, format)) = variable_at(rest) {
            let (written, after) = rest.split_at(length);
            rest = after;
            return Some(Piece::Variable { written, name, format });
        }
        let starts = |at: &usize| variable_at(&rest[*at..]).is_some();
        let candidates = rest.char_indices().skip(1).filter(|(_, c)| ['$', '['].contains(c));
        let end = candidates.map(|(at, _)| at).find(starts).unwrap_or(rest.len());
        let (before, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(before))
    })
}

/// The variable that a text begins with: its length as written, its name, its format.
fn variable_at(text: &str) -> Option<(usize, &str, Option<&str>)> {
    if let Some(inner) = text.strip_prefix("[[") {
        let end = inner.find("]]")?;
        let (name, format) = split_format(&inner[..end]);
        return is_name(name).then_some((end + 4, name, format));
    }
    let after = text.strip_prefix('$')?;
    if let Some(inner) = after.strip_prefix('{') {
        let end = inner.find('}')?;
        let (path, format) = split_format(&inner[..end]);
        let name = path.split_once('.').map_or(path, |(name, _)| name);
        return is_name(name).then_some((end + 3, name, format));
    }
    let length = after.find(|c: char| !is_word(c)).unwrap_or(after.len());
    (length > 0).then(|| (length + 1, &after[..length], None))
}

fn split_format(inner: &str) -> (&str, Option<&str>) {
    inner.split_once(':').map_or((inner, None), |(name, format)| (name, Some(format)))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn formatted(chosen: &Chosen, format: &str) -> String {
    if let Some(verbatim) = &chosen.verbatim {
        return verbatim.clone();
    }
    let values = &chosen.values;
    let each = |quote: fn(&str) -> String| values.iter().map(|value| quote(value)).collect::<Vec<_>>();
    match format {
        "regex" if !chosen.is_several => values.iter().map(|value| single_for_prometheus(value)).collect(),
        "regex" => match each(regex_escaped).as_slice() {
            [only] => only.clone(),
            all => format!("({})", all.join("|")),
        },
        "pipe" => values.join("|"),
        "csv" | "raw" | "text" => values.join(if format == "text" { " + " } else { "," }),
        "json" => match values.as_slice() {
            [only] if !chosen.is_several => serde_json::Value::from(only.as_str()).to_string(),
            all => serde_json::Value::from(all).to_string(),
        },
        "lucene" => match each(lucene_escaped).as_slice() {
            [only] if !chosen.is_several => only.clone(),
            all => format!("({})", all.iter().map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(" OR ")),
        },
        "singlequote" => each(|v| format!("'{}'", v.replace('\'', "\\'"))).join(","),
        "doublequote" => each(|v| format!("\"{}\"", v.replace('"', "\\\""))).join(","),
        "sqlstring" => each(|v| format!("'{}'", v.replace('\'', "''"))).join(","),
        "percentencode" => percent(&glob(values)),
        // `glob`, and what is not known.
        _ => glob(values),
    }
}

fn glob(values: &[String]) -> String {
    match values {
        [only] => only.clone(),
        all => format!("{{{}}}", all.join(",")),
    }
}

/// Inside a quoted label matcher: quotes and backslashes are escaped, nothing else.
fn single_for_prometheus(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\'', "\\'")
}

/// For a regular expression inside a quoted matcher.
fn regex_escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        if "\\^$.*+?()[]{}|/".contains(character) {
            out.push_str("\\\\");
        }
        out.push(character);
    }
    out
}

fn lucene_escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        if "+-=&|><!(){}[]^\"~*?:\\/ ".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// RFC 3986, section 2.1: all but the unreserved characters.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn choices() -> Choices {
        let mut choices = Choices::default();
        choices.choose("one", &Choice::One("a.b".to_owned()), &[], None);
        choices.choose("many", &Choice::Many(vec!["a.".to_owned(), "b".to_owned()]), &[], None);
        choices.choose("all", &Choice::All, &["x".to_owned(), "y".to_owned()], None);
        choices.choose("star", &Choice::All, &["x".to_owned()], Some(".*"));
        choices
    }

    fn glob(text: &str) -> String {
        interpolate(text, &choices(), "glob")
    }

    #[test]
    fn every_way_of_writing_a_variable_is_known() {
        assert_eq!(glob("$one [[one]] ${one} ${one.text} ${one:raw} [[one:raw]]"), "a.b a.b a.b a.b a.b a.b");
        assert_eq!(glob("x.$many.y"), "x.{a.,b}.y");
        assert_eq!(glob("$one$one"), "a.ba.b");
    }

    #[test]
    fn unknown_names_and_what_is_no_variable_stay_as_they_are() {
        let text = "$none ${none:csv} [[none]] [[ ]] $ ${} cost $5 [0] [[a b]] ${one";
        assert_eq!(glob(text), text);
    }

    #[test]
    fn all_is_every_value_or_what_stands_for_it_unformatted() {
        assert_eq!(glob("$all"), "{x,y}");
        assert_eq!(interpolate("=~\"$star\"", &choices(), "regex"), "=~\".*\"");
    }

    #[test]
    fn each_format_is_written_as_grafana_writes_it() {
        let formats = [
            ("glob", "{a.,b}"),
            ("regex", "(a\\\\.|b)"),
            ("pipe", "a.|b"),
            ("csv", "a.,b"),
            ("raw", "a.,b"),
            ("json", "[\"a.\",\"b\"]"),
            ("lucene", "(\"a.\" OR \"b\")"),
            ("singlequote", "'a.','b'"),
            ("doublequote", "\"a.\",\"b\""),
            ("sqlstring", "'a.','b'"),
            ("percentencode", "%7Ba.%2Cb%7D"),
            ("text", "a. + b"),
            ("unheard-of", "{a.,b}"),
        ];
        for (format, written) in formats {
            assert_eq!(glob(&format!("${{many:{format}}}")), written, "{format}");
        }
    }

    #[test]
    fn one_value_for_prometheus_is_quoted_but_no_expression() {
        assert_eq!(interpolate("job=\"$one\"", &choices(), "regex"), "job=\"a.b\"");
    }

    proptest! {
        #[test]
        fn any_text_without_known_variables_is_unchanged(text in "\\PC{0,60}") {
            prop_assert_eq!(interpolate(&text, &Choices::default(), "glob"), text);
        }
    }
}
