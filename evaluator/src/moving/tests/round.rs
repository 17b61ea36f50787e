//! What was written is read as it was, whatever is in it.

use std::collections::BTreeMap;

use atalaya_api::level::Level;
use atalaya_api::rule::{CheckUse, NoData, Notify, Origin, Query, ReceiverUse, RuleDraft, TemplateUse};
use atalaya_api::span::Span;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::ground;
use crate::moving::{Column, Columns, Table, cell, documents, yaml};

/// Texts that formats and spreadsheets take for something else, and any others.
fn text() -> impl Strategy<Value = String> {
    let hard = [
        "no",
        "yes",
        "null",
        "~",
        "1e3",
        "0x1F",
        "2026-01-01",
        "- a",
        "a: b",
        "# x",
        "=1+1",
        "@a",
        "'=b",
        "-5",
        "a;b,c",
        "\"q\"",
        "a\nb\r\nc",
        " spaces ",
        "{}",
        "[a]",
        "&x",
        "*x",
        "!t",
        "|",
        ">",
        "%",
        "ñ€",
        "\t",
        "''",
        "\u{2028}x",
        "NaN",
        "12:30:45",
        "...",
        "---",
        "\\",
        "\u{feff}",
    ];
    prop_oneof![prop::sample::select(hard.to_vec()).prop_map(str::to_owned), "[ -~áñ€\n\r\t]{0,12}"]
}

fn full() -> impl Strategy<Value = String> {
    text().prop_map(|text| if text.trim().is_empty() { "x".to_owned() } else { text })
}

/// Empty texts and none are one in a cell.
fn maybe() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text().prop_map(|text| if text.is_empty() { "x".to_owned() } else { text }))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>()
            .prop_filter("JSON has finite ones", |number| number.is_finite())
            .prop_map(|number| json!(number)),
        any::<i64>().prop_map(|number| json!(number)),
        text().prop_map(|text| json!(text)),
        prop::sample::select(vec!["above", "menor", ">"]).prop_map(|word| json!(word)),
        any::<bool>().prop_map(|flag| json!(flag)),
        Just(Value::Null),
        prop::collection::vec(any::<i32>(), 0..3).prop_map(|list| json!(list)),
    ]
}

fn params() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec!["direction", "warning", "major", "critical", "look_back"])
            .prop_map(str::to_owned),
        text()
    ];
    prop::collection::btree_map(name, value(), 0..6).prop_map(|map| json!(map))
}

fn query() -> impl Strategy<Value = Query> {
    (full(), maybe(), maybe(), maybe()).prop_map(|(expr, unit, dashboard, panel)| Query {
        source: "main".to_owned(),
        expr,
        unit,
        dashboard,
        panel,
    })
}

fn notify() -> impl Strategy<Value = Notify> {
    let level = prop::sample::select(vec![Level::Warning, Level::Major, Level::Critical]);
    let receiver = (text(), level).prop_map(|(id, from)| ReceiverUse { id, from });
    (any::<bool>(), any::<bool>(), prop::collection::vec(receiver, 0..3))
        .prop_map(|(sms, ovo, receivers)| Notify { sms, ovo, receivers })
}

fn origin() -> impl Strategy<Value = Option<Origin>> {
    let variables = || prop::collection::btree_map(text(), prop::collection::vec(text(), 0..2), 0..2);
    let origin = (text(), text(), variables(), variables(), prop::option::of(text()));
    prop::option::of(origin.prop_map(|(dashboard, query, variables, all, kept)| Origin {
        dashboard,
        panel: 3,
        ref_id: "A".to_owned(),
        query,
        variables,
        all,
        kept,
    }))
}

fn rule() -> impl Strategy<Value = RuleDraft> {
    let settings = (1..=100_u8, 1..=100_u8, 0.0..=100.0_f64, prop::option::of(1..86_400_u32), any::<bool>());
    let no_data = prop::sample::select(vec![NoData::Alarm, NoData::Keep, NoData::Ok]);
    let labels = prop::collection::btree_map(text(), text(), 0..3);
    let template = prop::option::of((text(), text()).prop_map(|(id, set)| TemplateUse {
        id,
        set,
        overrides: vec!["note".to_owned()],
    }));
    let words = (full(), text(), maybe(), no_data, labels);
    (query(), params(), notify(), settings, words, origin(), template).prop_map(
        |(query, params, notify, settings, (name, note, web, no_data, labels), origin, template)| {
            let (checks_to_alert, checks_to_ok, ok_margin, interval, enabled) = settings;
            let labels: BTreeMap<String, String> = labels;
            RuleDraft {
                name,
                query,
                check: CheckUse { name: "other".to_owned(), params },
                interval: interval.map(Span),
                checks_to_alert,
                checks_to_ok,
                ok_margin,
                period: "24x7".to_owned(),
                no_data,
                time_zone: Some("Europe/Madrid".to_owned()),
                notify,
                enabled,
                labels,
                note,
                runbook_url: web.map(|web| format!("https://example.org/{}", web.trim())),
                origin,
                template,
            }
        },
    )
}

fn csv_of(rules: &[RuleDraft]) -> Vec<u8> {
    let ids = rules.iter().enumerate().map(|(n, rule)| (n.to_string(), rule));
    let mut bytes = cell::heading();
    bytes.extend(cell::rows(ids));
    bytes
}

fn read_csv(bytes: &[u8], before: Option<&[RuleDraft]>) -> Vec<RuleDraft> {
    let (table, ground) = (Table::read(bytes, 100).expect("a table"), ground());
    let columns = Columns::read(&table.headings).expect("columns");
    let read = |(n, row): (usize, &super::super::Row)| {
        let mut draft = before.map_or_else(|| ground.usual.clone(), |before| before[n].clone());
        for (column, place) in &columns.known {
            let cell = row.cells.get(*place).expect("a cell");
            cell::set(&mut draft, *column, cell, &ground).expect("what was written can be read");
        }
        cell::complete(&mut draft);
        draft
    };
    table.rows.iter().enumerate().map(read).collect()
}

proptest! {
    #[test]
    fn rules_come_back_from_csv_as_they_were(rules in prop::collection::vec(rule(), 1..5)) {
        prop_assert_eq!(&read_csv(&csv_of(&rules), None), &rules);
    }

    #[test]
    fn what_was_exported_changes_nothing(rules in prop::collection::vec(rule(), 1..5)) {
        prop_assert_eq!(&read_csv(&csv_of(&rules), Some(&rules)), &rules);
    }

    #[test]
    fn rules_come_back_from_yaml_as_they_were(rules in prop::collection::vec(rule(), 1..5)) {
        let (first, second) = rules.split_at(1);
        let text = [first, second].map(|some| {
            yaml(some.iter().map(|rule| ("7".to_owned(), rule))).expect("a rule can be written")
        }).concat();
        let read: Vec<RuleDraft> = documents(text.as_bytes()).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?
            .into_iter()
            .map(|mut one| {
                one.value.as_object_mut().expect("an object").remove("id");
                serde_json::from_value(one.value).expect("a rule")
            })
            .collect();
        prop_assert_eq!(&read, &rules, "{}", text);
    }

    #[test]
    fn no_cell_of_an_export_is_a_formula(rules in prop::collection::vec(rule(), 1..3)) {
        let table = Table::read(&csv_of(&rules), 100).expect("a table");
        for cell in table.rows.iter().flat_map(|row| row.cells.iter()) {
            prop_assert!(cell.parse::<f64>().is_ok() || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{}", cell);
        }
    }
}

#[test]
fn headings_are_written_in_the_order_of_the_columns() {
    let table = Table::read(&cell::heading(), 1).expect("headings");
    assert!(Column::all().map(Column::heading).eq(table.headings.iter().map(String::as_str)));
}
