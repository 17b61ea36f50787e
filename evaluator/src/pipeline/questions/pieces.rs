//! Which stretches of history a rule asks for. Pure.

use crate::window::Input;

/// The stretches of time, ms before the instant, that these inputs cover: those that touch are one.
pub fn pieces(inputs: &[Input]) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> =
        inputs.iter().map(|input| (input.oldest.ceil() as i64, input.newest.floor() as i64)).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (oldest, newest) in all {
        match merged.last_mut() {
            Some(last) if oldest >= last.1 => last.1 = last.1.min(newest),
            _ => merged.push((oldest, newest)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(oldest: f64, newest: f64) -> Input {
        Input { oldest, newest }
    }

    #[test]
    fn pieces_of_history_that_touch_are_one_question() {
        assert_eq!(pieces(&[input(3.0, 0.0), input(5.0, 2.0)]), [(5, 0)]);
        assert_eq!(pieces(&[input(3.0, 0.0), input(6.0, 3.0)]), [(6, 0)]);
    }

    #[test]
    fn the_last_hour_and_the_same_hour_a_week_ago_are_two_short_questions() {
        let (hour, week) = (3.6e6, 6.048e8);
        let both = pieces(&[input(hour, 0.0), input(week + hour, week)]);
        assert_eq!(both, [(608_400_000, 604_800_000), (3_600_000, 0)]);
    }
}
