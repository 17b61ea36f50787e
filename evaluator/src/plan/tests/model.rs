//! The plan played through: random lives of a few alarms, mutes, nights, failures and restarts for one receiver.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const STEP_MS: i64 = 1_000;
const ALARMS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Event {
    /// An alarm becomes this: none clears it.
    Becomes(usize, Option<Severity>),
    Acknowledged(usize),
    Muted(usize, i64),
    Night(i64),
    Enabled(bool),
    /// A message that waits is taken up.
    Claim,
    /// What is being sent is delivered, fails, perhaps arrived, or cannot be sent at all.
    Settle(Fate),
    /// Somebody sends what could not be sent again.
    Retry,
    Restart,
    Pass(i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Delivered,
    Again,
    Unclear,
    Dead,
}

#[derive(Clone, Debug, Default)]
struct Alarm {
    seq: u64,
    present: Option<Severity>,
    held: Option<Severity>,
    acknowledged: bool,
    muted_until: i64,
    mute_ended: Option<i64>,
    told: Told,
    was_unclear: bool,
    /// What the receiver got, in order.
    got: Vec<(DeliveryKind, Option<Severity>, u64)>,
}

#[derive(Clone, Debug)]
struct Delivery {
    kind: DeliveryKind,
    severity: Option<Severity>,
    state: Option<OpenState>,
    says: Vec<(usize, Statement, u64)>,
}

impl Delivery {
    fn is_again(&self) -> bool {
        self.says.iter().all(|(_, statement, _)| statement.kind == DeliveryKind::Reminder)
    }
}

struct World {
    terms: Terms,
    now: i64,
    night_until: i64,
    alarms: Vec<Alarm>,
    deliveries: BTreeMap<u64, Delivery>,
    delivered_at: Vec<i64>,
}

impl World {
    fn new(terms: Terms) -> Self {
        let alarms = vec![Alarm::default(); ALARMS];
        let (deliveries, delivered_at) = Default::default();
        World { terms, now: NOW.0, night_until: 0, alarms, deliveries, delivered_at }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Becomes(n, severity) => self.becomes(n, severity),
            Event::Acknowledged(n) => self.alarms[n].acknowledged = true,
            Event::Muted(n, seconds) => {
                let until = self.now + seconds * STEP_MS;
                self.alarms[n].muted_until = self.alarms[n].muted_until.max(until);
            }
            Event::Night(seconds) => self.night_until = self.now + seconds * STEP_MS,
            Event::Enabled(enabled) => self.terms.enabled = enabled,
            Event::Claim => self.claim(),
            Event::Settle(fate) => self.settle(fate),
            Event::Retry => self.retry(),
            Event::Restart => self.restart(),
            Event::Pass(seconds) => self.now += seconds * STEP_MS,
        }
        for alarm in &mut self.alarms {
            if alarm.muted_until > 0 && alarm.muted_until <= self.now {
                alarm.mute_ended = Some(alarm.muted_until);
                alarm.muted_until = 0;
            }
        }
        self.plan();
    }

    fn becomes(&mut self, n: usize, severity: Option<Severity>) {
        let alarm = &mut self.alarms[n];
        if alarm.present != severity {
            alarm.seq += 1;
            alarm.present = severity;
            alarm.held = severity.or(alarm.held);
        }
    }

    fn case(&self, n: usize) -> Option<Case> {
        let alarm = &self.alarms[n];
        let opens = Millis(self.night_until);
        let hush = (alarm.muted_until > self.now).then(|| (Millis(alarm.muted_until), texts("muted")));
        Some(Case {
            alarm: AlarmId::raised_by("n", n as u64),
            seq: alarm.seq,
            present: alarm.present,
            held: alarm.held?,
            acknowledged: alarm.acknowledged,
            // Two places, so that there are groups.
            place: Place::Panel("d".to_owned(), (n % 2).to_string()),
            from: Some(Severity::Warning),
            closed: (self.night_until > self.now)
                .then(|| Closed { opens: Some(opens), words: texts("night") }),
            closes: None,
            hush,
            hush_ended: alarm.mute_ended.map(Millis),
            told: alarm.told.clone(),
            why: None,
        })
    }

    /// Plans until nothing changes, as the planner does, and writes down what comes of it.
    fn plan(&mut self) {
        for _ in 0..10 {
            if !self.plan_once() {
                return;
            }
        }
        panic!("the plan never comes to rest");
    }

    fn plan_once(&mut self) -> bool {
        let known: Vec<usize> = (0..ALARMS).filter(|n| self.alarms[*n].held.is_some()).collect();
        let cases: Vec<Case> = known.iter().filter_map(|n| self.case(*n)).collect();
        let plan = super::plan(&self.terms, &cases, &self.load(), Millis(self.now));
        for (id, _) in &plan.drops {
            let dropped = self.deliveries.get_mut(id).expect("it is there");
            assert_eq!(dropped.state, Some(OpenState::Queued), "only what waits is dropped");
            dropped.state = None;
            self.detach(*id);
        }
        for (n, outcome) in known.iter().zip(&plan.outcomes) {
            if outcome.way == WayOn::None {
                self.alarms[*n].told.open = None;
            }
            let is_now = outcome.look_at == Some(Millis(self.now));
            assert!(!is_now || !plan.drops.is_empty(), "it is looked at again at once for nothing");
        }
        for draft in &plan.messages {
            self.make(draft, &known);
        }
        !plan.drops.is_empty() || !plan.messages.is_empty()
    }

    fn make(&mut self, draft: &Draft, known: &[usize]) {
        let id = self.deliveries.len() as u64 + 1;
        let says: Vec<_> = draft
            .says
            .iter()
            .map(|(place, statement)| (known[*place], *statement, self.alarms[known[*place]].seq))
            .collect();
        for (n, statement, _) in &says {
            let told = &mut self.alarms[*n].told;
            assert!(told.open.as_ref().is_none_or(|open| open.state == OpenState::Dead), "at most one");
            let (state, says) = (OpenState::Queued, statement.severity);
            told.open = Some(Open { delivery: id, state, says, trouble: None });
        }
        let (kind, severity, state) = (draft.kind, draft.severity, Some(OpenState::Queued));
        self.deliveries.insert(id, Delivery { kind, severity, state, says });
    }

    fn load(&self) -> Load {
        let in_state = |state| self.deliveries.iter().filter(move |(_, one)| one.state == Some(state));
        let per = self.terms.rate.map_or(0, |rate| rate.per_ms);
        let sent: Vec<i64> = self.delivered_at.iter().copied().filter(|at| *at > self.now - per).collect();
        let waiting = |(id, one): (&u64, &Delivery)| Waiting {
            delivery: *id,
            severity: one.severity,
            yields: one.kind == DeliveryKind::Summary || one.is_again(),
            alarms: one.says.len(),
        };
        Load {
            queued: in_state(OpenState::Queued).map(waiting).collect(),
            sending: in_state(OpenState::Sending).count() as u32,
            sent: sent.len() as u32,
            oldest_sent: sent.first().copied().map(Millis),
            room: usize::MAX,
        }
    }

    fn detach(&mut self, id: u64) {
        for alarm in &mut self.alarms {
            if alarm.told.open.as_ref().is_some_and(|open| open.delivery == id) {
                alarm.told.open = None;
            }
        }
    }

    fn set(&mut self, id: u64, state: OpenState) {
        self.deliveries.get_mut(&id).expect("it is there").state = Some(state);
        for alarm in &mut self.alarms {
            if let Some(open) = alarm.told.open.as_mut().filter(|open| open.delivery == id) {
                open.state = state;
            }
        }
    }

    fn in_state(&self, state: OpenState) -> Vec<u64> {
        self.deliveries.iter().filter(|(_, one)| one.state == Some(state)).map(|(id, _)| *id).collect()
    }

    fn claim(&mut self) {
        let waits = self.in_state(OpenState::Queued);
        let news = |id: &u64| (!self.deliveries[id].is_again(), self.deliveries[id].severity);
        let first = waits.into_iter().max_by_key(|id| (news(id), std::cmp::Reverse(*id)));
        if let Some(id) = first {
            self.set(id, OpenState::Sending);
        }
    }

    fn settle(&mut self, fate: Fate) {
        let Some(id) = self.in_state(OpenState::Sending).first().copied() else { return };
        match fate {
            Fate::Again => return self.set(id, OpenState::Queued),
            Fate::Unclear => return self.unclear(id),
            Fate::Dead => return self.set(id, OpenState::Dead),
            Fate::Delivered => {}
        }
        let done = self.deliveries.get_mut(&id).expect("it is there");
        done.state = None;
        self.delivered_at.push(self.now);
        for (n, statement, seq) in done.says.clone() {
            let (alarm, now) = (&mut self.alarms[n], Millis(self.now));
            alarm.got.push((statement.kind, statement.severity, seq));
            alarm.told.heard = statement.severity.map_or(Heard::Cleared, Heard::Standing);
            alarm.told.last_at = Some(now);
            alarm.told.maybe = false;
            alarm.told.reminders += u32::from(statement.kind == DeliveryKind::Reminder);
        }
        self.detach(id);
    }

    fn retry(&mut self) {
        for id in self.in_state(OpenState::Dead) {
            let whole = |alarm: &&Alarm| alarm.told.open.as_ref().is_some_and(|open| open.delivery == id);
            if self.alarms.iter().filter(whole).count() == self.deliveries[&id].says.len() {
                self.set(id, OpenState::Queued);
            } else {
                self.deliveries.get_mut(&id).expect("it is there").state = None;
                self.detach(id);
            }
        }
    }

    fn restart(&mut self) {
        self.in_state(OpenState::Sending).into_iter().for_each(|id| self.unclear(id));
    }

    fn unclear(&mut self, id: u64) {
        for alarm in &mut self.alarms {
            let says = alarm.told.open.as_ref().filter(|open| open.delivery == id).and_then(|open| open.says);
            alarm.told.maybe |= says.is_some();
            alarm.was_unclear |= says.is_some();
        }
        self.set(id, OpenState::Queued);
    }

    /// All is allowed, and everything is sent.
    fn comes_to_rest(&mut self) {
        self.happens(Event::Enabled(true));
        self.happens(Event::Pass(1_000_000));
        self.happens(Event::Retry);
        for _ in 0..20 {
            // A rate's time is over each time.
            self.happens(Event::Pass(100));
            for _ in 0..2 * ALARMS {
                self.happens(Event::Claim);
                self.happens(Event::Settle(Fate::Delivered));
            }
        }
    }

    fn keeps_its_promises(&self) -> Result<(), TestCaseError> {
        for (n, alarm) in self.alarms.iter().enumerate() {
            for pair in alarm.got.windows(2) {
                let [(_, before, first), (kind, after, second)] = pair else { continue };
                prop_assert!(
                    before != after
                        || *kind == DeliveryKind::Reminder
                        || alarm.was_unclear && after.is_none(),
                    "twice the same: {n} {pair:?}"
                );
                prop_assert!(first <= second, "out of order: {n} {pair:?}");
            }
            let knew = alarm.got.iter().scan(false, |knows, (_, severity, _)| {
                let knew = *knows;
                *knows = severity.is_some();
                Some((knew, severity.is_some()))
            });
            for (knew, stands) in knew {
                prop_assert!(
                    knew || stands || alarm.was_unclear,
                    "told of a clear without a raise: {n} {:?}",
                    alarm.got
                );
            }
        }
        Ok(())
    }

    fn knows_what_is_due(&self) -> Result<(), TestCaseError> {
        for (n, alarm) in self.alarms.iter().enumerate() {
            prop_assert!(alarm.present.is_some() || !alarm.told.maybe, "a clear is owed: {n} {alarm:?}");
            let knows = match alarm.told.heard {
                Heard::Standing(severity) => Some(severity),
                _ => None,
            };
            let was_told = knows.is_some() || alarm.told.heard == Heard::Cleared;
            let must_know =
                alarm.present.is_some_and(|severity| severity >= self.terms.lowest) || knows.is_some();
            let what = format!("{n} {alarm:?}");
            match alarm.present {
                None => prop_assert_eq!(knows, None, "{}", what),
                Some(severity) if must_know => prop_assert_eq!(knows, Some(severity), "{}", what),
                Some(_) => prop_assert!(!was_told || alarm.told.heard == Heard::Cleared, "{}", what),
            }
        }
        Ok(())
    }
}

fn severities() -> impl Strategy<Value = Severity> {
    prop::sample::select(Severity::ALL.to_vec())
}

fn events() -> impl Strategy<Value = Event> {
    let fates =
        prop::sample::select(vec![Fate::Delivered, Fate::Delivered, Fate::Again, Fate::Unclear, Fate::Dead]);
    prop_oneof![
        6 => (0..ALARMS, prop::option::weighted(0.7, severities())).prop_map(|(n, to)| Event::Becomes(n, to)),
        1 => (0..ALARMS).prop_map(Event::Acknowledged),
        1 => (0..ALARMS, 1..20_i64).prop_map(|(n, seconds)| Event::Muted(n, seconds)),
        1 => (1..20_i64).prop_map(Event::Night),
        1 => any::<bool>().prop_map(Event::Enabled),
        4 => Just(Event::Claim),
        4 => fates.prop_map(Event::Settle),
        1 => Just(Event::Retry),
        1 => Just(Event::Restart),
        3 => (1..10_i64).prop_map(Event::Pass),
    ]
}

fn receivers() -> impl Strategy<Value = Terms> {
    let rate = prop::option::of((1..4_u32).prop_map(|messages| Quota { messages, per_ms: 20 * STEP_MS }));
    let remind = prop::option::of((5..50_i64).prop_map(|seconds| seconds * STEP_MS));
    (severities(), rate, remind, any::<bool>()).prop_map(|(lowest, rate, remind_every_ms, at_once)| Terms {
        lowest,
        rate,
        remind_every_ms,
        at_once,
        ..terms()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_receiver_hears_in_order_nothing_twice_and_in_the_end_what_is_so(
        receiver in receivers(),
        life in prop::collection::vec(events(), 1..60),
    ) {
        let mut world = World::new(receiver);
        for event in life {
            world.happens(event);
            world.keeps_its_promises()?;
        }
        world.comes_to_rest();
        world.keeps_its_promises()?;
        world.knows_what_is_due()?;
    }
}
