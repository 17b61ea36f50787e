//! What people type to find series: Graphite's globs, or words.

use regex::{Regex, RegexBuilder};

/// The glob cannot be understood; the words say what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct GlobError(String);

/// Longest expression, bytes.
const LONGEST: usize = 2_048;
/// Most memory of a compiled glob, bytes.
const COMPILED: usize = 1 << 20;

/// A Graphite glob: `*` and `?` do not cross dots, `[a-z]`, `[!a]`, `{a,b}`.
#[derive(Clone, Debug)]
pub struct Glob {
    /// Before the first wildcard: most names are told apart by it.
    prefix: String,
    regex: Regex,
}

impl Glob {
    /// Whether the text has wildcards at all; without, it is the name of one series.
    pub fn is_glob(text: &str) -> bool {
        text.contains(['*', '?', '[', '{'])
    }

    pub fn new(text: &str) -> Result<Self, GlobError> {
        if text.len() > LONGEST {
            return Err(GlobError(format!("shorter than {LONGEST} bytes, please: this has {}", text.len())));
        }
        let regex = RegexBuilder::new(&translate(text)?)
            .size_limit(COMPILED)
            .dfa_size_limit(COMPILED)
            .build()
            .map_err(|error| GlobError(words_of(text, &error)))?;
        let prefix = text.split(['*', '?', '[', '{', '}', ']']).next().unwrap_or_default().to_owned();
        Ok(Glob { prefix, regex })
    }

    pub fn matches(&self, name: &str) -> bool {
        name.starts_with(&self.prefix) && self.regex.is_match(name)
    }
}

fn words_of(text: &str, error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            format!("\"{text}\" has too many alternatives; fewer or shorter ones, please")
        }
        _ => format!("\"{text}\" cannot be understood; ranges are written from low to high, like [a-z]"),
    }
}

fn translate(glob: &str) -> Result<String, GlobError> {
    let mut regex = String::from("^");
    let mut depth = 0;
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str("[^.]*"),
            '?' => regex.push_str("[^.]"),
            '[' => class(glob, &mut chars, &mut regex)?,
            '{' => {
                depth += 1;
                regex.push_str("(?:");
            }
            ',' if depth > 0 => regex.push('|'),
            '}' if depth > 0 => {
                depth -= 1;
                regex.push(')');
            }
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    if depth > 0 {
        return Err(GlobError(format!(
            "\"{glob}\" opens a {{ that is not closed; write e.g. {{cpu,memory}}"
        )));
    }
    regex.push('$');
    Ok(regex)
}

fn class(glob: &str, chars: &mut std::str::Chars<'_>, regex: &mut String) -> Result<(), GlobError> {
    let rest = chars.as_str();
    let Some(end) = rest.find(']') else {
        return Err(GlobError(format!("\"{glob}\" opens a [ that is not closed; write e.g. router[1-9]")));
    };
    let inner = &rest[..end];
    let (negated, inner) = match inner.strip_prefix(['!', '^']) {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    if inner.is_empty() {
        return Err(GlobError(format!("\"{glob}\" has empty brackets; write e.g. [a-z]")));
    }
    regex.push_str(if negated { "[^." } else { "[" });
    for c in inner.chars() {
        match c {
            '-' => regex.push('-'),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push(']');
    *chars = rest[end + 1..].chars();
    Ok(())
}

/// What a name is to a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match<'a> {
    Leaf,
    /// The part of the name that was asked for; more of the path follows.
    Branch(&'a str),
}

/// A search as typed.
#[derive(Debug)]
pub enum Search {
    /// A whole name must match.
    Glob(Glob),
    /// Ends in `.*`: the next part of the path is listed, `depth` parts in all.
    Browse { glob: Glob, depth: usize },
    /// Every word is contained, whatever its case.
    Words(Vec<String>),
}

impl Search {
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        let text = text.trim();
        if !Glob::is_glob(text) {
            return Ok(Search::Words(text.split_whitespace().map(str::to_lowercase).collect()));
        }
        let glob = Glob::new(text)?;
        if text == "*" || text.ends_with(".*") {
            return Ok(Search::Browse { glob, depth: text.split('.').count() });
        }
        Ok(Search::Glob(glob))
    }

    /// `scratch` is overwritten; it saves an allocation per name.
    pub fn find<'a>(&self, name: &'a str, scratch: &mut String) -> Option<Match<'a>> {
        match self {
            Search::Glob(glob) => glob.matches(name).then_some(Match::Leaf),
            Search::Browse { glob, depth } => {
                let end = name.match_indices('.').nth(depth - 1).map_or(name.len(), |(dot, _)| dot);
                let (part, leaf) = (&name[..end], end == name.len());
                glob.matches(part).then_some(if leaf { Match::Leaf } else { Match::Branch(part) })
            }
            Search::Words(words) => {
                lower_case(name, scratch);
                words.iter().all(|word| scratch.contains(word.as_str())).then_some(Match::Leaf)
            }
        }
    }
}

fn lower_case(name: &str, into: &mut String) {
    into.clear();
    if name.is_ascii() {
        into.push_str(name);
        into.make_ascii_lowercase();
    } else {
        into.extend(name.chars().flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use super::{Glob, Match, Search};

    #[test]
    fn globs_match_as_graphite_s_do() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("lab.*.cpu", &["lab.r1.cpu", "lab..cpu"], &["lab.r1.x.cpu", "lab.r1.cpu2", "xlab.r1.cpu"]),
            ("lab.r?.cpu", &["lab.r1.cpu"], &["lab.r.cpu", "lab.r12.cpu", "lab.r..cpu"]),
            ("r[1-3]", &["r1", "r3"], &["r4", "r"]),
            ("r[!1]", &["r2"], &["r1", "r."]),
            ("r[.+]", &["r.", "r+"], &["ra"]),
            ("{cpu,mem*}.x", &["cpu.x", "memory.x"], &["disk.x", "cpu,mem.x"]),
            ("a{b,c{d,e}}", &["ab", "acd", "ace"], &["ac", "a"]),
            ("a,b*", &["a,bc"], &["a"]),
            ("*.año", &["x.año"], &["x.ano"]),
            ("a(b)+*", &["a(b)+c"], &["abb"]),
        ];
        for (glob, yes, no) in cases {
            let glob = Glob::new(glob).expect("a glob");
            yes.iter().for_each(|name| assert!(glob.matches(name), "{glob:?} matches {name}"));
            no.iter().for_each(|name| assert!(!glob.matches(name), "{glob:?} does not match {name}"));
        }
    }

    #[test]
    fn a_bad_glob_says_what_would_be_right() {
        for (bad, hint) in [("lab.[ab", "router[1-9]"), ("lab.{a,b", "{cpu,memory}"), ("a[]", "[a-z]")] {
            let error = Glob::new(bad).expect_err("no glob").to_string();
            assert!(error.contains(hint) && error.contains(bad), "{error}");
        }
        assert!(Glob::new("[z-a]").is_err());
        assert!(Glob::new(&"*".repeat(3_000)).is_err());
    }

    fn find<'a>(search: &str, name: &'a str) -> Option<Match<'a>> {
        Search::parse(search).expect("a search").find(name, &mut String::new())
    }

    #[test]
    fn words_are_found_anywhere_whatever_their_case() {
        assert_eq!(find("CPU router1", "lab.Router1.cpu"), Some(Match::Leaf));
        assert_eq!(find("cpu router2", "lab.router1.cpu"), None);
        assert_eq!(find("", "anything"), Some(Match::Leaf));
        assert_eq!(find("ÑU", "lab.ñu"), Some(Match::Leaf));
    }

    #[test]
    fn browsing_lists_the_next_part_of_the_path() {
        assert_eq!(find("*", "lab.router1.cpu"), Some(Match::Branch("lab")));
        assert_eq!(find("lab.*", "lab.router1.cpu"), Some(Match::Branch("lab.router1")));
        assert_eq!(find("lab.router1.*", "lab.router1.cpu"), Some(Match::Leaf));
        assert_eq!(find("lab.router2.*", "lab.router1.cpu"), None);
        assert_eq!(find("lab.*", "lab"), None);
    }
}
