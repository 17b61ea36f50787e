//! The long run of the fault programme, and the table it ends with.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::rust::offer_components;
use super::stream::counted;
use crate::command::cargo;
use crate::report::Counts;
use crate::{checks, files, server, tools};

/// `tests/tests/faults` with everything that it has, one fault at a time, and ten minutes of 190 rules over a real Graphite.
pub fn faults() -> Result<Counts> {
    tools::for_checks()?;
    checks::build()?;
    server::build()?;
    let table = files::artefacts().join("faults.tsv");
    fs::create_dir_all(files::artefacts())?;
    fs::write(&table, "fault\ttimes\tlost\trecovered after\n")?;
    let mut faults = long(&["faults"]);
    let mut counts = counted(faults.env("ATALAYA_FAULTS_TABLE", &table))?;
    let mut interfaces = long(&["real", "interfaces"]);
    counts += offer_components(&mut interfaces, tools::for_host_tests());
    counts += counted(&mut interfaces)?;
    print!("\n{}", laid_out(&fs::read_to_string(&table)?));
    println!("(also in {})", relative(&table).display());
    Ok(counts)
}

/// The long form of a test binary, or of those of its tests that are named.
fn long(which: &[&str]) -> Command {
    let mut test = cargo(["test", "--no-fail-fast"]);
    test.args(server::HOST).arg("--test").args(which).args(["--", "--test-threads=1", "--nocapture"]);
    test.env("ATALAYA_BIN", files::binary()).env("ARTEFACTS", files::artefacts());
    test.env("ATALAYA_FAULTS", "full");
    test
}

fn relative(path: &Path) -> &Path {
    path.strip_prefix(files::root()).unwrap_or(path)
}

/// Columns as wide as their widest cell.
fn laid_out(table: &str) -> String {
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<&str>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::laid_out;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let table = "fault\ttimes\nclock set by ±1 h\t6\n";
        assert_eq!(laid_out(table), "fault              times\nclock set by ±1 h  6\n");
    }
}
