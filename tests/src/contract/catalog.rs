//! What was read from Grafana.

use anyhow::{Context as _, Result, ensure};
use atalaya::store::{
    CatalogOrigin, DashboardFilter, DashboardHead, DashboardRow, DashboardSort, DatasourceRow, DriftRow,
    StoreError,
};
use atalaya_api::catalog::GrafanaSettings;
use atalaya_api::event::RuleAction;
use atalaya_api::rule::{Drift, Origin};

use super::make::{ana, first, rule};
use super::{Open, START, Stage};

const TOKEN: &str = "glsa_Hush_hush_2";

fn dashboard(uid: &str, title: &str, folder: Option<&str>) -> DashboardRow {
    let head = DashboardHead {
        uid: uid.to_owned(),
        title: title.to_owned(),
        folder: folder.map(str::to_owned),
        url: Some(format!("http://grafana/d/{uid}")),
        panels: 2,
        targets: 3,
        problems: 1,
        loaded_at: START,
        origin: CatalogOrigin::Grafana,
    };
    DashboardRow { head, frame: format!(r#"{{"dashboard":{{"uid":"{uid}"}}}}"#) }
}

fn datasource(uid: &str, name: &str) -> DatasourceRow {
    let (uid, name) = (uid.to_owned(), name.to_owned());
    DatasourceRow { uid, name, kind: "graphite".to_owned(), ..DatasourceRow::default() }
}

pub fn a_dashboard_is_read_back_as_it_was_loaded(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = dashboard("a", "Núcleo", Some("Net / Core"));
    stage.store.put_dashboard(&one, "CPU")?;
    let two = DashboardRow { frame: "{\"dashboard\":{\"x\":1e400}}".to_owned(), ..one.clone() };
    stage.store.put_dashboard(&two, "CPU")?;
    let stage = stage.reopen()?;
    ensure!(stage.store.dashboard("a")? == Some(two));
    ensure!(stage.store.dashboard("b")?.is_none());
    ensure!(stage.store.remove_dashboard("a", Some(&ana()))? && !stage.store.remove_dashboard("a", None)?);
    ensure!(stage.store.audit(&first(1))?.items[0].what == "dashboard removed");
    Ok(())
}

pub fn dashboards_are_found_by_words_folder_and_order(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    for (uid, title, folder, texts) in [
        ("a", "Routers", Some("Net"), "CPU of routers"),
        ("b", "apps", None, "Requests"),
        ("c", "Links", Some("Net"), "Traffic"),
        ("d", "Backups", Some("App"), ""),
    ] {
        stage.store.put_dashboard(&dashboard(uid, title, folder), texts)?;
    }
    let uids = |filter: DashboardFilter| -> Result<String> {
        let page = stage.store.dashboards(&filter, &first(10))?;
        Ok(page.items.into_iter().map(|head| head.uid).collect())
    };
    let usual = DashboardFilter::default();
    ensure!(uids(usual.clone())? == "bdca");
    ensure!(
        uids(DashboardFilter { sort: DashboardSort::Title, descending: true, ..usual.clone() })? == "acdb"
    );
    ensure!(uids(DashboardFilter { q: Some("net CPU".to_owned()), ..usual.clone() })? == "a");
    ensure!(
        uids(DashboardFilter { folder: Some("Net".to_owned()), descending: true, ..usual.clone() })? == "ac"
    );
    ensure!(uids(DashboardFilter { folder: Some(String::new()), ..usual.clone() })? == "b");
    let mut slice = first(3);
    let page = stage.store.dashboards(&usual, &slice)?;
    ensure!(page.total == 4);
    slice.cursor = page.next;
    ensure!(stage.store.dashboards(&usual, &slice)?.items[0].uid == "a");
    let folders = stage.store.folders()?;
    ensure!(folders == [(None, 1), (Some("App".to_owned()), 1), (Some("Net".to_owned()), 2)], "{folders:?}");
    ensure!(stage.store.dashboards_of(CatalogOrigin::Grafana)?.len() == 4);
    ensure!(stage.store.dashboards_of(CatalogOrigin::File)?.is_empty());
    Ok(())
}

pub fn grafanas_token_goes_in_and_stays_until_another_takes_its_place(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    ensure!(stage.store.grafana()? == GrafanaSettings::default());
    let settings = GrafanaSettings {
        url: "http://grafana".to_owned(),
        token: Some("forgotten by a caller".to_owned()),
        ..GrafanaSettings::default()
    };
    stage.store.put_grafana(&settings, Some(TOKEN), &ana())?;
    let there = stage.store.grafana()?;
    ensure!(there.has_token && there.token.is_none() && there.url == "http://grafana");
    stage.store.put_grafana(&GrafanaSettings { organisation: Some(2), ..there }, None, &ana())?;
    let stage = stage.reopen()?;
    ensure!(stage.store.grafana_token()?.as_deref() == Some(TOKEN));
    for entry in stage.store.audit(&first(10))?.items {
        let text = format!("{:?} {:?}", entry.before, entry.after);
        ensure!(!text.contains(TOKEN) && !text.contains("forgotten"), "{text}");
    }
    for file in std::fs::read_dir(stage.directory.path())?.filter_map(std::result::Result::ok) {
        if file.path().is_file() {
            let bytes = std::fs::read(file.path())?;
            let holds = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
            ensure!(!holds, "{}", file.path().display());
        }
    }
    stage.store.put_grafana(&settings, Some(""), &ana())?;
    ensure!(stage.store.grafana_token()?.is_none() && !stage.store.grafana()?.has_token);
    Ok(())
}

pub fn what_stands_for_a_data_source_outlives_a_load(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let store = &stage.store;
    store.put_datasources(&[datasource("g", "One"), datasource("h", "Two")], CatalogOrigin::Grafana)?;
    store.match_datasource("g", Some("graphite"), &ana())?;
    store.put_datasources(&[datasource("f", "Of a file"), datasource("g", "Wrong")], CatalogOrigin::File)?;
    store.put_datasources(&[datasource("g", "One, renamed")], CatalogOrigin::Grafana)?;
    let found: Vec<_> = store.datasources()?.into_iter().map(|row| (row.name, row.source)).collect();
    let expected = [("Of a file".to_owned(), None), ("One, renamed".to_owned(), Some("graphite".to_owned()))];
    ensure!(found == expected, "{found:?}");
    ensure!(matches!(store.match_datasource("h", None, &ana()), Err(StoreError::NotFound)));
    store.match_datasource("g", None, &ana())?;
    ensure!(store.datasources()?.iter().all(|row| row.source.is_none()));
    ensure!(store.audit(&first(1))?.items[0].before == Some(serde_json::json!({"source": "graphite"})));
    Ok(())
}

pub fn a_difference_counts_until_the_rule_follows_or_keeps(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let store = &stage.store;
    let mut one = rule("a")?;
    let origin = Origin { dashboard: "d".to_owned(), query: "a.$x".to_owned(), ..Origin::default() };
    one.draft.origin = Some(origin.clone());
    store.create_rule(&one, &ana())?;
    store.create_rule(&rule("b")?, &ana())?;
    ensure!(store.rules_of_dashboard("d")? == [one.clone()] && store.rules_of_dashboard("e")?.is_empty());
    ensure!(store.rules_by_dashboard(&["e".to_owned(), "d".to_owned()])? == [0, 1]);
    ensure!(store.dashboards_of_rules()? == ["d"]);

    let drift = Drift { before: "a.$x".to_owned(), now: None, expr: None };
    store.put_drift("d", &[DriftRow { rule: one.id, drift: drift.clone() }])?;
    ensure!(store.drift(one.id)? == Some(drift) && store.drifted()? == 1);
    let mut change = |origin: Origin| -> Result<()> {
        let before = one.version;
        one.version += 1;
        one.draft.origin = Some(origin);
        Ok(store.change_rule(&one, before, RuleAction::Updated, &ana())?)
    };
    change(Origin { kept: Some(String::new()), ..origin.clone() })?;
    ensure!(store.drifted()? == 0, "kept although it is gone");
    change(Origin { kept: Some("older".to_owned()), ..origin.clone() })?;
    ensure!(store.drifted()? == 1, "another query than the one that was kept");
    change(Origin { query: "b.$x".to_owned(), ..origin })?;
    ensure!(store.drifted()? == 0, "followed");
    let id = store.rules_of_dashboard("d")?.first().context("it is there")?.id;
    ensure!(store.drift(id)?.is_none());
    store.put_drift("d", &[])?;
    Ok(())
}
