//! Stories on a manual clock: the real stores, the real sandbox, the real pipeline; only time is made up. What
//! happens in an hour takes milliseconds, and happens the same each time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use atalaya::api::ports::Checks;
use atalaya::check::{CompilerCommand, Host, HostLimits};
use atalaya::clock::{Clock, ManualClock};
use atalaya::domain::{AlarmRow, Millis, Rule, RuleId, Run, Secret, SourceConfig, Subject, Template};
use atalaya::evaluating::Evaluating;
use atalaya::installed::Installed;
use atalaya::notify::ByHand;
use atalaya::pipeline::{Edit, Pipeline, Standing, Terms, Watchtower};
use atalaya::source::local::{LocalConfig, LocalStore, Sample};
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{
    Actor, AlarmFilter, AlarmStore, RuleStore, RuleWrite, Slice, SourceStore, Store, TemplateStore,
    TransitionRow,
};
use atalaya_api::event::RuleAction;
use atalaya_api::rule::{RuleDraft, RuleState};
use atalaya_api::source::SourceSettings;
use atalaya_api::span::Span;
use serde_json::{Value, json};

use crate::far::Far;
use crate::paths;
use crate::post::Post;

/// A day in the life of a few rules.
pub struct Story {
    pub clock: Arc<ManualClock>,
    pub store: Arc<SqliteStore>,
    pub installed: Arc<Installed>,
    pipeline: Pipeline,
    watchtower: Watchtower,
    local: Arc<LocalStore>,
    values: BTreeMap<String, f64>,
    far_values: BTreeMap<(String, String), f64>,
    /// The source elsewhere, `far`, once a story has one.
    pub far: Arc<Far>,
    /// When the heart beat, as far as that was written down.
    pub beats: Vec<Millis>,
    /// The receivers; nobody is told before [`Story::tell`].
    pub post: Arc<Post>,
    telling: Option<ByHand>,
    folder: tempfile::TempDir,
}

impl Story {
    /// Starts on a Monday at noon, with the built-in checks and the guests of `tests/guests`.
    pub fn new() -> Self {
        Story::at("2026-11-16T12:00:00Z".parse().expect("an instant"))
    }

    /// Starts at an instant; ten seconds of it pass.
    pub fn at(start: jiff::Timestamp) -> Self {
        let clock = Arc::new(ManualClock::at(start.into()));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let checks = folder.path().join("checks");
        std::fs::create_dir(&checks).expect("the folder is new");
        for guest in ["misbehaves", "counts"] {
            std::fs::write(checks.join(guest).with_extension("wasm"), paths::guest(guest))
                .expect("it can be written");
        }
        let store = SqliteStore::open(&folder.path().join("atalaya.db"), clock.clone()).expect("a new store");
        let limits = HostLimits { probes_to_quarantine: 3, ..HostLimits::default() };
        let compiler = CompilerCommand::of(paths::server());
        let host = Host::new(limits, paths::compiled_checks(), compiler).expect("the engine starts");
        let installed = Installed::load(&host, &checks, &*store, clock.clone()).expect("the checks load");
        let local = Arc::new(LocalStore::in_memory(LocalConfig::default()));
        let far = Arc::new(Far::default());
        let pipeline = pipeline(&local, &installed, &store, &*clock, &far);
        let watchtower = pipeline.watchtower();
        let time = clock.clone();
        let mut story = Story {
            clock,
            store,
            installed,
            pipeline,
            watchtower,
            local,
            values: BTreeMap::new(),
            far_values: BTreeMap::new(),
            far,
            beats: Vec::new(),
            post: Post::new(time),
            telling: None,
            folder,
        };
        // No run counts before one full window after the start; stories begin after that.
        story.seconds(10);
        story
    }

    /// The server is stopped and started again after this long; samples that arrived stay.
    pub fn restart_after(&mut self, pause: Duration) {
        self.clock.advance(pause);
        self.pipeline = pipeline(&self.local, &self.installed, &self.store, &*self.clock, &self.far);
        self.watchtower = self.pipeline.watchtower();
        if self.telling.is_some() {
            self.tell();
        }
    }

    /// From now on people are told, by the post.
    pub fn tell(&mut self) {
        let telling = ByHand::new(self.store.clone(), self.clock.clone(), self.post.ports());
        self.telling = Some(telling.expect("the store answers"));
    }

    /// Who must be told is told, without time passing.
    pub fn post_goes(&mut self) {
        if let Some(telling) = &mut self.telling {
            telling.step().expect("the store answers");
        }
    }

    /// Adds a rule: the threshold rule of the design on `lab.cpu`, checked each second, with these fields changed.
    pub fn rule(&mut self, changes: Value) -> RuleId {
        let mut draft = json!({
            "name": "CPU", "query": {"source": "local", "expr": "lab.cpu", "unit": "%"},
            "check": {"name": "threshold",
                      "params": {"direction": "above", "warning": 70, "major": 80, "critical": 90}},
            "interval": "1s", "checks_to_alert": 3, "checks_to_ok": 2, "ok_margin": 10
        });
        if changes["check"]["name"].is_string() {
            draft["check"] = json!({});
        }
        merge(&mut draft, changes);
        let draft: RuleDraft = serde_json::from_value(draft).expect("the story's rule has the API's shape");
        let now = self.clock.now().wall;
        let rule = Rule {
            id: RuleId::generate(),
            version: 1,
            interval: draft.interval.unwrap_or(Span::SECOND),
            time_zone: draft.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            draft,
            created_at: now,
            updated_at: now,
            updated_by: "story".to_owned(),
            deleted_at: None,
        };
        self.store.create_rule(&rule, &by()).expect("the store takes the rule");
        let id = rule.id;
        self.watchtower.edit(Edit::Rule(Box::new(rule)));
        id
    }

    /// From now on there is the source `far`, whose windows end `offset` seconds before the scheduled instant.
    pub fn add_far(&mut self, offset: u32, concurrency: u8) {
        let settings = SourceSettings {
            id: "far".to_owned(),
            name: "Far".to_owned(),
            url: "http://127.0.0.1:1".to_owned(),
            offset: Some(Span(offset)),
            concurrency,
            ..SourceSettings::default()
        };
        let now = self.clock.now().wall;
        let source = SourceConfig {
            version: 1,
            settings,
            created_at: now,
            updated_at: now,
            updated_by: "story".to_owned(),
            deleted_at: None,
        };
        self.store.create_source(&source, &Secret::default(), &by()).expect("the store takes the source");
        self.watchtower.edit(Edit::Source { id: "far".into(), terms: Some(Terms::of(&source)) });
    }

    /// The source `far` is removed.
    pub fn remove_far(&mut self) {
        self.watchtower.edit(Edit::Source { id: "far".into(), terms: None });
    }

    /// What stands as a cause, as the dashboard is told.
    pub fn causes(&self) -> Vec<String> {
        let line = |cause: Standing| format!("{} {}", cause.subject.name(), cause.reason.name());
        self.watchtower.causes().into_iter().map(line).collect()
    }

    /// Somebody edits a rule.
    pub fn edit(&mut self, id: RuleId, change: impl FnOnce(&mut Rule)) {
        let mut rule = self.store.rule(id).expect("the store answers").expect("the rule is there");
        let before = rule.version;
        change(&mut rule);
        rule.version += 1;
        self.store
            .change_rule(&rule, before, RuleAction::Updated, &by())
            .expect("the store takes the change");
        self.watchtower.edit(Edit::Rule(Box::new(rule)));
    }

    /// Somebody edits many rules together.
    pub fn edit_all(&mut self, ids: &[RuleId], change: impl Fn(&mut Rule)) {
        let writes = self.writes(ids, change);
        self.store.write_rules(&writes, &by()).expect("the store takes the changes");
        self.take_up(writes);
    }

    /// What becomes of rules that are changed so.
    pub fn writes(&self, ids: &[RuleId], change: impl Fn(&mut Rule)) -> Vec<RuleWrite> {
        let rules = self.store.rules_by_id(ids).expect("the store answers");
        let write = |before: Rule| {
            let mut rule = Rule { version: before.version + 1, ..before.clone() };
            change(&mut rule);
            RuleWrite { before: Some(before), rule, action: RuleAction::Updated }
        };
        rules.into_iter().map(write).collect()
    }

    /// A template becomes this, or comes into being, with what follows for rules.
    pub fn put_template(&mut self, before: Option<&Template>, after: &Template, writes: Vec<RuleWrite>) {
        self.store.write_template(before, after, &writes, &by()).expect("the store takes the template");
        self.take_up(writes);
    }

    fn take_up(&mut self, writes: Vec<RuleWrite>) {
        self.watchtower.edit_all(writes.into_iter().map(|write| Edit::Rule(Box::new(write.rule))));
    }

    pub fn forget(&mut self, rule: RuleId, series: &str) {
        self.watchtower.edit(Edit::Forget { rule, series: series.into() });
    }

    pub fn set_forget_after(&mut self, span: Duration) {
        self.pipeline.set_forget_after(span.as_millis() as i64);
    }

    /// From now on this series has this value, once a second.
    pub fn push(&mut self, series: &str, value: f64) {
        self.values.insert(series.to_owned(), value);
    }

    /// This series had this value from one time ago to another, once a second, before anything else came of it.
    pub fn past(&mut self, series: &str, value: f64, from: Duration, to: Duration) {
        let now = self.clock.now().wall;
        let id = self.local.intern(series).expect("there is room for the story's series");
        let seconds = (to.as_secs()..=from.as_secs()).rev();
        let sample = |ago: u64| Sample { series: id, at: now.0 - ago as i64 * 1_000, value };
        self.local.append(&seconds.map(sample).collect::<Vec<_>>(), now);
    }

    /// From now on this series is silent.
    pub fn silence(&mut self, series: &str) {
        self.values.remove(series);
    }

    /// Time passes: each second the samples come in, then what is due is evaluated.
    pub fn seconds(&mut self, count: u32) {
        for _ in 0..count {
            self.clock.advance(Duration::from_secs(1));
            let now = self.clock.now();
            for (series, value) in &self.values {
                let series = self.local.intern(series).expect("there is room for the story's series");
                self.local.append(&[Sample { series, at: now.wall.0, value: *value }], now.wall);
            }
            for ((expr, series), value) in &self.far_values {
                self.far.push(expr, series, now.wall, *value);
            }
            self.tick();
            // A reply wakes the evaluation.
            while self.far.has_replies() {
                self.tick();
            }
        }
    }

    fn tick(&mut self) {
        let commit = self.pipeline.tick(self.clock.now());
        self.store.commit(&commit).expect("the store takes what was decided");
        if commit.heartbeat.is_some() {
            self.watchtower.beaten(self.clock.now());
        }
        self.beats.extend(commit.heartbeat);
        self.post_goes();
    }

    /// From now on this series of what `expr` gives at `far` has this value, once a second.
    pub fn push_far(&mut self, expr: &str, series: &str, value: f64) {
        self.far_values.insert((expr.to_owned(), series.to_owned()), value);
    }

    /// From now on this series at `far` is silent.
    pub fn silence_far(&mut self, expr: &str, series: &str) {
        self.far_values.remove(&(expr.to_owned(), series.to_owned()));
    }

    /// `push` and let this many evaluations see it.
    pub fn hold(&mut self, series: &str, value: f64, seconds: u32) {
        self.push(series, value);
        self.seconds(seconds);
    }

    /// How many evaluations were made so far.
    pub fn evaluations(&self) -> u64 {
        self.watchtower.totals().evaluations
    }

    /// The active alarms as `severity subject`, worst first.
    pub fn active(&self) -> Vec<String> {
        let row = |alarm: &AlarmRow| format!("{} {}", alarm.severity.name(), alarm.subject.name());
        self.alarms(true).iter().map(row).collect()
    }

    pub fn alarms(&self, active: bool) -> Vec<AlarmRow> {
        let filter = AlarmFilter { active: Some(active), ..AlarmFilter::default() };
        let all = Slice { limit: 1_000, cursor: None };
        self.store.alarms(&filter, &all).expect("the store answers").items
    }

    /// Every transition of a rule so far, oldest first.
    pub fn transitions(&self, rule: RuleId) -> Vec<TransitionRow> {
        let (from, to) = (Millis(0), Millis(i64::MAX));
        self.store.transitions_of_rule(rule, from, to, 1_000).expect("the store answers")
    }

    /// The same as `seq before>after reason`.
    pub fn told(&self, rule: RuleId) -> Vec<String> {
        let name =
            |severity: Option<atalaya::domain::Severity>| severity.map_or("ok", |severity| severity.name());
        let line = |row: TransitionRow| {
            let t = row.transition;
            format!("{} {}>{} {}", t.seq, name(t.before), name(t.after), t.reason.name())
        };
        self.transitions(rule).into_iter().map(line).collect()
    }

    pub fn state(&self, rule: RuleId) -> RuleState {
        self.watchtower.rule_state(rule)
    }

    pub fn no_data_since(&self, rule: RuleId, series: &str) -> Option<Millis> {
        self.watchtower.live(rule, series)?.no_data_since
    }

    /// Judges a transition's stored evidence again: whether it gives the same verdicts.
    pub fn replays(&self, row: &TransitionRow) -> Option<bool> {
        let run = self.evidence(row)?;
        let record = self.store.record(run.record).expect("the store answers")?;
        self.installed.replays(&run, &record)
    }

    pub fn evidence(&self, row: &TransitionRow) -> Option<Run> {
        Run::decode(row.transition.evidence.as_deref()?).ok()
    }

    /// The alarm about a check, if there is one.
    pub fn alarm_of_check(&self, name: &str) -> Option<AlarmRow> {
        let about =
            |alarm: &AlarmRow| matches!(&alarm.subject, Subject::Check { name: check } if &**check == name);
        self.alarms(true).into_iter().find(about)
    }

    /// For those who look.
    pub fn watchtower(&self) -> &Watchtower {
        &self.watchtower
    }

    /// From here on with the threads of a server, on the same clock.
    pub fn run(self) -> Running {
        let Story { clock, store, pipeline, watchtower, folder, .. } = self;
        let (beaten, beats) = std::sync::mpsc::channel();
        let evaluating = Evaluating::start(
            pipeline,
            store.clone(),
            clock.clone(),
            |_| (),
            move || {
                // Nobody listens any more when the story is over.
                let _over = beaten.send(());
            },
        );
        Running {
            clock,
            store,
            watchtower,
            evaluating: evaluating.expect("the system gives threads"),
            beats,
            folder,
        }
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// A story with the threads of a server.
pub struct Running {
    pub clock: Arc<ManualClock>,
    pub store: Arc<SqliteStore>,
    pub watchtower: Watchtower,
    pub evaluating: Evaluating,
    /// One for each heartbeat that was written down.
    pub beats: Receiver<()>,
    pub folder: tempfile::TempDir,
}

impl Running {
    /// Time passes, and the evaluation notices.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        (self.evaluating.waker())();
    }
}

impl Default for Story {
    fn default() -> Self {
        Self::new()
    }
}

fn by() -> Actor {
    Actor { name: "story".to_owned() }
}

fn pipeline(
    local: &Arc<LocalStore>,
    installed: &Installed,
    store: &SqliteStore,
    clock: &dyn Clock,
    far: &Arc<Far>,
) -> Pipeline {
    let runner = installed.runner_of_its_own();
    let mut pipeline = Pipeline::new(local.clone(), installed.checks().to_vec(), runner, clock.now())
        .asking(far.clone())
        .beating(local.clone());
    pipeline.load(store as &dyn Store).expect("the store answers");
    pipeline
}

/// JSON merge patch, RFC 7386, as far as objects go.
fn merge(target: &mut Value, changes: Value) {
    match (target, changes) {
        (Value::Object(target), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(target.entry(key).or_insert(Value::Null), change);
            }
        }
        (target, change) => *target = change,
    }
}
