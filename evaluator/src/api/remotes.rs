//! Sources elsewhere, as the API shows and asks them. Whoever asks here waits for the answer, so only so many may.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use atalaya_api::float::Float;
use atalaya_api::page::Page;
use atalaya_api::source::{
    LastAnswer, QueryAnswer, SeriesData, SeriesHit, Source, SourceKind, SourceSettings, SourceStatus,
    SourceTest,
};
use atalaya_api::span::Span;

use super::ports::{Foreknown, Range, SourceError};
use super::problem::words;
use super::secrets::readable;
use super::slots::Slots;
use crate::clock::{Clock, Meter};
use crate::domain::{Secret, SourceConfig, Texts, TroubleKind};
use crate::pipeline::SourceState;
use crate::source::remote::{Answer, AnswerSeries, Fault, Fleet, Greeting, Query, Remote, Trouble, Unusable};
use crate::source::thin;
use crate::store::{SourceStore, StoreError};

/// How far back a query is tried before a rule is saved, ms: long enough to see the step of a coarse series.
const TRIED_MS: i64 = 2 * 3_600_000;
/// Names that a test shows.
const EXAMPLES: usize = 5;
/// A clock this far off is told with a test, s.
const CLOCK_OFF: i64 = 10;

/// Makes what asks a source from how it is reached; or says why that cannot be.
pub type Connect = Box<dyn Fn(&SourceSettings, &Secret) -> Result<Arc<dyn Remote>, Unusable> + Send + Sync>;

/// The evaluation, as far as it has to do with sources elsewhere.
pub trait SourceWatch: Send + Sync {
    /// A source is there from now on, is reached in another way, or (deleted) is gone.
    fn source_changed(&self, source: &SourceConfig);
    /// None: it is not known.
    fn source_state(&self, id: &str) -> Option<SourceState>;
}

/// All of them.
pub struct Remotes {
    fleet: Arc<Fleet>,
    connect: Connect,
    watch: Arc<dyn SourceWatch>,
    clock: Arc<dyn Clock>,
    /// Deleted ones too: an older version never takes the place of a newer one.
    known: Mutex<BTreeMap<String, Known>>,
    slots: Slots,
}

struct Known {
    source: SourceConfig,
    /// Why it cannot be asked at all.
    trouble: Option<Texts>,
}

impl Remotes {
    pub fn new(
        fleet: Arc<Fleet>,
        connect: Connect,
        watch: Arc<dyn SourceWatch>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Remotes { fleet, connect, watch, clock, known: Mutex::default(), slots: Slots::default() }
    }

    /// Takes up every stored source: at start, before anything is evaluated. The evaluation reads them itself.
    ///
    /// # Errors
    /// The store's. A secret that cannot be read is none: that source says so.
    pub fn load(&self, store: &(impl SourceStore + ?Sized)) -> Result<(), StoreError> {
        for source in store.sources()? {
            let secret = readable(store.source_secret(&source.settings.id))?;
            let trouble = self.take_up(&source, secret);
            self.lock().insert(source.settings.id.clone(), Known { source, trouble });
        }
        Ok(())
    }

    /// A source was stored as this.
    pub fn stored(&self, source: &SourceConfig, secret: Result<Secret, Texts>) {
        let id = &source.settings.id;
        let mut known = self.lock();
        if known.get(id).is_some_and(|known| known.source.version >= source.version) {
            return;
        }
        let trouble = match source.deleted_at {
            Some(_) => {
                self.fleet.remove(id);
                None
            }
            None => self.take_up(source, secret),
        };
        self.watch.source_changed(source);
        known.insert(id.clone(), Known { source: source.clone(), trouble });
    }

    /// Puts it among those that are asked. What cannot be asked is put there, too, so that the evaluation learns why.
    fn take_up(&self, source: &SourceConfig, secret: Result<Secret, Texts>) -> Option<Texts> {
        let settings = &source.settings;
        let connected =
            secret.and_then(|secret| (self.connect)(settings, &secret).map_err(|unusable| unusable.words));
        let (remote, trouble) = match connected {
            Ok(remote) => (remote, None),
            Err(why) => {
                tracing::error!(source = settings.id, "{}", why.en);
                (Arc::new(Unreached(why.clone())) as Arc<dyn Remote>, Some(why))
            }
        };
        match self.fleet.put(&settings.id, remote, settings.concurrency) {
            Ok(()) => trouble,
            Err(error) => {
                tracing::error!(source = settings.id, %error, "nobody can ask it");
                Some(words(
                    format!("nobody can ask it: {error}"),
                    format!("nadie puede consultarla: {error}"),
                ))
            }
        }
    }

    /// Whether a source can be asked this way at all; nobody is asked.
    pub fn usable(&self, settings: &SourceSettings, secret: &Secret) -> Result<(), Unusable> {
        (self.connect)(settings, secret).map(drop)
    }

    pub fn list(&self, language: &str) -> Vec<Source> {
        let known = self.lock();
        let there = known.values().filter(|known| known.source.deleted_at.is_none());
        there.map(|known| self.view(known, language)).collect()
    }

    fn view(&self, known: &Known, language: &str) -> Source {
        let settings = &known.source.settings;
        let state = self.watch.source_state(&settings.id).unwrap_or_default();
        let detail = known.trouble.as_ref().or(state.trouble.as_ref().map(|trouble| &trouble.words));
        let status = if known.trouble.is_some() { SourceStatus::Down } else { state.status };
        Source {
            id: settings.id.clone(),
            kind: settings.kind.name().to_owned(),
            name: settings.name.clone(),
            status,
            detail: detail.map(|words| words.in_language(language).to_owned()),
            series: state.series,
            rules: state.rules,
            last_answer: state
                .last_answer
                .map(|(at, took)| LastAnswer { at: at.timestamp(), took_ms: took.as_millis() as u64 }),
            inputs: Vec::new(),
            settings: Some(settings.clone()),
            version: known.source.version,
        }
    }

    /// Names, all on one page: a source elsewhere knows no next one.
    pub fn search(
        &self,
        id: &str,
        q: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<SeriesHit>, SourceError> {
        let mut items = self.ask(id, |remote| remote.search(q, limit))?;
        items.retain(|hit| after.is_none_or(|after| hit.name.as_str() > after));
        items.truncate(limit);
        Ok(Page { total: items.len() as u64, items, next: None })
    }

    pub fn query(
        &self,
        id: &str,
        expr: &str,
        range: Range,
        max_series: usize,
    ) -> Result<QueryAnswer, SourceError> {
        let points = i64::try_from(range.max_points.max(1)).unwrap_or(i64::MAX);
        let query = Query {
            expr: expr.into(),
            after: range.from.plus(-1),
            upto: range.to,
            interval_ms: (range.to.since(range.from) / points).max(1_000),
            max_points: Some(range.max_points),
        };
        let Answer { series, warnings } = self.ask(id, |remote| remote.fetch(&query))?;
        let total = series.len() as u64;
        let drawn = series.into_iter().take(max_series).map(|one| drawn(one, range.max_points)).collect();
        Ok(QueryAnswer { series: drawn, total, warnings })
    }

    pub fn names(&self, id: &str, query: &str) -> Result<Vec<String>, SourceError> {
        self.ask(id, |remote| remote.names(query))
    }

    /// Tries a query before a rule is saved. One that is down is not waited for.
    pub fn foreknown(&self, id: &str, expr: &str) -> Result<Foreknown, SourceError> {
        let settings = self.settings(id).ok_or_else(|| SourceError::NoSuchSource(id.to_owned()))?;
        let state = self.watch.source_state(id).unwrap_or_default();
        if let (SourceStatus::Down, Some(trouble)) = (state.status, state.trouble) {
            return Err(SourceError::Failed(trouble.words));
        }
        let now = self.clock.now().wall;
        let query = Query {
            expr: expr.into(),
            after: now.plus(-TRIED_MS),
            upto: now,
            interval_ms: Span::MINUTE.millis(),
            max_points: None,
        };
        let answer = self.ask(id, |remote| remote.fetch(&query))?;
        // Prometheus answers in the step it is asked for.
        let is_known = settings.kind == SourceKind::Graphite;
        let longest = answer.series.iter().map(|one| one.step_ms).fold(0.0, f64::max);
        let step = (is_known && longest >= 1_000.0).then_some(Span((longest / 1_000.0).ceil() as u32));
        Ok(Foreknown { kind: Some(settings.kind), step })
    }

    /// Whether a source answers when it is reached this way.
    pub fn test(
        &self,
        settings: &SourceSettings,
        secret: &Secret,
        language: &str,
    ) -> Result<SourceTest, SourceError> {
        let _turn = self.slots.take(&settings.id).ok_or(SourceError::Busy)?;
        let meter = Meter::start();
        let greeted = (self.connect)(settings, secret)
            .map_err(|unusable| unusable.words)
            .and_then(|remote| Ok((remote.probe().map_err(|fault| told(&fault))?, remote)));
        let took = meter.read().0;
        let mut test = SourceTest {
            ok: greeted.is_ok(),
            message: String::new(),
            took_ms: took.as_millis() as u64,
            version: None,
            clock_offset_s: None,
            examples: Vec::new(),
        };
        let message = match greeted {
            Err(why) => why,
            Ok((greeting, remote)) => {
                let found = remote.search("", EXAMPLES);
                self.note(&mut test, greeting, found)
            }
        };
        test.message = message.in_language(language).to_owned();
        Ok(test)
    }

    /// Writes down what a source that answers says of itself, and puts it into words.
    fn note(&self, test: &mut SourceTest, greeting: Greeting, found: Result<Vec<SeriesHit>, Fault>) -> Texts {
        let now = self.clock.now().wall;
        // Whole seconds, which is what a Date header holds.
        test.clock_offset_s = greeting.clock.map(|clock| clock.0.div_euclid(1_000) - now.0.div_euclid(1_000));
        let (name, took) = (greeting.version.as_deref(), test.took_ms);
        let mut message = words(
            format!("{} answered in {took} ms.", name.unwrap_or("It")),
            format!("{} contestó en {took} ms.", name.unwrap_or("La fuente")),
        );
        if let Some(off) = test.clock_offset_s.filter(|off| off.abs() >= CLOCK_OFF) {
            message.en += &format!(" Its clock differs from ours by {off} s.");
            message.es += &format!(" Su reloj difiere del nuestro en {off} s.");
        }
        match found {
            Ok(hits) => test.examples = hits.into_iter().take(EXAMPLES).map(|hit| hit.name).collect(),
            Err(fault) => {
                let why = told(&fault);
                message.en += &format!(" It gives no names for suggestions: {}", why.en);
                message.es += &format!(" No da nombres para sugerencias: {}", why.es);
            }
        }
        test.version = greeting.version;
        message
    }

    fn ask<T>(
        &self,
        id: &str,
        question: impl FnOnce(&dyn Remote) -> Result<T, Fault>,
    ) -> Result<T, SourceError> {
        let remote = self.fleet.remote(id).ok_or_else(|| SourceError::NoSuchSource(id.to_owned()))?;
        let _turn = self.slots.take(id).ok_or(SourceError::Busy)?;
        question(&*remote).map_err(|fault| match fault {
            Fault::Source(trouble) => SourceError::Failed(trouble.words),
            Fault::Query(words) => SourceError::BadExpression(words),
        })
    }

    fn settings(&self, id: &str) -> Option<SourceSettings> {
        let known = self.lock();
        let there = known.get(id).filter(|known| known.source.deleted_at.is_none());
        there.map(|known| known.source.settings.clone())
    }

    // Entries are replaced as a whole.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(fault: &Fault) -> Texts {
    match fault {
        Fault::Source(trouble) => trouble.words.clone(),
        Fault::Query(said) => words(said.clone(), said.clone()),
    }
}

/// A series for a chart.
fn drawn(one: AnswerSeries, max_points: usize) -> SeriesData {
    let AnswerSeries { name, step_ms, mut times, mut values } = one;
    thin(&mut times, &mut values, max_points);
    let values = values.into_iter().map(Float).collect();
    SeriesData { name: name.to_string(), unit: None, step_ms, times, values }
}

/// A source that cannot be asked at all, and why.
struct Unreached(Texts);

impl Unreached {
    fn say<T>(&self) -> Result<T, Fault> {
        let words = self.0.clone();
        Err(Fault::Source(Trouble {
            kind: TroubleKind::Refused,
            words,
            retry_after: None,
            handed_over: false,
        }))
    }
}

impl Remote for Unreached {
    fn fetch(&self, _: &Query) -> Result<Answer, Fault> {
        self.say()
    }

    fn probe(&self) -> Result<Greeting, Fault> {
        self.say()
    }

    fn search(&self, _: &str, _: usize) -> Result<Vec<SeriesHit>, Fault> {
        self.say()
    }
}
