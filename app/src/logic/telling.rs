//! Whom a metric tells, as the address of "Add" says it: `sms=1&tell=guardia:major,noc:warning`. Pure.

use atalaya_api::level::Level;
use atalaya_api::rule::{Notify, ReceiverUse};

use super::query::{self, Pairs};

/// From which severity on a receiver can be told of a metric.
pub const LEVELS: [Level; 3] = [Level::Warning, Level::Major, Level::Critical];

/// Of a name; what is no such name is none.
pub fn level_of(name: &str) -> Option<Level> {
    LEVELS.into_iter().find(|level| level.name() == name)
}

/// What differs from `usual`.
pub fn to_pairs(notify: &Notify, usual: &Notify) -> Pairs {
    let switch = |is: bool, usual: bool| match is {
        is if is == usual => "",
        true => "1",
        false => "0",
    };
    let one = |used: &ReceiverUse| format!("{}:{}", used.id, used.from.name());
    let told = notify.receivers.iter().map(one).collect::<Vec<_>>().join(",");
    let pairs = [
        ("sms", switch(notify.sms, usual.sms).to_owned()),
        ("ovo", switch(notify.ovo, usual.ovo).to_owned()),
        ("tell", told),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Reads such an address over `usual`.
pub fn from_pairs(pairs: &Pairs, usual: &Notify) -> Notify {
    let switch = |name: &str, usual: bool| match query::get(pairs, name) {
        Some("1") => true,
        Some("0") => false,
        _ => usual,
    };
    let one = |text: &str| {
        let (id, from) = text.rsplit_once(':')?;
        Some(ReceiverUse { id: id.to_owned(), from: level_of(from)? })
    };
    let told = query::get(pairs, "tell").unwrap_or_default().split(',').filter_map(one).collect();
    Notify { sms: switch("sms", usual.sms), ovo: switch("ovo", usual.ovo), receivers: told }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notify(sms: bool, receivers: &[(&str, Level)]) -> Notify {
        let used = |(id, from): &(&str, Level)| ReceiverUse { id: (*id).to_owned(), from: *from };
        Notify { sms, ovo: false, receivers: receivers.iter().map(used).collect() }
    }

    #[test]
    fn an_address_keeps_who_is_told() {
        let usual = notify(true, &[]);
        for told in
            [notify(true, &[]), notify(false, &[("noc", Level::Warning), ("guardia", Level::Critical)])]
        {
            assert_eq!(from_pairs(&to_pairs(&told, &usual), &usual), told);
        }
    }

    #[test]
    fn what_is_no_severity_names_nobody() {
        let pairs = query::parse("?tell=noc:loud,guardia,ok:ok,b:major&ovo=yes");
        assert_eq!(from_pairs(&pairs, &notify(false, &[])), notify(false, &[("b", Level::Major)]));
    }
}
