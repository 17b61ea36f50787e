//! Which receivers a rule tells.

use std::collections::BTreeMap;

use atalaya_api::level::{Level, Severity};
use atalaya_api::receiver::{ReceiverDraft, ReceiverKind};
use atalaya_api::rule::Notify;

/// A receiver's place in the list, and from which severity on it is told.
pub type Route = (usize, Severity);

/// The receivers that are told of an alarm: those that its rule names, or of whatever has no rule those of the system. A receiver that is
/// not there is passed over; of two ways to the same receiver the one that tells more counts.
pub fn routes(notify: Option<&Notify>, system: &[String], receivers: &[ReceiverDraft]) -> Vec<Route> {
    let mut found = BTreeMap::<usize, Severity>::new();
    let mut tell = |place: usize, from: Severity| {
        found.entry(place).and_modify(|known| *known = from.min(*known)).or_insert(from);
    };
    for (place, receiver) in receivers.iter().enumerate() {
        let Some(notify) = notify else {
            if system.contains(&receiver.id) {
                tell(place, Severity::Warning);
            }
            continue;
        };
        let of_kind = match receiver.kind {
            ReceiverKind::Sms => notify.sms,
            ReceiverKind::Ovo => notify.ovo,
            _ => false,
        };
        if of_kind {
            tell(place, Severity::Warning);
        }
        for named in notify.receivers.iter().filter(|named| named.id == receiver.id) {
            tell(place, lowest(named.from));
        }
    }
    found.into_iter().collect()
}

fn lowest(from: Level) -> Severity {
    Severity::from_level(from).unwrap_or(Severity::Warning)
}
