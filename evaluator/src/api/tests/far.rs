//! Sources elsewhere, made up: what the address says is how they are.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};

use atalaya_api::source::{SeriesHit, SourceKind, SourceSettings, SourceStatus};

use crate::api::remotes::{Remotes, SourceWatch};
use crate::clock::{Clock, ManualClock};
use crate::domain::{Secret, SourceConfig, Texts, TroubleKind};
use crate::pipeline::SourceState;
use crate::source::remote::{Answer, AnswerSeries, Fault, Fleet, Greeting, Query, Remote, Trouble, Unusable};

/// Everything that is elsewhere, and what was done with it.
#[derive(Clone, Default)]
pub struct Far {
    /// How each source was connected, in order.
    pub connected: Arc<Mutex<Vec<(SourceSettings, Secret)>>>,
    pub watch: Arc<Watch>,
    pub gate: Arc<Gate>,
}

/// What the evaluation was told, and what it says.
#[derive(Default)]
pub struct Watch {
    /// `id` or, deleted, `-id`.
    pub told: Mutex<Vec<String>>,
    pub states: Mutex<HashMap<String, SourceState>>,
}

impl SourceWatch for Watch {
    fn source_changed(&self, source: &SourceConfig) {
        let gone = if source.deleted_at.is_some() { "-" } else { "" };
        self.told.lock().expect("not poisoned").push(format!("{gone}{}", source.settings.id));
    }

    fn source_state(&self, id: &str) -> Option<SourceState> {
        self.states.lock().expect("not poisoned").get(id).cloned()
    }
}

/// Those who asked a source that hangs wait here.
#[derive(Default)]
pub struct Gate {
    waiting: Mutex<(usize, bool)>,
    moved: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut waiting = self.waiting.lock().expect("not poisoned");
        waiting.0 += 1;
        self.moved.notify_all();
        let _open = self.moved.wait_while(waiting, |(_, open)| !*open).expect("not poisoned");
    }

    pub fn wait_for(&self, count: usize) {
        let waiting = self.waiting.lock().expect("not poisoned");
        let _there = self.moved.wait_while(waiting, |(here, _)| *here < count).expect("not poisoned");
    }

    pub fn open(&self) {
        self.waiting.lock().expect("not poisoned").1 = true;
        self.moved.notify_all();
    }
}

impl Far {
    pub fn remotes(&self) -> Remotes {
        let far = self.clone();
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(super::stage::START));
        let connect = move |settings: &SourceSettings, secret: &Secret| far.connect(settings, secret);
        Remotes::new(Arc::new(Fleet::default()), Box::new(connect), self.watch.clone(), clock)
    }

    fn connect(&self, settings: &SourceSettings, secret: &Secret) -> Result<Arc<dyn Remote>, Unusable> {
        if settings.url.contains("unusable") {
            return Err(Unusable::new("url", "cannot be used", "no se puede usar"));
        }
        self.connected.lock().expect("not poisoned").push((settings.clone(), secret.clone()));
        Ok(Arc::new(Toy { settings: settings.clone(), gate: self.gate.clone() }))
    }

    pub fn last_secret(&self) -> Secret {
        let connected = self.connected.lock().expect("not poisoned");
        connected.last().expect("a source was connected").1.clone()
    }

    /// From now on the evaluation says that it is down.
    pub fn goes_down(&self, id: &str) {
        let state =
            SourceState { status: SourceStatus::Down, trouble: Some(down()), rules: 3, ..Default::default() };
        self.watch.states.lock().expect("not poisoned").insert(id.to_owned(), state);
    }
}

fn down() -> Trouble {
    let words = Texts { en: "no connection".to_owned(), es: "no hay conexión".to_owned() };
    Trouble { kind: TroubleKind::Unreachable, words, retry_after: None, handed_over: false }
}

struct Toy {
    settings: SourceSettings,
    gate: Arc<Gate>,
}

impl Toy {
    fn reached(&self) -> Result<(), Fault> {
        if self.settings.url.contains("hangs") {
            self.gate.pass();
        }
        if self.settings.url.contains("down") { Err(Fault::Source(down())) } else { Ok(()) }
    }
}

impl Remote for Toy {
    /// Two series with a sample each 5 minutes.
    fn fetch(&self, query: &Query) -> Result<Answer, Fault> {
        self.reached()?;
        if query.expr.contains("bad(") {
            return Err(Fault::Query("the source cannot read bad(".to_owned()));
        }
        let times: Vec<f64> =
            (query.after.0 + 1..=query.upto.0).step_by(300_000).map(|at| at as f64).collect();
        let series = ["a", "b"].map(|name| AnswerSeries {
            name: name.into(),
            step_ms: 300_000.0,
            values: vec![1.0; times.len()],
            times: times.clone(),
        });
        Ok(Answer { series: series.into(), warnings: vec!["half of it is missing".to_owned()] })
    }

    fn probe(&self) -> Result<Greeting, Fault> {
        self.reached()?;
        let name =
            if self.settings.kind == SourceKind::Graphite { "Graphite 1.1.10" } else { "Prometheus 2.42.0" };
        Ok(Greeting { version: Some(name.to_owned()), clock: Some(super::stage::START.plus(61_000)) })
    }

    fn search(&self, q: &str, limit: usize) -> Result<Vec<SeriesHit>, Fault> {
        self.reached()?;
        let hit = |name: &str| SeriesHit {
            name: format!("{q}{name}"),
            leaf: true,
            last_value: None,
            last_at: None,
            step: None,
        };
        Ok(["a", "b", "c"].map(hit).into_iter().take(limit).collect())
    }
}
