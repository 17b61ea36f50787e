//! The list of active alarms as the operator sees it: highest severity first, newest first within it, and steady while
//! somebody points at it. Pure: instants are Unix ms.

use atalaya_api::alarm::Alarm;
use atalaya_api::level::Severity;

use crate::format::ms;

/// How long a cleared alarm stays, greyed.
const LINGER_MS: f64 = 5.0 * 60_000.0;
/// Rows on screen at most: thousands of alarms at once must not make the page slow. The tiles count all.
pub const MOST: usize = 100;

/// The alarms on screen, in the order on screen, and those that wait for the list to be let go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    rows: Vec<Alarm>,
    waiting: Vec<Alarm>,
}

impl Board {
    /// In the order to show.
    pub fn rows(&self) -> &[Alarm] {
        &self.rows
    }

    pub fn find(&self, id: &str) -> Option<&Alarm> {
        self.rows.iter().find(|alarm| alarm.id == id)
    }

    /// How many wait above the list ("3 new ↑"), and the worst of them.
    pub fn waiting(&self) -> Option<(usize, Severity)> {
        let worst = self.waiting.iter().map(|alarm| alarm.severity).max()?;
        Some((self.waiting.len(), worst))
    }

    /// Takes in what the server lists as active. With `held`, no row moves: known rows change in place, new ones wait.
    pub fn take_list(&mut self, active: Vec<Alarm>, held: bool) {
        // Where nothing stands yet, nothing can move.
        let held = held && !self.rows.is_empty();
        let listed = |alarm: &Alarm| active.iter().any(|other| other.id == alarm.id);
        // What is no longer listed has ended. A cleared row stays for a while; one that ended unseen goes when it may.
        if !held {
            self.rows.retain(|alarm| alarm.cleared_at.is_some() || listed(alarm));
        }
        self.waiting.retain(|alarm| listed(alarm));
        for alarm in active {
            self.put(alarm, held);
        }
        if !held {
            self.settle();
        }
    }

    /// Takes in one change. See [`Board::take_list`] for `held`.
    pub fn take_change(&mut self, alarm: Alarm, held: bool) {
        let held = held && !self.rows.is_empty();
        if alarm.cleared_at.is_some() {
            // Nobody saw it yet: nothing to grey.
            self.waiting.retain(|other| other.id != alarm.id);
            if self.find(&alarm.id).is_none() {
                return;
            }
        }
        self.put(alarm, held);
        if !held {
            self.settle();
        }
    }

    /// Lets the waiting ones in and puts everything in order; the least of too many go.
    pub fn settle(&mut self) {
        self.rows.append(&mut self.waiting);
        self.rows.sort_by(|a, b| {
            b.severity.cmp(&a.severity).then(b.raised_at.cmp(&a.raised_at)).then(a.id.cmp(&b.id))
        });
        self.rows.truncate(MOST);
    }

    /// Drops what was cleared five minutes ago; true if something went.
    pub fn forget(&mut self, now: f64) -> bool {
        let before = self.rows.len();
        self.rows.retain(|alarm| alarm.cleared_at.is_none_or(|at| now - ms(at) < LINGER_MS));
        self.rows.len() != before
    }

    fn put(&mut self, alarm: Alarm, held: bool) {
        let known = self.rows.iter_mut().chain(&mut self.waiting).find(|other| other.id == alarm.id);
        match known {
            // A list that was read before an event may arrive after it.
            Some(known) if alarm.seq < known.seq => {}
            Some(known) if known.cleared_at.is_some() && alarm.seq == known.seq => {}
            Some(known) => *known = alarm,
            None if held => self.waiting.push(alarm),
            None => self.rows.push(alarm),
        }
    }
}

#[cfg(test)]
mod tests {
    use atalaya_api::Timestamp;
    use atalaya_api::alarm::{Subject, SubjectKind};

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).expect("a small number of minutes is an instant")
    }

    fn alarm(id: &str, severity: Severity, minute: i64) -> Alarm {
        Alarm {
            id: id.to_owned(),
            subject: Subject { kind: SubjectKind::Series, id: id.to_owned(), name: id.to_owned() },
            rule: None,
            series: None,
            dashboard: None,
            panel: None,
            unit: None,
            severity,
            worst: severity,
            value: None,
            raised_value: None,
            raised_at: at(minute),
            cleared_at: None,
            acknowledged: None,
            muted_until: None,
            reason: String::new(),
            message: String::new(),
            seq: 1,
            no_data_since: None,
            told: Vec::new(),
        }
    }

    fn cleared(id: &str, severity: Severity, minute: i64, end: i64) -> Alarm {
        Alarm { cleared_at: Some(at(end)), seq: 2, ..alarm(id, severity, minute) }
    }

    fn ids(board: &Board) -> Vec<&str> {
        board.rows().iter().map(|alarm| alarm.id.as_str()).collect()
    }

    fn board(alarms: Vec<Alarm>) -> Board {
        let mut board = Board::default();
        board.take_list(alarms, false);
        board
    }

    #[test]
    fn the_worst_comes_first_and_the_newest_first_within_it() {
        use Severity::{Critical, Major, Unknown, Warning};
        let board = board(vec![
            alarm("old warning", Warning, 1),
            alarm("unknown", Unknown, 9),
            alarm("old critical", Critical, 2),
            alarm("new critical", Critical, 5),
            alarm("major", Major, 3),
        ]);
        assert_eq!(ids(&board), ["new critical", "old critical", "major", "unknown", "old warning"]);
    }

    #[test]
    fn a_flood_leaves_the_worst_and_newest_rows() {
        let mut board = board(vec![alarm("old", Severity::Warning, 1)]);
        for minute in 0..500 {
            board.take_change(alarm(&format!("{minute}"), Severity::Critical, minute), false);
        }
        assert_eq!(board.rows().len(), MOST);
        assert_eq!(ids(&board)[..2], ["499", "498"]);
        assert!(board.find("old").is_none());
    }

    #[test]
    fn rows_do_not_move_while_the_list_is_held() {
        let mut board = board(vec![alarm("a", Severity::Major, 1), alarm("b", Severity::Warning, 2)]);
        board.take_change(alarm("new", Severity::Critical, 3), true);
        board.take_change(Alarm { seq: 2, ..alarm("b", Severity::Critical, 2) }, true);
        assert_eq!(ids(&board), ["a", "b"]);
        assert_eq!(board.waiting(), Some((1, Severity::Critical)));
        assert_eq!(board.find("b").map(|b| b.severity), Some(Severity::Critical));
        board.settle();
        assert_eq!(ids(&board), ["new", "b", "a"]);
        assert_eq!(board.waiting(), None);
    }

    #[test]
    fn a_held_list_keeps_what_ended_unseen_until_it_is_let_go() {
        let mut board = board(vec![alarm("a", Severity::Major, 1), alarm("b", Severity::Warning, 2)]);
        board.take_list(vec![alarm("b", Severity::Warning, 2)], true);
        assert_eq!(ids(&board), ["a", "b"]);
        board.take_list(vec![alarm("b", Severity::Warning, 2)], false);
        assert_eq!(ids(&board), ["b"]);
    }

    #[test]
    fn a_cleared_row_stays_for_five_minutes() {
        let mut board = board(vec![alarm("a", Severity::Major, 1)]);
        board.take_change(cleared("a", Severity::Major, 1, 10), false);
        board.take_list(Vec::new(), false);
        assert!(!board.forget(14.9 * 60_000.0));
        assert_eq!(ids(&board), ["a"]);
        assert!(board.forget(15.0 * 60_000.0));
        assert!(board.rows().is_empty());
    }

    #[test]
    fn a_late_list_does_not_bring_back_what_was_cleared() {
        let mut board = board(vec![alarm("a", Severity::Major, 1)]);
        board.take_change(cleared("a", Severity::Major, 1, 10), false);
        board.take_list(vec![alarm("a", Severity::Major, 1)], false);
        assert!(board.find("a").is_some_and(|a| a.cleared_at.is_some()));
    }

    #[test]
    fn an_address_with_a_chosen_alarm_opens_with_all_rows() {
        let mut board = Board::default();
        board.take_list(vec![alarm("a", Severity::Major, 1), alarm("b", Severity::Critical, 2)], true);
        assert_eq!(ids(&board), ["b", "a"]);
        assert_eq!(board.waiting(), None);
    }

    #[test]
    fn what_rose_and_cleared_unseen_shows_nowhere() {
        let mut board = board(vec![alarm("a", Severity::Major, 1)]);
        board.take_change(alarm("b", Severity::Major, 2), true);
        board.take_change(cleared("b", Severity::Major, 2, 3), true);
        assert_eq!(ids(&board), ["a"]);
        assert_eq!(board.waiting(), None);
    }
}
