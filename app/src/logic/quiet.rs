//! Acknowledging and muting as the API takes it, and when a weekly window holds.

use atalaya_api::calendar::WeekRange;
use serde_json::{Map, Value, json};

use super::hours::minute_of_day;
use super::wrong::{What, Wrong};

/// The usual lengths of a mute; the third choice is a time of one's own.
pub const LASTING: [&str; 2] = ["1h", "8h"];
/// The choice of a time of one's own.
pub const UNTIL: &str = "until";
/// Characters of a note or a reason.
const LONGEST: usize = 1_000;
/// Minutes of a week and of a day.
const WEEK: u32 = 10_080;
const DAY: u32 = 1_440;

/// For how long, as it is chosen: `1h`, `8h`, or [`UNTIL`] with the instant that was typed (RFC 3339; none: no instant).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MuteText {
    pub lasting: String,
    pub until: Option<String>,
    pub reason: String,
}

impl MuteText {
    /// The members of a request that say for how long and why.
    ///
    /// # Errors
    /// What is wrong with which field.
    pub fn members(&self) -> Result<Map<String, Value>, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let mut members = Map::new();
        match (self.lasting.as_str(), &self.until) {
            (UNTIL, None) => wrongs.push(Wrong::new("until", What::Missing)),
            (UNTIL, Some(at)) => drop(members.insert("until".to_owned(), json!(at))),
            (lasting, _) => drop(members.insert("for".to_owned(), json!(lasting))),
        }
        let reason = self.reason.trim();
        check_note("reason", reason, &mut wrongs);
        members.insert("reason".to_owned(), json!(reason));
        if wrongs.is_empty() { Ok(members) } else { Err(wrongs) }
    }
}

/// A note is short enough to be read.
pub fn check_note(field: &str, text: &str, wrongs: &mut Vec<Wrong>) {
    if text.chars().count() > LONGEST {
        wrongs.push(Wrong::new(field, What::TooLong { max: LONGEST }));
    }
}

/// One stretch of a week, local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Minutes from now until it begins; 0: it holds now.
    pub wait: u32,
    /// Minutes of the week, Monday 00:00 = 0.
    pub from: u32,
    pub to: u32,
}

impl Stretch {
    /// The day on which a minute of the week lies, 0 Monday to 6 Sunday, and its time of day, `HH:MM`.
    pub fn place(minute: u32) -> (usize, String) {
        let time = minute % DAY;
        ((minute / DAY % 7) as usize, format!("{:02}:{:02}", time / 60, time % 60))
    }
}

/// The next stretches of a week that begin, or hold now; `minute` is now's. What cannot be read is passed over.
pub fn next_stretches(week: &[WeekRange], minute: u32, most: usize) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = week.iter().flat_map(|range| stretches_of(range, minute)).collect();
    found.sort_by_key(|stretch| stretch.wait);
    found.truncate(most);
    found
}

fn stretches_of(range: &WeekRange, minute: u32) -> Vec<Stretch> {
    let (Some(from), Some(to)) = (minute_of_day(&range.hours.from), minute_of_day(&range.hours.to)) else {
        return Vec::new();
    };
    let (from, to) = (u32::from(from), u32::from(to));
    // What does not end after its start ends on the following day.
    let length = if to > from { to - from } else { to + DAY - from };
    let one = |day: &u8| {
        let start = (u32::from(*day).saturating_sub(1) * DAY + from) % WEEK;
        let gone = (minute + WEEK - start) % WEEK;
        let wait = if gone < length { 0 } else { WEEK - gone };
        Stretch { wait, from: start, to: (start + length) % WEEK }
    };
    range.days.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use atalaya_api::calendar::Hours;
    use atalaya_api::quiet::{Acknowledge, MuteAlarms, NewMutes};
    use atalaya_api::span::Span;

    use super::*;

    fn text(lasting: &str, until: Option<&str>) -> MuteText {
        MuteText {
            lasting: lasting.to_owned(),
            until: until.map(str::to_owned),
            reason: " fibre works ".to_owned(),
        }
    }

    fn week(days: &[u8], from: &str, to: &str) -> WeekRange {
        WeekRange { days: days.to_vec(), hours: Hours { from: from.to_owned(), to: to.to_owned() } }
    }

    #[test]
    fn a_mute_lasts_for_a_while_or_until_an_instant_as_the_server_reads_it() {
        let mut body = text("8h", None).members().expect("right");
        body.insert("select".to_owned(), json!({"ids": ["a"]}));
        body.insert("expected_total".to_owned(), json!(1));
        body.insert("what".to_owned(), json!("rule"));
        let read: MuteAlarms = serde_json::from_value(Value::Object(body)).expect("as the API takes it");
        assert_eq!(read.until.lasting, Some(Span(28_800)));
        assert_eq!(read.reason, "fibre works");

        let mut body = text(UNTIL, Some("2026-11-28T22:00:00Z")).members().expect("right");
        body.insert("targets".to_owned(), json!([{"kind": "dashboard", "id": "Core"}]));
        let read: NewMutes = serde_json::from_value(Value::Object(body)).expect("as the API takes it");
        assert_eq!(read.until.lasting, None);
        assert!(read.until.until.is_some());
        let acknowledge =
            json!({"select": {"filter": {"state": "active"}}, "expected_total": 3, "note": "n"});
        assert!(serde_json::from_value::<Acknowledge>(acknowledge).is_ok());
    }

    #[test]
    fn a_mute_until_no_instant_names_the_field() {
        let wrongs = text(UNTIL, None).members().expect_err("an instant is missing");
        assert_eq!(wrongs, [Wrong::new("until", What::Missing)]);
    }

    #[test]
    fn a_window_of_a_night_holds_past_midnight_and_past_the_end_of_the_week() {
        let sunday_night = [week(&[7], "22:00", "06:00")];
        let at = |day: u32, hour: u32| next_stretches(&sunday_night, day * DAY + hour * 60, 1)[0];
        assert_eq!(at(6, 23).wait, 0);
        assert_eq!(at(0, 5).wait, 0);
        assert_eq!(at(0, 6).wait, 6 * DAY + 16 * 60);
        assert_eq!(Stretch::place(at(0, 5).from), (6, "22:00".to_owned()));
        assert_eq!(Stretch::place(at(0, 5).to), (0, "06:00".to_owned()));
    }

    #[test]
    fn the_next_windows_come_in_their_order() {
        let weeks = [week(&[1, 3], "02:00", "04:00"), week(&[2], "00:00", "24:00"), week(&[5], "x", "04:00")];
        let next = next_stretches(&weeks, 60, 3);
        let starts: Vec<_> = next.iter().map(|stretch| Stretch::place(stretch.from)).collect();
        let start = |day, time: &str| (day, time.to_owned());
        assert_eq!(starts, [start(0, "02:00"), start(1, "00:00"), start(2, "02:00")]);
        assert_eq!(Stretch::place(next[1].to), start(2, "00:00"));
    }
}
