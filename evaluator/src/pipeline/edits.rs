//! Rules come, change and go while the evaluation runs. What held an alarm closes with a named reason, or is
//! judged anew; an undo brings it back.

use std::sync::Arc;

use atalaya_api::rule::Origin;
use sha2::Digest;

use crate::clock::Now;
use crate::domain::{
    AlarmContext, Level, Millis, Reason, Rule, RuleId, RuleRecord, Sha256, Unknown, UnknownKind,
};
use crate::schedule::{Entry, Rhythm};
use crate::source::LOCAL;
use crate::source::local::SeriesId;
use crate::state::Policy;
use crate::store::CycleCommit;
use crate::window::Input;

use super::roster::{Roster, Watched, Watching};
use super::settle::{close_series, reopen_series};
use super::{Pipeline, Shared, Terms};

/// What somebody did to the rules since the last cycle.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Created, changed, paused, deleted or restored: this is how it is now.
    Rule(Box<Rule>),
    /// A source elsewhere is there from now on, or is reached in another way; none: it was removed.
    Source { id: Arc<str>, terms: Option<Terms> },
    /// A vanished series is given up at once.
    Forget { rule: RuleId, series: Arc<str> },
}

/// How a rule that is taken up relates to what was watched before.
enum Before {
    /// At start: as stored.
    Load,
    New,
    Known(Box<Watched>),
}

impl Pipeline {
    pub(super) fn take_edits(&mut self, now: Now, commit: &mut CycleCommit) {
        for edit in self.shared.some_edits() {
            match edit {
                Edit::Rule(rule) => {
                    let shared = self.shared.clone();
                    let before =
                        shared.roster().take(rule.id).map_or(Before::New, |old| Before::Known(Box::new(old)));
                    self.put(&rule, before, now, commit);
                }
                Edit::Source { id, terms } => self.take_source(&id, terms, now, commit),
                Edit::Forget { rule, series } => forget(&self.shared, rule, &series, now.wall, commit),
            }
        }
    }

    /// Takes up a stored rule at start.
    pub(super) fn take_up(&mut self, rule: &Rule, now: Now, commit: &mut CycleCommit) {
        self.put(rule, Before::Load, now, commit);
    }

    fn put(&mut self, rule: &Rule, before: Before, now: Now, commit: &mut CycleCommit) {
        let mut watched = self.compile(rule);
        let shared = self.shared.clone();
        let mut roster = shared.roster();
        match before {
            Before::Load => {}
            Before::New => self.undo_closing(&mut roster, &mut watched, now, commit),
            Before::Known(old) => {
                watched.edit = old.edit + 1;
                self.carry_over(&mut roster, &mut watched, *old, rule, now, commit);
            }
        }
        if watched.active {
            self.adopt_standing(&mut roster, &mut watched);
            self.find_series_of(&mut roster, &mut watched);
        }
        let (edit, rhythm, active) = (watched.edit, watched.rhythm, watched.active);
        let place = roster.put(watched);
        drop(roster);
        if active {
            // Its slot may be this very second: what came after the last cycle is still to be evaluated.
            self.schedule.add(Entry { place, edit }, rhythm, self.second(self.last));
        }
    }

    /// What a series of the rule was before the edit lives on, closes, sleeps or wakes.
    fn carry_over(
        &mut self,
        roster: &mut Roster,
        watched: &mut Watched,
        mut old: Watched,
        rule: &Rule,
        now: Now,
        commit: &mut CycleCommit,
    ) {
        let same_query = old.source == watched.source
            && (old.expr == watched.expr || (watched.is_elsewhere && asks_the_same(&old, watched)));
        let reason = match (rule.deleted_at, watched.active) {
            (Some(_), _) => Some(Reason::RuleDeleted),
            (None, false) => Some(Reason::RulePaused),
            (None, true) if !same_query => Some(Reason::QueryChanged),
            (None, true) => None,
        };
        if let Some(reason) = reason.filter(|_| old.active) {
            (0..old.series.len()).for_each(|place| close_series(&mut old, place, reason, now.wall, commit));
        }
        if let Some(record) = old.record.take() {
            self.runner.release(record);
        }
        if !same_query {
            old.series.iter().for_each(|series| roster.sleep(old.row(series, now.wall)));
            self.undo_closing(roster, watched, now, commit);
            return;
        }
        let (was_active, same_basis) = (old.active, old.basis == watched.basis);
        watched.series = std::mem::take(&mut old.series);
        watched.looked_at = old.looked_at;
        if !same_basis {
            judge_anew(watched, now.wall, commit);
        }
        if watched.active && !was_active {
            (0..watched.series.len()).for_each(|place| reopen_series(watched, place, now.wall, commit));
        }
    }

    /// Series that sleep with a closed alarm wake, and the alarm comes back if that was only just now.
    fn undo_closing(&self, roster: &mut Roster, watched: &mut Watched, now: Now, commit: &mut CycleCommit) {
        if !watched.active {
            return;
        }
        self.find_series_of(roster, watched);
        (0..watched.series.len()).for_each(|place| reopen_series(watched, place, now.wall, commit));
    }

    /// A rule as it is evaluated.
    fn compile(&mut self, rule: &Rule) -> Watched {
        let record = rule.record();
        let record_hash = Sha256::of(record.canonical_json().as_bytes());
        let draft = &rule.draft;
        let policy = Policy {
            checks_to_alert: draft.checks_to_alert,
            checks_to_ok: draft.checks_to_ok,
            no_data: draft.no_data,
            interval_ms: rule.interval.millis(),
        };
        let judge = self.judge_of(&draft.check.name, &record);
        let is_elsewhere = draft.query.source != LOCAL;
        let check_hash = judge.check.map_or(Sha256([0; 32]), |check| self.checks[check].sha256);
        Watched {
            id: rule.id,
            edit: 0,
            active: rule.is_active(),
            context: Arc::new(AlarmContext {
                rule_name: draft.name.clone(),
                dashboard: draft.query.dashboard.clone(),
                panel: draft.query.panel.clone(),
                unit: judge.unit.or_else(|| draft.query.unit.clone()),
            }),
            source: draft.query.source.as_str().into(),
            expr: draft.query.expr.as_str().into(),
            origin: draft.origin.as_ref().map(hash_of_origin),
            check: judge.check,
            check_hash,
            record: judge.record,
            record_hash,
            stored_record: Box::new(record),
            basis: basis(check_hash, record_hash, &policy),
            policy,
            rhythm: if is_elsewhere {
                // Rules with one query share a slot, and so one question.
                Rhythm::of_query(&draft.query.source, &draft.query.expr, rule.interval.seconds())
            } else {
                Rhythm::of(rule.id, rule.interval.seconds())
            },
            zone: self.zones.get(&rule.time_zone),
            inputs: judge.inputs,
            fewest: judge.fewest,
            trouble: judge.trouble,
            series: Vec::new(),
            looked_at: 0,
            is_glob: !is_elsewhere && self.source.is_glob(&draft.query.expr),
            is_elsewhere,
            checked_at: None,
            counted: 0,
        }
    }

    fn judge_of(&mut self, name: &str, record: &RuleRecord) -> Judge {
        let Some(place) = self.checks.iter().position(|check| check.descriptor.name == name) else {
            let words = format!("the check {name} is not installed");
            return Judge::in_trouble(None, Unknown::with_words(UnknownKind::Failed, words));
        };
        let check = self.checks[place].clone();
        let id = self.runner.record(&check, record);
        match self.runner.prepared(id) {
            Ok(prepared) => Judge {
                check: Some(place),
                record: Some(id),
                inputs: prepared
                    .inputs
                    .iter()
                    .map(|input| Input { oldest: input.oldest, newest: input.newest })
                    .collect(),
                fewest: prepared.fewest,
                unit: prepared.unit.clone(),
                trouble: None,
            },
            Err(refused) => Judge { record: Some(id), ..Judge::in_trouble(Some(place), refused.unknown()) },
        }
    }

    /// Looks for series that the rule's query gives by now.
    pub(super) fn find_series_of(&self, roster: &mut Roster, watched: &mut Watched) {
        if watched.is_elsewhere {
            return;
        }
        if !watched.is_glob {
            let expr: Arc<str> = watched.expr.as_ref().into();
            self.watch(roster, watched, expr);
            return;
        }
        let count = self.source.count();
        if watched.looked_at < count {
            // A pattern that is none was refused when the rule was saved; it names nothing.
            let found = self.source.matching(&watched.expr, SeriesId(watched.looked_at)).unwrap_or_default();
            for (_, name) in found {
                self.watch(roster, watched, name);
            }
            watched.looked_at = count;
        }
    }

    /// Series that hold an alarm are watched even if the source no longer knows them.
    fn adopt_standing(&self, roster: &mut Roster, watched: &mut Watched) {
        for row in roster.wake_where(watched.id, |row| row.state.held > Level::Ok || row.state.unknown_raised)
        {
            let (id, same_basis) = (self.id_of(watched, &row.series), row.basis == watched.basis);
            watched.series.push(Watching::restored(row, id, same_basis));
        }
    }

    /// The number of a series in the local store; of another source the next answer gives one.
    fn id_of(&self, watched: &Watched, name: &str) -> Option<SeriesId> {
        if watched.is_elsewhere { None } else { self.source.find(name) }
    }

    /// Watches a series from now on, as it was left when it was watched before.
    fn watch(&self, roster: &mut Roster, watched: &mut Watched, name: Arc<str>) {
        let id = self.source.find(&name);
        let place = watched.series.iter().position(|series| series.name == name).unwrap_or_else(|| {
            let series = match roster.wake(watched.id, &name) {
                Some(row) => {
                    let same_basis = row.basis == watched.basis;
                    Watching::restored(row, id, same_basis)
                }
                None => Watching::new(name, id),
            };
            watched.series.push(series);
            watched.series.len() - 1
        });
        let series = &mut watched.series[place];
        series.id = id;
        // Known to the source: seen, even if it has no sample in its window now.
        series.seen_at = series.seen_at.or(id.map(|_| self.last.wall));
    }
}

/// Whether a new expression is only the old question with other values for "All": series that are still there keep their alarms,
/// those that are not vanish as any series does.
fn asks_the_same(old: &Watched, new: &Watched) -> bool {
    old.origin.is_some() && old.origin == new.origin
}

/// What of an origin says what is asked.
fn hash_of_origin(origin: &Origin) -> Box<Sha256> {
    let Origin { dashboard, panel, ref_id, query, variables, all: _, kept: _ } = origin;
    let asked = (dashboard, panel, ref_id, query, variables);
    let text = serde_json::to_vec(&asked).expect("texts and a number can be written as JSON");
    Box::new(Sha256::of(&text))
}

/// What judges a rule.
struct Judge {
    check: Option<usize>,
    record: Option<crate::check::RecordId>,
    inputs: Arc<[Input]>,
    fewest: u32,
    /// Of its values, where it is not the samples' own.
    unit: Option<String>,
    trouble: Option<Unknown>,
}

impl Judge {
    fn in_trouble(check: Option<usize>, trouble: Unknown) -> Self {
        Judge { check, record: None, inputs: Arc::default(), fewest: 0, unit: None, trouble: Some(trouble) }
    }
}

/// Whether a stored run may go on: the same check, told the same, counting the same.
fn basis(check: Sha256, record: Sha256, policy: &Policy) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    hash.update(check.0);
    hash.update(record.0);
    hash.update([policy.checks_to_alert, policy.checks_to_ok, policy.no_data as u8]);
    Sha256(hash.finalize().into())
}

fn judge_anew(watched: &mut Watched, now: Millis, commit: &mut CycleCommit) {
    for place in 0..watched.series.len() {
        let before = watched.series[place].state;
        watched.series[place].judge_anew();
        if watched.series[place].state.differs(&before) {
            commit.states.push(watched.row(&watched.series[place], now));
        }
    }
}

fn forget(shared: &Shared, rule: RuleId, series: &str, now: Millis, commit: &mut CycleCommit) {
    let mut roster = shared.roster();
    let Some(place) = roster.place(rule) else { return };
    let Some(watched) = roster.at_mut(place) else { return };
    if let Some(place) = watched.series.iter().position(|one| &*one.name == series) {
        close_series(watched, place, Reason::Forgotten, now, commit);
        watched.series[place].gone = true;
    }
}
