//! A history of alarms as CSV, for people and their spreadsheets.

use std::time::Duration;

use atalaya_api::Timestamp;
use atalaya_api::alarm::Alarm;
use atalaya_api::delivery::Told;
use atalaya_api::level::Severity;
use jiff::tz::TimeZone;

use super::cell::lines;

/// How a history is written.
#[derive(Clone, Debug)]
pub struct Style {
    pub spanish: bool,
    /// Of times; none: UTC, with a Z.
    pub zone: Option<TimeZone>,
}

/// Headings in English and Spanish.
const HEADINGS: [(&str, &str); 17] = [
    ("Dashboard", "Dashboard"),
    ("Panel", "Panel"),
    ("Metric", "Métrica"),
    ("Series", "Serie"),
    ("Severity", "Severidad"),
    ("Worst severity", "Peor severidad"),
    ("Last value", "Último dato"),
    ("Unit", "Unidad"),
    ("Start", "Inicio de alarma"),
    ("End", "Fin de alarma"),
    ("Duration", "Duración"),
    ("Acknowledged by", "Reconocida por"),
    ("Acknowledged at", "Reconocida a las"),
    ("Note", "Nota"),
    ("Told", "Avisado"),
    ("Not told because", "No avisado porque"),
    ("Reason", "Motivo"),
];

impl Style {
    pub fn heading(&self) -> Vec<u8> {
        let mut bytes = b"\xEF\xBB\xBF".to_vec();
        let pick = |(en, es): (&str, &str)| if self.spanish { es } else { en }.to_owned();
        bytes.extend(lines([HEADINGS.map(pick).to_vec()].into_iter()));
        bytes
    }

    /// Alarms as they were at `now`, a row each.
    pub fn rows<'a>(&self, alarms: impl Iterator<Item = &'a Alarm>, now: Timestamp) -> Vec<u8> {
        lines(alarms.map(|alarm| self.row(alarm, now)))
    }

    fn row(&self, alarm: &Alarm, now: Timestamp) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let rule = alarm.rule.as_ref().map(|rule| rule.name.clone());
        let seen = alarm.acknowledged.as_ref();
        let cells: [String; HEADINGS.len()] = [
            text(&alarm.dashboard),
            text(&alarm.panel),
            rule.unwrap_or_else(|| alarm.subject.name.clone()),
            text(&alarm.series),
            self.severity(alarm.severity).to_owned(),
            self.severity(alarm.worst).to_owned(),
            alarm.value.map(|value| value.0.to_string()).unwrap_or_default(),
            text(&alarm.unit),
            self.time(alarm.raised_at),
            alarm.cleared_at.map(|at| self.time(at)).unwrap_or_default(),
            lasted(alarm.raised_at, alarm.cleared_at.unwrap_or(now)),
            seen.map(|seen| seen.by.clone()).unwrap_or_default(),
            seen.map(|seen| self.time(seen.at)).unwrap_or_default(),
            seen.map(|seen| seen.note.clone()).unwrap_or_default(),
            self.told(&alarm.told),
            why_not(&alarm.told),
            alarm.message.clone(),
        ];
        cells.iter().map(|cell| harmless(cell)).collect()
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match (severity, self.spanish) {
            (Severity::Warning, _) => "warning",
            (Severity::Unknown, false) => "unknown",
            (Severity::Unknown, true) => "desconocida",
            (Severity::Major, false) => "major",
            (Severity::Major, true) => "mayor",
            (Severity::Critical, false) => "critical",
            (Severity::Critical, true) => "crítica",
        }
    }

    /// RFC 3339, to the second.
    fn time(&self, at: Timestamp) -> String {
        match &self.zone {
            None => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Some(zone) => at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }

    /// Whom, when, and of what last: `NOC 2026-01-01T08:00:00Z (critical)`.
    fn told(&self, told: &[Told]) -> String {
        let one = |told: &Told| {
            let at = told.last_at.or(told.first_at)?;
            let cleared = if self.spanish { "cesada" } else { "cleared" };
            let what = told.severity.map_or(cleared, |severity| self.severity(severity));
            Some(format!("{} {} ({what})", told.receiver_name, self.time(at)))
        };
        told.iter().filter_map(one).collect::<Vec<_>>().join("; ")
    }
}

fn why_not(told: &[Told]) -> String {
    let one = |told: &Told| Some(format!("{}: {}", told.receiver_name, told.why_not.as_ref()?));
    told.iter().filter_map(one).collect::<Vec<_>>().join("; ")
}

/// Hours, minutes and seconds, which spreadsheets add up: `27:05:09`.
fn lasted(from: Timestamp, to: Timestamp) -> String {
    let lasted = Duration::try_from(to.duration_since(from)).unwrap_or_default().as_secs();
    format!("{}:{:02}:{:02}", lasted / 3_600, lasted / 60 % 60, lasted % 60)
}

/// With an apostrophe before whatever a spreadsheet would take for a formula. Some take a semicolon or a tab for the end of a cell, so it may
/// stand in the middle; nobody reads this file back. A cell that is a number stays one.
fn harmless(cell: &str) -> String {
    if cell.parse::<f64>().is_ok() {
        return cell.to_owned();
    }
    let parts = cell.split_inclusive([';', '\t', '\r', '\n']);
    parts.map(|part| if begins_formula(part) { format!("'{part}") } else { part.to_owned() }).collect()
}

fn begins_formula(part: &str) -> bool {
    part.trim_start_matches([' ', '"', '\'']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_cell_is_a_formula_wherever_a_spreadsheet_cuts_it() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            (" \"@a", "' \"@a"),
            ("\n=1", "'\n'=1"),
            ("a;=1;b", "a;'=1;b"),
            ("a; \"=1\"", "a;' \"=1\""),
            ("a\t+1\r-2\n@c", "a\t'+1\r'-2\n'@c"),
            ("a\r\nb", "a\r'\nb"),
            ("NOC; -5", "NOC;' -5"),
            ("-5", "-5"),
            ("+7.5e3", "+7.5e3"),
            ("a-b = c; d", "a-b = c; d"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), written, "{cell:?}");
        }
    }
}
