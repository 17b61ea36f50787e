//! The way of a sample has one direction, and what decides is pure.

use std::path::{Path, PathBuf};

use crate::root;

/// The stages in the order in which a sample passes them; those that stand together know nothing of each other's insides but
/// may use each other's words. A stage never names a later one. `app.rs` and `main.rs` wire everything and are free.
const STAGES: &[&[&str]] = &[
    &["domain", "clock"],
    &["source", "ingest"],
    &["grafana"],
    &["window", "period"],
    &["check"],
    &["state"],
    &["plan"],
    &["store"],
    &["notify"],
    &["schedule"],
    &["pipeline"],
    &["config", "people"],
    &["backup"],
    &["api", "ui"],
];

/// No I/O, no clock, no async: time comes in as a value.
const PURE: &[&str] =
    &["catalog", "domain", "moving", "window", "period", "state", "plan", "schedule", "template"];

/// What a pure module may use of the crate.
const WORDS: &[&str] = &["domain", "window", "period", "state", "plan", "schedule"];

/// What a pure module must not name.
const IMPURE: &[&str] = &[
    "tokio",
    "axum",
    "rusqlite",
    "wasmtime",
    "ureq",
    "rustix",
    "sysinfo",
    "tracing",
    "async fn",
    ".await",
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
];

/// The only places that know which database it is.
const SQLITE: &[&str] = &["store", "source/local"];

#[test]
fn what_decides_is_pure() {
    let found = offences(|file| {
        let module = file.module();
        let code = file.code();
        let words = IMPURE.iter().filter(|word| code.contains(**word)).map(|word| word.to_string());
        let modules = file.imports().into_iter().filter(|name| !WORDS.contains(&name.as_str()));
        if PURE.contains(&module.as_str()) { words.chain(modules).collect() } else { Vec::new() }
    });
    assert_eq!(found, [""; 0], "pure modules that name I/O, a clock, async, or modules that have them");
}

#[test]
fn no_stage_names_a_later_one() {
    let found = offences(|file| {
        let Some(own) = stage(&file.module()) else { return Vec::new() };
        file.imports().into_iter().filter(|name| stage(name).is_some_and(|other| other > own)).collect()
    });
    assert_eq!(found, [""; 0], "stages that name a later one");
}

#[test]
fn no_backend_type_leaves_the_store() {
    let found = offences(|file| {
        let inside = SQLITE.iter().any(|place| file.place.starts_with(place));
        if !inside && file.code().contains("rusqlite") { vec!["rusqlite".to_string()] } else { Vec::new() }
    });
    assert_eq!(found, [""; 0], "only store/ and source/local know SQLite");
}

#[test]
fn tests_and_comments_are_not_looked_at() {
    let file = Source {
        place: "state/step.rs".into(),
        text: "//! tokio\nuse crate::domain::{Level};\n\n#[cfg(test)]\nmod tests {\n    use crate::store::Store;\n}\n".into(),
    };
    assert_eq!((file.module().as_str(), file.imports()), ("state", vec!["domain".to_string()]));
    assert!(!file.code().contains("tokio"));
}

fn stage(module: &str) -> Option<usize> {
    STAGES.iter().position(|stage| stage.contains(&module))
}

/// A source file of the server.
struct Source {
    /// Below `evaluator/src`, without the ending of the module's file: `state/step.rs`, `clock.rs`.
    place: PathBuf,
    text: String,
}

impl Source {
    /// The top module it belongs to.
    fn module(&self) -> String {
        let first = self.place.iter().next().unwrap_or_default().to_string_lossy();
        first.trim_end_matches(".rs").to_string()
    }

    /// The text without comments and without the tests at its end.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    /// The other top modules that it names: by `crate::x` or, in a group, `crate::{x, y::z}`.
    fn imports(&self) -> Vec<String> {
        let code = self.code();
        let named = code.split("crate::").skip(1).flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => heads(group),
            None => vec![identifier(rest)],
        });
        let mut named: Vec<String> =
            named.filter(|name| *name != self.module() && stage(name).is_some()).collect();
        named.sort();
        named.dedup();
        named
    }
}

/// The first words of the members of `a, b::{c, d}, e}`.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0, Vec::new(), true);
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            sign if start && !sign.is_whitespace() => {
                heads.push(identifier(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

/// `place: what` for everything that `look` finds in the server's sources.
fn offences(look: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    let base = root().join("evaluator/src");
    let files = sources(&base);
    assert!(files.len() > 10, "the server's sources were looked at");
    let told = |file: &Source| {
        let place = file.place.display().to_string();
        look(file).into_iter().map(move |what| format!("{place}: {what}")).collect::<Vec<_>>()
    };
    files.iter().flat_map(told).collect()
}

/// Every source file below `base` that is no test.
fn sources(base: &Path) -> Vec<Source> {
    let mut ahead = vec![base.to_path_buf()];
    let mut found = Vec::new();
    while let Some(path) = ahead.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            let entries = std::fs::read_dir(&path).expect("the folder was just listed");
            ahead.extend(entries.flatten().map(|entry| entry.path()));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let place = path.strip_prefix(base).expect("it lies below").to_path_buf();
            found.push(Source {
                place,
                text: std::fs::read_to_string(&path).expect("the file was just listed"),
            });
        }
    }
    found
}
