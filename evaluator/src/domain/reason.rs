//! Why an alarm changed, by name. A closed list: code matches on it, stores keep the name, people read it.

use super::verdict::UnknownKind;

/// The named reason of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Checks to alert was reached: raised or escalated.
    ChecksToAlert,
    /// Checks to OK was reached: lowered or cleared.
    ChecksToOk,
    /// Checks to alert unknown verdicts in a row; the last one's kind.
    Unknown(UnknownKind),
    /// Known verdicts came back.
    DataBack,
    /// No data counts as OK for this rule.
    NoDataIsOk,
    SeriesGone,
    Forgotten,
    QueryChanged,
    RulePaused,
    RuleDeleted,
    /// A pause or delete was undone while the alarm had stood.
    Restored,
    CheckImpure,
    CheckFailing,
    CheckReleased,
    /// What is wrong with a source elsewhere.
    Source(TroubleKind),
    /// The source answers again.
    SourceBack,
    /// Nobody asks the source any more.
    SourceRemoved,
    /// What is decided cannot be written down.
    StoreFailing,
    /// Little room is left on the disk of the data.
    DiskFull,
    /// The wall clock was set by more than a step of its own.
    ClockJumped,
    /// The heartbeat stands still, or nobody hears it.
    HeartbeatFailing,
    /// No backup can be made, or not as it should be.
    BackupFailing,
    /// Messages could not be sent, and nobody sent them again or gave them up.
    DeadLetters,
    /// A cause of the system itself is over.
    SystemWell,
    /// It is of another system's history.
    Imported,
}

/// What can be wrong with a source elsewhere, as far as it matters to whoever mends it. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TroubleKind {
    /// No connection, or it broke off.
    Unreachable,
    /// No whole answer within the timeout.
    Slow,
    /// 401, 403, or a certificate that is not trusted.
    Refused,
    /// 429 or 503: it asks to be asked less.
    Overloaded,
    /// Another 5xx.
    Failing,
    /// An answer that is none: a page, a picture, half of a document.
    Nonsense,
    /// More than is taken.
    TooLarge,
}

impl TroubleKind {
    pub const ALL: [TroubleKind; 7] = [
        TroubleKind::Unreachable,
        TroubleKind::Slow,
        TroubleKind::Refused,
        TroubleKind::Overloaded,
        TroubleKind::Failing,
        TroubleKind::Nonsense,
        TroubleKind::TooLarge,
    ];

    pub fn name(self) -> &'static str {
        match self {
            TroubleKind::Unreachable => "source unreachable",
            TroubleKind::Slow => "source too slow",
            TroubleKind::Refused => "source refuses",
            TroubleKind::Overloaded => "source overloaded",
            TroubleKind::Failing => "source failing",
            TroubleKind::Nonsense => "source answers nonsense",
            TroubleKind::TooLarge => "answer too large",
        }
    }
}

impl Reason {
    const PLAIN: [Reason; 22] = [
        Reason::ChecksToAlert,
        Reason::ChecksToOk,
        Reason::DataBack,
        Reason::NoDataIsOk,
        Reason::SeriesGone,
        Reason::Forgotten,
        Reason::QueryChanged,
        Reason::RulePaused,
        Reason::RuleDeleted,
        Reason::Restored,
        Reason::CheckImpure,
        Reason::CheckFailing,
        Reason::CheckReleased,
        Reason::SourceBack,
        Reason::SourceRemoved,
        Reason::StoreFailing,
        Reason::DiskFull,
        Reason::ClockJumped,
        Reason::HeartbeatFailing,
        Reason::BackupFailing,
        Reason::DeadLetters,
        Reason::SystemWell,
        Reason::Imported,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Reason::ChecksToAlert => "checks to alert",
            Reason::ChecksToOk => "checks to OK",
            Reason::Unknown(kind) => kind.name(),
            Reason::DataBack => "data back",
            Reason::NoDataIsOk => "no data is OK",
            Reason::SeriesGone => "series gone",
            Reason::Forgotten => "forgotten",
            Reason::QueryChanged => "query changed",
            Reason::RulePaused => "rule paused",
            Reason::RuleDeleted => "rule deleted",
            Reason::Restored => "restored",
            Reason::CheckImpure => "check impure",
            Reason::CheckFailing => "check failing",
            Reason::CheckReleased => "check released",
            Reason::Source(kind) => kind.name(),
            Reason::SourceBack => "source back",
            Reason::SourceRemoved => "source removed",
            Reason::StoreFailing => "store failing",
            Reason::DiskFull => "disk full",
            Reason::ClockJumped => "clock jumped",
            Reason::HeartbeatFailing => "heartbeat failing",
            Reason::BackupFailing => "backup failing",
            Reason::DeadLetters => "dead letters",
            Reason::SystemWell => "system well",
            Reason::Imported => "imported",
        }
    }

    /// The reason with this name, as stored.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|reason| reason.name() == name)
    }

    fn all() -> impl Iterator<Item = Self> {
        let unknown = UnknownKind::ALL.into_iter().map(Reason::Unknown);
        let source = TroubleKind::ALL.into_iter().map(Reason::Source);
        Self::PLAIN.into_iter().chain(unknown).chain(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_again_by_its_name() {
        for reason in Reason::all() {
            assert_eq!(Reason::from_name(reason.name()), Some(reason));
        }
        assert_eq!(Reason::from_name("because"), None);
    }
}
