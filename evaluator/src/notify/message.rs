//! From alarms and what is to be said of them to messages.

use atalaya_api::delivery::DeliveryKind;

use crate::domain::{Message, Millis, Said, Severity, Subject, Texts};
use crate::plan::{self, Case, Draft, Heard};
use crate::store::{DueAlarm, NewDelivery};

/// Names that a message is found by.
const MOST_NAMES: usize = 100;
/// Subjects that a title names.
const MOST_TITLED: usize = 2;

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
        value: alarm.value.filter(|value| value.is_finite()),
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
        keyed.push((case.alarm, case.seq, case.told.reminders + u32::from(again)));
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

/// How a message reads in one line: `7 major · Nbr. Disconnected · AND90L03, CAT0TL05 +5`.
pub fn plain_title(message: &Message, language: &str) -> String {
    let said = &message.alarms;
    let what = match message.kind {
        DeliveryKind::Summary => by_severity(said, language),
        _ => match said.len() {
            0 | 1 => severity_name(message.severity, language).to_owned(),
            count => format!("{count} {}", severity_name(message.severity, language)),
        },
    };
    let Some(first) = said.first() else { return what };
    if message.kind == DeliveryKind::Summary {
        return what;
    }
    let place = first.panel.as_deref().unwrap_or(&first.rule_name);
    let names: Vec<&str> = said.iter().take(MOST_TITLED).map(|said| said.subject.as_str()).collect();
    let more = said.len().saturating_sub(MOST_TITLED);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    let parts = [what.as_str(), place, &names.join(", ")].map(one_line);
    format!("{}{more}", parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
}

/// Names come from strangers.
fn one_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// `1 critical, 991 warning`.
fn by_severity(said: &[Said], language: &str) -> String {
    let counted = |severity: Option<Severity>| said.iter().filter(|said| said.severity == severity).count();
    let all = Severity::ALL.into_iter().map(Some).chain([None]);
    let parts = all.map(|severity| (counted(severity), severity)).filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, severity)| format!("{count} {}", severity_name(severity, language)));
    parts.collect::<Vec<_>>().join(", ")
}

fn severity_name(severity: Option<Severity>, language: &str) -> &'static str {
    let is_spanish = language.starts_with("es");
    match (severity, is_spanish) {
        (None, false) => "cleared",
        (None, true) => "cesada",
        (Some(Severity::Major), true) => "mayor",
        (Some(Severity::Critical), true) => "crítica",
        (Some(Severity::Unknown), true) => "desconocida",
        (Some(severity), _) => severity.name(),
    }
}
