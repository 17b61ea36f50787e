//! What changed is marked, what was planned is written whole, what is on its way is neither lost nor told twice.

use anyhow::{Context as _, Result, ensure};
use atalaya::domain::{AlarmId, Message, Millis, RuleId, Said, Severity, Texts};
use atalaya::plan::{Heard, OpenState};
use atalaya::store::{Claimed, DeliveryFilter, DueAlarm, NewDelivery, ReceiverPlan, Settled, ToldWrite};
use atalaya_api::delivery::{DeliveryKind, DeliveryState};
use atalaya_api::event::RuleAction;

use super::make::{Life, ana, commit, first, rule};
use super::{Open, START, Stage};

pub(super) fn due(stage: &Stage) -> Result<Vec<DueAlarm>> {
    Ok(stage.store.due(now(stage), 100)?)
}

fn now(stage: &Stage) -> Millis {
    atalaya::clock::Clock::now(&*stage.clock).wall
}

pub(super) fn words(text: &str) -> Texts {
    Texts { en: text.to_owned(), es: text.to_owned() }
}

/// A stage with alarms of these severities, `s0`, `s1`, ...
pub(super) fn with_alarms(open: Open, severities: &[Severity]) -> Result<(Stage, Vec<Life>)> {
    let stage = Stage::new(open)?;
    let mut lives: Vec<Life> =
        (0..severities.len()).map(|n| Life::of(RuleId::generate(), &format!("s{n}"))).collect();
    let raised = lives.iter_mut().zip(severities).map(|(life, severity)| life.goes(Some(*severity), START));
    stage.store.commit(&commit(raised.collect()))?;
    Ok((stage, lives))
}

/// A message for `noc` that states the present of these alarms.
pub(super) fn message(key: &str, alarms: &[&DueAlarm]) -> NewDelivery {
    let said = |due: &&DueAlarm| Said {
        alarm: due.alarm.id,
        seq: due.alarm.seq,
        subject: due.alarm.subject.name().to_owned(),
        rule: None,
        rule_name: String::new(),
        dashboard: None,
        panel: None,
        unit: None,
        severity: due.alarm.cleared_at.is_none().then_some(due.alarm.severity),
        before: None,
        value: Some(1.5),
        raised_at: due.alarm.raised_at,
        changed_at: due.changed_at,
        message: due.alarm.message.clone(),
        note: "call Ñ".to_owned(),
        runbook_url: None,
    };
    let said: Vec<Said> = alarms.iter().map(said).collect();
    let kind = if said.len() == 1 { DeliveryKind::Raised } else { DeliveryKind::Group };
    let severity = said.iter().filter_map(|said| said.severity).max();
    let names: Vec<&str> = said.iter().map(|said| said.subject.as_str()).collect();
    let search = format!("noc\n{}", names.join("\n"));
    let says = alarms.iter().enumerate().map(|(place, due)| (due.number, place, false)).collect();
    let message = Message { key: key.to_owned(), kind, at: START, severity, alarms: said };
    NewDelivery { title: format!("title of {key}"), search, says, message }
}

pub(super) fn plan(messages: Vec<NewDelivery>) -> ReceiverPlan {
    ReceiverPlan { receiver: "noc".to_owned(), messages, ..ReceiverPlan::default() }
}

/// Each due alarm in a message of its own, named after its series; all are looked at.
pub(super) fn tell_each(stage: &Stage) -> Result<()> {
    let due = due(stage)?;
    let messages = due.iter().map(|one| message(one.alarm.subject.name(), &[one])).collect();
    ensure!(stage.store.plan_done(&[plan(messages)], &marks(&due))?);
    Ok(())
}

pub(super) fn marks(due: &[DueAlarm]) -> Vec<(u64, u64)> {
    due.iter().filter_map(|one| Some((one.number, one.mark?))).collect()
}

pub(super) fn claimed(stage: &Stage) -> Result<Claimed> {
    stage.store.claim("noc", false)?.context("there is something to send")
}

pub(super) fn delivered() -> Settled {
    Settled::Delivered { answer: "thank you".to_owned() }
}

pub(super) fn heard(stage: &Stage, alarm: AlarmId) -> Result<Heard> {
    let told = stage.store.told(&[alarm])?;
    Ok(told[&alarm].first().map_or(Heard::Nothing, |row| row.heard))
}

fn state(stage: &Stage, delivery: u64) -> Result<DeliveryState> {
    Ok(stage.store.delivery(delivery)?.context("it is kept")?.state)
}

pub fn each_transition_marks_its_alarm_until_it_was_looked_at(open: Open) -> Result<()> {
    let (stage, mut lives) = with_alarms(open, &[Severity::Warning, Severity::Critical])?;
    let found = due(&stage)?;
    let names: Vec<&str> = found.iter().map(|one| one.alarm.subject.name()).collect();
    ensure!(names == ["s1", "s0"], "worst first: {names:?}");
    ensure!(found.iter().all(|one| one.rule.is_none() && one.told.is_empty() && !one.acknowledged));
    ensure!(stage.store.plan_done(&[], &marks(&found))?);
    ensure!(due(&stage)?.is_empty());
    stage.store.commit(&commit(vec![lives[0].goes(None, START.plus(5))]))?;
    let found = due(&stage)?;
    ensure!(found.len() == 1 && found[0].alarm.cleared_at == Some(START.plus(5)));
    ensure!(due(&stage.reopen()?)?.len() == 1, "it is as durable as the transition");
    Ok(())
}

pub fn an_alarm_that_changes_while_it_is_planned_is_looked_at_again(open: Open) -> Result<()> {
    let (stage, mut lives) = with_alarms(open, &[Severity::Warning])?;
    let found = due(&stage)?;
    stage.store.commit(&commit(vec![lives[0].goes(Some(Severity::Major), START)]))?;
    ensure!(stage.store.plan_done(&[], &marks(&found))?);
    ensure!(due(&stage)?.len() == 1);
    Ok(())
}

pub fn an_edit_of_a_rule_marks_its_active_alarms(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let mut rule = rule("cpu")?;
    rule.draft.note = "call Ñ".to_owned();
    stage.store.create_rule(&rule, &ana())?;
    let (mut stands, mut over) = (Life::of(rule.id, "a"), Life::of(rule.id, "b"));
    let transitions = vec![
        stands.goes(Some(Severity::Major), START),
        over.goes(Some(Severity::Major), START),
        over.goes(None, START),
    ];
    stage.store.commit(&commit(transitions))?;
    ensure!(stage.store.plan_done(&[], &marks(&due(&stage)?))?);
    rule.version = 2;
    rule.draft.period = "daytime".to_owned();
    stage.store.change_rule(&rule, 1, RuleAction::Updated, &ana())?;
    let found = due(&stage)?;
    ensure!(found.len() == 1 && found[0].alarm.id == stands.alarm());
    let terms = found[0].rule.clone().context("it has a rule")?;
    ensure!((terms.period.as_str(), terms.note.as_str()) == ("daytime", "call Ñ"));
    Ok(())
}

pub fn whoever_waits_is_looked_at_when_the_time_comes_or_all_are_looked_at(open: Open) -> Result<()> {
    let (stage, lives) = with_alarms(open, &[Severity::Warning, Severity::Major])?;
    let found = due(&stage)?;
    let wait = |one: &DueAlarm, at: i64| ToldWrite {
        alarm: one.number,
        detach: false,
        why: Some(words("daytime begins 08:00")),
        look_at: Some(START.plus(at)),
    };
    let told = vec![wait(&found[0], 60_000), wait(&found[1], i64::MAX)];
    ensure!(stage.store.plan_done(&[ReceiverPlan { told, ..plan(Vec::new()) }], &marks(&found))?);
    stage.clock.advance(std::time::Duration::from_secs(59));
    ensure!(due(&stage)?.is_empty());
    stage.clock.advance(std::time::Duration::from_secs(1));
    let waited = due(&stage)?;
    ensure!(waited.len() == 1 && waited[0].alarm.id == lives[1].alarm() && waited[0].mark.is_none());
    ensure!(waited[0].told[0].1.why == Some(words("daytime begins 08:00")));
    let row = &stage.store.told(&[lives[0].alarm()])?[&lives[0].alarm()][0];
    ensure!((row.receiver.as_str(), row.heard) == ("noc", Heard::Nothing));
    stage.store.look_again()?;
    ensure!(due(&stage)?.len() == 2);
    Ok(())
}

pub fn messages_are_taken_up_most_severe_first_and_what_was_delivered_is_known(open: Open) -> Result<()> {
    let (stage, lives) = with_alarms(open, &[Severity::Warning, Severity::Critical, Severity::Warning])?;
    tell_each(&stage)?;
    ensure!(due(&stage)?.is_empty());
    ensure!(stage.store.claim("ops", false)?.is_none());
    let load = stage.store.load("noc", START.plus(-1), START)?;
    ensure!((load.queued.len(), load.sending, load.sent) == (3, 0, 0));
    let critical = claimed(&stage)?;
    ensure!((critical.message.key.as_str(), critical.attempt) == ("s1", 1));
    ensure!(critical.message.alarms[0].note == "call Ñ");
    stage.store.settle(critical.delivery, &delivered())?;
    ensure!(heard(&stage, lives[1].alarm())? == Heard::Standing(Severity::Critical));
    let row = stage.store.told(&[lives[1].alarm()])?[&lives[1].alarm()][0].clone();
    ensure!(row.first_at == Some(START) && row.last_at == Some(START));
    ensure!(due(&stage)?.len() == 1, "what follows from it is planned");
    ensure!(claimed(&stage)?.message.key == "s0" && claimed(&stage)?.message.key == "s2");
    ensure!(stage.store.claim("noc", false)?.is_none());
    let load = stage.store.load("noc", START.plus(-1), START)?;
    ensure!((load.queued.len(), load.sending, load.sent, load.oldest_sent) == (0, 2, 1, Some(START)));
    let standing = stage.store.told_standing("noc", 0, 10)?;
    ensure!(standing.len() == 1 && standing[0].1 == Severity::Critical);
    // Nobody settles twice.
    let late = Settled::Dead { words: words("late"), answer: String::new() };
    stage.store.settle(critical.delivery, &late)?;
    ensure!(state(&stage, critical.delivery)? == DeliveryState::Delivered);
    Ok(())
}

pub fn a_plan_that_was_overtaken_writes_nothing(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Major, Severity::Warning])?;
    tell_each(&stage)?;
    let taken = claimed(&stage)?;
    stage.store.look_again()?;
    let found = due(&stage)?;
    let drops = vec![(taken.delivery, words("no longer so"))];
    let seen = vec![(taken.delivery, OpenState::Queued)];
    let other = plan(vec![message("other", &[&found[0]])]);
    ensure!(!stage.store.plan_done(&[ReceiverPlan { drops, seen, ..other }], &marks(&found))?);
    ensure!(due(&stage)?.len() == 2 && state(&stage, taken.delivery)? == DeliveryState::Sending);
    ensure!(stage.store.deliveries(&DeliveryFilter::default(), &first(10))?.total == 2);
    Ok(())
}

pub fn a_dropped_message_lets_go_of_all_that_it_spoke_of(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Major, Severity::Major])?;
    let found = due(&stage)?;
    let both = plan(vec![message("both", &[&found[0], &found[1]])]);
    ensure!(stage.store.plan_done(&[both], &marks(&found))?);
    let delivery = stage.store.deliveries(&DeliveryFilter::default(), &first(10))?.items[0].id;
    let drop =
        |seen| ReceiverPlan { drops: vec![(delivery, words("no longer so"))], seen, ..plan(Vec::new()) };
    ensure!(stage.store.plan_done(&[drop(vec![(delivery, OpenState::Queued)])], &[])?);
    let row = stage.store.delivery(delivery)?.context("it is kept")?;
    ensure!(row.state == DeliveryState::Dropped && row.why == Some(words("no longer so")));
    let found = due(&stage)?;
    ensure!(found.len() == 2 && found.iter().all(|one| one.told[0].1.told.open.is_none()));
    // The same said again is the same delivery.
    let both = plan(vec![message("both", &[&found[0], &found[1]])]);
    ensure!(stage.store.plan_done(&[both], &marks(&found))?);
    ensure!(claimed(&stage)?.delivery == delivery);
    Ok(())
}

pub fn what_could_not_be_sent_is_sent_again_or_given_up_and_the_audit_says_so(open: Open) -> Result<()> {
    let (stage, lives) = with_alarms(open, &[Severity::Major, Severity::Warning])?;
    tell_each(&stage)?;
    let dead = Settled::Dead { words: words("refused"), answer: "400".to_owned() };
    let (major, warning) = (claimed(&stage)?.delivery, claimed(&stage)?.delivery);
    stage.store.settle(major, &dead)?;
    stage.store.settle(warning, &dead)?;
    ensure!(stage.store.dead_letters()? == 2);
    let queue = stage.store.queues()?.into_iter().find(|row| row.receiver == "noc").context("a queue")?;
    ensure!((queue.queued, queue.dead) == (0, 2));
    ensure!(stage.store.retry(major, &ana())? && !stage.store.retry(major, &ana())?);
    ensure!(stage.store.give_up(warning, &ana())? && !stage.store.give_up(warning, &ana())?);
    ensure!(stage.store.dead_letters()? == 0);
    ensure!(claimed(&stage)?.delivery == major);
    let given_up = due(&stage)?.into_iter().find(|one| one.alarm.id == lives[1].alarm()).context("marked")?;
    let open = given_up.told[0].1.told.open.clone().context("it stands in the way")?;
    ensure!(open.state == OpenState::Dead && open.says == Some(Severity::Warning));
    let audit = stage.store.audit(&first(10))?.items;
    let what: Vec<&str> = audit.iter().map(|row| row.what.as_str()).collect();
    ensure!(what[..2] == ["delivery given up", "delivery sent again"], "{what:?}");
    ensure!(stage.store.retry(warning, &ana())?, "whoever gave it up may think again");
    ensure!(claimed(&stage)?.delivery == warning);
    stage.store.settle(warning, &Settled::Delivered { answer: String::new() })?;
    ensure!(!stage.store.retry(warning, &ana())?, "it was told");
    stage.store.settle(major, &dead)?;
    ensure!(stage.store.retry_all("noc", &ana())? == 1 && stage.store.retry_all("noc", &ana())? == 0);
    // All of them go through the plan, as the receiver's rate has room.
    ensure!(stage.store.claim("noc", false)?.is_none() && state(&stage, major)? == DeliveryState::Dropped);
    let again = due(&stage)?.into_iter().find(|one| one.alarm.id == lives[0].alarm()).context("marked")?;
    ensure!(again.told[0].1.told.open.is_none());
    ensure!(stage.store.plan_done(&[plan(vec![message("s0", &[&again])])], &[])?);
    ensure!(claimed(&stage)?.delivery == major, "the same said again is the same delivery");
    Ok(())
}

pub fn what_waits_for_too_long_is_given_up(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Major])?;
    tell_each(&stage)?;
    ensure!(stage.store.expire(START, &words("too old"))? == 0);
    ensure!(stage.store.expire(START.plus(1), &words("too old"))? == 1);
    ensure!(stage.store.dead_letters()? == 1 && due(&stage)?.len() == 1);
    Ok(())
}

pub fn deliveries_are_listed_newest_first_and_found_by_receiver_state_alarm_and_words(
    open: Open,
) -> Result<()> {
    let (stage, lives) = with_alarms(open, &[Severity::Major, Severity::Warning, Severity::Critical])?;
    let found = due(&stage)?;
    let (alone, both) = (message("alone", &[&found[0]]), message("both", &[&found[1], &found[2]]));
    ensure!(stage.store.plan_done(&[plan(vec![alone, both])], &marks(&found))?);
    stage.store.settle(claimed(&stage)?.delivery, &delivered())?;
    let keys = |filter: DeliveryFilter| -> Result<Vec<String>> {
        let page = stage.store.deliveries(&filter, &first(10))?;
        ensure!(page.total == page.items.len() as u64);
        Ok(page.items.into_iter().map(|row| row.key).collect())
    };
    let all = DeliveryFilter::default;
    let cases = [
        (all(), vec!["both", "alone"]),
        (DeliveryFilter { receiver: Some("noc".to_owned()), ..all() }, vec!["both", "alone"]),
        (DeliveryFilter { receiver: Some("ops".to_owned()), ..all() }, vec![]),
        (DeliveryFilter { states: vec![DeliveryState::Delivered], ..all() }, vec!["alone"]),
        (
            DeliveryFilter { states: vec![DeliveryState::Delivered, DeliveryState::Queued], ..all() },
            vec!["both", "alone"],
        ),
        (DeliveryFilter { alarm: Some(lives[1].alarm()), ..all() }, vec!["both"]),
        (DeliveryFilter { q: Some("NOC s1".to_owned()), ..all() }, vec!["both"]),
        (DeliveryFilter { q: Some("nobody".to_owned()), ..all() }, vec![]),
    ];
    for (filter, expected) in cases {
        let found = keys(filter.clone())?;
        ensure!(found == expected, "{filter:?} found {found:?}");
    }
    let rows = stage.store.deliveries(&all(), &first(1))?;
    ensure!(rows.total == 2 && rows.next.is_some());
    ensure!((rows.items[0].alarms, rows.items[0].alarm) == (2, None));
    let alone = &stage.store.deliveries(&all(), &first(10))?.items[1];
    ensure!(alone.alarm == Some(lives[2].alarm()) && alone.answer.as_deref() == Some("thank you"));
    ensure!((alone.next_at, alone.done_at, alone.receiver_name.as_str()) == (None, Some(START), "noc"));
    Ok(())
}

pub fn old_deliveries_go_and_what_stands_in_the_way_stays(open: Open) -> Result<()> {
    let (stage, lives) = with_alarms(open, &[Severity::Critical, Severity::Major, Severity::Warning])?;
    tell_each(&stage)?;
    stage.store.settle(claimed(&stage)?.delivery, &delivered())?;
    let given_up = claimed(&stage)?.delivery;
    let dead = Settled::Dead { words: words("refused"), answer: String::new() };
    stage.store.settle(given_up, &dead)?;
    stage.store.give_up(given_up, &ana())?;
    ensure!(stage.store.prune_deliveries(START)? == 0);
    ensure!(stage.store.prune_deliveries(START.plus(1))? == 1);
    ensure!(state(&stage, given_up)? == DeliveryState::Dropped);
    ensure!(heard(&stage, lives[0].alarm())? == Heard::Standing(Severity::Critical), "what was told is kept");
    Ok(())
}
