//! Each sentence of the module's first page.

mod floods;
mod model;
mod passes;
mod sentences;

use super::*;

const NOW: Millis = Millis(1_800_000_000_000);

fn terms() -> Terms {
    Terms {
        id: "noc".to_owned(),
        enabled: true,
        lowest: Severity::Warning,
        changes: true,
        clears: true,
        remind_every_ms: None,
        rate: None,
        at_once: false,
    }
}

/// A major alarm of its own, of which nobody was told yet.
fn case() -> Case {
    Case {
        alarm: AlarmId::raised_by("a", 1),
        seq: 1,
        present: Some(Severity::Major),
        held: Severity::Major,
        acknowledged: false,
        place: Place::Alone(AlarmId::raised_by("a", 1)),
        from: Some(Severity::Warning),
        closed: None,
        closes: None,
        hush: None,
        hush_ended: None,
        told: Told::default(),
        why: None,
    }
}

/// The same, number `n`, of this severity.
fn numbered(n: u64, severity: Severity) -> Case {
    let alarm = AlarmId::raised_by("n", n);
    Case { alarm, present: Some(severity), held: severity, place: Place::Alone(alarm), ..case() }
}

fn heard(severity: Severity) -> Told {
    Told { heard: Heard::Standing(severity), last_at: Some(NOW.plus(-1_000)), ..Told::default() }
}

fn cleared(case: Case) -> Case {
    Case { present: None, seq: case.seq + 1, ..case }
}

fn texts(words: &str) -> Texts {
    Texts { en: words.to_owned(), es: words.to_owned() }
}

/// What comes of one case: kind and severity of the message, or why there is none.
fn alone(case: Case, terms: &Terms) -> Result<(DeliveryKind, Option<Severity>), Outcome> {
    let mut plan = plan(terms, &[case], &Load::default(), NOW);
    match plan.messages.pop() {
        Some(draft) => Ok((draft.kind, draft.severity)),
        None => Err(plan.outcomes.remove(0)),
    }
}

fn why(outcome: &Outcome) -> &str {
    outcome.why.as_ref().map_or("", |why| &why.en)
}
