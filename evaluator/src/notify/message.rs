//! From alarms and what is to be said of them to messages.

use atalaya_api::delivery::DeliveryKind;

use crate::domain::{Message, Millis, Said, Severity, Subject, Texts};
use crate::plan::{self, Case, Draft, Heard};
use crate::store::{DueAlarm, NewDelivery};

/// Names that a message is found by.
const MOST_NAMES: usize = 100;

/// What is said of an alarm.
pub(super) fn said(due: &DueAlarm, severity: Option<Severity>, before: Option<Severity>) -> Said {
    let alarm = &due.alarm;
    let rule = match &alarm.subject {
        Subject::Series { rule, .. } => Some(*rule),
        _ => None,
    };
    Said {
        alarm: alarm.id,
        seq: alarm.seq,
        subject: alarm.subject.name().to_owned(),
        rule,
        rule_name: alarm.context.rule_name.clone(),
        dashboard: alarm.context.dashboard.clone(),
        panel: alarm.context.panel.clone(),
        unit: alarm.context.unit.clone(),
        severity,
        before,
        value: due.value.filter(|value| value.is_finite()),
        raised_at: alarm.raised_at,
        changed_at: due.changed_at,
        message: alarm.message.clone(),
        note: due.rule.as_ref().map(|rule| rule.note.clone()).unwrap_or_default(),
        runbook_url: due.rule.as_ref().and_then(|rule| rule.runbook_url.clone()),
    }
}

/// A summary tells of severities only: it is short, however many it speaks of.
fn shortened(said: Said) -> Said {
    Said { message: Texts::default(), note: String::new(), runbook_url: None, ..said }
}

/// A message of the plan, with a title that `title` makes.
pub(super) fn of_draft(
    receiver: &str,
    draft: &Draft,
    known: &[(&DueAlarm, &Case)],
    now: Millis,
    title: impl Fn(&Message) -> String,
) -> NewDelivery {
    let mut alarms = Vec::with_capacity(draft.says.len());
    let (mut says, mut keyed) = (Vec::new(), Vec::new());
    for (place, statement) in &draft.says {
        let (due, case) = known[*place];
        let before = match case.told.heard {
            Heard::Standing(severity) => Some(severity),
            _ => None,
        };
        let again = statement.kind == DeliveryKind::Reminder;
        says.push((due.number, alarms.len(), again));
        keyed.push((case.alarm, case.seq, due.changed_at, case.told.reminders + u32::from(again)));
        let said = said(due, statement.severity, before);
        alarms.push(if draft.kind == DeliveryKind::Summary { shortened(said) } else { said });
    }
    let key = plan::key(receiver, draft.kind, keyed);
    let message = Message { key, kind: draft.kind, at: now, severity: draft.severity, alarms };
    let title = title(&message);
    let names = message.alarms.iter().take(MOST_NAMES).map(|said| said.subject.as_str());
    let search: Vec<&str> = [receiver, &title].into_iter().chain(names).collect();
    NewDelivery { search: search.join("\n").to_lowercase(), title, says, message }
}
