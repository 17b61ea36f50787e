//! Files as people have them, and rules that come back as they were.

mod round;

use std::collections::HashMap;

use atalaya_api::rule::{CheckUse, Query, RuleDraft};
use jiff::tz::TimeZone;
use serde_json::json;

use super::cell::{self, Ground, guarded, unguarded};
use super::history::{self, History};
use super::{Column, Columns, Table, documents, plain};
use crate::domain::{Millis, Severity};

pub(super) fn ground() -> Ground {
    let query =
        Query { source: "main".to_owned(), expr: String::new(), unit: None, dashboard: None, panel: None };
    let usual = RuleDraft {
        name: String::new(),
        query,
        check: CheckUse { name: "threshold".to_owned(), params: json!({}) },
        ..serde_json::from_value(json!({
            "name": "", "query": {"source": "", "expr": ""}, "check": {"name": ""}, "checks_to_alert": 5
        }))
        .expect("a draft")
    };
    Ground { usual, periods: HashMap::from([(plain("Horas de oficina"), "office".to_owned())]) }
}

/// The rules of a file, with what is wrong by line.
fn rules(bytes: &[u8]) -> (Vec<RuleDraft>, Vec<(u64, String)>) {
    let (table, ground) = (Table::read(bytes, 100).expect("a table"), ground());
    let columns = Columns::read(&table.headings).expect("columns");
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let mut draft = ground.usual.clone();
        for (column, place) in &columns.known {
            let cell = row.cells.get(*place).unwrap_or_default();
            if let Err(fault) = cell::set(&mut draft, *column, cell, &ground) {
                wrong.push((row.line, format!("{}: {}", fault.field, fault.words.en)));
            }
        }
        cell::complete(&mut draft);
        rules.push(draft);
    }
    (rules, wrong)
}

const GRALARMAS: &str = "Dashboard;Panel;Métrica;Warning;Mayor;Crítica;Envío SMS;Envío OVO;Checks alerta;Checks OK;Periodo alerta;Margen OK (%)\r\n\
    Red;Tráfico;\"aliasByNode(junos.R1.ge-0_0_1, 1, 2)\";70,5;80;90;Sí;No;4;1;24x7;10 %\r\n\
    \r\n\
    Red;Saltos;junos.R1.up;90;;10;no;sí;;;Periodo diurno;2,5\r\n\
    Red;Otra;junos.R1.x;1;2;3;x;;;;Horas de oficina;\r\n";

fn is_read_right(bytes: &[u8]) {
    let (rules, wrong) = rules(bytes);
    assert_eq!(wrong, []);
    let one = &rules[0];
    assert_eq!(
        (one.name.as_str(), one.query.expr.as_str()),
        ("aliasByNode(junos.R1.ge-0_0_1, 1, 2)", one.name.as_str())
    );
    assert_eq!((one.query.dashboard.as_deref(), one.query.panel.as_deref()), (Some("Red"), Some("Tráfico")));
    assert_eq!(one.check.params, json!({"direction": "above", "warning": 70.5, "major": 80, "critical": 90}));
    assert_eq!((one.notify.sms, one.notify.ovo, one.checks_to_alert, one.checks_to_ok), (true, false, 4, 1));
    assert_eq!((one.period.as_str(), one.ok_margin), ("24x7", 10.0));
    let two = &rules[1];
    assert_eq!(
        two.check.params,
        json!({"direction": "below", "warning": 90, "critical": 10}),
        "thresholds that fall"
    );
    assert_eq!((two.checks_to_alert, two.checks_to_ok), (5, 2), "an empty cell is what new rules have");
    assert_eq!((two.period.as_str(), two.ok_margin, two.notify.ovo), ("daytime", 2.5, true));
    assert_eq!((rules[2].period.as_str(), rules[2].ok_margin, rules[2].notify.sms), ("office", 10.0, true));
}

#[test]
fn a_file_of_gralarmas_is_read_whatever_wrote_it() {
    is_read_right(GRALARMAS.as_bytes());
    is_read_right(format!("\u{feff}{GRALARMAS}").as_bytes());
    is_read_right(GRALARMAS.replace("\r\n", "\n").as_bytes());
    is_read_right(format!("sep=;\r\n{GRALARMAS}").as_bytes());
    is_read_right(GRALARMAS.replace(';', "\t").as_bytes());
    is_read_right(GRALARMAS.replace("Métrica", "METRICA").replace("Envío", "envio").as_bytes());
    let latin: Vec<u8> = GRALARMAS.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    is_read_right(&latin);
    assert!(Table::read(&latin, 9).expect("a table").notes[0].en.contains("Latin-1"));
    let units: Vec<u8> =
        std::iter::once(0xFEFF).chain(GRALARMAS.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    is_read_right(&units);
}

#[test]
fn every_line_has_its_number_and_every_wrong_cell_its_field() {
    let text =
        "metric,warning,sms,interval,labels,params,no data\n\"a\nb\",x,,,,,\nc,1,perhaps,5,a,[],later\n";
    let (_, wrong) = rules(text.as_bytes());
    let told: Vec<String> = wrong
        .iter()
        .map(|(line, fault)| format!("{line} {}", fault.split(':').next().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        ["2 check.params.warning", "4 check.params", "4 interval", "4 no_data", "4 notify.sms", "4 labels"]
    );
}

#[test]
fn a_line_that_only_says_what_stands_between_cells_counts_as_one() {
    let table = Table::read(b"sep=;\r\nexpr;sms\r\na;maybe\r\n", 9).expect("a table");
    assert_eq!(table.rows[0].line, 3);
    for text in ["expr\r\n\r\n\"a\r\nb\"\r\nc\r\n", "expr\n\n\"a\nb\"\nc"] {
        let table = Table::read(text.as_bytes(), 9).expect("a table");
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5], "{text:?}");
    }
}

#[test]
fn columns_that_are_wrong_are_told_with_the_nearest() {
    let read =
        |headings: &[&str]| Columns::read(&headings.iter().map(ToString::to_string).collect::<Vec<_>>());
    let columns = read(&["Métrica", "Warnning", "Color del semáforo", ""]).expect("columns");
    let notes: Vec<&str> = columns.notes.iter().map(|note| note.en.as_str()).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].contains("did you mean \"warning\""), "{notes:?}");
    assert!(notes[1].contains("was not used."), "{notes:?}");
    let twice = read(&["expr", "Métrica"]).expect_err("twice");
    assert!(twice.0.en.contains("mean the same"), "{twice}");
    let none = read(&["Dashboard", "Metrca"]).expect_err("no metric");
    assert!(none.0.es.contains("¿Quería decir \"Metrca\"?"), "{}", none.0.es);
}

#[test]
fn what_is_no_table_is_refused_in_words() {
    for (bytes, part) in [
        (&b""[..], "empty"),
        (b"\n\n \n", "empty"),
        (b"PK\x03\x04\0\0", "no text file"),
        (b"a\n1\n2\n3\n", "more than 2 rows"),
    ] {
        let said = Table::read(bytes, 2).expect_err("it is none").0.en;
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_cell_that_looks_like_a_formula_is_made_safe_and_comes_back() {
    for text in ["=1+1", "+a", "-b", "@c", "\td", "\nd", "'=e", "''-f", "'", "g", "", "-5", "+7", "'quoted'"]
    {
        let safe = guarded(text);
        assert_eq!(unguarded(&safe), text);
        let is_number = safe.parse::<f64>().is_ok();
        assert!(is_number || !safe.starts_with(['=', '+', '-', '@', '\t', '\n']), "{safe}");
    }
}

#[test]
fn every_column_is_found_by_its_own_heading() {
    for (place, column) in Column::all().enumerate() {
        assert_eq!(column as usize, place, "the table is in the order of the columns");
        let found = Columns::read(&["expr".to_owned(), column.heading().to_owned()]);
        assert!(column == Column::Expr || found.is_ok_and(|found| found.has(column)), "{column:?}");
    }
}

#[test]
fn what_is_no_list_of_rules_is_told_with_its_place() {
    for bad in ["a: [1", "a: 1\nb: 2", "- a\n  - : ]"] {
        let said = documents(bad.as_bytes()).expect_err("it is none").0.en;
        assert!(said.contains("line "), "{said}");
    }
    assert!(documents(b"").expect("nothing").is_empty());
    let found = documents(b"# rules\n- name: a\n  enabled: no\n\n- name: b\n").expect("a list");
    assert_eq!(found.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(found[0].value, json!({"name": "a", "enabled": "no"}), "a word is a word");
    let bomb = "- &a [x,x,x,x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
        - &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n- &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n- &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
        - &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n- &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n- &i [*h,*h,*h,*h,*h,*h,*h,*h,*h]\n";
    assert!(documents(bomb.as_bytes()).is_err());
}

fn at(text: &str) -> Millis {
    text.parse::<jiff::Timestamp>().expect("an instant").into()
}

fn read_history(text: &str) -> History {
    let zone = TimeZone::get("Europe/Madrid").expect("a zone");
    history::read(text.as_bytes(), &zone, at("2026-12-31T00:00:00Z")).expect("a history")
}

const HEADINGS: &str = "Dashboard;Panel;Métrica;Último dato;Estado;Inicio de alarma;Fin de alarma\n";

#[test]
fn a_history_is_read_in_its_zone() {
    let history = read_history(&format!(
        "{HEADINGS}Red;Tráfico;a.b;95,3 %;Crítica;01/07/2026 10:00;01/07/2026 10:30:15\nRed;;c;;Mayor;2026-01-02T08:00:00Z;2/1/2026 9:05\n"
    ));
    assert!(history.refused.is_empty() && history.notes.is_empty(), "{history:?}");
    let one = &history.alarms[0];
    assert_eq!((one.raised_at, one.cleared_at), (at("2026-07-01T08:00:00Z"), at("2026-07-01T08:30:15Z")));
    assert_eq!(
        (&*one.metric, one.value, one.severity, one.is_open),
        ("a.b", Some(95.3), Severity::Critical, false)
    );
    let two = &history.alarms[1];
    assert_eq!((two.raised_at, two.cleared_at), (at("2026-01-02T08:00:00Z"), at("2026-01-02T08:05:00Z")));
    assert_eq!((two.panel.as_deref(), two.value, two.severity), (None, None, Severity::Major));
}

#[test]
fn an_alarm_without_an_end_ends_at_the_latest_time_of_the_file_and_that_is_told() {
    let history = read_history(&format!(
        "{HEADINGS};;a;1;Warning;01/01/2026 10:00;\n;;b;1;Warning;01/01/2026 11:00;01/01/2026 12:00\n;;c;1;Warning;01/01/2026 09:00;-\n"
    ));
    let ends: Vec<(Millis, bool)> =
        history.alarms.iter().map(|alarm| (alarm.cleared_at, alarm.is_open)).collect();
    let latest = at("2026-01-01T11:00:00Z");
    assert_eq!(ends, [(latest, true), (latest, false), (latest, true)]);
    assert!(history.notes[0].en.starts_with("Alarms without an end: 2."), "{:?}", history.notes);
}

#[test]
fn in_the_hour_that_comes_twice_an_end_is_not_before_its_beginning() {
    let history = read_history(&format!(
        "{HEADINGS};;a;1;Warning;25/10/2026 02:50;25/10/2026 02:10\n;;b;1;Warning;25/10/2026 02:10;25/10/2026 02:50\n"
    ));
    let lengths: Vec<i64> =
        history.alarms.iter().map(|alarm| alarm.cleared_at.since(alarm.raised_at) / 60_000).collect();
    assert_eq!(lengths, [20, 40]);
}

#[test]
fn every_row_that_tells_of_no_alarm_is_refused_with_its_reasons() {
    let history = read_history(&format!(
        "{HEADINGS};;;1;OK;32/01/2026 10:00;\n;;a;x;Warning;01/01/2027 10:00;01/01/2026 10:00\n;;a;1;Warning;01/01/2026 10:00;yesterday\n"
    ));
    let told: Vec<(u64, Vec<&str>)> = history
        .refused
        .iter()
        .map(|one| (one.line, one.wrong.iter().map(|wrong| wrong.field.as_str()).collect()))
        .collect();
    let (start, end) = ("Inicio de alarma", "Fin de alarma");
    assert_eq!(
        told,
        [(2, vec!["Métrica", "Estado", start]), (3, vec![start, end, "Último dato"]), (4, vec![end])]
    );
    assert_eq!((history.read, history.alarms.len()), (3, 0));
}

#[test]
fn a_history_without_its_columns_is_refused() {
    let zone = TimeZone::UTC;
    let said =
        history::read(b"Dashboard;Panel;Metrca;Estado\n", &zone, Millis(0)).expect_err("no metric").0.es;
    assert!(said.contains("Faltan estas columnas: Métrica, Inicio de alarma"), "{said}");
    assert!(said.contains("¿quería decir \"Métrica\"?"), "{said}");
}
