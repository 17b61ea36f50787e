use atalaya_api::delivery::DeliveryKind;

use super::*;
use crate::domain::Texts;
use crate::notify::samples::fixed::{self, cleared, message, raised};

fn spanish() -> Manner {
    Manner::new("es", "Europe/Madrid", "https://atalaya.example.org/")
}

fn english() -> Manner {
    Manner::new("en", "Europe/Madrid", "https://atalaya.example.org")
}

fn several(kind: DeliveryKind, severities: &[(usize, Severity)]) -> Message {
    message(kind, fixed::several(severities))
}

#[test]
fn a_title_says_how_bad_what_which_and_how_much() {
    let one = message(DeliveryKind::Raised, vec![raised()]);
    assert_eq!(title(&one, "en"), "Critical · CPU router1 · lab.router1.cpu · 95.5 %");
    assert_eq!(title(&one, "es"), "Crítica · CPU router1 · lab.router1.cpu · 95,5 %");
    let over = message(DeliveryKind::Cleared, vec![cleared()]);
    assert_eq!(title(&over, "es"), "Cesada · CPU router1 · lab.router1.cpu · 12 %");
    let still = message(DeliveryKind::Reminder, vec![raised()]);
    assert_eq!(title(&still, "en"), "Still critical · CPU router1 · lab.router1.cpu · 95.5 %");
    let risen = Said { before: Some(Severity::Warning), ..raised() };
    let changed = message(DeliveryKind::Changed, vec![risen]);
    assert_eq!(title(&changed, "es"), "Crítica (antes warning) · CPU router1 · lab.router1.cpu · 95,5 %");
    assert_eq!(title(&message(DeliveryKind::Test, vec![]), "es"), "Mensaje de prueba de Atalaya");
}

#[test]
fn what_is_of_no_rule_is_called_by_its_own_name() {
    let source = Said {
        rule: None,
        rule_name: String::new(),
        subject: "graphite".to_owned(),
        value: None,
        ..raised()
    };
    let one = message(DeliveryKind::Raised, vec![source]);
    assert_eq!(title(&one, "en"), "Critical · graphite");
}

#[test]
fn a_group_names_what_is_common_and_the_first_two() {
    let seven = several(DeliveryKind::Group, &[(7, Severity::Major)]);
    assert_eq!(title(&seven, "es"), "7 Mayor · Nbr. Disconnected eNodeB · AND000, AND001 +5");
    let mixed = several(DeliveryKind::Group, &[(1, Severity::Critical), (2, Severity::Major)]);
    assert_eq!(title(&mixed, "en"), "1 critical, 2 major · Nbr. Disconnected eNodeB · AND000, AND001 +1");
    let mut panel = several(DeliveryKind::Group, &[(2, Severity::Major)]);
    panel.alarms[0].rule_name = "another".to_owned();
    assert_eq!(title(&panel, "en"), "2 Major · eNodeB · AND000, AND001");
}

#[test]
fn a_group_that_is_told_again_says_so_first() {
    let mut again = several(DeliveryKind::Group, &[(2, Severity::Major)]);
    again.alarms.iter_mut().for_each(|said| said.before = said.severity);
    assert_eq!(title(&again, "en"), "Still 2 Major · Nbr. Disconnected eNodeB · AND000, AND001");
    assert_eq!(title(&again, "es"), "Siguen 2 Mayor · Nbr. Disconnected eNodeB · AND000, AND001");
}

#[test]
fn a_summary_counts_by_severity_worst_first() {
    let flood = several(
        DeliveryKind::Summary,
        &[(1, Severity::Critical), (12, Severity::Major), (986, Severity::Warning)],
    );
    assert_eq!(title(&flood, "es"), "1 crítica, 12 mayor, 986 warning");
    assert_eq!(title(&flood, "en"), "1 critical, 12 major, 986 warning");
    let text = text(&flood, &english());
    assert_eq!(text.lines().filter(|line| line.contains("AND")).count(), LISTED);
    assert!(text.ends_with("and 979 more\nhttps://atalaya.example.org"), "{text}");
}

#[test]
fn a_text_holds_what_whoever_is_called_needs() {
    let said = text(&message(DeliveryKind::Raised, vec![raised()]), &spanish());
    let link = format!("Ver: https://atalaya.example.org/history/{}", raised().alarm);
    let wanted = [
        "Crítica · CPU router1 · lab.router1.cpu · 95,5 %",
        "Métrica: CPU router1",
        "Serie: lab.router1.cpu",
        "Valor: 95,5 %",
        "Desde: 15/01/2027 08:50:00 CET",
        "Tablero: Routers · CPU",
        "Qué: está por encima de 90",
        "Nota: Primera línea",
        "Segunda línea",
        "Qué hacer: https://wiki.example.org/cpu",
        &link,
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);
    let over = text(&message(DeliveryKind::Cleared, vec![cleared()]), &english());
    assert!(over.contains("Until: 2027-01-15 09:00:00 CET\nLasted: 10 min\n"), "{over}");
}

#[test]
fn names_of_strangers_bring_no_lines_and_no_hidden_signs() {
    let evil = "a\r\nBcc: all@example.org\u{202e}\u{0}<b>=1+1";
    let said = Said {
        subject: evil.to_owned(),
        rule_name: evil.to_owned(),
        panel: Some(evil.to_owned()),
        unit: Some(evil.to_owned()),
        message: Texts { en: evil.to_owned(), es: evil.to_owned() },
        ..raised()
    };
    for kind in [DeliveryKind::Raised, DeliveryKind::Group, DeliveryKind::Changed] {
        let one = message(kind, vec![said.clone(), said.clone()]);
        assert!(!title(&one, "en").contains(['\r', '\n', '\0', '\u{202e}']), "{:?}", title(&one, "en"));
        let text = text(&one, &english());
        assert!(!text.contains(['\r', '\0', '\u{202e}']) && !text.contains("\nBcc"), "{text:?}");
    }
}

#[test]
fn names_without_end_make_no_title_without_end() {
    let said = Said { subject: "x".repeat(100_000), rule_name: "ñ".repeat(100_000), ..raised() };
    let title = title(&message(DeliveryKind::Raised, vec![said]), "en");
    assert!(title.chars().count() <= LONGEST_TITLE, "{title}");
}

#[test]
fn templates_say_it_in_words_of_ones_own() {
    let words = MessageWords {
        title: "[{{ severity|upper }}]\n{{ subject }}".to_owned(),
        text: "{% for a in alarms %}{{ a.name }}={{ a.value }}\n{% endfor %}{{ link }}".to_owned(),
    };
    let wording = Wording::new(&words, english()).expect("they are templates");
    let one = message(DeliveryKind::Raised, vec![raised()]);
    assert_eq!(wording.title(&one), "[CRITICAL] lab.router1.cpu");
    assert_eq!(
        wording.text(&one),
        format!("CPU router1=95.5 %\nhttps://atalaya.example.org/history/{}", raised().alarm)
    );
    let test = message(DeliveryKind::Test, vec![]);
    assert_eq!(wording.title(&test), "[]");
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_its_line() {
    let wrong = |text: &str| {
        let words = MessageWords { title: String::new(), text: text.to_owned() };
        let one = message(DeliveryKind::Raised, vec![raised()]);
        let wrong = Wording::new(&words, english()).and_then(|wording| wording.tried(&one)).expect_err(text);
        assert_eq!(wrong.field, "words.text");
        assert!(!wrong.words.es.is_empty());
        wrong.words.en
    };
    let syntax = wrong("fine\n{% if x %}");
    assert!(syntax.starts_with("line 2: this is no template: "), "{syntax}");
    assert_eq!(wrong("{{ name }}\n{{ vlaue }}"), "line 2: there is no \"vlaue\"; did you mean value?");
    let inner = wrong("{% for a in alarms %}\n\n{{ a.subjct }}{% endfor %}");
    assert!(inner.starts_with("line 3: there is no ") && inner.ends_with("did you mean subject?"), "{inner}");
    assert!(wrong("{{ name|nothing }}").starts_with("line 1: "));
    assert!(wrong(&"x".repeat(4_001)).contains("4000"));
}

#[test]
fn a_template_neither_runs_for_ever_nor_fills_memory() {
    let loops = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
    let grows = "{% set ns = namespace(s='xxxxxxxxxx') %}{% for a in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}";
    let huge = "{{ 'x' * 1000000000 }}";
    let deep = format!("{}1{}", "{% if 1 %}".repeat(190), "{% endif %}".repeat(190));
    let calls = format!("{{{{ {}1{} }}}}", "(".repeat(1_900), ")".repeat(1_900));
    for text in [loops, grows, huge, &deep, &calls] {
        let words = MessageWords { title: String::new(), text: text.to_owned() };
        let one = message(DeliveryKind::Raised, vec![raised()]);
        if let Ok(wording) = Wording::new(&words, english()) {
            assert!(wording.text(&one).len() < 4 * LONGEST_TEXT);
        }
        let failed = Wording::new(&words, english()).and_then(|wording| wording.tried(&one));
        assert!(failed.is_err() || text == deep, "{text}");
    }
}

#[test]
fn a_template_that_fails_on_a_message_gives_way_to_the_usual_words() {
    let words =
        MessageWords { title: "{{ alarms[3].name }}".to_owned(), text: "{{ 1 // count }}".to_owned() };
    let wording = Wording::new(&words, english()).expect("they are templates");
    let one = message(DeliveryKind::Raised, vec![raised()]);
    assert_eq!(wording.title(&one), title(&one, "en"));
    assert_eq!(
        wording.text(&message(DeliveryKind::Test, vec![])),
        text(&message(DeliveryKind::Test, vec![]), &english())
    );
}

#[test]
fn without_an_address_there_are_no_links() {
    let manner = Manner::new("en", "Nowhere/At_all", "");
    let said = text(&message(DeliveryKind::Raised, vec![raised()]), &manner);
    assert!(!said.contains("See:") && said.contains("UTC"), "{said}");
}
