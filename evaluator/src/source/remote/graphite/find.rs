//! Finding names: `/metrics/find?format=completer` answers `{"metrics": [{"path": "lab.router1.", "is_leaf": "0"}, ...]}` with whole paths,
//! where a branch's ends in a dot. graphite-web appends a `*` to each completer's query: what is too much is sorted out here.

use atalaya_api::source::SeriesHit;

use crate::source::Glob;
use crate::source::remote::json::{Cursor, Flaw};

/// A search as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Wildcards of Graphite's own.
    Pattern(String),
    /// Below this part of the path (empty, or ending in a dot) whatever contains all words, whatever their case.
    Words { below: String, words: Vec<String> },
}

/// What was found: a path, and whether it is a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: String,
    pub leaf: bool,
}

impl Search {
    pub fn of(q: &str) -> Self {
        let q = q.trim();
        if Glob::is_glob(q) {
            let last_is_open = q.ends_with('.');
            return Search::Pattern(if last_is_open { format!("{q}*") } else { q.to_owned() });
        }
        let mut words = q.split_whitespace();
        let first = words.next().unwrap_or_default();
        let (below, first) = first.rsplit_once('.').map_or(("", first), |(below, rest)| (below, rest));
        let below = if below.is_empty() { String::new() } else { format!("{below}.") };
        let words = std::iter::once(first).chain(words).filter(|word| !word.is_empty());
        Search::Words { below, words: words.map(str::to_lowercase).collect() }
    }

    /// What to ask for, until something is found. A word without a path may be that of any of the first `levels` levels.
    pub fn patterns(&self, levels: usize) -> Vec<String> {
        match self {
            Search::Pattern(pattern) => vec![pattern.clone()],
            Search::Words { below, words } => {
                // People write from the top of the tree to its leaves: the last word is that of the last level.
                let part = words.last().map_or("*".to_owned(), |word| format!("*{}*", in_any_case(word)));
                let is_path = !below.is_empty() && words.len() < 2;
                let levels = if is_path || words.is_empty() { 1 } else { levels };
                (0..levels).map(|level| format!("{below}{}{part}", "*.".repeat(level))).collect()
            }
        }
    }

    /// The hits among what was found for a pattern: sorted, without doubles, at most `limit`.
    pub fn choose(&self, pattern: &str, found: Vec<Found>, limit: usize) -> Vec<SeriesHit> {
        let glob = Glob::new(pattern).ok();
        let mut found: Vec<Found> = found
            .into_iter()
            .filter(|one| {
                glob.as_ref().is_none_or(|glob| glob.matches(&one.path)) && self.contains(&one.path)
            })
            .collect();
        found.sort_by(|a, b| (&a.path, !a.leaf).cmp(&(&b.path, !b.leaf)));
        found.dedup();
        found.truncate(limit);
        found.into_iter().map(hit).collect()
    }

    fn contains(&self, path: &str) -> bool {
        match self {
            Search::Pattern(_) => true,
            Search::Words { words, .. } => {
                let path = path.to_lowercase();
                words.iter().all(|word| path.contains(word.as_str()))
            }
        }
    }
}

fn hit(found: Found) -> SeriesHit {
    SeriesHit { name: found.path, leaf: found.leaf, last_value: None, last_at: None, step: None }
}

/// `cpu` as `[cC][pP][uU]`: paths have a case, people do not remember it.
fn in_any_case(word: &str) -> String {
    let mut pattern = String::new();
    for c in word.chars() {
        if c.is_ascii_alphabetic() {
            pattern.extend(['[', c.to_ascii_lowercase(), c.to_ascii_uppercase(), ']']);
        } else {
            pattern.push(c);
        }
    }
    pattern
}

/// What a server found, as it says.
pub fn parse(body: &[u8]) -> Result<Vec<Found>, Flaw> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(body);
    cursor.object(|cursor, key| {
        if key == "metrics" { cursor.array(|cursor| node(cursor, &mut found)) } else { cursor.skip() }
    })?;
    cursor.end()?;
    Ok(found)
}

fn node(cursor: &mut Cursor<'_>, into: &mut Vec<Found>) -> Result<(), Flaw> {
    let (mut path, mut leaf) = (None, None);
    cursor.object(|cursor, key| {
        match (&*key, cursor.peek()?) {
            ("path", b'"') => path = Some(cursor.string()?.into_owned()),
            // "1", 1 or true, depending on who answers.
            ("is_leaf" | "isLeaf" | "leaf", b'"') => leaf = Some(cursor.string()? == "1"),
            ("is_leaf" | "isLeaf" | "leaf", first) => {
                leaf = Some(matches!(first, b'1' | b't'));
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    // The wildcard that a server may add has no path.
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(()) };
    let leaf = leaf.unwrap_or(!path.ends_with('.'));
    into.push(Found { path: path.trim_end_matches('.').to_owned(), leaf });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(q: &str) -> Vec<String> {
        Search::of(q).patterns(3)
    }

    fn found(paths: &[&str]) -> Vec<Found> {
        let one =
            |path: &&str| Found { path: path.trim_end_matches('.').to_owned(), leaf: !path.ends_with('.') };
        paths.iter().map(one).collect()
    }

    fn chosen(q: &str, paths: &[&str]) -> Vec<String> {
        let search = Search::of(q);
        let hits = search.choose(&search.patterns(3)[0], found(paths), 3);
        hits.into_iter().map(|hit| format!("{}{}", hit.name, if hit.leaf { "" } else { "." })).collect()
    }

    #[test]
    fn patterns_pass_as_they_are() {
        assert_eq!(asked("lab.*.cpu"), ["lab.*.cpu"]);
        assert_eq!(asked("lab.*."), ["lab.*.*"]);
    }

    #[test]
    fn a_dot_at_the_end_asks_for_the_next_level() {
        assert_eq!(asked("lab."), ["lab.*"]);
        assert_eq!(asked(""), ["*"]);
    }

    #[test]
    fn the_end_of_a_path_is_completed_in_any_case() {
        assert_eq!(asked("lab.r1"), ["lab.*[rR]1*"]);
    }

    #[test]
    fn a_bare_word_is_looked_for_level_by_level() {
        assert_eq!(asked("cpu"), ["*[cC][pP][uU]*", "*.*[cC][pP][uU]*", "*.*.*[cC][pP][uU]*"]);
    }

    #[test]
    fn every_word_must_be_in_the_path() {
        assert_eq!(asked("router cpu")[2], "*.*.*[cC][pP][uU]*");
        assert_eq!(asked("lab.r cpu")[0], "lab.*[cC][pP][uU]*");
        assert_eq!(
            chosen("lab.r cpu", &["lab.cpu", "lab.cpu_r", "lab.CPU_Router."]),
            ["lab.CPU_Router.", "lab.cpu_r"]
        );
    }

    #[test]
    fn what_a_completer_adds_is_left_out_and_the_rest_sorted_and_limited() {
        assert_eq!(
            chosen("lab.*.cpu", &["lab.b.cpu", "lab.a.cpu.", "lab.a.cpu", "lab.a.cpu2"]),
            ["lab.a.cpu", "lab.a.cpu.", "lab.b.cpu"]
        );
    }

    #[test]
    fn servers_say_in_several_ways_what_a_leaf_is() {
        let body = r#"{"metrics": [{"path": "lab.", "name": "lab", "is_leaf": "0"}, {"is_leaf": 1, "path": "a.b"},
            {"path": "c", "is_leaf": true}, {"name": "*"}, {"path": "d."}]}"#;
        assert_eq!(parse(body.as_bytes()), Ok(found(&["lab.", "a.b", "c", "d."])));
    }
}
