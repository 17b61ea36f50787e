//! ARCHITECTURE.md says what is there.

use std::path::Path;

use crate::{root, text};

#[test]
fn every_path_named_in_architecture_md_exists() {
    let page = text("ARCHITECTURE.md");
    let missing: Vec<&str> =
        quoted(&page).into_iter().filter(|word| is_path(word) && !exists(word)).collect();
    assert_eq!(missing, [""; 0], "ARCHITECTURE.md names these, and they do not exist");
}

#[test]
fn paths_are_told_from_other_quoted_words() {
    for path in ["evaluator/src/clock.rs", "Cargo.toml", "public/", "evaluator/src"] {
        assert!(is_path(path) && exists(path), "{path}");
    }
    for other in
        ["/api/v1/alarms", "cargo xtask test", "application/wasm", "kill -9", "target/dist", "a/{b}.rs"]
    {
        assert!(!is_path(other), "{other}");
    }
    assert!(is_path("evaluator/src/nowhere.rs") && !exists("evaluator/src/nowhere.rs"));
}

/// What stands between single backticks, outside of fenced blocks.
fn quoted(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    prose.flat_map(|part| part.lines().flat_map(|line| line.split('`').skip(1).step_by(2))).collect()
}

/// A file by its ending, a folder by its last slash, or anything below a folder of the repository. Not addresses, patterns,
/// commands, nor what is built.
fn is_path(word: &str) -> bool {
    const ENDINGS: &[&str] =
        &["css", "html", "js", "json", "md", "mjs", "py", "rs", "sql", "svg", "toml", "wit"];
    let first = word.split('/').next().unwrap_or_default();
    if first.is_empty() || first == "target" || word.contains([' ', '*', '{', '<', ':', '~', '$', '…']) {
        return false;
    }
    let ending = Path::new(word).extension().unwrap_or_default().to_string_lossy();
    ENDINGS.contains(&&*ending) || word.ends_with('/') || (word.contains('/') && exists(first))
}

/// Named from the root, or from the server's sources as the layout in the page does.
fn exists(path: &str) -> bool {
    [root(), root().join("evaluator"), root().join("evaluator/src")]
        .iter()
        .any(|base| base.join(path).exists())
}
