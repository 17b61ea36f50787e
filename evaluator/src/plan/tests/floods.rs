//! Many alarms for one receiver.

use super::*;

fn rated(messages: u32) -> Terms {
    Terms { rate: Some(Quota { messages, per_ms: 60_000 }), ..terms() }
}

/// Kind, severity and number of alarms of each message.
fn told(plan: &Plan) -> Vec<(DeliveryKind, Option<Severity>, usize)> {
    plan.messages.iter().map(|draft| (draft.kind, draft.severity, draft.says.len())).collect()
}

fn held(plan: &Plan) -> usize {
    plan.outcomes.iter().filter(|outcome| outcome.way != WayOn::Stay || outcome.why.is_some()).count()
        - plan.messages.iter().map(|draft| draft.says.len()).sum::<usize>()
}

#[test]
fn alarms_of_one_panel_or_else_of_one_rule_make_one_message_for_each_severity() {
    let rule = RuleId::from_bytes([1; 16]);
    let panel = Place::Panel("Core".to_owned(), "Load".to_owned());
    let at = |n, severity, place: &Place| Case { place: place.clone(), ..numbered(n, severity) };
    let cases = [
        at(1, Severity::Major, &panel),
        at(2, Severity::Warning, &Place::Rule(rule)),
        at(3, Severity::Major, &panel),
        at(4, Severity::Critical, &panel),
        at(5, Severity::Warning, &Place::Rule(rule)),
        numbered(6, Severity::Warning),
    ];
    let plan = plan(&terms(), &cases, &Load::default(), NOW);
    let wanted = [
        (DeliveryKind::Raised, Some(Severity::Critical), 1),
        (DeliveryKind::Group, Some(Severity::Major), 2),
        (DeliveryKind::Group, Some(Severity::Warning), 2),
        (DeliveryKind::Raised, Some(Severity::Warning), 1),
    ];
    assert_eq!(told(&plan), wanted);
}

#[test]
fn what_is_told_again_is_no_message_with_what_is_new() {
    let panel = Place::Panel("Core".to_owned(), "Load".to_owned());
    let again = Case { hush_ended: Some(NOW), told: heard(Severity::Major), ..numbered(1, Severity::Major) };
    let cases = [again, numbered(2, Severity::Major)].map(|case| Case { place: panel.clone(), ..case });
    let plan = plan(&terms(), &cases, &Load::default(), NOW);
    assert_eq!(
        plan.messages.iter().map(|draft| draft.kind).collect::<Vec<_>>(),
        [DeliveryKind::Raised, DeliveryKind::Reminder]
    );
}

#[test]
fn an_alertmanager_gets_all_that_is_due_at_once_up_to_five_hundred_alarms() {
    let mut cases: Vec<Case> = (0..700).map(|n| numbered(n, Severity::Warning)).collect();
    cases.push(numbered(700, Severity::Critical));
    cases.push(cleared(Case { told: heard(Severity::Major), ..numbered(701, Severity::Major) }));
    let plan = plan(&Terms { at_once: true, ..terms() }, &cases, &Load::default(), NOW);
    let wanted = [
        (DeliveryKind::Group, Some(Severity::Critical), 500),
        (DeliveryKind::Group, Some(Severity::Warning), 202),
    ];
    assert_eq!(told(&plan), wanted);
    assert_eq!(plan.messages[0].says[0].0, 700, "worst first");
}

#[test]
fn of_999_warnings_and_one_critical_the_critical_goes_first_and_one_summary_tells_the_rest() {
    let mut cases: Vec<Case> = (0..999).map(|n| numbered(n, Severity::Warning)).collect();
    cases.push(numbered(999, Severity::Critical));
    let first = plan(&rated(10), &cases, &Load::default(), NOW);
    let messages = told(&first);
    assert_eq!(messages.len(), 9, "the tenth is kept for what is critical");
    assert_eq!(messages[0], (DeliveryKind::Raised, Some(Severity::Critical), 1));
    assert_eq!(messages[8], (DeliveryKind::Summary, Some(Severity::Warning), 992));
    assert_eq!(messages.iter().map(|(_, _, alarms)| alarms).sum::<usize>(), 1_000, "nothing is lost");
    let sent = Load { sent: 9, oldest_sent: Some(NOW.plus(-10_000)), ..Load::default() };
    let next = [numbered(1_001, Severity::Major), numbered(1_002, Severity::Critical)];
    let then = plan(&rated(10), &next, &sent, NOW);
    assert_eq!(told(&then), [(DeliveryKind::Raised, Some(Severity::Critical), 1)]);
    assert_eq!(why(&then.outcomes[0]), "at most 10 messages in 1m");
    assert_eq!(then.outcomes[0].look_at, Some(NOW.plus(50_000)));
}

#[test]
fn more_criticals_than_the_rate_has_room_for_share_its_last_message() {
    let mut cases: Vec<Case> = (0..5).map(|n| numbered(n, Severity::Critical)).collect();
    cases.push(numbered(5, Severity::Warning));
    let plan = plan(&rated(3), &cases, &Load::default(), NOW);
    assert_eq!(
        told(&plan),
        [
            (DeliveryKind::Raised, Some(Severity::Critical), 1),
            (DeliveryKind::Raised, Some(Severity::Critical), 1),
            (DeliveryKind::Summary, Some(Severity::Critical), 4),
        ]
    );
}

#[test]
fn a_rate_of_one_message_tells_everything_in_it() {
    let cases: Vec<Case> = (0..3).map(|n| numbered(n, Severity::Warning)).collect();
    assert_eq!(
        told(&plan(&rated(1), &cases, &Load::default(), NOW)),
        [(DeliveryKind::Summary, Some(Severity::Warning), 3)]
    );
    let full = Load { sent: 1, ..Load::default() };
    let waits = plan(&rated(1), &cases, &full, NOW);
    assert_eq!((told(&waits).len(), held(&waits)), (0, 3));
}

#[test]
fn what_waits_and_is_less_severe_gives_way() {
    let queued =
        |delivery, severity, yields| Waiting { delivery, severity: Some(severity), yields, alarms: 2 };
    let load = Load {
        queued: vec![
            queued(1, Severity::Critical, false),
            queued(2, Severity::Warning, false),
            queued(3, Severity::Warning, true),
        ],
        ..Load::default()
    };
    let drops = |severity, room| {
        let load = Load { room, ..load.clone() };
        let plan = plan(&rated(3), &[numbered(9, severity)], &load, NOW);
        assert_eq!((plan.messages.len(), plan.outcomes[0].look_at.is_some()), (0, true));
        plan.drops.into_iter().map(|(delivery, _)| delivery).collect::<Vec<_>>()
    };
    assert_eq!(drops(Severity::Critical, 2), [2, 3]);
    assert_eq!(drops(Severity::Warning, 2), [3], "the summary will speak of it");
    assert!(drops(Severity::Warning, 1).is_empty(), "not of more than a pass plans together");
    assert_eq!(drops(Severity::Critical, 1), [2, 3], "what is less severe always does");
}

#[test]
fn reminders_never_keep_news_waiting() {
    let again =
        Case { hush_ended: Some(NOW), told: heard(Severity::Critical), ..numbered(1, Severity::Critical) };
    let cases = [again, numbered(2, Severity::Warning)];
    assert_eq!(
        told(&plan(&rated(1), &cases, &Load::default(), NOW)),
        [(DeliveryKind::Summary, Some(Severity::Critical), 2)]
    );
    let three = plan(&rated(3), &cases, &Load::default(), NOW);
    assert_eq!(told(&three)[0], (DeliveryKind::Raised, Some(Severity::Warning), 1));
}
