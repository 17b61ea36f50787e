//! Rules whose samples are elsewhere: what is due is asked for, and evaluated when the answer is there.

use std::sync::Arc;

use ahash::AHashMap;

use crate::clock::Now;
use crate::domain::{Reason, Severity, Subject, Unknown, UnknownKind};
use crate::source::Windows;
use crate::source::local::SeriesId;
use crate::source::remote::{Answer, AnswerSeries};
use crate::store::{CycleCommit, Store};

use super::causes::Tidings;
use super::questions::{Ready, Wanted, pieces};
use super::roster::{Roster, Watched, Watching};
use super::rounds::{Unjudged, row};
use super::settle::close_series;
use super::{Due, Edit, Pipeline, Terms};

/// Series that one rule may watch.
const MOST_SERIES: usize = 20_000;

impl Pipeline {
    /// Asks for what is due, and lays out the windows of what was answered.
    pub(super) fn ask_elsewhere(&mut self, due: Vec<Due>, now: Now, commit: &mut CycleCommit) {
        // First what is there: its rules may be due again.
        let mut ready = self.questions.hear(now);
        let wanted = self.wanted(due);
        ready.extend(self.questions.want(wanted, now.mono));
        self.questions.send(now.mono);
        let shared = self.shared.clone();
        let mut roster = shared.roster();
        roster.totals.questions_open = self.questions.open() as u64;
        roster.totals.overdue += self.questions.overtaken;
        for one in ready {
            self.take_answer(&mut roster, one, commit);
        }
    }

    fn wanted(&self, due: Vec<Due>) -> Vec<Wanted> {
        let roster = self.shared.roster();
        let want = |due: Due| {
            let watched = roster.at(due.place)?;
            let offset = self.questions.sources.get(&*watched.source).map_or(0, |far| far.terms.offset_ms);
            let quarantined = watched.check.is_some_and(|check| self.checks[check].quarantined().is_some());
            (!quarantined).then(|| Wanted {
                due: Due { instant: due.scheduled.plus(-offset), ..due },
                edit: watched.edit,
                source: watched.source.as_ref().into(),
                expr: watched.expr.as_ref().into(),
                interval_ms: watched.policy.interval_ms,
                pieces: pieces_of(watched),
            })
        };
        due.into_iter().filter_map(want).collect()
    }

    fn take_answer(&mut self, roster: &mut Roster, one: Ready, commit: &mut CycleCommit) {
        let still_wanted = |watched: &&Watched| watched.edit == one.edit && watched.active;
        if roster.at(one.due.place).filter(still_wanted).is_none() {
            return;
        }
        let Some(mut watched) = roster.lift(one.due.place) else { return };
        match one.answers.and_then(joined) {
            Ok(answer) => {
                dismiss_stand_in(roster, &mut watched, &answer, one.due, commit);
                adopt(roster, &mut watched, &answer, one.due);
                self.fill_rule(&mut watched, one.due, &mut AnswerWindows(&answer));
            }
            Err(unknown) => self.fill_unanswered(&mut watched, one.due, &unknown),
        }
        roster.lower(one.due.place, watched);
    }

    /// The query is refused, or too much for its source: every series of the rule is unknown.
    fn fill_unanswered(&mut self, watched: &mut Watched, due: Due, unknown: &Unknown) {
        watched.checked_at = Some(due.scheduled);
        if watched.series.is_empty() {
            // Somebody must be told, and there is no series yet to tell it of: the query stands in.
            let mut stand_in = Watching::new(watched.expr.as_ref().into(), None);
            stand_in.seen_at = Some(due.scheduled);
            watched.series.push(stand_in);
        }
        let minute = self.zones.minute_of_week(watched.zone, due.instant);
        for (place, series) in watched.series.iter().enumerate().filter(|(_, series)| !series.gone) {
            let row = row(series, place, due, minute, &mut AnswerWindows(&[]));
            let ends = vec![0; watched.inputs.len()];
            let outcome = Err(unknown.clone());
            self.unjudged.push(Unjudged { row, times: Vec::new(), values: Vec::new(), ends, outcome });
        }
    }

    /// Takes up the stored sources; what stands about one that was removed is over with the first cycle.
    pub(super) fn load_sources(&mut self, store: &dyn Store) -> crate::store::Result<()> {
        for source in store.sources()? {
            let id: Arc<str> = source.settings.id.as_str().into();
            self.causes.recall(&Subject::Source { id: id.clone() }, store)?;
            self.questions.put_source(&id, Terms::of(&source), self.start.mono);
        }
        for id in store.removed_sources()? {
            let id: Arc<str> = id.into();
            self.causes.recall(&Subject::Source { id: id.clone() }, store)?;
            self.shared.edits().push(Edit::Source { id, terms: None });
        }
        Ok(())
    }

    /// A source elsewhere comes, changes or goes.
    pub(super) fn take_source(
        &mut self,
        id: &Arc<str>,
        terms: Option<Terms>,
        now: Now,
        commit: &mut CycleCommit,
    ) {
        match terms {
            Some(terms) => self.questions.put_source(id, terms, now.mono),
            None => {
                self.questions.remove_source(id);
                let subject = Subject::Source { id: id.clone() };
                commit.transitions.extend(self.causes.over(&subject, Reason::SourceRemoved, now.wall));
            }
        }
    }

    /// One alarm for a source that is down, however many rules hang on it.
    pub(super) fn settle_sources(&mut self, now: Now, commit: &mut CycleCommit) {
        for (id, far) in &self.questions.sources {
            let subject = Subject::Source { id: id.clone() };
            let news = match far.health.trouble() {
                Some(trouble) if far.health.is_down() => {
                    let reason = Reason::Source(trouble.kind);
                    let words = Some(trouble.words.clone());
                    let tidings = Tidings { severity: Severity::Critical, reason, words };
                    self.causes.stands(&subject, tidings, now.wall)
                }
                _ if far.confirmed => self.causes.over(&subject, Reason::SourceBack, now.wall),
                _ => None,
            };
            commit.transitions.extend(news);
        }
    }
}

/// At least the last interval: to know which series there are, whatever the check wants to see of them.
fn pieces_of(watched: &Watched) -> Vec<(i64, i64)> {
    let pieces = pieces(&watched.inputs);
    if pieces.is_empty() { vec![(watched.policy.interval_ms, 0)] } else { pieces }
}

/// The series of all answers, each once, with the samples of all pieces of its history.
fn joined(answers: Vec<Arc<Answer>>) -> Result<Vec<AnswerSeries>, Unknown> {
    let mut places: AHashMap<Arc<str>, usize> = AHashMap::new();
    let mut all: Vec<AnswerSeries> = Vec::new();
    // The oldest piece comes first.
    for series in answers.iter().flat_map(|answer| &answer.series) {
        match places.get(&series.name) {
            Some(place) => {
                all[*place].times.extend_from_slice(&series.times);
                all[*place].values.extend_from_slice(&series.values);
                all[*place].step_ms = series.step_ms;
            }
            None => {
                places.insert(series.name.clone(), all.len());
                all.push(series.clone());
            }
        }
    }
    if all.len() > MOST_SERIES {
        let words = format!("the query gives {} series; a metric may have {MOST_SERIES}", all.len());
        return Err(Unknown::with_words(UnknownKind::QueryFailed, words));
    }
    Ok(all)
}

/// The query is answered: what stood in for its series while it was not goes, unless it is one of them.
fn dismiss_stand_in(
    roster: &mut Roster,
    watched: &mut Watched,
    answer: &[AnswerSeries],
    due: Due,
    commit: &mut CycleCommit,
) {
    let stands_in = |series: &Watching| *series.name == *watched.expr && series.value.is_none();
    let Some(place) = watched.series.iter().position(stands_in) else { return };
    if answer.iter().any(|series| series.name == watched.series[place].name) {
        return;
    }
    close_series(watched, place, Reason::DataBack, due.scheduled, commit);
    let series = watched.series.swap_remove(place);
    roster.sleep(watched.row(&series, due.scheduled));
}

/// Watches the series of an answer; those that are not in it have no samples.
fn adopt(roster: &mut Roster, watched: &mut Watched, answer: &[AnswerSeries], due: Due) {
    let known: AHashMap<Arc<str>, usize> =
        watched.series.iter().enumerate().map(|(place, series)| (series.name.clone(), place)).collect();
    watched.series.iter_mut().for_each(|series| series.id = None);
    for (number, series) in answer.iter().enumerate() {
        let id = Some(SeriesId(number as u32));
        let place = known.get(&series.name).copied().unwrap_or_else(|| {
            let restored = roster.wake(watched.id, &series.name).map(|row| {
                let same_basis = row.basis == watched.basis;
                Watching::restored(row, id, same_basis)
            });
            watched.series.push(restored.unwrap_or_else(|| Watching::new(series.name.clone(), id)));
            watched.series.len() - 1
        });
        let held = &mut watched.series[place];
        held.id = id;
        // Known to the source: seen, even if it has no sample in its window now.
        held.seen_at = held.seen_at.or(Some(due.instant));
    }
}

/// The samples of an answer; a series' number is its place in it.
struct AnswerWindows<'a>(&'a [AnswerSeries]);

impl Windows for AnswerWindows<'_> {
    fn read(&mut self, series: SeriesId, after: f64, upto: f64, times: &mut Vec<f64>, values: &mut Vec<f64>) {
        let Some(series) = self.0.get(series.0 as usize) else { return };
        let from = series.times.partition_point(|time| *time <= after);
        let to = series.times.partition_point(|time| *time <= upto).max(from);
        times.extend_from_slice(&series.times[from..to]);
        values.extend_from_slice(&series.values[from..to]);
    }

    fn step(&mut self, series: SeriesId) -> f64 {
        self.0.get(series.0 as usize).map_or(0.0, |series| series.step_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(samples: &[(f64, f64)]) -> Arc<Answer> {
        let (times, values) = samples.iter().copied().unzip();
        let series = AnswerSeries { name: "lab.cpu".into(), step_ms: 1.0, times, values };
        Arc::new(Answer { series: vec![series], warnings: Vec::new() })
    }

    #[test]
    fn the_pieces_of_a_series_history_are_one_series_oldest_first() {
        let joined = joined(vec![answer(&[(1.0, 10.0)]), answer(&[(8.0, 80.0), (9.0, 90.0)])]);
        let joined = joined.expect("one series is not too many");
        assert_eq!(joined.len(), 1);
        assert_eq!((&*joined[0].times, &*joined[0].values), (&[1.0, 8.0, 9.0][..], &[10.0, 80.0, 90.0][..]));
        let (mut times, mut values) = (Vec::new(), Vec::new());
        AnswerWindows(&joined).read(SeriesId(0), 1.0, 8.0, &mut times, &mut values);
        assert_eq!((times, values), (vec![8.0], vec![80.0]), "after is exclusive, upto is not");
    }
}
