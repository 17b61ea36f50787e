//! Questions to sources elsewhere: asked when a rule is due, heard when the reply is there. Nobody waits for them.
//!
//! Rules with one query and one instant share one question. While a source is down its rules are not asked for: they
//! keep what they hold, and the source's own alarm speaks for them.

mod hear;
mod pieces;

use std::collections::VecDeque;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;

use crate::domain::{Millis, SourceConfig, Unknown, UnknownKind};
use crate::source::remote::{Answer, Ask, Asking, Health, Query, Question};

pub use pieces::pieces;

use super::Due;

/// How a source elsewhere is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Windows end this many ms before the scheduled instant.
    pub offset_ms: i64,
    /// Questions at a time.
    pub concurrency: usize,
}

impl Terms {
    pub fn of(source: &SourceConfig) -> Self {
        Terms { offset_ms: source.offset().millis(), concurrency: source.settings.concurrency.into() }
    }
}

/// A rule that is due and wants to know something.
pub struct Wanted {
    pub due: Due,
    pub edit: u32,
    pub source: Arc<str>,
    pub expr: Arc<str>,
    pub interval_ms: i64,
    /// Stretches of time, ms before the instant: from `.0` to `.1`.
    pub pieces: Vec<(i64, i64)>,
}

/// A rule that knows what it wanted to know, or why it does not.
pub struct Ready {
    pub due: Due,
    pub edit: u32,
    pub answers: Result<Vec<Arc<Answer>>, Unknown>,
}

/// A question on its way, and who waits for it.
struct Open {
    source: Arc<str>,
    query: Query,
    places: Vec<u32>,
    /// Of `places`, those that still want it.
    left: usize,
    asked_at: Option<Duration>,
    result: Option<Result<Arc<Answer>, Unknown>>,
}

/// What makes two questions of one cycle the same.
#[derive(PartialEq, Eq, Hash)]
struct Same {
    source: Arc<str>,
    expr: Arc<str>,
    interval_ms: i64,
    upto: Millis,
}

/// A rule that waits.
struct Waiting {
    due: Due,
    edit: u32,
    tickets: Vec<u64>,
    missing: usize,
}

/// A failure whose fault is not clear yet.
struct Held {
    ticket: u64,
    at: Duration,
    words: Unknown,
}

/// What was asked of a source since it was taken in, probes too.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Book {
    pub answers: u64,
    pub faults: u64,
    /// From question to reply, in sum.
    pub seconds: f64,
}

/// One source elsewhere.
pub struct Far {
    pub terms: Terms,
    pub health: Health,
    /// Whether it ever answered since it was taken in.
    pub confirmed: bool,
    pub down_since: Option<Millis>,
    pub last_answer: Option<(Millis, Duration)>,
    pub book: Book,
    probe: Option<u64>,
    queue: VecDeque<u64>,
    in_flight: usize,
    held: Vec<Held>,
}

impl Far {
    fn new(terms: Terms, now: Duration) -> Self {
        Far {
            terms,
            health: Health::new(now),
            confirmed: false,
            down_since: None,
            last_answer: None,
            book: Book::default(),
            probe: None,
            queue: VecDeque::new(),
            in_flight: 0,
            held: Vec::new(),
        }
    }
}

/// Everything that is asked of sources elsewhere.
pub struct Questions {
    asking: Arc<dyn Asking>,
    pub sources: AHashMap<Arc<str>, Far>,
    open: AHashMap<u64, Open>,
    waiting: AHashMap<u32, Waiting>,
    last_ticket: u64,
    hash: RandomState,
    /// Rules that were due again before they had their answer, in the last cycle.
    pub overtaken: u64,
}

impl Questions {
    pub fn new(asking: Arc<dyn Asking>) -> Self {
        Questions {
            asking,
            sources: AHashMap::new(),
            open: AHashMap::new(),
            waiting: AHashMap::new(),
            last_ticket: 0,
            hash: RandomState::new(),
            overtaken: 0,
        }
    }

    /// How many questions are not answered yet.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// A source is there from now on, or is reached in another way; what was asked before is forgotten.
    pub fn put_source(&mut self, id: &str, terms: Terms, now: Duration) {
        let before = self.remove_source(id);
        let mut far = Far::new(terms, now);
        if let Some(before) = before {
            far.down_since = before.down_since;
            far.book = before.book;
        }
        self.sources.insert(id.into(), far);
    }

    pub fn remove_source(&mut self, id: &str) -> Option<Far> {
        let tickets: Vec<u64> =
            self.open.iter().filter(|(_, open)| &*open.source == id).map(|(ticket, _)| *ticket).collect();
        tickets.into_iter().for_each(|ticket| self.drop_ticket(ticket));
        self.sources.remove(id)
    }

    /// Takes up what rules want to know. Back come those that need not wait: nobody can be asked for them.
    pub fn want(&mut self, wanted: Vec<Wanted>, now: Duration) -> Vec<Ready> {
        self.overtaken = 0;
        let mut hopeless = Vec::new();
        let mut groups = AHashMap::new();
        for one in wanted {
            let Some(far) = self.sources.get_mut(&one.source) else {
                hopeless.push(Ready { due: one.due, edit: one.edit, answers: Err(no_source(&one.source)) });
                continue;
            };
            if self.waiting.get(&one.due.place).is_some_and(|waiting| waiting.edit == one.edit) {
                self.overtaken += 1;
            } else if far.health.may_ask(now) {
                self.take_up(one, &mut groups);
            }
        }
        hopeless
    }

    fn take_up(&mut self, one: Wanted, groups: &mut AHashMap<Same, u64>) {
        let tickets: Vec<u64> =
            one.pieces.iter().map(|piece| self.ticket_for(&one, *piece, groups)).collect();
        let missing = tickets.len();
        self.waiting.insert(one.due.place, Waiting { due: one.due, edit: one.edit, tickets, missing });
    }

    /// The question for one piece of history: one that another rule asks already, or a new one.
    fn ticket_for(
        &mut self,
        one: &Wanted,
        (oldest, newest): (i64, i64),
        groups: &mut AHashMap<Same, u64>,
    ) -> u64 {
        let (after, upto) = (one.due.instant.plus(-oldest), one.due.instant.plus(-newest));
        let (source, expr, interval_ms) = (one.source.clone(), one.expr.clone(), one.interval_ms);
        let same = Same { source, expr, interval_ms, upto };
        let ticket = match groups.get(&same) {
            Some(ticket) => *ticket,
            None => {
                let ticket = self.open_question(&same, after);
                groups.insert(same, ticket);
                ticket
            }
        };
        if let Some(open) = self.open.get_mut(&ticket) {
            open.query.after = open.query.after.min(after);
            open.places.push(one.due.place);
            open.left += 1;
        }
        ticket
    }

    fn open_question(&mut self, same: &Same, after: Millis) -> u64 {
        self.last_ticket += 1;
        let Same { source, expr, interval_ms, upto } = same;
        let query =
            Query { expr: expr.clone(), after, upto: *upto, interval_ms: *interval_ms, max_points: None };
        let source = source.clone();
        if let Some(far) = self.sources.get_mut(&source) {
            far.queue.push_back(self.last_ticket);
        }
        let open = Open { source, query, places: Vec::new(), left: 0, asked_at: None, result: None };
        self.open.insert(self.last_ticket, open);
        self.last_ticket
    }

    /// Sends what may be sent by now.
    pub fn send(&mut self, now: Duration) {
        for (id, far) in &mut self.sources {
            if far.health.wants_probe(now) {
                self.last_ticket += 1;
                far.probe = Some(self.last_ticket);
                self.asking.ask(Ask {
                    source: id.clone(),
                    ticket: self.last_ticket,
                    question: Question::Probe,
                });
            }
            while far.in_flight < far.terms.concurrency
                && let Some(ticket) = far.queue.pop_front()
            {
                if let Some(open) = self.open.get_mut(&ticket) {
                    open.asked_at = Some(now);
                    far.in_flight += 1;
                    let question = Question::Fetch(open.query.clone());
                    self.asking.ask(Ask { source: id.clone(), ticket, question });
                }
            }
        }
    }

    /// A question has its result; rules that now have all of theirs are ready.
    fn complete(&mut self, ticket: u64, result: Result<Arc<Answer>, Unknown>, ready: &mut Vec<Ready>) {
        let Some(open) = self.open.get_mut(&ticket) else { return };
        open.result = Some(result);
        for place in open.places.clone() {
            let waits = self.waiting.get_mut(&place).filter(|waiting| waiting.tickets.contains(&ticket));
            match waits {
                Some(waiting) if waiting.missing > 1 => waiting.missing -= 1,
                Some(_) => ready.extend(self.make_ready(place)),
                None => self.done_with(ticket),
            }
        }
    }

    fn make_ready(&mut self, place: u32) -> Option<Ready> {
        let waiting = self.waiting.remove(&place)?;
        let answers = waiting.tickets.iter().map(|ticket| {
            let result = self.open.get(ticket).and_then(|open| open.result.clone());
            result.unwrap_or_else(|| Err(query_failed("it was given up")))
        });
        let answers = answers.collect();
        waiting.tickets.iter().for_each(|ticket| self.done_with(*ticket));
        Some(Ready { due: waiting.due, edit: waiting.edit, answers })
    }

    fn done_with(&mut self, ticket: u64) {
        if let Some(open) = self.open.get_mut(&ticket) {
            open.left = open.left.saturating_sub(1);
            if open.left == 0 {
                self.open.remove(&ticket);
            }
        }
    }

    /// Nobody waits for this question any more.
    fn drop_ticket(&mut self, ticket: u64) {
        let Some(open) = self.open.remove(&ticket) else { return };
        for place in open.places {
            let waits = |waiting: &Waiting| waiting.tickets.contains(&ticket);
            if self.waiting.get(&place).is_some_and(waits)
                && let Some(waiting) = self.waiting.remove(&place)
            {
                waiting
                    .tickets
                    .iter()
                    .filter(|other| **other != ticket)
                    .for_each(|other| self.done_with(*other));
            }
        }
    }
}

fn no_source(id: &str) -> Unknown {
    query_failed(&format!("there is no source {id}"))
}

fn query_failed(words: &str) -> Unknown {
    Unknown::with_words(UnknownKind::QueryFailed, words.chars().take(200).collect::<String>())
}
