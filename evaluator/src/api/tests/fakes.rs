//! What the API asks of the rest of the server, made up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use atalaya_api::check::{CheckStatus, CheckView};
use atalaya_api::event::RuleAction;
use atalaya_api::float::Float;
use atalaya_api::level::Standing as RuleStanding;
use atalaya_api::page::Page;
use atalaya_api::problem::FieldError;
use atalaya_api::rule::{Direction, Line, RuleState};
use atalaya_api::source::{
    QueryAnswer, SeriesData, SeriesHit, Source, SourceInput, SourceSettings, SourceStatus, SourceTest,
};
use atalaya_api::span::Span;

use crate::api::ports::{
    Checks, Evaluation, Foreknown, LiveSeries, Pulse, Range, SourceError, Sources, Standing, Totals, Unusable,
};
use crate::domain::{Level, Millis, Rule, RuleId, RuleRecord, Run, Secret, SourceConfig, Texts};
use crate::pipeline::{Book, SourceState};
use crate::store::RuleSet;

/// Remembers what it was told.
#[derive(Default)]
pub struct FakeEvaluation {
    pub told: Mutex<Vec<(RuleId, RuleAction)>>,
    pub totals: Mutex<Totals>,
    pub pulse: Mutex<Pulse>,
    pub live: Mutex<Option<LiveSeries>>,
    pub standing: Mutex<Vec<(RuleId, RuleStanding)>>,
    pub too_fast: Mutex<Vec<RuleId>>,
}

impl Evaluation for FakeEvaluation {
    fn rules_changed(&self, rules: Vec<(Rule, RuleAction)>) {
        let told = rules.into_iter().map(|(rule, action)| (rule.id, action));
        self.told.lock().expect("not poisoned").extend(told);
    }

    fn forget(&self, _rule: RuleId, series: &str) -> bool {
        series == "lab.gone"
    }

    fn rule_state(&self, _rule: RuleId) -> RuleState {
        RuleState::default()
    }

    fn rules_standing(&self, standing: RuleStanding) -> RuleSet {
        let stand = self.standing.lock().expect("not poisoned");
        let ids = stand.iter().filter(|(_, one)| *one == standing).map(|(id, _)| *id).collect();
        RuleSet { ids, except: false }
    }

    fn rules_too_fast(&self) -> RuleSet {
        RuleSet { ids: self.too_fast.lock().expect("not poisoned").clone(), except: false }
    }

    fn live(&self, _rule: RuleId, _series: &str) -> Option<LiveSeries> {
        *self.live.lock().expect("not poisoned")
    }

    fn series_of(&self, _rule: RuleId, _limit: usize) -> (Vec<Arc<str>>, u64) {
        (Vec::new(), 0)
    }

    fn totals(&self) -> Totals {
        *self.totals.lock().expect("not poisoned")
    }

    fn far_sources(&self) -> Vec<(Arc<str>, SourceState)> {
        let book = Book { answers: 5, faults: 2, seconds: 1.5 };
        vec![("far".into(), SourceState { book, ..SourceState::default() })]
    }

    fn pulse(&self) -> Pulse {
        self.pulse.lock().expect("not poisoned").clone()
    }

    fn causes(&self) -> Vec<Standing> {
        Vec::new()
    }
}

/// One check, `threshold`, that wants `critical` to be at least `warning`.
pub struct FakeChecks;

impl Checks for FakeChecks {
    fn list(&self) -> Vec<CheckView> {
        vec![CheckView {
            name: "threshold".to_owned(),
            version: "1.0.0".to_owned(),
            sha256: "ab".repeat(32),
            built_in: true,
            title: BTreeMap::from([("en".to_owned(), "Threshold".to_owned())]),
            summary: BTreeMap::new(),
            params_schema: serde_json::json!({ "type": "object" }),
            rules: 0,
            status: CheckStatus::Ok,
            detail: None,
            quarantined_at: None,
            evaluations: 7,
            failures: BTreeMap::from([("out of fuel".to_owned(), 2)]),
            cpu_seconds: 0.5,
        }]
    }

    fn validate(&self, name: &str, record: &RuleRecord, _language: &str) -> Option<Vec<FieldError>> {
        let params: serde_json::Value = serde_json::from_str(&record.params).expect("params are JSON");
        let number = |name: &str| params[name].as_f64();
        let wrong =
            number("critical").zip(number("warning")).is_some_and(|(critical, warning)| critical < warning);
        let error = FieldError::new("critical", "must be at least warning");
        (name == "threshold").then(|| if wrong { vec![error] } else { Vec::new() })
    }

    fn lines(&self, _: &str, _: &RuleRecord, _: Level, from: Millis, to: Millis) -> Vec<Line> {
        let (start, end) = (from.as_f64(), to.as_f64());
        vec![Line { level: Level::Warning, value: Float(70.0), direction: Direction::Above, start, end }]
    }

    fn replays(&self, _run: &Run, _record: &RuleRecord) -> Option<bool> {
        Some(true)
    }

    fn release(&self, _name: &str) -> bool {
        false
    }
}

/// The local source with three series.
#[derive(Default)]
pub struct FakeSources {
    pub down: Mutex<bool>,
    pub port_taken: Mutex<bool>,
}

const NAMES: [&str; 3] = ["lab.router1.cpu", "lab.router2.cpu", "lab.router3.cpu"];

impl Sources for FakeSources {
    fn list(&self, _language: &str) -> Vec<Source> {
        let standing = |bad: &Mutex<bool>| *bad.lock().expect("not poisoned");
        let taken = standing(&self.port_taken);
        let carbon = SourceInput {
            name: "carbon".to_owned(),
            address: Some("127.0.0.1:2003".to_owned()),
            status: if taken { SourceStatus::Down } else { SourceStatus::Ok },
            detail: taken.then(|| "port 2003 is taken".to_owned()),
            samples: 12,
            last_sample_at: None,
            refused: Vec::new(),
        };
        vec![Source {
            id: "local".to_owned(),
            kind: "local".to_owned(),
            name: "Local".to_owned(),
            status: if standing(&self.down) { SourceStatus::Down } else { SourceStatus::Ok },
            detail: None,
            series: 3,
            rules: 0,
            last_answer: None,
            inputs: vec![carbon],
            settings: None,
            version: 0,
        }]
    }

    fn search(
        &self,
        source: &str,
        q: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<SeriesHit>, SourceError> {
        known(source)?;
        if q.contains('[') {
            return Err(SourceError::BadExpression("a bracket is not closed".to_owned()));
        }
        let names = NAMES.iter().filter(|name| after.is_none_or(|after| **name > after));
        let names: Vec<&str> = names.take(limit).copied().collect();
        let next = names.last().filter(|last| **last != NAMES[2]).map(|last| (*last).to_owned());
        let hit = |name: &str| SeriesHit {
            name: name.to_owned(),
            leaf: true,
            last_value: None,
            last_at: None,
            step: None,
        };
        Ok(Page { items: names.into_iter().map(hit).collect(), next, total: 3 })
    }

    fn query(
        &self,
        source: &str,
        expr: &str,
        range: Range,
        max_series: usize,
    ) -> Result<QueryAnswer, SourceError> {
        known(source)?;
        let name = if max_series == 1 { expr } else { NAMES[0] };
        let data = SeriesData {
            name: name.to_owned(),
            unit: None,
            step_ms: 1_000.0,
            times: vec![range.from.as_f64()],
            values: vec![Float(f64::INFINITY)],
        };
        Ok(QueryAnswer { series: vec![data], total: 1, warnings: Vec::new() })
    }

    fn foreknown(&self, source: &str, expr: &str) -> Result<Foreknown, SourceError> {
        known(source)?;
        if expr.contains('[') {
            return Err(SourceError::BadExpression("a bracket is not closed".to_owned()));
        }
        Ok(Foreknown { kind: None, step: (expr == NAMES[0]).then_some(Span(10)) })
    }

    fn names(&self, source: &str, _query: &str) -> Result<Vec<String>, SourceError> {
        known(source)?;
        Ok(NAMES.map(str::to_owned).to_vec())
    }

    fn usable(&self, _: &SourceSettings, _: &Secret) -> Result<(), Unusable> {
        Ok(())
    }

    fn stored(&self, _source: &SourceConfig, _secret: Result<Secret, Texts>) {}

    fn test(&self, _: &SourceSettings, _: &Secret, _: &str) -> Result<SourceTest, SourceError> {
        Err(SourceError::Busy)
    }
}

fn known(source: &str) -> Result<(), SourceError> {
    if source == "local" { Ok(()) } else { Err(SourceError::NoSuchSource(source.to_owned())) }
}
