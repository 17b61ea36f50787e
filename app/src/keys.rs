//! Which key does what. Single keys act only outside of fields and can be switched off.

/// What a key asks for anywhere in the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anywhere {
    Search,
    Help,
}

/// `/` searches, `?` helps; nothing while typing or with a modifier (shift makes the `?`).
pub fn anywhere(key: &str, modified: bool, typing: bool) -> Option<Anywhere> {
    match key {
        _ if modified || typing => None,
        "/" => Some(Anywhere::Search),
        "?" => Some(Anywhere::Help),
        _ => None,
    }
}

/// What a key does to the focused row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InTable {
    /// Move the focus to this row.
    Go(usize),
    /// Select it, or no longer.
    Toggle,
    Open,
}

/// `j k` move, `x` selects; arrows, Home, End and Enter work even with the single keys switched off.
///
/// `at` is the focused row of `rows`.
pub fn in_table(key: &str, modified: bool, singles: bool, at: usize, rows: usize) -> Option<InTable> {
    let last = rows.checked_sub(1)?;
    match key {
        _ if modified => None,
        "ArrowDown" => Some(InTable::Go((at + 1).min(last))),
        "ArrowUp" => Some(InTable::Go(at.saturating_sub(1))),
        "Home" => Some(InTable::Go(0)),
        "End" => Some(InTable::Go(last)),
        "Enter" => Some(InTable::Open),
        "j" if singles => Some(InTable::Go((at + 1).min(last))),
        "k" if singles => Some(InTable::Go(at.saturating_sub(1))),
        "x" if singles => Some(InTable::Toggle),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_keys_rest_while_somebody_types() {
        assert_eq!(anywhere("/", false, false), Some(Anywhere::Search));
        assert_eq!(anywhere("/", false, true), None);
        assert_eq!(anywhere("?", true, false), None);
    }

    #[test]
    fn j_and_k_stop_at_the_ends() {
        assert_eq!(in_table("j", false, true, 2, 3), Some(InTable::Go(2)));
        assert_eq!(in_table("k", false, true, 0, 3), Some(InTable::Go(0)));
        assert_eq!(in_table("j", false, true, 0, 0), None);
    }

    #[test]
    fn with_single_keys_off_the_arrows_still_move() {
        assert_eq!(in_table("j", false, false, 0, 3), None);
        assert_eq!(in_table("ArrowDown", false, false, 0, 3), Some(InTable::Go(1)));
    }
}
