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
}

impl Reason {
    const PLAIN: [Reason; 13] = [
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
        }
    }

    /// The reason with this name, as stored.
    pub fn from_name(name: &str) -> Option<Self> {
        let unknown = UnknownKind::ALL.into_iter().map(Reason::Unknown);
        Self::PLAIN.into_iter().chain(unknown).find(|reason| reason.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_again_by_its_name() {
        let unknown = UnknownKind::ALL.into_iter().map(Reason::Unknown);
        for reason in Reason::PLAIN.into_iter().chain(unknown) {
            assert_eq!(Reason::from_name(reason.name()), Some(reason));
        }
        assert_eq!(Reason::from_name("because"), None);
    }
}
