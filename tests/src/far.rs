//! A source elsewhere that stories tell what to answer. It stands in for the network; how real servers answer is tested
//! with real servers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use atalaya::domain::{Millis, Texts, TroubleKind};
use atalaya::source::remote::{
    Answer, AnswerSeries, Ask, Asking, Fault, Good, Greeting, Query, Question, Reply, Trouble,
};

/// What it does with a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Mood {
    Well,
    /// Answers nothing, not even probes.
    Down(TroubleKind),
    /// Answers probes and no question.
    Useless(TroubleKind),
    /// Keeps every question to itself until the mood changes.
    Silent,
}

#[derive(Default)]
pub struct Far(Mutex<State>);

struct State {
    mood: Mood,
    /// What an expression gives: name, then samples (time in ms, value; NaN: an empty bucket).
    series: BTreeMap<String, BTreeMap<String, Vec<(i64, f64)>>>,
    refused: BTreeMap<String, String>,
    heavy: Vec<String>,
    kept: Vec<Ask>,
    replies: Vec<Reply>,
    asked: Vec<String>,
    probes: usize,
}

impl Default for State {
    fn default() -> Self {
        State {
            mood: Mood::Well,
            series: BTreeMap::new(),
            refused: BTreeMap::new(),
            heavy: Vec::new(),
            kept: Vec::new(),
            replies: Vec::new(),
            asked: Vec::new(),
            probes: 0,
        }
    }
}

impl Far {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no story panics inside")
    }

    pub fn set(&self, mood: Mood) {
        let mut state = self.state();
        state.mood = mood;
        if state.mood != Mood::Silent {
            let kept = std::mem::take(&mut state.kept);
            kept.into_iter().for_each(|ask| state.answer(ask));
        }
    }

    /// A further sample of what `expr` gives.
    pub fn push(&self, expr: &str, series: &str, at: Millis, value: f64) {
        let mut state = self.state();
        state
            .series
            .entry(expr.to_owned())
            .or_default()
            .entry(series.to_owned())
            .or_default()
            .push((at.0, value));
    }

    /// `expr` is refused from now on, with these words.
    pub fn refuse(&self, expr: &str, words: &str) {
        self.state().refused.insert(expr.to_owned(), words.to_owned());
    }

    pub fn accept(&self, expr: &str) {
        self.state().refused.remove(expr);
    }

    /// `expr` takes longer than it may from now on, as the only one.
    pub fn make_heavy(&self, expr: &str) {
        self.state().heavy.push(expr.to_owned());
    }

    /// The expressions asked since the last call, in their order.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().asked)
    }

    pub fn has_replies(&self) -> bool {
        !self.state().replies.is_empty()
    }

    pub fn probes(&self) -> usize {
        self.state().probes
    }
}

impl Asking for Far {
    fn ask(&self, ask: Ask) {
        let mut state = self.state();
        match &ask.question {
            Question::Probe => state.probes += 1,
            Question::Fetch(query) => {
                let expr = query.expr.to_string();
                state.asked.push(expr);
            }
        }
        if state.mood == Mood::Silent { state.kept.push(ask) } else { state.answer(ask) }
    }

    fn replies(&self) -> Vec<Reply> {
        std::mem::take(&mut self.state().replies)
    }
}

impl State {
    fn answer(&mut self, ask: Ask) {
        let result = match (&self.mood, &ask.question) {
            (Mood::Down(kind), _) => Err(trouble(*kind)),
            (Mood::Useless(kind), Question::Fetch(_)) => Err(trouble(*kind)),
            (_, Question::Probe) => Ok(Good::Greeting(Greeting::default())),
            (_, Question::Fetch(query)) => self.fetch(query).map(Good::Answer),
        };
        let took = Duration::from_millis(5);
        self.replies.push(Reply { source: ask.source, ticket: ask.ticket, took, result });
    }

    fn fetch(&self, query: &Query) -> Result<Answer, Fault> {
        if let Some(words) = self.refused.get(&*query.expr) {
            return Err(Fault::Query(words.clone()));
        }
        if self.heavy.iter().any(|expr| **expr == *query.expr) {
            return Err(trouble(TroubleKind::Slow));
        }
        let series = self.series.get(&*query.expr).into_iter().flatten();
        let wanted = |(at, _): &&(i64, f64)| (query.after.0 + 1..=query.upto.0).contains(at);
        let answered = series.map(|(name, samples)| AnswerSeries {
            name: Arc::from(name.as_str()),
            step_ms: 1_000.0,
            times: samples.iter().filter(wanted).map(|(at, _)| *at as f64).collect(),
            values: samples.iter().filter(wanted).map(|(_, value)| *value).collect(),
        });
        Ok(Answer { series: answered.collect(), warnings: Vec::new() })
    }
}

fn trouble(kind: TroubleKind) -> Fault {
    let words = Texts { en: format!("far: {}", kind.name()), es: format!("lejos: {}", kind.name()) };
    Fault::Source(Trouble { kind, words, retry_after: None, handed_over: false })
}
