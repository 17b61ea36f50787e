use atalaya_api::rule::Origin;

use super::*;
use crate::logic::query::{parse, write};

fn target(ref_id: &str, variables: &[&str]) -> Target {
    Target {
        ref_id: ref_id.to_owned(),
        query: Some(format!("lab.$host.{ref_id}")),
        alias: None,
        hidden: false,
        source: Some("graphite".to_owned()),
        variables: variables.iter().map(|name| (*name).to_owned()).collect(),
        configured: Vec::new(),
        problem: None,
    }
}

fn panel(id: i64, row: Option<&str>, targets: Vec<Target>) -> Panel {
    Panel {
        id,
        title: format!("Panel {id}"),
        row: row.map(str::to_owned),
        kind: "graph".to_owned(),
        unit: None,
        thresholds: Vec::new(),
        targets,
    }
}

fn variable(name: &str, multi: bool, current: &[&str]) -> Variable {
    Variable {
        name: name.to_owned(),
        label: name.to_owned(),
        kind: "query".to_owned(),
        multi,
        include_all: true,
        current: current.iter().map(|value| (*value).to_owned()).collect(),
    }
}

fn dashboard(panels: Vec<Panel>, variables: Vec<Variable>) -> Dashboard {
    Dashboard {
        uid: "core".to_owned(),
        title: "Core".to_owned(),
        folder: None,
        url: None,
        panels,
        variables,
        problems: Vec::new(),
        loaded_at: atalaya_api::Timestamp::UNIX_EPOCH,
    }
}

fn metric(ref_id: &str, panel: i64) -> CatalogMetric {
    let origin =
        Origin { dashboard: "core".to_owned(), panel, ref_id: ref_id.to_owned(), ..Origin::default() };
    CatalogMetric {
        ref_id: ref_id.to_owned(),
        name: format!("{ref_id}: CPU"),
        source: Some("graphite".to_owned()),
        expr: Some(format!("lab.{ref_id}")),
        unit: Some("%".to_owned()),
        origin: Some(origin),
        configured: Vec::new(),
        problem: None,
    }
}

fn values(chosen: &Chosen, variable: &Variable) -> Vec<String> {
    chosen.of(variable).to_vec()
}

#[test]
fn each_step_follows_from_what_is_chosen() {
    let two = panel(2, None, vec![target("A", &[]), target("B", &[])]);
    let mut chosen = Chosen::default();
    assert_eq!(chosen.step(), Step::Dashboard);
    chosen.choose_dashboard("core");
    assert_eq!(chosen.step(), Step::Panel);
    chosen.choose_panel(&two);
    assert_eq!(chosen.step(), Step::Metrics);
    chosen.toggle("B", &two);
    chosen.toggle("A", &two);
    assert_eq!((chosen.step(), chosen.refs.join(",")), (Step::Values, "A,B".to_owned()));
    chosen.toggle("A", &two);
    assert_eq!(chosen.refs, ["B"]);
}

#[test]
fn what_is_chosen_again_keeps_what_follows_it() {
    let two = panel(2, None, vec![target("A", &[]), target("B", &[])]);
    let mut chosen = Chosen::default();
    chosen.choose_dashboard("core");
    chosen.choose_panel(&two);
    chosen.toggle("B", &two);
    chosen.pick(&variable("host", false, &["web1"]), "web2");
    let before = chosen.clone();
    chosen.choose_dashboard("core");
    chosen.choose_panel(&two);
    assert_eq!(chosen, before);
    chosen.choose_panel(&panel(3, None, vec![target("A", &[]), target("B", &[])]));
    assert_eq!((chosen.step(), chosen.variables.len()), (Step::Metrics, 1), "variables are the dashboard's");
    chosen.choose_dashboard("edge");
    assert!(chosen.variables.is_empty() && chosen.panel.is_none());
}

#[test]
fn the_only_metric_that_can_be_watched_is_chosen_with_its_panel() {
    let broken = Target { problem: Some("no source".to_owned()), ..target("A", &[]) };
    let mut chosen = Chosen::default();
    chosen.choose_panel(&panel(1, None, vec![broken, target("B", &[])]));
    assert_eq!(chosen.refs, ["B"]);
}

#[test]
fn a_variable_stays_as_it_was_saved_until_another_value_is_picked() {
    let host = variable("host", true, &[ALL]);
    let mut chosen = Chosen::default();
    assert_eq!(values(&chosen, &host), [ALL]);
    chosen.pick(&host, "web1");
    chosen.pick(&host, "web2");
    assert_eq!(values(&chosen, &host), ["web1", "web2"]);
    chosen.pick(&host, "web1");
    assert_eq!(values(&chosen, &host), ["web2"]);
    chosen.pick(&host, ALL);
    assert_eq!(values(&chosen, &host), [ALL]);
    let one = variable("site", false, &["bog"]);
    chosen.pick(&one, "mad");
    assert_eq!(values(&chosen, &one), ["mad"]);
}

#[test]
fn the_server_is_asked_with_all_variables() {
    let board =
        dashboard(Vec::new(), vec![variable("host", true, &[ALL]), variable("site", false, &["bog"])]);
    let mut chosen = Chosen::default();
    chosen.pick(&board.variables[1], "mad");
    let all = chosen.all(&board);
    assert_eq!(
        (all["host"].as_slice(), all["site"].as_slice()),
        (&[ALL.to_owned()][..], &["mad".to_owned()][..])
    );
}

#[test]
fn an_address_brings_all_of_it_back() {
    let mut chosen = Chosen::default();
    chosen.choose_dashboard("a b&c");
    chosen.choose_panel(&panel(-7, None, vec![target("A", &[])]));
    chosen.pick(&variable("host", true, &[]), "web,1=x");
    chosen.pick(&variable("host", true, &[]), "wéb2");
    let pairs = chosen.to_pairs();
    let pairs: Vec<(&str, String)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let back = parse(&write(&pairs));
    assert_eq!(Chosen::from_pairs(&back), chosen);
    assert_eq!(way_of(&back), Some(Way::Dashboard));
    assert_eq!(way_of(&parse("?expr=lab.cpu")), Some(Way::Source));
    assert_eq!(way_of(&parse("?expr=lab.cpu&from=dashboard")), Some(Way::Dashboard));
    assert_eq!(way_of(&parse("?above=1")), None);
}

#[test]
fn panels_stand_under_their_rows_unless_the_setting_hides_those() {
    let some = || vec![target("A", &[])];
    let panels = [
        panel(1, None, some()),
        panel(2, Some("Traffic"), some()),
        panel(3, Some("Traffic"), Vec::new()),
        panel(4, Some("Traffic"), some()),
    ];
    let ids = |groups: Vec<(Option<String>, Vec<Panel>)>| -> Vec<Vec<i64>> {
        groups.into_iter().map(|(_, panels)| panels.iter().map(|panel| panel.id).collect()).collect()
    };
    assert_eq!(ids(by_row(&panels, "", true)), [vec![1], vec![2, 4]]);
    assert_eq!(ids(by_row(&panels, "", false)), [vec![1, 2, 4]]);
    assert_eq!(ids(by_row(&panels, "TRAFF panel", true)), [vec![2, 4]]);
}

#[test]
fn only_variables_that_the_panel_mentions_and_that_can_be_chosen_are_offered() {
    let fixed = Variable { kind: "constant".to_owned(), ..variable("fixed", false, &["1"]) };
    let one = panel(1, None, vec![target("A", &["fixed"]), target("B", &["host"])]);
    let board =
        dashboard(vec![one.clone()], vec![variable("site", false, &[]), fixed, variable("host", true, &[])]);
    let names: Vec<String> = variables_of(&board, &one).into_iter().map(|variable| variable.name).collect();
    assert_eq!(names, ["host"]);
}

fn form(name: &str) -> RuleDraft {
    let text = format!(
        r#"{{"name":"{name}","query":{{"source":"x","expr":"y","unit":null}},"check":{{"name":"threshold"}},"checks_to_alert":5}}"#
    );
    serde_json::from_str(&text).expect("a draft")
}

#[test]
fn each_metric_becomes_a_rule_with_the_same_values() {
    let board = dashboard(vec![panel(2, None, Vec::new())], Vec::new());
    let made = drafts(&form("typed"), "typed", &[metric("A", 2), metric("B", 2)], &board);
    let names: Vec<&str> = made.iter().map(|draft| draft.name.as_str()).collect();
    assert_eq!(names, ["A: CPU", "B: CPU"], "one name cannot be that of two");
    let second = &made[1];
    assert_eq!((second.query.source.as_str(), second.query.expr.as_str()), ("graphite", "lab.B"));
    assert_eq!(second.query.dashboard.as_deref(), Some("Core"));
    assert_eq!(second.query.panel.as_deref(), Some("Panel 2"));
    assert_eq!(second.query.unit.as_deref(), Some("%"));
    assert_eq!(second.origin.as_ref().map(|origin| origin.ref_id.as_str()), Some("B"));
    assert!(made.iter().all(|draft| draft.checks_to_alert == 5));
}

#[test]
fn one_metric_takes_the_name_that_was_typed() {
    let board = dashboard(Vec::new(), Vec::new());
    assert_eq!(drafts(&form("typed"), "typed", &[metric("A", 2)], &board)[0].name, "typed");
    assert_eq!(drafts(&form("lab.A"), " ", &[metric("A", 2)], &board)[0].name, "A: CPU");
}

#[test]
fn a_fault_of_one_of_many_belongs_to_the_field_that_all_share() {
    assert_eq!(without_place("rules[3].check.params.major"), "check.params.major");
    assert_eq!(without_place("check.params.other_levels[0].from"), "check.params.other_levels[0].from");
}
