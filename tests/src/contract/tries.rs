//! When a message is taken up and tried, and what its receiver may know of it.

use anyhow::{Context as _, Result, ensure};
use atalaya::domain::{Millis, Severity};
use atalaya::plan::{Heard, OpenState};
use atalaya::store::Settled;

use super::telling::{claimed, delivered, due, heard, marks, message, plan, tell_each, with_alarms, words};
use super::{Open, START, Stage};

fn busy(at: Millis, maybe: bool) -> Settled {
    Settled::Again { at, maybe, words: words("busy"), answer: String::new() }
}

pub fn a_raise_that_may_have_arrived_is_known_to_until_one_is_delivered(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Major, Severity::Warning])?;
    tell_each(&stage)?;
    let maybe = |stage: &Stage| -> Result<Vec<bool>> {
        stage.store.look_again()?;
        Ok(due(stage)?.iter().map(|one| one.told[0].1.told.maybe).collect())
    };
    let (major, warning) = (claimed(&stage)?.delivery, claimed(&stage)?.delivery);
    stage.store.settle(major, &busy(START, true))?;
    stage.store.settle(warning, &busy(START, false))?;
    ensure!(maybe(&stage)? == [true, false]);
    ensure!(claimed(&stage)?.delivery == major && claimed(&stage)?.delivery == warning);
    stage.store.settle(major, &delivered())?;
    ensure!(maybe(&stage)? == [false, false]);
    let stage = stage.reopen()?;
    ensure!(stage.store.release()? == 1);
    ensure!(maybe(&stage)? == [false, true], "the server ended while it was sent");
    Ok(())
}

pub fn what_waits_longer_is_tried_early_by_a_probe_or_when_the_receiver_is_back(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Critical, Severity::Warning])?;
    tell_each(&stage)?;
    let critical = claimed(&stage)?.delivery;
    stage.store.settle(critical, &busy(START.plus(300_000), false))?;
    let early = stage.store.claim("noc", true)?.context("the probe takes the most severe")?;
    ensure!(early.delivery == critical);
    stage.store.settle(critical, &busy(START.plus(300_000), false))?;
    let warning = claimed(&stage)?;
    ensure!(warning.delivery != critical && stage.store.claim("noc", false)?.is_none());
    stage.store.settle(warning.delivery, &delivered())?;
    stage.store.hurry("ops")?;
    ensure!(stage.store.next_try("noc")? == Some(START.plus(300_000)));
    stage.store.hurry("noc")?;
    ensure!(claimed(&stage)?.delivery == critical);
    Ok(())
}

pub fn what_is_told_again_is_taken_up_after_news_and_yields(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Critical, Severity::Critical, Severity::Warning])?;
    let found = due(&stage)?;
    let mut again = message("again", &[&found[0], &found[1]]);
    again.says.iter_mut().for_each(|(_, _, again)| *again = true);
    let messages = vec![again, message("news", &[&found[2]])];
    ensure!(stage.store.plan_done(&[plan(messages)], &marks(&found))?);
    let load = stage.store.load("noc", START.plus(-1), START)?;
    let queued: Vec<_> = load.queued.iter().map(|one| (one.yields, one.alarms)).collect();
    ensure!(queued == [(true, 2), (false, 1)], "{queued:?}");
    ensure!(claimed(&stage)?.message.key == "news" && claimed(&stage)?.message.key == "again");
    Ok(())
}

pub fn a_message_that_failed_waits_for_its_time_and_is_the_same_again(open: Open) -> Result<()> {
    let (stage, lives) = with_alarms(open, &[Severity::Major])?;
    tell_each(&stage)?;
    let before = claimed(&stage)?;
    let at = START.plus(30_000);
    let again = Settled::Again { at, maybe: false, words: words("busy"), answer: "503".to_owned() };
    stage.store.settle(before.delivery, &again)?;
    ensure!(stage.store.next_try("noc")? == Some(at) && stage.store.claim("noc", false)?.is_none());
    ensure!(heard(&stage, lives[0].alarm())? == Heard::Nothing);
    let open = due(&stage)?[0].told[0].1.told.open.clone().context("it is on its way")?;
    ensure!(open.state == OpenState::Queued && open.trouble == Some(words("busy")));
    stage.clock.advance(std::time::Duration::from_secs(30));
    let after = claimed(&stage)?;
    ensure!(after.message == before.message && after.attempt == 2);
    // A time that a wrong clock wrote down is not waited for.
    let never = busy(START.plus(86_400_000), false);
    stage.store.settle(after.delivery, &never)?;
    ensure!(claimed(&stage)?.attempt == 3);
    Ok(())
}

pub fn what_was_being_sent_is_sent_again_after_a_restart_with_the_same_key(open: Open) -> Result<()> {
    let (stage, _) = with_alarms(open, &[Severity::Major])?;
    tell_each(&stage)?;
    let before = claimed(&stage)?;
    let stage = stage.reopen()?;
    ensure!(stage.store.claim("noc", false)?.is_none(), "it may still be sent");
    ensure!(stage.store.release()? == 1);
    ensure!(claimed(&stage)?.message == before.message);
    Ok(())
}
