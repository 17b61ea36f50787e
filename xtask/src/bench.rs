//! `cargo xtask bench`: the measurements behind the budgets.

use anyhow::{Result, bail};

use crate::command::{cargo, run};
use crate::step::step;
use crate::{checks, files, tools};

/// Measure what the design gives a budget for
///
/// Uses the profile of the binary and the tests, so nothing is compiled twice. Ratios count, not absolute times.
#[derive(clap::Args)]
pub struct Arguments {
    /// One benchmark, for example: evaluate. All of them when left out
    name: Option<String>,
    /// Only say which there are
    #[arg(long)]
    list: bool,
}

/// Runs one benchmark or all of them.
///
/// # Errors
/// When there is none of that name, or one fails.
pub fn bench(arguments: &Arguments) -> Result<()> {
    let all = names()?;
    if arguments.list {
        all.iter().for_each(|name| println!("{name}"));
        return Ok(());
    }
    let wanted = chosen(&all, arguments.name.as_deref())?;
    tools::for_checks()?;
    checks::build()?;
    for name in wanted {
        step(&format!("Benchmark: {name}"), "1 min", || {
            run(&mut cargo(["bench", "--profile", "dev", "--package", "atalaya", "--bench", name]))
        })?;
    }
    Ok(())
}

/// The benchmarks are the files of evaluator/benches.
fn names() -> Result<Vec<String>> {
    let found = files::walk(&files::root().join("evaluator/benches"))?;
    let sources = found.iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs"));
    Ok(sources.filter_map(|file| file.file_stem()).map(|name| name.to_string_lossy().into_owned()).collect())
}

fn chosen<'a>(all: &'a [String], name: Option<&str>) -> Result<Vec<&'a str>> {
    let wanted: Vec<&str> =
        all.iter().map(String::as_str).filter(|one| name.is_none_or(|name| name == *one)).collect();
    if wanted.is_empty() {
        bail!("there is no benchmark {}; there are: {}", name.unwrap_or_default(), all.join(", "));
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_that_does_not_exist_is_answered_with_those_that_do() {
        let all = ["evaluate".to_string(), "intake".to_string()];
        assert_eq!(chosen(&all, None).expect("there are some"), ["evaluate", "intake"]);
        assert_eq!(chosen(&all, Some("intake")).expect("it exists"), ["intake"]);
        let error = chosen(&all, Some("speed")).expect_err("it does not exist").to_string();
        assert_eq!(error, "there is no benchmark speed; there are: evaluate, intake");
    }
}
