//! What the search for a metric suggests, and what its keys do.

use atalaya_api::source::SeriesHit;

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Watch this metric, or all that match this pattern.
    Take(String),
    /// The text as it is typed, in the source's own language.
    Expression(String),
    /// Go on typing after this: more of the path follows, or the rest of an expression.
    Open(String),
}

/// The suggestions for what is typed, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    pub choices: Vec<Choice>,
    /// What Enter takes where no suggestion is active.
    typed: Option<String>,
}

/// The keys that a combobox knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Down,
    Up,
    Enter,
    Escape,
}

impl Key {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ArrowDown" => Some(Key::Down),
            "ArrowUp" => Some(Key::Up),
            "Enter" => Some(Key::Enter),
            "Escape" => Some(Key::Escape),
            _ => None,
        }
    }
}

/// What a key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    Nothing,
    /// This suggestion is active now.
    To(usize),
    /// The list folds, the text stays.
    Fold,
    /// The search is left.
    Leave,
    Pick(Choice),
}

/// What of an expression is being typed: the start of a name, behind what stands before it. `sumSeries(a.b.*,serv` is looked
/// up as `serv`.
pub fn split(text: &str) -> (&str, &str) {
    let mut depth = 0_u32;
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '(' | ')' | ' ' if depth == 0 => start = at + 1,
            ',' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    text.split_at(start)
}

impl Suggestions {
    /// For a source with a language of its own. A name within an expression completes it; what is typed can always be taken.
    pub fn of_language(text: &str, hits: &[SeriesHit]) -> Self {
        let (before, name) = split(text);
        let text = text.trim();
        if text.is_empty() {
            return Self::new(text, hits);
        }
        if before.trim().is_empty() {
            let mut all = Self::new(text, hits);
            if all.typed.is_none() {
                all.choices.push(Choice::Expression(text.to_owned()));
                all.typed = hits.is_empty().then(|| text.to_owned());
            }
            return all;
        }
        let complete = |hit: &SeriesHit| {
            let end = if hit.leaf { "" } else { "." };
            Choice::Open(format!("{before}{}{end}", hit.name))
        };
        let mut choices = vec![Choice::Expression(text.to_owned())];
        if !name.is_empty() {
            choices.extend(hits.iter().filter(|hit| !hit.leaf || hit.name != name).map(complete));
        }
        Suggestions { choices, typed: Some(text.to_owned()) }
    }

    /// `hits` answer `text`, or a text shortly before it. A pattern that finds something comes first.
    pub fn new(text: &str, hits: &[SeriesHit]) -> Self {
        let text = text.trim();
        let is_pattern = text.contains(['*', '?', '[', '{']);
        let mut choices = Vec::new();
        if is_pattern && hits.iter().any(|hit| hit.leaf) {
            choices.push(Choice::Take(text.to_owned()));
        }
        choices.extend(hits.iter().map(|hit| match hit.leaf {
            true => Choice::Take(hit.name.clone()),
            false => Choice::Open(format!("{}.", hit.name)),
        }));
        let exact = hits.iter().any(|hit| hit.leaf && hit.name == text);
        let typed = (exact || (is_pattern && !choices.is_empty())).then(|| text.to_owned());
        Suggestions { choices, typed }
    }

    /// What a key does while the list is `open` or folded and `active` is marked.
    pub fn pressed(&self, key: Key, open: bool, active: Option<usize>) -> Move {
        let active = active.filter(|at| open && *at < self.choices.len());
        let Some(last) = self.choices.len().checked_sub(1) else {
            return if key == Key::Escape { Move::Leave } else { Move::Nothing };
        };
        match (key, active) {
            (Key::Down, Some(at)) => Move::To(if at == last { 0 } else { at + 1 }),
            (Key::Down, None) => Move::To(0),
            (Key::Up, Some(at)) => Move::To(at.checked_sub(1).unwrap_or(last)),
            (Key::Up, None) => Move::To(last),
            (Key::Enter, Some(at)) => Move::Pick(self.choices[at].clone()),
            (Key::Enter, None) => {
                self.typed.clone().map_or(Move::To(0), |typed| Move::Pick(Choice::Take(typed)))
            }
            (Key::Escape, _) if open => Move::Fold,
            (Key::Escape, _) => Move::Leave,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(name: &str, leaf: bool) -> SeriesHit {
        SeriesHit { name: name.to_owned(), leaf, last_value: None, last_at: None, step: None }
    }

    fn take(name: &str) -> Choice {
        Choice::Take(name.to_owned())
    }

    #[test]
    fn a_pattern_that_finds_something_is_the_first_suggestion() {
        let all = Suggestions::new("lab.*.cpu", &[hit("lab.a.cpu", true), hit("lab.b.cpu", true)]);
        assert_eq!(all.choices, [take("lab.*.cpu"), take("lab.a.cpu"), take("lab.b.cpu")]);
        assert_eq!(all.pressed(Key::Enter, true, None), Move::Pick(take("lab.*.cpu")));
        assert!(Suggestions::new("zz*", &[]).choices.is_empty());
    }

    fn expression(text: &str) -> Choice {
        Choice::Expression(text.to_owned())
    }

    #[test]
    fn within_an_expression_the_name_being_typed_is_looked_up() {
        assert_eq!(split("servers.web"), ("", "servers.web"));
        assert_eq!(split("sumSeries(a.{b,c}.*,serv"), ("sumSeries(a.{b,c}.*,", "serv"));
        assert_eq!(split("rate(node_cpu[5m])"), ("rate(node_cpu[5m])", ""));
    }

    #[test]
    fn an_expression_is_completed_and_taken_as_it_is_typed() {
        let text = "sumSeries(serv";
        let all = Suggestions::of_language(text, &[hit("servers", false)]);
        assert_eq!(all.choices, [expression(text), Choice::Open("sumSeries(servers.".to_owned())]);
        assert_eq!(all.pressed(Key::Enter, true, None), Move::Pick(take(text)));
    }

    #[test]
    fn a_name_that_nothing_begins_with_may_be_an_expression() {
        let all = Suggestions::of_language("up", &[hit("up", true), hit("upload", true)]);
        assert_eq!(all.choices, [take("up"), take("upload")]);
        let all = Suggestions::of_language("upl", &[hit("upload", true)]);
        assert_eq!(all.choices, [take("upload"), expression("upl")]);
        assert_eq!(all.pressed(Key::Enter, true, None), Move::To(0));
        let all = Suggestions::of_language("1+1", &[]);
        assert_eq!(all.pressed(Key::Enter, true, None), Move::Pick(take("1+1")));
    }

    #[test]
    fn a_branch_is_opened_not_taken() {
        let all = Suggestions::new("la", &[hit("lab", false)]);
        assert_eq!(all.pressed(Key::Enter, true, Some(0)), Move::Pick(Choice::Open("lab.".to_owned())));
    }

    #[test]
    fn enter_takes_what_is_typed_in_full_and_else_goes_to_the_list() {
        let hits = [hit("a.b", true), hit("a.bc", true)];
        assert_eq!(Suggestions::new("a.b", &hits).pressed(Key::Enter, true, None), Move::Pick(take("a.b")));
        assert_eq!(Suggestions::new("a.", &hits).pressed(Key::Enter, true, None), Move::To(0));
    }

    #[test]
    fn the_arrows_go_round() {
        let all = Suggestions::new("a", &[hit("a.b", true), hit("a.c", true)]);
        assert_eq!(all.pressed(Key::Down, true, Some(1)), Move::To(0));
        assert_eq!(all.pressed(Key::Up, true, Some(0)), Move::To(1));
        assert_eq!(all.pressed(Key::Up, false, None), Move::To(1));
    }

    #[test]
    fn escape_folds_the_list_and_then_leaves_the_search() {
        let all = Suggestions::new("a", &[hit("a.b", true)]);
        assert_eq!(all.pressed(Key::Escape, true, None), Move::Fold);
        assert_eq!(all.pressed(Key::Escape, false, None), Move::Leave);
    }
}
