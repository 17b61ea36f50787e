//! Messages by `opcmsg`: a program with the real one's syntax, limits and exit codes takes them.

use atalaya::domain::{Millis, Severity};
use atalaya::notify::{Around, Failure, Way};
use atalaya_api::delivery::DeliveryKind;
use atalaya_api::receiver::{OvoWay, ReceiverDraft, ReceiverKind};
use atalaya_tests::opcmsg::Opcmsg;

const AT: Millis = Millis(784_111_740_000);

fn connect(opcmsg: &Opcmsg) -> Box<dyn Way> {
    let way = OvoWay { application: "Atalaya".to_owned(), msg_group: "OSS".to_owned(), ..OvoWay::default() };
    let draft = ReceiverDraft { kind: ReceiverKind::Ovo, ovo: Some(way), ..ReceiverDraft::default() };
    crate::way(draft, "", Around { opcmsg: Some(opcmsg.path()), ..Around::default() })
}

#[test]
fn an_alarm_is_raised_and_becomes_normal() {
    let opcmsg = Opcmsg::new();
    let ovo = connect(&opcmsg);
    for severity in [Some(Severity::Critical), Some(Severity::Unknown), None] {
        ovo.send(&crate::message(DeliveryKind::Changed, "router1.cpu", severity, AT)).expect("it is taken");
    }
    let calls = opcmsg.calls();
    let severities: Vec<&str> = calls.iter().map(|call| call[0].as_str()).collect();
    assert_eq!(severities, ["severity=critical", "severity=minor", "severity=normal"]);
    let expected = [
        "application=Atalaya",
        "object=router1.cpu",
        "msg_text=CRÍTICA router1.cpu 95,5 % 09:49 - Núcleo - CPU",
        "msg_grp=OSS",
        "-option",
        "atalaya_key=key-1",
        "-option",
        "atalaya_alarm=07070707-0707-0707-0707-070707070707",
    ];
    assert_eq!(calls[0][1..], expected);
}

#[test]
fn whatever_strangers_write_is_within_the_limits_and_nothing_but_a_value() {
    let opcmsg = Opcmsg::new();
    let ovo = connect(&opcmsg);
    let subjects = [
        "-option x=y".to_owned(),
        "a\r\nseverity=normal".to_owned(),
        "a\0b\u{1b}[31m\u{7f}".to_owned(),
        "\"; rm -rf / #`id`$(id)'".to_owned(),
        "=".to_owned(),
        "ñ".repeat(5_000),
        format!("x{}", "😀".repeat(5_000)),
    ];
    for subject in &subjects {
        let message = crate::message(DeliveryKind::Raised, subject, Some(Severity::Major), AT);
        ovo.send(&message).unwrap_or_else(|failure| panic!("{subject:?}: {failure:?}"));
    }
    let calls = opcmsg.calls();
    assert_eq!(calls.len(), subjects.len());
    assert!(calls.iter().all(|call| call.len() == 9 && call[0] == "severity=major"), "{calls:?}");
}

#[test]
fn an_agent_that_is_not_running_is_asked_again_later() {
    let opcmsg = Opcmsg::new();
    let ovo = connect(&opcmsg);
    opcmsg.set_broken(true);
    let message = crate::message(DeliveryKind::Raised, "a", Some(Severity::Major), AT);
    let failure = ovo.send(&message).expect_err("it is not running");
    assert!(
        matches!(&failure, Failure::Retryable { answer, .. } if answer.contains("OpC30-1")),
        "{failure:?}"
    );
    opcmsg.set_broken(false);
    ovo.send(&message).expect("it runs again");
    assert_eq!(opcmsg.calls().len(), 1);
}
