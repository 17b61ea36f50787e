//! Rules on a source elsewhere: what they judge, and what becomes of them when the source does not answer.

use std::time::Duration;

use atalaya::domain::{RuleId, TroubleKind};
use atalaya_tests::far::Mood;
use atalaya_tests::story::Story;
use serde_json::json;

/// With the source `far`, that has `lab.cpu` at 50 for long.
fn story() -> Story {
    let mut story = Story::new();
    story.add_far(0, 4);
    story.push_far("lab.cpu", "lab.cpu", 50.0);
    story.seconds(5);
    story
}

fn rule(story: &mut Story, expr: &str) -> RuleId {
    story.rule(json!({"name": expr, "query": {"source": "far", "expr": expr}}))
}

#[test]
fn the_designs_first_alarm_is_the_same_elsewhere() {
    let mut story = story();
    let cpu = rule(&mut story, "lab.cpu");
    for (value, seconds) in [(50.0, 3), (72.0, 1), (95.0, 2), (95.0, 1), (85.0, 3), (75.0, 3), (50.0, 3)] {
        story.push_far("lab.cpu", "lab.cpu", value);
        story.seconds(seconds);
    }
    assert_eq!(
        story.told(cpu),
        [
            "1 ok>warning checks to alert",
            "2 warning>critical checks to alert",
            "3 critical>major checks to OK",
            "4 major>ok checks to OK"
        ]
        .map(str::to_owned)
        .as_slice()
    );
    for row in story.transitions(cpu) {
        assert_eq!(story.replays(&row), Some(true), "the evidence of seq {}", row.transition.seq);
    }
}

#[test]
fn windows_end_the_offset_before_the_scheduled_instant_and_alarms_bear_the_scheduled_one() {
    let mut story = Story::new();
    story.add_far(60, 4);
    story.push_far("lab.cpu", "lab.cpu", 95.0);
    story.seconds(70);
    let cpu = rule(&mut story, "lab.cpu");
    story.seconds(4);
    let raised = story.transitions(cpu).pop().expect("it was raised");
    let run = story.evidence(&raised).expect("with evidence");
    let newest = run.evaluations.last().and_then(|one| one.times.last()).copied().expect("samples");
    assert_eq!(raised.transition.at.as_f64() - newest, 60_000.0);
}

#[test]
fn rules_with_one_query_share_one_question() {
    let mut story = story();
    for warning in [60, 61, 62, 63] {
        story.rule(json!({"query": {"source": "far", "expr": "lab.cpu"},
                          "check": {"params": {"warning": warning}}}));
    }
    story.seconds(1);
    story.far.asked();
    story.seconds(3);
    assert_eq!(story.far.asked(), ["lab.cpu", "lab.cpu", "lab.cpu"]);
}

#[test]
fn a_source_that_is_down_raises_one_alarm_and_its_rules_keep_what_they_hold() {
    let mut story = story();
    let held = rule(&mut story, "lab.held");
    story.push_far("lab.held", "lab.held", 95.0);
    for number in 0..200 {
        let expr = format!("lab.r{number}");
        story.push_far(&expr, &expr, 50.0);
        rule(&mut story, &expr);
    }
    story.seconds(8);
    assert_eq!(story.active(), ["critical lab.held"]);
    let before = story.told(held);

    story.far.set(Mood::Down(TroubleKind::Unreachable));
    story.seconds(5);
    let mut both = ["critical far", "critical lab.held"];
    let mut active = story.active();
    both.sort_unstable();
    active.sort_unstable();
    assert_eq!(active, both);
    story.seconds(600);
    assert_eq!(story.active().len(), 2, "one alarm, however long and however many rules");
    assert_eq!(story.causes(), ["far source unreachable"], "the page is not quiet");

    story.far.set(Mood::Well);
    story.seconds(40);
    assert_eq!(story.active(), ["critical lab.held"]);
    assert_eq!(story.told(held), before, "the outage changed nothing about the rule");
    assert_eq!(story.causes(), Vec::<String>::new());
}

#[test]
fn while_a_source_is_down_it_is_hardly_asked() {
    let mut story = story();
    for number in 0..50 {
        rule(&mut story, &format!("lab.r{number}"));
    }
    story.far.set(Mood::Down(TroubleKind::Unreachable));
    story.seconds(10);
    story.far.asked();
    story.seconds(60);
    let asked = story.far.asked().len();
    assert!(asked <= 10, "{asked} questions in a minute to a source that is down");
}

#[test]
fn a_source_that_answers_probes_but_no_question_is_down_all_the_same() {
    let mut story = story();
    for number in 0..20 {
        let expr = format!("lab.r{number}");
        story.push_far(&expr, &expr, 50.0);
        rule(&mut story, &expr);
    }
    story.seconds(5);
    story.far.set(Mood::Useless(TroubleKind::Nonsense));
    story.seconds(120);
    assert_eq!(story.active(), ["critical far"]);
    assert_eq!(story.causes(), ["far source answers nonsense"]);
    story.far.set(Mood::Well);
    story.seconds(60);
    assert_eq!(story.active(), Vec::<String>::new());
}

#[test]
fn one_heavy_query_is_unknown_and_leaves_the_others_alone() {
    let mut story = story();
    let heavy = rule(&mut story, "lab.heavy");
    rule(&mut story, "lab.cpu");
    story.push_far("lab.heavy", "lab.heavy", 50.0);
    story.seconds(5);
    story.far.make_heavy("lab.heavy");
    story.seconds(10);
    assert_eq!(story.active(), ["unknown lab.heavy"]);
    assert_eq!(story.told(heavy), ["1 ok>unknown query failed"]);
}

#[test]
fn a_refused_query_is_told_even_if_it_never_gave_a_series() {
    let mut story = story();
    let broken = rule(&mut story, "sumSeries(");
    story.far.refuse("sumSeries(", "the bracket is not closed");
    story.seconds(5);
    assert_eq!(story.active(), ["unknown sumSeries("]);
    let told = story.transitions(broken).pop().expect("it was told").transition.message.en;
    assert!(told.contains("the bracket is not closed"), "{told}");

    story.far.accept("sumSeries(");
    story.push_far("sumSeries(", "lab.sum", 50.0);
    story.seconds(5);
    assert_eq!(story.active(), Vec::<String>::new());
}

/// vmalert read a null last point as 0 and fired.
#[test]
fn an_empty_last_bucket_is_not_zero() {
    let mut story = story();
    story.push_far("lab.low", "lab.low", 50.0);
    let low = story.rule(json!({
        "query": {"source": "far", "expr": "lab.low"}, "checks_to_alert": 1,
        "check": {"params": {"direction": "below", "warning": 10, "major": 5, "critical": 1}}
    }));
    story.seconds(5);
    story.push_far("lab.low", "lab.low", f64::NAN);
    story.seconds(1);
    assert_eq!(story.told(low), Vec::<String>::new(), "one empty bucket says nothing");
    story.seconds(30);
    assert_eq!(story.told(low), ["1 ok>unknown not enough data"], "many say that there is no data");
}

#[test]
fn a_series_that_vanishes_from_the_answer_is_unknown() {
    let mut story = story();
    let cpu = rule(&mut story, "lab.*");
    story.push_far("lab.*", "lab.a", 95.0);
    story.push_far("lab.*", "lab.b", 50.0);
    story.seconds(5);
    story.silence_far("lab.*", "lab.b");
    story.seconds(10);
    assert_eq!(story.active(), ["critical lab.a", "unknown lab.b"]);
    assert_eq!(story.state(cpu).series, 2);
}

#[test]
fn a_slow_answer_holds_up_nobody_and_is_judged_for_its_instant() {
    let mut story = story();
    let slow = rule(&mut story, "lab.cpu");
    story.rule(json!({"name": "near"}));
    story.push("lab.cpu", 50.0);
    story.seconds(5);
    story.push_far("lab.cpu", "lab.cpu", 95.0);
    story.far.set(Mood::Silent);
    story.hold("lab.cpu", 95.0, 4);
    assert_eq!(story.active(), ["critical lab.cpu"], "the local rule goes on");
    story.far.set(Mood::Well);
    story.seconds(1);
    assert_eq!(story.told(slow), Vec::<String>::new(), "what was asked late counts once");
    story.seconds(2);
    assert_eq!(story.told(slow), ["1 ok>critical checks to alert"]);
    assert_eq!(story.active().len(), 2);
}

#[test]
fn a_restart_while_a_source_is_down_keeps_its_one_alarm() {
    let mut story = story();
    rule(&mut story, "lab.cpu");
    story.far.set(Mood::Down(TroubleKind::Slow));
    story.seconds(10);
    assert_eq!(story.active(), ["critical far"]);
    story.restart_after(Duration::from_secs(30));
    story.seconds(10);
    assert_eq!(story.active(), ["critical far"]);
    assert_eq!(story.alarms(true)[0].seq, 1, "still the same alarm");
    story.far.set(Mood::Well);
    story.seconds(40);
    assert_eq!(story.active(), Vec::<String>::new());
}

#[test]
fn a_source_that_is_removed_takes_its_alarm_along() {
    let mut story = story();
    story.far.set(Mood::Down(TroubleKind::Refused));
    story.seconds(90);
    assert_eq!(story.active(), ["critical far"]);
    story.remove_far();
    story.seconds(1);
    assert_eq!(story.active(), Vec::<String>::new());
    assert_eq!(story.alarms(false)[0].reason.name(), "source removed");
}

#[test]
fn nobody_asks_a_source_without_rules_but_to_see_whether_it_is_there() {
    let mut story = story();
    story.seconds(600);
    assert_eq!(story.far.asked(), Vec::<String>::new());
    assert!((5..=15).contains(&story.far.probes()), "{} probes in ten minutes", story.far.probes());
}

#[test]
fn samples_that_a_set_clock_hides_raise_no_alarm_of_their_own() {
    let mut story = story();
    for number in 0..20 {
        let expr = format!("lab.r{number}");
        story.push_far(&expr, &expr, 50.0);
        rule(&mut story, &expr);
    }
    story.seconds(5);
    // The source's clock stays right: what it has is an hour old by ours.
    for number in 0..20 {
        story.silence_far(&format!("lab.r{number}"), &format!("lab.r{number}"));
    }
    story.clock.step_wall(3_600_000);
    story.seconds(60);
    assert_eq!(story.active(), ["warning clock"]);
}
