//! Causes of the system itself: what others report, and a clock that was set.

use std::time::Duration;

use crate::clock::Now;
use crate::domain::{Reason, Severity, Subject, Texts};
use crate::store::CycleCommit;

use super::Pipeline;
use super::causes::Tidings;

/// A clock that was set by more than this stands as a cause, ms.
const NOTABLE_STEP_MS: i64 = 30_000;
/// For how long: until windows of a usual length hold samples of the new time only.
const UNSURE: Duration = Duration::from_secs(600);

/// What can be wrong with the system itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemCause {
    /// What is decided cannot be written.
    Store,
    /// Little room is left on the disk of the data.
    Disk,
    /// The wall clock was set.
    Clock,
    /// The heartbeat stands still, or its address does not take it.
    Heartbeat,
    /// No backup can be made, or not as it should be.
    Backup,
    /// Messages could not be sent to their receiver.
    Deliveries,
}

impl SystemCause {
    pub const ALL: [SystemCause; 5] = [
        SystemCause::Store,
        SystemCause::Disk,
        SystemCause::Clock,
        SystemCause::Heartbeat,
        SystemCause::Backup,
        SystemCause::Deliveries,
    ];

    pub fn name(self) -> &'static str {
        match self {
            SystemCause::Store => "store",
            SystemCause::Disk => "disk",
            SystemCause::Clock => "clock",
            SystemCause::Heartbeat => "heartbeat",
            SystemCause::Backup => "backup",
            SystemCause::Deliveries => "deliveries",
        }
    }

    pub fn subject(self) -> Subject {
        Subject::System { cause: self.name().into() }
    }

    fn reason(self) -> Reason {
        match self {
            SystemCause::Store => Reason::StoreFailing,
            SystemCause::Disk => Reason::DiskFull,
            SystemCause::Clock => Reason::ClockJumped,
            SystemCause::Heartbeat => Reason::HeartbeatFailing,
            SystemCause::Backup => Reason::BackupFailing,
            SystemCause::Deliveries => Reason::DeadLetters,
        }
    }
}

impl Pipeline {
    /// A step of the wall clock that no daemon would make.
    pub(super) fn doubt_clock(&mut self, stepped_ms: i64, now: Now) {
        if stepped_ms.abs() <= NOTABLE_STEP_MS {
            return;
        }
        self.clock_unsure_until = Some(now.mono + UNSURE);
        let words = Texts {
            en: format!("the clock was set {}", by(stepped_ms, "ahead", "back", "by")),
            es: format!("el reloj se {}", by(stepped_ms, "adelantó", "atrasó", "")),
        };
        self.shared.reports().insert(
            SystemCause::Clock,
            Some(Tidings { severity: Severity::Warning, reason: Reason::ClockJumped, words: Some(words) }),
        );
    }

    pub(super) fn settle_system(&mut self, now: Now, commit: &mut CycleCommit) {
        if self.clock_unsure_until.is_none_or(|until| now.mono >= until) {
            self.clock_unsure_until = None;
            self.shared.reports().insert(SystemCause::Clock, None);
        }
        let reports = self.shared.reports();
        for (cause, tidings) in reports.iter() {
            commit.transitions.extend(match tidings {
                Some(tidings) => self.causes.stands(&cause.subject(), tidings.clone(), now.wall),
                None => self.causes.over(&cause.subject(), Reason::SystemWell, now.wall),
            });
        }
    }
}

impl SystemCause {
    /// That it stands, in these words.
    pub(super) fn tidings(self, severity: Severity, words: Texts) -> Tidings {
        Tidings { severity, reason: self.reason(), words: Some(words) }
    }
}

/// `ahead by 1 h`, `atrasó 3 min`.
fn by(stepped_ms: i64, forward: &str, backward: &str, joint: &str) -> String {
    let direction = if stepped_ms > 0 { forward } else { backward };
    let seconds = stepped_ms.unsigned_abs() / 1_000;
    let units = [(365 * 86_400, "y"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "s"));
    let unit = if joint.is_empty() && unit == "y" { "a" } else { unit };
    let space = if joint.is_empty() { " " } else { &format!(" {joint} ") };
    format!("{direction}{space}{} {unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::by;

    #[test]
    fn a_step_is_told_in_its_largest_unit() {
        assert_eq!(by(3_600_000, "ahead", "back", "by"), "ahead by 1 h");
        assert_eq!(by(-90_000, "adelantó", "atrasó", ""), "atrasó 1 min");
        assert_eq!(by(-31_536_000_000, "adelantó", "atrasó", ""), "atrasó 1 a");
    }
}
