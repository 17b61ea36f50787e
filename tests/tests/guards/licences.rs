//! Every dependency may be used under a licence that `deny.toml` allows.

use cargo_metadata::{CargoOpt, MetadataCommand, Package};

use crate::{root, text};

#[test]
fn every_dependency_has_a_licence_that_deny_toml_allows() {
    let allowed = allowed_licences();
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).features(CargoOpt::AllFeatures);
    let metadata = command.other_options(["--offline", "--locked"].map(String::from)).exec();
    let packages = metadata.expect("`cargo fetch` has been run and Cargo.lock is up to date").packages;
    let refused: Vec<String> =
        packages.iter().filter(|package| !may_be_used(package, &allowed)).map(named).collect();
    assert!(packages.len() > 100, "the whole dependency graph was looked at");
    assert_eq!(refused, [""; 0], "their licences are not in deny.toml");
}

#[test]
fn an_expression_is_fulfilled_by_any_alternative_and_every_part() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(String::from);
    for good in [
        "MIT",
        "MIT/GPL-3.0",
        "GPL-3.0 OR MIT",
        "(GPL-3.0 OR MIT) AND Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(fulfils(good, &allowed), "{good}");
    }
    for bad in
        ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", "MIT WITH Unknown-exception", ""]
    {
        assert!(!fulfils(bad, &allowed), "{bad}");
    }
}

#[test]
fn npm_lock_files_name_checksums_and_no_registry() {
    for lock in ["xtask/node/package-lock.json", "tests/browser/package-lock.json"] {
        let lock = text(lock);
        assert!(lock.contains("\"integrity\": \"sha512-") && !lock.contains("\"resolved\""), "{lock}");
    }
}

/// The strings of `allow = […]` below `[licenses]`.
fn allowed_licences() -> Vec<String> {
    let file = text("deny.toml");
    let licences = file.split("[licenses]").nth(1).expect("deny.toml has a section [licenses]");
    let list = licences
        .split_once("allow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .expect("it allows some")
        .0;
    list.split('"').skip(1).step_by(2).map(String::from).collect()
}

fn may_be_used(package: &Package, allowed: &[String]) -> bool {
    package.license.as_deref().is_some_and(|expression| fulfils(expression, allowed))
}

fn named(package: &Package) -> String {
    format!("{} {}: {}", package.name, package.version, package.license.as_deref().unwrap_or("none named"))
}

/// Is there a way to fulfil this SPDX expression (<https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/>)
/// with these licences alone? The old `MIT/Apache-2.0` means `OR`.
fn fulfils(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    any_of(&mut words, allowed) && words.is_empty()
}

/// `A OR B OR …`: the last word is the next one to read.
fn any_of(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut fulfilled = all_of(words, allowed);
    while words.last() == Some(&"OR") {
        words.pop();
        fulfilled |= all_of(words, allowed);
    }
    fulfilled
}

/// `A AND B AND …`, which binds closer.
fn all_of(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut fulfilled = one(words, allowed);
    while words.last() == Some(&"AND") {
        words.pop();
        fulfilled &= one(words, allowed);
    }
    fulfilled
}

/// A licence, a licence WITH an exception, or an expression in brackets.
fn one(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let Some(word) = words.pop() else { return false };
    if word == "(" {
        let fulfilled = any_of(words, allowed);
        return words.pop() == Some(")") && fulfilled;
    }
    let mut licence = word.to_string();
    if words.last() == Some(&"WITH") {
        words.pop();
        licence = format!("{licence} WITH {}", words.pop().unwrap_or_default());
    }
    allowed.contains(&licence)
}
