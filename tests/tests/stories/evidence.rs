use std::time::Duration;

use atalaya::domain::Reason;
use atalaya::replay;
use atalaya_tests::story::Story;
use serde_json::json;

/// Every transition of a lively hour is judged again from what was stored with it, and comes out the same.
#[test]
fn stored_evidence_is_enough_to_judge_every_transition_again() {
    let mut story = Story::new();
    let rule = story.rule(json!({"query": {"expr": "lab.*"}}));
    for round in 0..120_u32 {
        for series in 0..5_u32 {
            // Values that wander over all levels, now and then silent, the same each time.
            let wander = (round * 7 + series * 13) * (series + 3) % 110;
            let name = format!("lab.s{series}");
            if wander % 11 == 0 { story.silence(&name) } else { story.push(&name, f64::from(wander) + 0.1) }
        }
        story.seconds(4);
    }
    let transitions = story.transitions(rule);
    assert!(transitions.len() > 100, "only {} transitions", transitions.len());
    for row in &transitions {
        assert_eq!(story.replays(row), Some(true), "{row:?}");
        let run = story.evidence(row).expect("verdicts leave evidence");
        let t = &row.transition;
        assert_eq!(replay::leads_to(&run, t.reason), Some(t.after), "{row:?}");
    }
}

#[test]
fn evidence_holds_the_run_that_decided_and_stays_small() {
    let mut story = Story::new();
    let rule = story.rule(json!({"check": {"params": {"look_back": 12}}}));
    story.hold("lab.cpu", 50.0, 20);
    story.hold("lab.cpu", 95.0, 3);
    let row = &story.transitions(rule)[0];
    let run = story.evidence(row).expect("a raise leaves evidence");
    assert_eq!(run.evaluations.len(), 3);
    assert_eq!(run.evaluations[2].times.len(), 12);
    let bytes = row.transition.evidence.as_ref().expect("as above").len();
    assert!(bytes < 450, "{bytes} bytes");
}

#[test]
fn a_restart_in_the_middle_of_a_run_loses_no_evidence() {
    let mut story = Story::new();
    // A window of one second, so that the run goes on right after the restart.
    let rule = story.rule(json!({"check": {"params": {"look_back": 1}}, "checks_to_alert": 4}));
    story.hold("lab.cpu", 95.0, 2);
    story.restart_after(Duration::ZERO);
    story.seconds(3);
    let rows = story.transitions(rule);
    assert_eq!(story.told(rule), ["1 ok>critical checks to alert"]);
    assert_eq!(rows[0].transition.reason, Reason::ChecksToAlert);
    assert_eq!(story.evidence(&rows[0]).expect("it was stored").evaluations.len(), 4);
    assert_eq!(story.replays(&rows[0]), Some(true));
}

#[test]
fn a_check_with_memory_is_judged_again_with_the_memory_it_had() {
    let mut story = Story::new();
    let rule = story.rule(json!({"check": {"name": "counts", "params": {}}, "checks_to_alert": 1}));
    story.hold("lab.cpu", 1.0, 60);
    for row in story.transitions(rule) {
        assert_eq!(story.replays(&row), Some(true), "{row:?}");
    }
}
