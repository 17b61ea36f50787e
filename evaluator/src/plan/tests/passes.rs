//! More alarms than one pass plans together.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// A message that waits, and the cases it speaks of.
struct Waits {
    delivery: u64,
    severity: Option<Severity>,
    yields: bool,
    says: Vec<usize>,
}

/// Two receivers of whom nobody takes up a message. A case is for one of them.
struct Desk {
    limit: usize,
    terms: Vec<Terms>,
    cases: Vec<Case>,
    marked: BTreeSet<usize>,
    waits: Vec<Vec<Waits>>,
    made: u64,
}

impl Desk {
    /// `alarms`: for whom, how severe, and whether it was told before.
    fn new(limit: usize, terms: Vec<Terms>) -> Self {
        let waits = terms.iter().map(|_| Vec::new()).collect();
        Desk { limit, terms, cases: Vec::new(), marked: BTreeSet::new(), waits, made: 0 }
    }

    fn raise(&mut self, severity: Severity, is_known: bool) {
        let n = self.cases.len();
        let told = if is_known { heard(severity) } else { Told::default() };
        // In two places, so that there are groups.
        let place = Place::Panel("d".to_owned(), (n / 2 % 2).to_string());
        let ended = is_known.then_some(NOW);
        self.cases.push(Case { told, place, hush_ended: ended, ..numbered(n as u64, severity) });
        self.marked.insert(n);
    }

    /// As the planner does: the most severe first, as many as a pass takes.
    fn pass(&mut self) {
        let mut picked: Vec<usize> = self.marked.iter().copied().collect();
        picked.sort_by_key(|n| (std::cmp::Reverse(self.cases[*n].present), *n));
        picked.truncate(self.limit);
        self.marked.retain(|n| !picked.contains(n));
        let mut room = self.limit - picked.len();
        for receiver in 0..self.terms.len() {
            let own = |n: &usize| n % self.terms.len() == receiver;
            let own: Vec<usize> = picked.iter().copied().filter(own).collect();
            self.plan(receiver, &own, &mut room);
        }
    }

    fn plan(&mut self, receiver: usize, own: &[usize], room: &mut usize) {
        let cases: Vec<Case> = own.iter().map(|n| self.cases[*n].clone()).collect();
        let waiting = |one: &Waits| Waiting {
            delivery: one.delivery,
            severity: one.severity,
            yields: one.yields,
            alarms: one.says.len(),
        };
        let queued = self.waits[receiver].iter().map(waiting).collect();
        let load = Load { queued, room: *room, ..Load::default() };
        let plan = super::plan(&self.terms[receiver], &cases, &load, NOW);
        for (n, outcome) in own.iter().zip(&plan.outcomes) {
            if outcome.look_at.is_some_and(|at| at <= NOW) {
                self.marked.insert(*n);
            }
        }
        let is_dropped = |one: &mut Waits| plan.drops.iter().any(|(drop, _)| *drop == one.delivery);
        for dropped in self.waits[receiver].extract_if(.., is_dropped) {
            *room = room.saturating_sub(dropped.says.len());
            for n in dropped.says {
                self.cases[n].told.open = None;
                self.marked.insert(n);
            }
        }
        plan.messages.iter().for_each(|draft| self.make(receiver, own, draft));
    }

    fn make(&mut self, receiver: usize, own: &[usize], draft: &Draft) {
        self.made += 1;
        for (place, statement) in &draft.says {
            let (says, state) = (statement.severity, OpenState::Queued);
            let open = Open { delivery: self.made, state, says, trouble: None };
            self.cases[own[*place]].told.open = Some(open);
        }
        let is_again = draft.says.iter().all(|(_, statement)| statement.kind == DeliveryKind::Reminder);
        self.waits[receiver].push(Waits {
            delivery: self.made,
            severity: draft.severity,
            yields: draft.kind == DeliveryKind::Summary || is_again,
            says: draft.says.iter().map(|(place, _)| own[*place]).collect(),
        });
    }

    /// How many passes it takes until nothing is due.
    fn rests_after(&mut self, most: usize) -> Option<usize> {
        (0..=most).find(|_| {
            let rests = self.marked.is_empty();
            if !rests {
                self.pass();
            }
            rests
        })
    }
}

#[test]
fn twice_as_many_as_a_pass_takes_are_planned_in_a_few_passes() {
    for (receivers, limit) in [(1, 10), (2, 20)] {
        let mut desk = Desk::new(limit, vec![rated(); receivers]);
        (0..2 * limit).for_each(|_| desk.raise(Severity::Major, false));
        assert_eq!(desk.rests_after(10), Some(2), "{receivers} receivers");
    }
}

fn rated() -> Terms {
    Terms { rate: Some(Quota { messages: 3, per_ms: 60_000 }), ..terms() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn however_few_a_pass_takes_planning_comes_to_rest(
        limit in 1..12_usize,
        rates in prop::collection::vec(1..5_u32, 1..3),
        lives in prop::collection::vec(
            prop::collection::vec((prop::sample::select(Severity::ALL.to_vec()), any::<bool>()), 1..30),
            1..4,
        ),
    ) {
        let terms = rates.iter().map(|messages| {
            Terms { rate: Some(Quota { messages: *messages, per_ms: 60_000 }), ..terms() }
        });
        let mut desk = Desk::new(limit, terms.collect());
        for alarms in lives {
            alarms.into_iter().for_each(|(severity, is_known)| desk.raise(severity, is_known));
            prop_assert!(desk.rests_after(200).is_some(), "it is planned for ever");
        }
    }
}
