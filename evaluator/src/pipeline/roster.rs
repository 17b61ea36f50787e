//! The rules in force and how each of their series stands.

use std::sync::Arc;

use ahash::AHashMap;

use crate::check::RecordId;
use crate::domain::{
    AlarmContext, Level, Millis, Outcome, RuleId, RuleRecord, Run, Severity, Sha256, Standing, Subject,
    Unknown,
};
use crate::schedule::Rhythm;
use crate::source::local::SeriesId;
use crate::state::{Policy, SeriesState};
use crate::store::StateRow;
use crate::window::Input;

use super::zones::ZoneId;

/// One series of one rule.
#[derive(Debug)]
pub struct Watching {
    pub name: Arc<str>,
    /// None until the source knows it.
    pub id: Option<SeriesId>,
    pub state: SeriesState,
    /// The latest value judged.
    pub value: Option<f64>,
    /// The latest outcome's level; none when unknown or not judged yet.
    pub level: Option<Level>,
    /// Why the latest outcome is unknown.
    pub unknown: Option<Unknown>,
    /// Since when no verdict is known.
    pub no_data_since: Option<Millis>,
    /// Between its samples as the source knows it, ms; 0: not known.
    pub step_ms: f64,
    /// When it last had a sample in its window.
    pub seen_at: Option<Millis>,
    /// Its alarms were closed because it vanished; it waits for a sample.
    pub gone: bool,
    pub memory: Option<Box<[u8]>>,
    pub run: Option<Box<Run>>,
}

impl Watching {
    pub fn new(name: Arc<str>, id: Option<SeriesId>) -> Self {
        Watching {
            name,
            id,
            state: SeriesState::default(),
            value: None,
            level: None,
            unknown: None,
            no_data_since: None,
            step_ms: 0.0,
            seen_at: None,
            gone: false,
            memory: None,
            run: None,
        }
    }

    /// As it was stored; the run in progress only if the rule still judges as it did.
    pub fn restored(row: StateRow, id: Option<SeriesId>, same_basis: bool) -> Self {
        let mut series = Watching::new(row.series, id);
        series.state = row.state;
        series.seen_at = Some(row.seen_at);
        if same_basis {
            series.memory = row.memory.map(Vec::into_boxed_slice);
            series.run = row.run.and_then(|bytes| Run::decode(&bytes).ok()).map(Box::new);
        } else {
            series.state.empty_runs();
        }
        series
    }

    /// Whether it was ever there: only then can it be missed.
    pub fn was_seen(&self) -> bool {
        self.seen_at.is_some()
    }

    /// Judged anew from here: after an edit of what judges it.
    pub fn judge_anew(&mut self) {
        self.state.empty_runs();
        self.run = None;
        self.memory = None;
    }

    /// What the check wants to be handed next time.
    pub fn take_memory(&mut self, outcome: &Outcome) {
        if let Ok(verdict) = outcome
            && let Some(memory) = &verdict.memory
        {
            self.memory = Some(memory.clone().into_boxed_slice());
        }
    }

    /// Takes in what the latest evaluation said, for whoever looks.
    pub fn show(&mut self, outcome: &Outcome, now: Millis, newest_sample: Option<f64>) {
        if let Some(time) = newest_sample {
            self.seen_at = Some(Millis::from_f64(time));
        }
        match outcome {
            Ok(verdict) => {
                self.level = Some(verdict.level);
                self.value = verdict.value.or(self.value);
                self.unknown = None;
                self.no_data_since = None;
            }
            Err(unknown) => {
                self.level = None;
                self.no_data_since = self.no_data_since.or(self.seen_at).or(Some(now));
                self.unknown = Some(unknown.clone());
            }
        }
    }

    /// How it stands: what is held, or unknown when its run of unknowns is full.
    pub fn standing(&self, policy: &Policy) -> Standing {
        let held = Severity::from_level(self.state.held);
        let is_unknown = self.state.unknown_raised
            || (self.unknown.is_some() && self.state.unknown_run >= policy.checks_to_alert);
        let worst = held.max(is_unknown.then_some(Severity::Unknown));
        if worst.is_none() && self.level.is_none() { Standing::Pending } else { Standing::from(worst) }
    }
}

/// A rule in force, compact: what evaluating it needs and nothing else.
#[derive(Debug)]
pub struct Watched {
    pub id: RuleId,
    /// Grows with each edit, so that an older schedule entry is known.
    pub edit: u32,
    /// Neither paused nor deleted.
    pub active: bool,
    pub context: Arc<AlarmContext>,
    pub source: Box<str>,
    pub expr: Box<str>,
    /// What it was made from, where that is a dashboard: see `edits`.
    pub origin: Option<Box<Sha256>>,
    /// The check's place among the installed ones; none: not installed.
    pub check: Option<usize>,
    pub check_hash: Sha256,
    pub record: Option<RecordId>,
    pub record_hash: Sha256,
    /// For evidence: what `record_hash` is the hash of.
    pub stored_record: Box<RuleRecord>,
    /// Of check, record and counts.
    pub basis: Sha256,
    pub policy: Policy,
    pub rhythm: Rhythm,
    /// Its place among the pipeline's zones.
    pub zone: ZoneId,
    pub inputs: Arc<[Input]>,
    /// Fewest samples that make sense.
    pub fewest: u32,
    /// Why it cannot be judged at all: its check is missing or refuses the params.
    pub trouble: Option<Unknown>,
    pub series: Vec<Watching>,
    /// Series of its source that were looked at already, for globs.
    pub looked_at: u32,
    pub is_glob: bool,
    /// Its source is asked over HTTP: its series are those of each answer.
    pub is_elsewhere: bool,
    pub checked_at: Option<Millis>,
    /// The series that the totals count for it.
    pub counted: u64,
}

impl Watched {
    /// Whether it watches all that its query gives, when its source has this many series.
    pub fn is_complete(&self, series_of_source: u32) -> bool {
        if self.is_glob {
            self.looked_at >= series_of_source
        } else {
            self.series.first().is_some_and(|series| series.id.is_some())
        }
    }

    /// How the rule stands: the worst of its series, and which that is.
    pub fn standing(&self) -> (Standing, Option<&Watching>) {
        let standing = |series: &Watching| series.standing(&self.policy);
        let worst = self.series.iter().max_by_key(|series| badness(standing(series)));
        match (self.active, worst) {
            (false, _) => (Standing::Paused, worst),
            (true, Some(series)) => (standing(series), worst),
            (true, None) => (Standing::Pending, None),
        }
    }

    /// The longest distance between the samples of a series, ms; 0: not known.
    pub fn step_ms(&self) -> f64 {
        self.series.iter().map(|series| series.step_ms).fold(0.0, f64::max)
    }

    pub fn subject(&self, series: &Watching) -> Subject {
        Subject::Series { rule: self.id, series: series.name.clone() }
    }

    /// The row of a series' state, with the run in progress.
    pub fn row(&self, series: &Watching, now: Millis) -> StateRow {
        StateRow {
            rule: self.id,
            series: series.name.clone(),
            state: series.state,
            basis: self.basis,
            memory: series.memory.as_deref().map(<[u8]>::to_vec),
            run: series.run.as_ref().map(|run| run.encode()),
            seen_at: series.seen_at.unwrap_or(now),
        }
    }
}

/// Orders standings, worst last.
fn badness(standing: Standing) -> u8 {
    match standing {
        Standing::Paused => 0,
        Standing::Ok => 1,
        Standing::Pending => 2,
        Standing::Warning => 3,
        Standing::Unknown => 4,
        Standing::Major => 5,
        Standing::Critical => 6,
    }
}

/// All rules, by place; a place is never given to another rule.
#[derive(Debug, Default)]
pub struct Roster {
    rules: Vec<Option<Watched>>,
    places: AHashMap<RuleId, u32>,
    /// Stored states whose rule or series is not watched now: their `seq` goes on from here.
    pub dormant: AHashMap<RuleId, Vec<StateRow>>,
    pub totals: super::view::Totals,
}

impl Roster {
    pub fn place(&self, rule: RuleId) -> Option<u32> {
        self.places.get(&rule).copied()
    }

    pub fn get(&self, rule: RuleId) -> Option<&Watched> {
        self.at(self.place(rule)?)
    }

    pub fn at(&self, place: u32) -> Option<&Watched> {
        self.rules.get(place as usize)?.as_ref()
    }

    pub fn at_mut(&mut self, place: u32) -> Option<&mut Watched> {
        self.rules.get_mut(place as usize)?.as_mut()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Watched> {
        self.rules.iter().flatten()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Watched> {
        self.rules.iter_mut().flatten()
    }

    /// Takes a rule out of its place, which stays its own.
    pub fn take(&mut self, rule: RuleId) -> Option<Watched> {
        let place = self.place(rule)?;
        let watched = self.rules[place as usize].take()?;
        self.totals.rules -= u64::from(watched.active);
        self.totals.series -= watched.counted;
        Some(watched)
    }

    /// Puts a rule in, in its own place if it had one.
    pub fn put(&mut self, watched: Watched) -> u32 {
        let next = self.rules.len() as u32;
        let place = *self.places.entry(watched.id).or_insert(next);
        if place == next {
            self.rules.push(None);
        }
        self.totals.rules += u64::from(watched.active);
        self.rules[place as usize] = Some(watched);
        self.recount(place);
        place
    }

    /// Takes a rule out of its place for a moment; [`Roster::lower`] puts it back.
    pub fn lift(&mut self, place: u32) -> Option<Watched> {
        self.rules.get_mut(place as usize)?.take()
    }

    pub fn lower(&mut self, place: u32, watched: Watched) {
        self.rules[place as usize] = Some(watched);
        self.recount(place);
    }

    /// Brings the total of series up to date after a rule's changed.
    pub fn recount(&mut self, place: u32) {
        let Some(watched) = self.rules[place as usize].as_mut() else { return };
        let series = if watched.active { watched.series.len() as u64 } else { 0 };
        self.totals.series = self.totals.series + series - watched.counted;
        watched.counted = series;
    }

    /// Takes out the stored state of one series, if there is one.
    pub fn wake(&mut self, rule: RuleId, series: &str) -> Option<StateRow> {
        let rows = self.dormant.get_mut(&rule)?;
        let place = rows.iter().position(|row| &*row.series == series)?;
        Some(rows.swap_remove(place))
    }

    /// Takes out the stored states of a rule that are wanted.
    pub fn wake_where(&mut self, rule: RuleId, wanted: impl Fn(&StateRow) -> bool) -> Vec<StateRow> {
        let Some(rows) = self.dormant.get_mut(&rule) else { return Vec::new() };
        let (awake, asleep) = std::mem::take(rows).into_iter().partition(wanted);
        *rows = asleep;
        awake
    }

    pub fn sleep(&mut self, row: StateRow) {
        self.dormant.entry(row.rule).or_default().push(row);
    }
}
