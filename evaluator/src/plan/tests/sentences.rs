//! One alarm for one receiver.

use super::*;

const MAJOR: Option<Severity> = Some(Severity::Major);
const CRITICAL: Option<Severity> = Some(Severity::Critical);

#[test]
fn a_raise_is_told_and_then_only_changes_and_the_clear() {
    assert_eq!(alone(case(), &terms()), Ok((DeliveryKind::Raised, MAJOR)));
    let told = |case| Case { told: heard(Severity::Major), ..case };
    assert_eq!(alone(told(case()), &terms()), Err(Outcome::default()));
    let worse = Case { present: CRITICAL, ..told(case()) };
    assert_eq!(alone(worse, &terms()), Ok((DeliveryKind::Changed, CRITICAL)));
    assert_eq!(alone(cleared(told(case())), &terms()), Ok((DeliveryKind::Cleared, None)));
    let knows = Told { heard: Heard::Cleared, ..heard(Severity::Major) };
    assert_eq!(alone(cleared(Case { told: knows.clone(), ..case() }), &terms()), Err(Outcome::default()));
    assert_eq!(
        alone(Case { told: knows, ..case() }, &terms()),
        Ok((DeliveryKind::Raised, MAJOR)),
        "reopened"
    );
}

#[test]
fn a_raise_is_told_from_the_receivers_lowest_and_the_rules_own_severity_on() {
    let from = |lowest, from| {
        let case = Case { from: Some(from), ..case() };
        alone(case, &Terms { lowest, ..terms() })
    };
    assert!(from(Severity::Major, Severity::Unknown).is_ok());
    for (lowest, rule) in [(Severity::Critical, Severity::Warning), (Severity::Warning, Severity::Critical)] {
        let outcome = from(lowest, rule).expect_err("too low");
        assert_eq!((why(&outcome), outcome.look_at), ("told from critical on", None));
    }
}

#[test]
fn whoever_was_told_is_told_of_what_follows_whatever_the_severity() {
    let terms = Terms { lowest: Severity::Critical, ..terms() };
    let told = Case { told: heard(Severity::Critical), ..case() };
    assert_eq!(alone(told.clone(), &terms), Ok((DeliveryKind::Changed, MAJOR)));
    assert_eq!(alone(cleared(told), &terms), Ok((DeliveryKind::Cleared, None)));
}

#[test]
fn a_receiver_may_want_neither_changes_nor_clears() {
    let terms = Terms { changes: false, clears: false, ..terms() };
    let told = Case { told: heard(Severity::Warning), ..case() };
    assert_eq!(
        why(&alone(told.clone(), &terms).expect_err("a change")),
        "the receiver is not told of changes"
    );
    assert_eq!(
        why(&alone(cleared(told), &terms).expect_err("a clear")),
        "the receiver is not told of clears"
    );
}

#[test]
fn outside_its_period_nothing_is_told_and_when_it_opens_all_that_is_due() {
    let opens = NOW.plus(3_600_000);
    let closed = Closed { opens: Some(opens), words: texts("daytime begins 08:00") };
    let night = |case| Case { closed: Some(closed.clone()), ..case };
    let outcome = alone(night(case()), &terms()).expect_err("at night");
    assert_eq!((why(&outcome), outcome.look_at), ("daytime begins 08:00", Some(opens)));
    let told = cleared(Case { told: heard(Severity::Major), ..case() });
    assert!(alone(night(told), &terms()).is_err(), "clears wait, too");
    let outcome = alone(night(cleared(case())), &terms()).expect_err("nobody knew");
    assert_eq!(why(&outcome), "cleared before it could be told: daytime begins 08:00");
    assert_eq!(outcome.look_at, None);
    let later = alone(Case { why: outcome.why, ..cleared(case()) }, &terms()).expect_err("nobody knew");
    assert_eq!(
        why(&later),
        "cleared before it could be told: daytime begins 08:00",
        "by day it still says so"
    );
}

#[test]
fn a_mute_keeps_quiet_and_when_it_ends_what_still_stands_is_told_again() {
    let until = NOW.plus(60_000);
    let muted = |case| Case { hush: Some((until, texts("muted by ana: works"))), ..case };
    for told in [Told::default(), heard(Severity::Warning), heard(Severity::Major)] {
        let outcome = alone(muted(Case { told, ..case() }), &terms()).expect_err("it is muted");
        assert_eq!((why(&outcome), outcome.look_at), ("muted by ana: works", Some(until)));
    }
    let over = Case { hush_ended: Some(NOW), told: heard(Severity::Major), ..case() };
    assert_eq!(alone(over.clone(), &terms()), Ok((DeliveryKind::Reminder, MAJOR)));
    let since = Told { last_at: Some(NOW), ..heard(Severity::Major) };
    assert_eq!(alone(Case { told: since, ..over }, &terms()), Err(Outcome::default()));
}

#[test]
fn what_stands_is_told_again_every_so_often_until_somebody_acknowledges_it() {
    let every = |ms| Terms { remind_every_ms: Some(ms), ..terms() };
    let told = Case { told: heard(Severity::Major), ..case() };
    assert_eq!(alone(told.clone(), &every(1_000)), Ok((DeliveryKind::Reminder, MAJOR)));
    let later = alone(told.clone(), &every(5_000)).expect_err("not yet");
    assert_eq!(later.look_at, Some(NOW.plus(4_000)));
    let seen = Case { acknowledged: true, ..told };
    assert_eq!(alone(seen, &every(1_000)), Err(Outcome::default()));
}

#[test]
fn a_disabled_receiver_is_told_nothing_until_somebody_enables_it() {
    let outcome = alone(case(), &Terms { enabled: false, ..terms() }).expect_err("it is disabled");
    assert_eq!((why(&outcome), outcome.look_at), ("the receiver is disabled", Some(NEVER)));
}

#[test]
fn whoever_a_rule_does_not_tell_any_more_is_told_of_the_clear_only() {
    let told = Case { from: None, told: heard(Severity::Warning), ..case() };
    assert_eq!(
        why(&alone(told.clone(), &terms()).expect_err("a change")),
        "the metric does not tell it any more"
    );
    assert_eq!(alone(cleared(told), &terms()), Ok((DeliveryKind::Cleared, None)));
    assert_eq!(alone(Case { from: None, ..case() }, &terms()), Err(Outcome::default()));
}

fn with_open(state: OpenState, says: Option<Severity>, case: Case) -> Case {
    let open = Some(Open { delivery: 7, state, says, trouble: Some(texts("no route")) });
    Case { told: Told { open, ..case.told.clone() }, ..case }
}

#[test]
fn a_message_that_waits_stays_as_long_as_what_it_says_is_due() {
    let waits =
        |says, case| plan(&terms(), &[with_open(OpenState::Queued, says, case)], &Load::default(), NOW);
    let same = waits(MAJOR, case());
    assert_eq!((same.messages.len(), same.drops.len(), same.outcomes[0].way), (0, 0, WayOn::Stay));
    let worse = waits(Some(Severity::Warning), case());
    assert_eq!((worse.messages.len(), worse.drops[0].0), (1, 7));
    let over = waits(MAJOR, cleared(case()));
    assert_eq!((over.messages.len(), over.drops[0].0, over.outcomes[0].way), (0, 7, WayOn::None));
    assert_eq!(why(&over.outcomes[0]), "cleared before it could be told: no route");
    let muted = waits(MAJOR, Case { hush: Some((NOW.plus(1), texts("muted"))), ..case() });
    assert_eq!((muted.drops[0].0, muted.drops[0].1.en.as_str()), (7, "muted"));
}

#[test]
fn a_message_that_still_waits_when_the_period_closes_is_dropped() {
    let closes = NOW.plus(600_000);
    let day = Case { closes: Some(closes), ..case() };
    let new = plan(&terms(), std::slice::from_ref(&day), &Load::default(), NOW);
    assert_eq!((new.messages.len(), new.outcomes[0].look_at), (1, Some(closes)));
    let waits = with_open(OpenState::Queued, MAJOR, day);
    let day = plan(&terms(), std::slice::from_ref(&waits), &Load::default(), NOW);
    assert_eq!((day.drops.len(), day.outcomes[0].look_at), (0, Some(closes)));
    let opens = closes.plus(3_600_000);
    let closed = Some(Closed { opens: Some(opens), words: texts("daytime begins 08:00") });
    let night = plan(&terms(), &[Case { closed, closes: None, ..waits }], &Load::default(), closes);
    assert_eq!((night.drops[0].0, night.outcomes[0].look_at), (7, Some(opens)));
}

#[test]
fn of_whom_nobody_can_tell_whether_the_raise_arrived_is_told_of_the_clear() {
    let maybe = |heard| Case { told: Told { heard, maybe: true, ..Told::default() }, ..case() };
    let over = cleared(with_open(OpenState::Queued, MAJOR, maybe(Heard::Nothing)));
    let first = plan(&terms(), std::slice::from_ref(&over), &Load::default(), NOW);
    assert_eq!((first.messages[0].kind, first.drops[0].0), (DeliveryKind::Cleared, 7));
    let waits = cleared(with_open(OpenState::Queued, None, maybe(Heard::Nothing)));
    assert_eq!(plan(&terms(), &[waits], &Load::default(), NOW).drops, []);
    let reopened = cleared(maybe(Heard::Cleared));
    assert_eq!(alone(reopened.clone(), &terms()), Ok((DeliveryKind::Cleared, None)));
    assert!(alone(reopened, &Terms { clears: false, ..terms() }).is_err());
    assert_eq!(alone(maybe(Heard::Nothing), &terms()), Ok((DeliveryKind::Raised, MAJOR)));
}

#[test]
fn a_message_that_is_being_sent_is_waited_for() {
    for case in [case(), cleared(case()), Case { present: CRITICAL, ..case() }] {
        let plan = plan(&terms(), &[with_open(OpenState::Sending, MAJOR, case)], &Load::default(), NOW);
        assert_eq!((plan.messages.len(), plan.drops.len(), plan.outcomes[0].way), (0, 0, WayOn::Stay));
    }
}

#[test]
fn a_message_that_could_not_be_sent_stands_in_the_way_of_the_same_and_of_nothing_else() {
    let dead = |case| plan(&terms(), &[with_open(OpenState::Dead, MAJOR, case)], &Load::default(), NOW);
    let same = dead(case());
    assert_eq!((same.messages.len(), same.outcomes[0].way), (0, WayOn::Stay));
    assert_eq!(why(&same.outcomes[0]), "could not be sent: no route");
    let worse = dead(Case { present: CRITICAL, ..case() });
    assert_eq!(worse.messages[0].severity, CRITICAL);
    let over = dead(cleared(case()));
    assert_eq!((over.messages.len(), over.drops.len(), over.outcomes[0].way), (0, 0, WayOn::None));
}

#[test]
fn the_key_is_the_same_for_the_same_and_another_for_anything_else() {
    let (a, b) = (AlarmId::raised_by("a", 1), AlarmId::raised_by("b", 1));
    let at = Millis(1_000);
    let of = |receiver, kind, says: &[_]| key(receiver, kind, says.iter().copied());
    let first = of("noc", DeliveryKind::Raised, &[(a, 1, at, 0)]);
    assert_eq!(first, of("noc", DeliveryKind::Raised, &[(a, 1, at, 0)]));
    assert_eq!(first.len(), 64);
    for other in [
        of("ops", DeliveryKind::Raised, &[(a, 1, at, 0)]),
        of("noc", DeliveryKind::Reminder, &[(a, 1, at, 0)]),
        of("noc", DeliveryKind::Raised, &[(b, 1, at, 0)]),
        of("noc", DeliveryKind::Raised, &[(a, 2, at, 0)]),
        of("noc", DeliveryKind::Raised, &[(a, 1, at, 1)]),
        of("noc", DeliveryKind::Raised, &[(a, 1, Millis(1_001), 0)]),
        of("noc", DeliveryKind::Raised, &[(a, 1, at, 0), (b, 1, at, 0)]),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn when_a_period_opens_is_told_in_the_zones_time_with_the_day_if_it_is_another() {
    let zone = jiff::tz::TimeZone::get("Europe/Madrid").expect("a zone");
    let at = |text: &str| Millis::from(text.parse::<jiff::Timestamp>().expect("an instant"));
    let name = Texts { en: "daytime".to_owned(), es: "el periodo diurno".to_owned() };
    let told = |now: &str| words::closed(&name, Some(at("2026-11-17T07:00:00Z")), &zone, at(now)).words;
    assert_eq!(told("2026-11-17T02:00:00Z").en, "daytime begins 08:00");
    assert_eq!(told("2026-11-16T22:00:00Z").es, "el periodo diurno empieza: 2026-11-17 08:00");
}
