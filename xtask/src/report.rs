//! Counting what passed: from what cargo's and Node's test runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
    /// The names of the failed ones, as far as their runner told them.
    pub failures: Vec<String>,
}

impl Counts {
    /// One check that says only yes or no.
    pub fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed), ..Self::default() }
    }

    /// Reads what one line of output adds.
    pub fn read(&mut self, line: &str) {
        if let Some(counts) = cargo_summary(line) {
            *self += counts;
        } else if let Some((word, number)) = node_summary(line) {
            match word {
                "pass" => self.passed += number,
                "fail" => self.failed += number,
                // Cancelled tests are what a failed hook leaves behind.
                "cancelled" => self.failed += number,
                "skipped" | "todo" => self.skipped += number,
                _ => {}
            }
        } else if is_self_skip(line) {
            // Its runner will count it as passed.
            self.skipped += 1;
            self.passed = self.passed.saturating_sub(1);
        } else if let Some(name) = failed_test(line)
            && !self.failures.contains(&name)
        {
            self.failures.push(name);
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
fn cargo_summary(line: &str) -> Option<Counts> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let number = |word: &str| {
        let part = rest.split([';', '.']).map(str::trim).find_map(|part| part.strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
        skipped: number("ignored")?,
        ..Counts::default()
    })
}

/// `# pass 12` (TAP) or `ℹ pass 12` (spec), in colour or not.
fn node_summary(line: &str) -> Option<(&str, u64)> {
    let rest = line.trim().strip_prefix("# ").or_else(|| line.trim().strip_prefix("ℹ "))?;
    let (word, number) = rest.split_once(' ')?;
    Some((word, number.trim().parse().ok()?))
}

/// `test a::b ... FAILED` (cargo), `not ok 3 - name` (TAP) or `✖ name (12.3ms)` (spec).
fn failed_test(line: &str) -> Option<String> {
    let line = line.trim();
    let cargo = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"));
    let tap = line.strip_prefix("not ok ").and_then(|rest| rest.split_once(" - ")).map(|(_, name)| name);
    let spec = line
        .strip_prefix("✖ ")
        .and_then(|rest| rest.strip_suffix("ms)"))
        .and_then(|rest| rest.rsplit_once(" ("));
    cargo.or(tap).or(spec.map(|(name, _)| name)).map(String::from)
}

/// A test that finds nothing to test says so itself: `skipped: no ../shared`.
fn is_self_skip(line: &str) -> bool {
    line.trim_start().starts_with("skipped: ") || line.contains(" ... skipped: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(lines: &str) -> Counts {
        let mut counts = Counts::default();
        lines.lines().for_each(|line| counts.read(line));
        counts
    }

    #[test]
    fn cargos_summaries_are_added_up() {
        let lines = "running 6 tests\ntest a::b ... ok\n\
            test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
            test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 12.50s\n";
        assert_eq!(counts(lines), Counts { passed: 7, failed: 1, skipped: 1, ..Counts::default() });
    }

    #[test]
    fn nodes_summary_is_read_in_both_of_its_forms() {
        let lines = [
            "tests 14",
            "suites 2",
            "pass 10",
            "fail 1",
            "cancelled 1",
            "skipped 2",
            "todo 0",
            "duration_ms 51.2",
        ];
        for mark in ["#", "ℹ"] {
            let text: String = lines.map(|line| format!("{mark} {line}\n")).concat();
            assert_eq!(counts(&text), Counts { passed: 10, failed: 2, skipped: 2, ..Counts::default() });
        }
    }

    #[test]
    fn a_test_that_says_it_was_skipped_is_not_counted_as_passed() {
        let mut all = Counts { passed: 3, ..Counts::default() };
        all.read("skipped: no ../shared");
        all.read(
            "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        assert_eq!(all, Counts { passed: 4, skipped: 1, ..Counts::default() });
    }

    #[test]
    fn failed_tests_are_remembered_by_name_once() {
        let lines = "test store::reads_back ... FAILED\n✖ the dashboard shows tiles (120.5ms)\nnot ok 3 - login\n\
            ✖ failing tests:\n✖ the dashboard shows tiles (120.5ms)\n";
        assert_eq!(counts(lines).failures, ["store::reads_back", "the dashboard shows tiles", "login"]);
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            counts("# Subtest: pass 3\ntest result? no\npass 4\nℹ start of run 2 of 3\n"),
            Counts::default()
        );
    }

    #[test]
    fn the_last_line_is_plain() {
        assert_eq!(
            Counts { passed: 12, skipped: 1, ..Counts::default() }.to_string(),
            "12 passed, 0 failed, 1 skipped"
        );
    }
}
