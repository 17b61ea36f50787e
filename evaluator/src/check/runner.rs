//! What one evaluating thread uses.

use std::collections::HashMap;
use std::sync::Arc;

use crate::clock::{Meter, Now};
use crate::domain::{Outcome, RuleRecord, Sha256, Unknown, UnknownKind};

use super::batch::{Batch, Scratch};
use super::bindings::wit;
use super::conduct::Quarantine;
use super::evaluate::{Slot, Work, memories, prepare_warm};
use super::host::Host;
use super::instance::Instance;
use super::loaded::Check;
use super::prepared::{Explanation, NotPrepared, Prepared};
use super::records::{RecordId, Records, Standing};
use super::solo::prepare;
use super::warm::Warm;

/// Evaluates on one thread: warm instances, and the records of the rules it is asked about. The thread needs a stack of
/// at least 2 MiB.
pub struct Runner {
    host: Arc<Host>,
    records: Records,
    warm: HashMap<Sha256, Warm>,
    scratch: Scratch,
}

impl Runner {
    pub fn new(host: Arc<Host>) -> Self {
        Runner { host, records: Records::default(), warm: HashMap::new(), scratch: Scratch::default() }
    }

    /// What a rule says to its check; equal rules share one. Balanced by [`release`](Runner::release).
    pub fn record(&mut self, check: &Arc<Check>, record: &RuleRecord) -> RecordId {
        self.records.add(check, record)
    }

    /// One user of the record less; after the last one it is not known any more.
    pub fn release(&mut self, id: RecordId) {
        if let Some(check) = self.records.release(id)
            && let Some(warm) = self.warm.get_mut(&check.sha256)
        {
            warm.forget(id);
        }
    }

    /// What a rule wants to see. The check is asked once.
    ///
    /// # Errors
    /// It refuses the params, or broke over them. Evaluate such a rule all the same, with one empty input: it gives the
    /// unknown verdict, and asks again now and then where the check broke.
    pub fn prepared(&mut self, id: RecordId) -> Result<&Prepared, &NotPrepared> {
        if self.records.prepared(id).is_none() {
            self.prepare(id);
        }
        self.records.prepared(id).expect("it was just noted").as_ref()
    }

    fn prepare(&mut self, id: RecordId) {
        let check = self.records.check(id).clone();
        self.make_room();
        let warm = self.warm.entry(check.sha256).or_default();
        while self.records.standing(id) == Standing::Plain {
            if let Slot::Ready(_) = prepare_warm(&check, warm, &mut self.records, id) {
                return;
            }
        }
        let decided = fresh_prepare(&check, self.records.record(id));
        self.records.note(id, decided);
    }

    /// Evaluates the series of a batch, all of the same check, and pushes one outcome per series. A series with fewer
    /// samples than its rule's `fewest` should not be in it. `now` is told apart from the series' own instants: it times probes.
    ///
    /// # Errors
    /// The check is in quarantine, or was put there by this batch: nothing was pushed, the rules keep what they hold and
    /// raise no unknown of their own.
    pub fn evaluate(
        &mut self,
        check: &Arc<Check>,
        batch: &Batch,
        now: Now,
        out: &mut Vec<Outcome>,
    ) -> Result<(), Quarantine> {
        if let Some(quarantine) = check.quarantined() {
            return Err(quarantine);
        }
        let (meter, start) = (Meter::start(), out.len());
        self.make_room();
        let warm = self.warm.entry(check.sha256).or_default();
        let (records, scratch) = (&mut self.records, &mut self.scratch);
        Work { check, batch, now, warm, records, scratch }.run(out);
        check.tally.add(&out[start..], meter.read());
        match check.quarantined() {
            None => Ok(()),
            Some(quarantine) => {
                out.truncate(start);
                Err(quarantine)
            }
        }
    }

    /// Evaluates each series alone in a fresh instance, in quarantine too, and remembers nothing of it: for looking at a
    /// verdict again (replays, tries), where a check that fails shall not be the worse for having been asked. Some 20 µs each.
    pub fn evaluate_alone(&mut self, check: &Arc<Check>, batch: &Batch, now: Now, out: &mut Vec<Outcome>) {
        let warm = &mut Warm::default();
        let (records, scratch) = (&mut self.records, &mut self.scratch);
        let mut work = Work { check, batch, now, warm, records, scratch };
        out.extend((0..batch.len()).map(|series| work.fresh(series).unwrap_or_else(Err)));
    }

    /// Says in words what the first series of a batch gives, in a language, and which lines a chart from `draw.0` to
    /// `draw.1` (Unix ms) shows.
    ///
    /// # Errors
    /// The check broke.
    pub fn explain(
        &mut self,
        check: &Arc<Check>,
        batch: &Batch,
        language: &str,
        draw: (f64, f64),
    ) -> Result<Explanation, Unknown> {
        let Some(id) = batch.records.first() else {
            return Err(Unknown::with_words(UnknownKind::NotEnoughData, "no series to explain"));
        };
        let mut instance = Instance::new(check)?;
        prepare(&mut instance, 0, self.records.record(*id)).map_err(|not| not.unknown())?;
        self.scratch.slots.clear();
        self.scratch.slots.push(0);
        let memories = memories(check, batch, 0..1);
        let part = batch.part(0..1, &mut self.scratch, &memories);
        instance.explain(part, language, wit::Span { start: draw.0, end: draw.1 }).map(Explanation::read)
    }

    /// What a check says of a rule that is not (yet) evaluated.
    ///
    /// # Errors
    /// It refuses the params, or broke over them.
    pub fn validate(&mut self, check: &Arc<Check>, record: &RuleRecord) -> Result<Prepared, NotPrepared> {
        fresh_prepare(check, record)
    }

    /// Warm instances take slots of the pool that all threads share: a thread that has too many starts anew.
    fn make_room(&mut self) {
        if self.warm.len() > (self.host.limits().instances / 4) as usize {
            self.warm.values_mut().for_each(Warm::drop_instance);
        }
    }
}

fn fresh_prepare(check: &Arc<Check>, record: &RuleRecord) -> Result<Prepared, NotPrepared> {
    let once = || {
        let mut instance = Instance::new(check).map_err(NotPrepared::Broken)?;
        prepare(&mut instance, 0, record)
    };
    match once() {
        // Out of time says that the host is busy, or the check slow: once more.
        Err(NotPrepared::Broken(unknown)) if unknown.kind == UnknownKind::OutOfTime => once(),
        decided => decided,
    }
}
