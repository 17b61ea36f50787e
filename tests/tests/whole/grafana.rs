//! `atalaya grafana inspect`: nothing of a dashboard is lost silently.

use std::path::{Path, PathBuf};
use std::process::Output;

use atalaya_tests::{paths, server};
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    paths::root().join("tests/fixtures/grafana").join(name)
}

fn inspect(files: &[PathBuf]) -> (Output, Value) {
    let output = server::program().args(["grafana", "inspect", "--format", "json"]).args(files).output();
    let output = output.expect("the server's program can be started");
    let json = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    (output, json)
}

#[test]
fn a_dashboard_of_old_and_one_of_today_say_what_they_hold() {
    let (old, new) = (fixture("rows.json"), fixture("row-panels.json"));
    let (output, report) = inspect(&[old.clone(), new.clone()]);
    assert!(output.status.success());
    let queries = |file: &Path| -> Vec<String> {
        let targets =
            report[file.to_str().expect("a plain path")]["targets"].as_array().expect("targets").clone();
        targets.iter().map(|target| target["query"].as_str().expect("a query").to_owned()).collect()
    };
    assert_eq!(
        queries(&old),
        [
            "net.$router.in",
            "scale(net.$router.in, 8)",
            "divideSeries(net.$router.in,scale(net.$router.in, 8))",
            "summarize(net.[[router]].errors, '$every', 'sum')"
        ]
    );
    assert_eq!(queries(&new).len(), 2);
    let new = &report[new.to_str().expect("a plain path")];
    assert_eq!(new["panels"][0]["row"], "CPU");
    assert_eq!(
        new["problems"][0],
        "Shared: is a library panel: its queries are kept apart from the dashboard"
    );
}

#[test]
fn a_file_that_is_no_dashboard_is_told_and_the_others_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{\"panels\": [").expect("it can be written");
    let (output, report) = inspect(&[broken.clone(), fixture("rows.json")]);
    assert_eq!(output.status.code(), Some(1));
    let error =
        report[broken.to_str().expect("a plain path")]["error"].as_str().expect("it is told").to_owned();
    assert!(error.starts_with("is not JSON"), "{error}");
    assert_eq!(report.as_object().map(serde_json::Map::len), Some(2));
}

/// Dashboards of the world, where they are at hand.
#[test]
fn every_target_of_every_dashboard_at_hand_is_reported() {
    let folder = paths::root().join("../shared/data/grafana");
    if !folder.exists() {
        println!("skipped: no ../shared");
        return;
    }
    let files = dashboards(&folder);
    let (output, report) = inspect(&files);
    assert!(output.status.success(), "every file is read");
    for file in &files {
        let json: Value =
            serde_json::from_slice(&std::fs::read(file).expect("it can be read")).expect("JSON");
        let mut written = 0;
        count_targets(&json, &mut written);
        let reported = report[file.to_str().expect("a plain path")]["targets"].as_array().map(Vec::len);
        assert_eq!(reported, Some(written), "{}", file.display());
    }
}

pub fn dashboards(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).expect("it can be listed").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let mut all: Vec<_> =
        files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "json")).collect();
    all.extend(folders.iter().flat_map(|folder| dashboards(folder)));
    all.sort();
    all
}

/// Counts by brute force: every member `targets` of an object that is no row, wherever it stands.
pub fn count_targets(json: &Value, count: &mut usize) {
    match json {
        Value::Object(members) => {
            let is_row = members.get("type").is_some_and(|kind| kind == "row");
            if let Some(Value::Array(targets)) = members.get("targets").filter(|_| !is_row) {
                *count += targets.len();
            }
            members.values().for_each(|member| count_targets(member, count));
        }
        Value::Array(items) => items.iter().for_each(|item| count_targets(item, count)),
        _ => {}
    }
}
