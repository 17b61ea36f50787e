//! One alarm for one receiver: whether something is to be said of it, or why not.

use atalaya_api::delivery::DeliveryKind;

use super::{Case, Heard, Open, OpenState, Outcome, Statement, Terms, WayOn, words};
use crate::domain::{Millis, Severity, Texts};

/// Looked at again when somebody changes something: nobody knows when that is.
pub const NEVER: Millis = Millis(i64::MAX);

#[derive(Debug, Default)]
pub(super) struct Decided {
    pub say: Option<Statement>,
    pub drop: Option<(u64, Texts)>,
    pub outcome: Outcome,
}

/// What is due if nothing stands in its way; else why nothing is, and when that may be otherwise.
type Wanted = Result<Statement, Outcome>;

pub(super) fn decide(case: &Case, terms: &Terms, now: Millis) -> Decided {
    let wanted = wanted(case, terms, now);
    let obstacle = obstacle(case, terms);
    let Some(open) = &case.told.open else {
        return match (wanted, obstacle) {
            (Ok(_), Some(obstacle)) => quiet(obstacle),
            (Ok(statement), None) => say(statement),
            (Err(nothing), obstacle) => quiet(looking(nothing, case, obstacle)),
        };
    };
    match open.state {
        // Nobody knows whether it was told: what became of it decides.
        OpenState::Sending => Decided::default(),
        OpenState::Queued => waiting(open, wanted, obstacle, case),
        OpenState::Dead => dead(open, wanted, obstacle, case),
    }
}

fn waiting(open: &Open, wanted: Wanted, obstacle: Option<Outcome>, case: &Case) -> Decided {
    let drop = |why: Texts| Some((open.delivery, why));
    match (wanted, obstacle) {
        (Ok(statement), None) if statement.severity == open.says => {
            let why = open.trouble.clone().map(words::tried);
            quiet(Outcome { why, look_at: case.closes, ..Outcome::default() })
        }
        (Ok(statement), None) => Decided { drop: drop(words::outdated()), ..say(statement) },
        (Ok(_), Some(obstacle)) => {
            let why = obstacle.why.clone().unwrap_or_default();
            Decided { drop: drop(why), ..quiet(Outcome { way: WayOn::None, ..obstacle }) }
        }
        (Err(nothing), obstacle) => {
            let outcome = Outcome { way: WayOn::None, ..looking(nothing, case, obstacle) };
            Decided { drop: drop(words::outdated()), ..quiet(outcome) }
        }
    }
}

fn dead(open: &Open, wanted: Wanted, obstacle: Option<Outcome>, case: &Case) -> Decided {
    match wanted {
        Ok(statement) if statement.severity == open.says => {
            let why = open.trouble.clone().map_or_else(words::given_up, words::dead);
            quiet(Outcome { why: Some(why), look_at: Some(NEVER), ..Outcome::default() })
        }
        Ok(statement) => match obstacle {
            Some(obstacle) => quiet(Outcome { way: WayOn::None, ..obstacle }),
            None => say(statement),
        },
        Err(nothing) => quiet(Outcome { way: WayOn::None, ..looking(nothing, case, obstacle) }),
    }
}

fn quiet(outcome: Outcome) -> Decided {
    Decided { outcome, ..Decided::default() }
}

fn say(statement: Statement) -> Decided {
    Decided { say: Some(statement), ..Decided::default() }
}

/// Nothing is due. What stands muted is looked at when the mute ends; what cleared untold says what stood in the way.
fn looking(nothing: Outcome, case: &Case, obstacle: Option<Outcome>) -> Outcome {
    if case.present.is_none() {
        let is_untold = case.told.heard == Heard::Nothing && case.from.is_some() && nothing.why.is_none();
        let trouble = case.told.open.as_ref().and_then(|open| open.trouble.clone());
        let reason = obstacle.and_then(|obstacle| obstacle.why).or(trouble);
        return match is_untold {
            true => Outcome { why: Some(words::cleared_before(reason, case.why.as_ref())), ..nothing },
            false => nothing,
        };
    }
    let hushed = case.hush.as_ref().filter(|_| matches!(case.told.heard, Heard::Standing(_)));
    match hushed {
        Some((until, why)) => Outcome {
            why: nothing.why.or_else(|| Some(why.clone())),
            look_at: Some(nothing.look_at.map_or(*until, |at| at.min(*until))),
            ..nothing
        },
        None => nothing,
    }
}

fn wanted(case: &Case, terms: &Terms, now: Millis) -> Wanted {
    match (case.told.heard, case.present) {
        (Heard::Nothing | Heard::Cleared, None) if case.told.maybe && terms.clears => {
            Ok(Statement { kind: DeliveryKind::Cleared, severity: None })
        }
        (Heard::Cleared, None) => Err(Outcome::default()),
        (Heard::Nothing, None) => Err(why(below(case, terms).map(words::below))),
        (Heard::Nothing | Heard::Cleared, Some(severity)) => raise(case, terms, severity),
        (Heard::Standing(_), None) if terms.clears => {
            Ok(Statement { kind: DeliveryKind::Cleared, severity: None })
        }
        (Heard::Standing(_), None) => Err(why(Some(words::no_clears()))),
        (Heard::Standing(heard), Some(severity)) => {
            if case.from.is_none() {
                return Err(why(Some(words::not_any_more())));
            }
            let is_news = heard != severity;
            if is_news && terms.changes {
                return Ok(Statement { kind: DeliveryKind::Changed, severity: Some(severity) });
            }
            again(case, terms, severity, now)
                .map_err(|nothing| Outcome { why: is_news.then(words::no_changes), ..nothing })
        }
    }
}

fn raise(case: &Case, terms: &Terms, severity: Severity) -> Wanted {
    match (case.from, below(case, terms)) {
        (None, _) => Err(Outcome::default()),
        (Some(_), Some(from)) => Err(why(Some(words::below(from)))),
        (Some(_), None) => Ok(Statement { kind: DeliveryKind::Raised, severity: Some(severity) }),
    }
}

/// The severity from which on it would be told, if it is not that bad.
fn below(case: &Case, terms: &Terms) -> Option<Severity> {
    let from = case.from?.max(terms.lowest);
    (case.held < from).then_some(from)
}

/// It stands and the receiver knows: whether it is told again.
fn again(case: &Case, terms: &Terms, severity: Severity, now: Millis) -> Wanted {
    let reminder = Statement { kind: DeliveryKind::Reminder, severity: Some(severity) };
    let Some(last) = case.told.last_at else { return Err(Outcome::default()) };
    if case.hush_ended.is_some_and(|ended| ended > last) {
        return Ok(reminder);
    }
    let every = terms.remind_every_ms.filter(|_| !case.acknowledged);
    match every.map(|every| last.plus(every)) {
        Some(next) if next <= now => Ok(reminder),
        next => Err(Outcome { look_at: next, ..Outcome::default() }),
    }
}

/// Why nothing may be told now, whatever it is.
fn obstacle(case: &Case, terms: &Terms) -> Option<Outcome> {
    let held = |words: Texts, until: Millis| {
        Some(Outcome { why: Some(words), look_at: Some(until), ..Outcome::default() })
    };
    if !terms.enabled {
        return held(words::disabled(), NEVER);
    }
    if let Some((until, words)) = &case.hush {
        return held(words.clone(), *until);
    }
    case.closed.as_ref().and_then(|closed| held(closed.words.clone(), closed.opens.unwrap_or(NEVER)))
}

fn why(words: Option<Texts>) -> Outcome {
    Outcome { why: words, ..Outcome::default() }
}
