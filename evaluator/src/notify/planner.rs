//! From what changed to messages in the store: reads what is due, plans, writes down what was planned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::ground::{Ground, Periods, terms};
use super::ports::Hush;
use super::{Ports, message};
use crate::clock::{Now, Trust};
use crate::domain::{Millis, ReceiverConfig, RuleId, Subject};
use crate::plan::quiet::Target;
use crate::plan::{self, Case, Heard, Load, NEVER, OpenState, Outcome, Place, Plan, Terms, WayOn};
use crate::store::{DueAlarm, KnownTold, ReceiverPlan, Result, Store, ToldWrite};

/// Alarms that one pass plans together.
const AT_ONCE: u32 = 10_000;
/// Passes of one step: what comes of a message that gives way is planned in the next one.
const PASSES: u32 = 20;
/// How long a message may wait until it is given up, ms.
const TOO_OLD_MS: i64 = 86_400_000;
/// How often that is looked at.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// A wall clock that was set by more, ms, makes instants that were written down wrong.
const STEP_MS: i64 = 5_000;

/// Plans who is told. One at a time.
pub struct Planner {
    store: Arc<dyn Store>,
    ports: Ports,
    ground: Option<Ground>,
    last: Now,
    trust: Trust,
    expired: Duration,
    dead: Option<u64>,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stepped {
    /// Messages that were made.
    pub made: u64,
    /// There is more to plan.
    pub is_behind: bool,
}

impl Planner {
    /// Whatever was being sent when the server ended is queued again.
    ///
    /// # Errors
    /// The store failed.
    pub fn new(store: Arc<dyn Store>, ports: Ports, now: Now) -> Result<Self> {
        store.release()?;
        let (trust, expired) = (Trust::new(now), now.mono);
        Ok(Planner { store, ports, ground: None, last: now, trust, expired, dead: None })
    }

    /// The receivers that may be told, and on what the way to each depends.
    pub fn receivers(&self) -> Vec<(ReceiverConfig, String)> {
        let Some(ground) = &self.ground else { return Vec::new() };
        let basis = ground.basis();
        let enabled = ground.receivers.iter().filter(|one| one.receiver.enabled);
        enabled.map(|one| (one.clone(), format!("{} {basis}", one.receiver.version))).collect()
    }

    /// Plans all that is due.
    ///
    /// # Errors
    /// The store failed: nothing is lost, the next step plans it.
    pub fn step(&mut self, now: Now) -> Result<Stepped> {
        self.look_around(now)?;
        self.expire(now)?;
        let mut stepped = Stepped { made: 0, is_behind: true };
        for _ in 0..PASSES {
            let due = self.store.due(now.wall, AT_ONCE)?;
            if due.is_empty() {
                stepped.is_behind = false;
                break;
            }
            stepped.made += self.pass(&due, now.wall)?;
        }
        self.tell_dead()?;
        Ok(stepped)
    }

    /// Whoever changes receivers, settings or calendars need not tell: everything is looked at again.
    fn look_around(&mut self, now: Now) -> Result<()> {
        let ground = Ground::read(&self.ports, &*self.store, now.wall)?;
        let passed = now.mono.saturating_sub(self.last.mono).as_millis() as i64;
        let stepped = (now.wall.since(self.last.wall) - passed).abs() > STEP_MS;
        if stepped || self.ground.as_ref() != Some(&ground) {
            self.store.look_again()?;
        }
        self.ground = Some(ground);
        self.last = now;
        Ok(())
    }

    /// What nobody could send for a day is given up, unless the clock may be wrong.
    fn expire(&mut self, now: Now) -> Result<()> {
        if now.mono.saturating_sub(self.expired) < EXPIRE_EVERY {
            return Ok(());
        }
        self.expired = now.mono;
        if self.trust.look(now) {
            self.store.expire(now.wall.plus(-TOO_OLD_MS), &plan::words::too_old())?;
        }
        Ok(())
    }

    fn tell_dead(&mut self) -> Result<()> {
        let dead = self.store.dead_letters()?;
        if self.dead != Some(dead) {
            (self.ports.dead)(dead);
            self.dead = Some(dead);
        }
        Ok(())
    }

    /// Plans some alarms; how many messages came of it. A plan that was overtaken is made again by the next pass.
    fn pass(&self, due: &[DueAlarm], now: Millis) -> Result<u64> {
        let Some(ground) = &self.ground else { return Ok(0) };
        let quiet = self.ports.quieting.at(now)?;
        let mut plans = Vec::new();
        // For all receivers together: what becomes due again for one must not push another's out of the next pass.
        let mut room = (AT_ONCE as usize).saturating_sub(due.len());
        for (receiver, cases) in cases(ground, due, &*quiet, now) {
            plans.push(match ground.receivers.iter().find(|one| one.receiver.id == receiver) {
                Some(config) => self.plan_for(ground, config, due, cases, &mut room, now)?,
                None => gone(receiver, due, &cases),
            });
        }
        let looked_at: Vec<(u64, u64)> =
            due.iter().filter_map(|one| one.mark.map(|mark| (one.number, mark))).collect();
        let made: usize = plans.iter().map(|plan| plan.messages.len()).sum();
        Ok(if self.store.plan_done(&plans, &looked_at)? { made as u64 } else { 0 })
    }

    fn plan_for(
        &self,
        ground: &Ground,
        config: &ReceiverConfig,
        due: &[DueAlarm],
        cases: Vec<(usize, Case)>,
        room: &mut usize,
        now: Millis,
    ) -> Result<ReceiverPlan> {
        let terms = terms(&config.receiver);
        let load = match &terms.rate {
            Some(rate) => Load { room: *room, ..self.store.load(&terms.id, now.plus(-rate.per_ms), now)? },
            None => Load::default(),
        };
        let (places, cases): (Vec<usize>, Vec<Case>) = cases.into_iter().unzip();
        let plan = plan::plan(&terms, &cases, &load, now);
        let is_dropped = |delivery| plan.drops.iter().any(|(drop, _)| *drop == delivery);
        let dropped = load.queued.iter().filter(|waiting| is_dropped(waiting.delivery));
        *room = room.saturating_sub(dropped.map(|waiting| waiting.alarms).sum());
        let known: Vec<(&DueAlarm, &Case)> = places.iter().map(|place| &due[*place]).zip(&cases).collect();
        let language = ground.language(&config.receiver);
        let title = |message: &_| (self.ports.title)(message, language);
        let messages =
            plan.messages.iter().map(|draft| message::of_draft(&terms.id, draft, &known, now, title));
        Ok(ReceiverPlan {
            messages: messages.collect(),
            told: writes(&terms, &known, &plan.outcomes),
            seen: seen(&cases, &plan),
            drops: plan.drops,
            receiver: terms.id,
        })
    }
}

/// Which alarms concern which receivers: those that are to be told, and those that were.
fn cases(
    ground: &Ground,
    due: &[DueAlarm],
    quiet: &dyn Hush,
    now: Millis,
) -> BTreeMap<String, Vec<(usize, Case)>> {
    let drafts = ground.drafts();
    let mut periods = Periods::new(ground, now);
    let mut found = BTreeMap::<String, Vec<(usize, Case)>>::new();
    for (place, one) in due.iter().enumerate() {
        if matches!(one.alarm.subject, Subject::Past { .. }) {
            continue;
        }
        let period = one.rule.as_ref().map(|rule| periods.of(rule)).unwrap_or_default();
        let system: &[String] = if is_ruled(one) { &[] } else { &ground.settings.system_receivers };
        let notify = one.rule.as_ref().map(|rule| &rule.notify);
        let routes = plan::routes(notify, system, &drafts);
        let mut receivers: BTreeMap<&str, _> =
            routes.into_iter().map(|(number, from)| (drafts[number].id.as_str(), Some(from))).collect();
        for (receiver, _) in &one.told {
            receivers.entry(receiver).or_insert(None);
        }
        for (receiver, from) in receivers {
            let target = Target { alarm: one.alarm.id, rule: rule_of(one), dashboard: dashboard_of(one) };
            let case = Case {
                alarm: one.alarm.id,
                seq: one.alarm.seq,
                present: one.alarm.cleared_at.is_none().then_some(one.alarm.severity),
                held: one.alarm.severity,
                acknowledged: one.acknowledged,
                place: place_of(one),
                from,
                closed: period.closed.clone(),
                closes: period.closes,
                hush: quiet.hush(&target, receiver, now),
                hush_ended: quiet.last_end(&target, receiver, now),
                told: known(one, receiver).map(|known| known.told.clone()).unwrap_or_default(),
                why: known(one, receiver).and_then(|known| known.why.clone()),
            };
            found.entry(receiver.to_owned()).or_default().push((place, case));
        }
    }
    found
}

fn is_ruled(due: &DueAlarm) -> bool {
    matches!(due.alarm.subject, Subject::Series { .. })
}

fn rule_of(due: &DueAlarm) -> Option<RuleId> {
    match &due.alarm.subject {
        Subject::Series { rule, .. } => Some(*rule),
        _ => None,
    }
}

fn dashboard_of(due: &DueAlarm) -> Option<&str> {
    due.alarm.context.dashboard.as_deref()
}

fn place_of(due: &DueAlarm) -> Place {
    match (&due.alarm.context.dashboard, &due.alarm.context.panel, rule_of(due)) {
        (Some(dashboard), Some(panel), _) => Place::Panel(dashboard.clone(), panel.clone()),
        (_, _, Some(rule)) => Place::Rule(rule),
        _ => Place::Alone(due.alarm.id),
    }
}

fn known<'a>(due: &'a DueAlarm, receiver: &str) -> Option<&'a KnownTold> {
    due.told.iter().find(|(known, _)| known == receiver).map(|(_, told)| told)
}

/// What changed of what is written down.
fn writes(terms: &Terms, cases: &[(&DueAlarm, &Case)], outcomes: &[Outcome]) -> Vec<ToldWrite> {
    let write = |((due, case), outcome): (&(&DueAlarm, &Case), &Outcome)| {
        let known = known(due, &terms.id);
        let (why, look_at) = known.map_or((None, None), |known| (known.why.as_ref(), known.look_at));
        let detach = outcome.way == WayOn::None && case.told.open.is_some();
        let is_news = detach || why != outcome.why.as_ref() || look_at != outcome.look_at;
        is_news.then(|| ToldWrite {
            alarm: due.number,
            detach,
            why: outcome.why.clone(),
            look_at: outcome.look_at,
        })
    };
    cases.iter().zip(outcomes).filter_map(write).collect()
}

/// The messages on whose state the plan rests.
fn seen(cases: &[Case], plan: &Plan) -> Vec<(u64, OpenState)> {
    let moved = cases.iter().zip(&plan.outcomes).filter(|(_, outcome)| outcome.way != WayOn::Stay);
    let moved = moved.filter_map(|(case, _)| case.told.open.as_ref());
    let mut seen: BTreeMap<u64, OpenState> = moved.map(|open| (open.delivery, open.state)).collect();
    seen.extend(plan.drops.iter().map(|(delivery, _)| (*delivery, OpenState::Queued)));
    seen.into_iter().collect()
}

/// Nobody is told any more through a receiver that was deleted.
fn gone(receiver: String, due: &[DueAlarm], cases: &[(usize, Case)]) -> ReceiverPlan {
    let mut plan = ReceiverPlan { receiver, ..ReceiverPlan::default() };
    for (place, case) in cases {
        let open = case.told.open.as_ref().filter(|open| open.state == OpenState::Queued);
        if let Some(open) = open.filter(|open| plan.drops.iter().all(|(known, _)| *known != open.delivery)) {
            plan.drops.push((open.delivery, plan::words::deleted()));
            plan.seen.push((open.delivery, OpenState::Queued));
        }
        let why = case.present.map(|_| plan::words::deleted());
        // Whoever knows that it stands hears what follows when the receiver is brought back.
        let may_know = matches!(case.told.heard, Heard::Standing(_)) || case.told.maybe;
        let look_at = may_know.then_some(NEVER);
        plan.told.push(ToldWrite { alarm: due[*place].number, detach: open.is_some(), why, look_at });
    }
    plan
}
