//! Those who ask the sources elsewhere: a few threads for each, so that a slow one keeps nobody else waiting.

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Answer, Fault, Greeting, Query, Remote};
use crate::clock::Meter;

/// A question that somebody waits for.
#[derive(Clone, Debug)]
pub struct Ask {
    pub source: Arc<str>,
    /// Comes back with the reply.
    pub ticket: u64,
    pub question: Question,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    Probe,
    Fetch(Query),
}

/// What a question led to.
#[derive(Debug)]
pub struct Reply {
    pub source: Arc<str>,
    pub ticket: u64,
    pub took: Duration,
    pub result: Result<Good, Fault>,
}

#[derive(Debug, PartialEq)]
pub enum Good {
    Greeting(Greeting),
    Answer(Answer),
}

/// Asks without waiting.
pub trait Asking: Send + Sync {
    /// Never blocks. A source that is not there any more gives no reply.
    fn ask(&self, ask: Ask);
    /// The replies since the last call, as they came.
    fn replies(&self) -> Vec<Reply>;
}

/// There are no sources elsewhere.
pub struct Nobody;

impl Asking for Nobody {
    fn ask(&self, _: Ask) {}

    fn replies(&self) -> Vec<Reply> {
        Vec::new()
    }
}

/// The sources elsewhere, by id, each with its threads.
#[derive(Default)]
pub struct Fleet {
    members: Mutex<HashMap<Arc<str>, Member>>,
    replies: Arc<Replies>,
}

struct Member {
    remote: Arc<dyn Remote>,
    questions: Sender<Ask>,
}

#[derive(Default)]
struct Replies {
    waiting: Mutex<Vec<Reply>>,
    wake: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Replies {
    fn push(&self, reply: Reply) {
        lock(&self.waiting).push(reply);
        if let Some(wake) = &*lock(&self.wake) {
            wake();
        }
    }
}

impl Fleet {
    /// Called after each reply, by the thread that asked.
    pub fn on_reply(&self, wake: impl Fn() + Send + 'static) {
        *lock(&self.replies.wake) = Some(Box::new(wake));
    }

    /// Takes in a source, or what took its place. `concurrency` questions are asked at a time, and a probe beside them.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn put(&self, id: &str, remote: Arc<dyn Remote>, concurrency: u8) -> std::io::Result<()> {
        let (questions, inbox) = mpsc::channel();
        let inbox = Arc::new(Mutex::new(inbox));
        for _ in 0..=concurrency.max(1) {
            let (remote, inbox, replies) = (remote.clone(), inbox.clone(), self.replies.clone());
            let thread = std::thread::Builder::new().name(format!("ask {id}"));
            thread.spawn(move || work(&*remote, &inbox, &replies))?;
        }
        lock(&self.members).insert(id.into(), Member { remote, questions });
        Ok(())
    }

    /// Its threads end when they have their answers.
    pub fn remove(&self, id: &str) {
        lock(&self.members).remove(id);
    }

    /// To ask it directly, and wait.
    pub fn remote(&self, id: &str) -> Option<Arc<dyn Remote>> {
        lock(&self.members).get(id).map(|member| member.remote.clone())
    }
}

impl Asking for Fleet {
    fn ask(&self, ask: Ask) {
        if let Some(member) = lock(&self.members).get(&ask.source) {
            // Its threads are there as long as the member is.
            let _sent = member.questions.send(ask);
        }
    }

    fn replies(&self) -> Vec<Reply> {
        std::mem::take(&mut *lock(&self.replies.waiting))
    }
}

/// One thread's life: takes questions until the source is removed.
fn work(remote: &dyn Remote, inbox: &Mutex<Receiver<Ask>>, replies: &Replies) {
    loop {
        let Ok(ask) = lock(inbox).recv() else { return };
        let meter = Meter::start();
        let result = match &ask.question {
            Question::Probe => remote.probe().map(Good::Greeting),
            Question::Fetch(query) => remote.fetch(query).map(Good::Answer),
        };
        let took = meter.read().0;
        replies.push(Reply { source: ask.source, ticket: ask.ticket, took, result });
    }
}

// Each is replaced as a whole: what a panicking thread leaves behind can be read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;
    use atalaya_api::source::SeriesHit;

    /// Answers with the expression as the series' name.
    struct Echo;

    impl Remote for Echo {
        fn fetch(&self, query: &Query) -> Result<Answer, Fault> {
            let name = query.expr.clone();
            let series = super::super::AnswerSeries { name, step_ms: 0.0, times: vec![], values: vec![] };
            Ok(Answer { series: vec![series], warnings: vec![] })
        }

        fn probe(&self) -> Result<Greeting, Fault> {
            Err(Fault::Query("never asked".to_owned()))
        }

        fn search(&self, _: &str, _: usize) -> Result<Vec<SeriesHit>, Fault> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn every_question_gets_its_reply_and_wakes_whoever_waits() {
        let fleet = Fleet::default();
        let (woken, wakes) = mpsc::channel();
        fleet.on_reply(move || woken.send(()).expect("the test waits"));
        fleet.put("far", Arc::new(Echo), 3).expect("the system gives threads");
        for ticket in 0..20 {
            let expr: Arc<str> = format!("series{ticket}").into();
            let query = Query { expr, after: Millis(0), upto: Millis(1), interval_ms: 1, max_points: None };
            fleet.ask(Ask { source: "far".into(), ticket, question: Question::Fetch(query) });
        }
        (0..20).for_each(|_| wakes.recv_timeout(Duration::from_secs(20)).expect("a reply"));
        let replies = fleet.replies();
        assert_eq!(replies.len(), 20);
        for reply in replies {
            let Ok(Good::Answer(answer)) = reply.result else { panic!("it answers") };
            assert_eq!(&*answer.series[0].name, format!("series{}", reply.ticket));
        }
    }

    #[test]
    fn nobody_is_asked_who_is_not_there() {
        let fleet = Fleet::default();
        fleet.ask(Ask { source: "gone".into(), ticket: 1, question: Question::Probe });
        assert!(fleet.replies().is_empty());
    }
}
