//! Replies are heard: what they mean for the rules that wait, and for the source.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use super::{Held, Questions, Ready, query_failed};
use crate::clock::Now;
use crate::domain::Millis;
use crate::source::remote::{Fault, Good, Reply, Trouble};

/// A question that failed while nobody knew whose fault it was becomes its own after this long.
const BENEFIT_OF_THE_DOUBT: Duration = Duration::from_secs(30);

impl Questions {
    /// Takes in the replies; back come the rules that have all they wanted.
    pub fn hear(&mut self, now: Now) -> Vec<Ready> {
        let mut ready = Vec::new();
        for reply in self.asking.replies() {
            self.hear_one(reply, now, &mut ready);
        }
        self.end_doubts(now.mono, &mut ready);
        ready
    }

    fn hear_one(&mut self, reply: Reply, now: Now, ready: &mut Vec<Ready>) {
        let Some(far) = self.sources.get_mut(&reply.source) else { return };
        far.book.seconds += reply.took.as_secs_f64();
        match &reply.result {
            Ok(_) => far.book.answers += 1,
            Err(_) => far.book.faults += 1,
        }
        if far.probe == Some(reply.ticket) {
            self.hear_probe(reply, now);
            return;
        }
        // Of a source that was edited meanwhile: nobody waits for it.
        let Some(open) = self.open.get(&reply.ticket) else { return };
        far.in_flight = far.in_flight.saturating_sub(1);
        let asked_at = open.asked_at.unwrap_or_default();
        match reply.result {
            Ok(Good::Answer(answer)) => {
                self.answered(&reply.source, asked_at, reply.took, now, ready);
                self.complete(reply.ticket, Ok(Arc::new(answer)), ready);
            }
            Ok(Good::Greeting(_)) => self.complete(reply.ticket, Ok(Arc::default()), ready),
            Err(Fault::Query(words)) => {
                self.answered(&reply.source, asked_at, reply.took, now, ready);
                self.complete(reply.ticket, Err(query_failed(&words)), ready);
            }
            Err(Fault::Source(trouble)) => self.failed(&reply.source, reply.ticket, trouble, now),
        }
    }

    fn hear_probe(&mut self, reply: Reply, now: Now) {
        let Some(far) = self.sources.get_mut(&reply.source) else { return };
        far.probe = None;
        let result = match reply.result {
            Ok(_) | Err(Fault::Query(_)) => Ok(()),
            Err(Fault::Source(trouble)) => Err(trouble),
        };
        if result.is_ok() {
            far.last_answer = Some((now.wall, reply.took));
        }
        far.health.probed(result, now.mono);
        self.note_standing(&reply.source, now.wall);
    }

    /// A question was answered: whatever failed before this one was asked has only itself to blame.
    fn answered(
        &mut self,
        id: &Arc<str>,
        asked_at: Duration,
        took: Duration,
        now: Now,
        ready: &mut Vec<Ready>,
    ) {
        let Some(far) = self.sources.get_mut(id) else { return };
        far.last_answer = Some((now.wall, took));
        far.health.answered(now.mono);
        let (guilty, unclear) =
            std::mem::take(&mut far.held).into_iter().partition(|held| held.at <= asked_at);
        far.held = unclear;
        self.note_standing(id, now.wall);
        self.convict(guilty, ready);
    }

    fn failed(&mut self, id: &Arc<str>, ticket: u64, trouble: Trouble, now: Now) {
        let Some(far) = self.sources.get_mut(id) else { return };
        let words = query_failed(&trouble.words.en);
        let question = self.open.get(&ticket).map_or(0, |open| self.hash.hash_one(&open.query.expr));
        far.health.failed(question, trouble, now.mono);
        far.held.push(Held { ticket, at: now.mono, words });
        self.note_standing(id, now.wall);
    }

    /// What follows from how the source stands now: while it is down nobody waits for it.
    fn note_standing(&mut self, id: &Arc<str>, wall: Millis) {
        let Some(far) = self.sources.get_mut(id) else { return };
        if far.health.is_down() {
            far.down_since.get_or_insert(wall);
            let held = std::mem::take(&mut far.held).into_iter().map(|held| held.ticket);
            let given_up: Vec<u64> = std::mem::take(&mut far.queue).into_iter().chain(held).collect();
            given_up.into_iter().for_each(|ticket| self.drop_ticket(ticket));
        } else if far.health.trouble().is_none() {
            far.confirmed = true;
            far.down_since = None;
        }
    }

    fn end_doubts(&mut self, now: Duration, ready: &mut Vec<Ready>) {
        let mut guilty = Vec::new();
        for far in self.sources.values_mut() {
            let (old, unclear) = std::mem::take(&mut far.held)
                .into_iter()
                .partition::<Vec<_>, _>(|held| now.saturating_sub(held.at) >= BENEFIT_OF_THE_DOUBT);
            far.held = unclear;
            guilty.extend(old);
        }
        self.convict(guilty, ready);
    }

    fn convict(&mut self, guilty: Vec<Held>, ready: &mut Vec<Ready>) {
        for held in guilty {
            self.complete(held.ticket, Err(held.words), ready);
        }
    }
}
