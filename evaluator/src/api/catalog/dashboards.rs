//! The dashboards of the catalog: listed, shown, removed.

use atalaya_api::catalog::{
    CatalogProblem, Dashboard as WireDashboard, DashboardItem, Folder, Panel as WirePanel, PanelThreshold,
    Target as WireTarget, Variable as WireVariable,
};
use atalaya_api::page::Page;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::kept;
use super::matching::Matching;
use super::resolve::{Chosen, Resolver};
use crate::api::Services;
use crate::api::auth::Identity;
use crate::api::problem::{Fault, Language};
use crate::api::query::Params;
use crate::catalog::{ALL, Choice, Dashboard, Panel, Problem, Target, Variable, mentioned, unit_shown};
use crate::domain::Rule;
use crate::store::{DashboardFilter, DashboardHead, DashboardSort};

const SORTS: [(&str, DashboardSort); 3] =
    [("place", DashboardSort::Place), ("title", DashboardSort::Title), ("loaded", DashboardSort::Loaded)];

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, remove)).routes(routes!(folders))
}

/// Dashboards that match, as a page.
#[utoipa::path(get, path = "/api/v1/catalog/dashboards", tag = "catalog",
    params(("q" = Option<String>, Query, description = "every word must be in title, folder, tags or the title of a panel"),
        ("folder" = Option<String>, Query, description = "in this folder; `-`: in none"),
        ("sort" = Option<String>, Query, description = "place (folder, then title), title, loaded; with - before it: turned round"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<DashboardItem>), (status = 422)))]
async fn list(
    State(services): State<Services>,
    mut params: Params,
) -> Result<Json<Page<DashboardItem>>, Fault> {
    let (sort, descending) = params.sort(&SORTS).unwrap_or_default();
    let folder = params.text("folder").map(|folder| if folder == "-" { String::new() } else { folder });
    let filter = DashboardFilter { q: params.text("q"), folder, sort, descending };
    let slice = params.slice();
    params.finish()?;
    let page = services.blocking(move |services| {
        let page = services.store.dashboards(&filter, &slice)?;
        let uids: Vec<String> = page.items.iter().map(|head| head.uid.clone()).collect();
        let mut rules = services.store.rules_by_dashboard(&uids)?.into_iter();
        Ok(page.map(|head| item(head, rules.next().unwrap_or(0))))
    });
    page.await.map(Json)
}

fn item(head: DashboardHead, rules: u64) -> DashboardItem {
    DashboardItem {
        uid: head.uid,
        title: head.title,
        folder: head.folder,
        panels: head.panels,
        targets: head.targets,
        problems: head.problems,
        rules,
        loaded_at: head.loaded_at.timestamp(),
    }
}

/// The folders that have dashboards.
#[utoipa::path(get, path = "/api/v1/catalog/folders", tag = "catalog", responses((status = 200, body = Page<Folder>)))]
async fn folders(State(services): State<Services>, params: Params) -> Result<Json<Page<Folder>>, Fault> {
    params.finish()?;
    let folders = services.blocking(|services| Ok(services.store.folders()?)).await?;
    let items: Vec<Folder> =
        folders.into_iter().map(|(name, dashboards)| Folder { name, dashboards }).collect();
    Ok(Json(Page { total: items.len() as u64, items, next: None }))
}

/// Remove a dashboard from the catalog; rules that were made from it stay. The next load of Grafana brings back what is there.
#[utoipa::path(delete, path = "/api/v1/catalog/dashboards/{uid}", tag = "catalog", params(("uid" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn remove(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Path(uid): Path<String>,
) -> Result<StatusCode, Fault> {
    let done = services.blocking(move |services| {
        let removed = services.store.remove_dashboard(&uid, Some(&identity.actor()))?;
        if removed { Ok(StatusCode::NO_CONTENT) } else { Err(super::no_dashboard(&uid)) }
    });
    done.await
}

/// One dashboard with its panels, their targets and its variables.
#[utoipa::path(get, path = "/api/v1/catalog/dashboards/{uid}", tag = "catalog", params(("uid" = String, Path)),
    responses((status = 200, body = WireDashboard), (status = 404)))]
async fn one(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Path(uid): Path<String>,
    params: Params,
) -> Result<Json<WireDashboard>, Fault> {
    params.finish()?;
    services.blocking(move |services| shown(services, &uid, language)).await.map(Json)
}

fn shown(services: &Services, uid: &str, language: Language) -> Result<WireDashboard, Fault> {
    let (head, dashboard) = kept::found(services, uid)?;
    let matching = Matching::load(services)?;
    let rules = services.store.rules_of_dashboard(uid)?;
    let chosen = Chosen::new();
    let resolver = Resolver::new(&*services.sources, &matching, &dashboard, &chosen);
    let view = View { resolver: &resolver, rules: &rules, language };
    Ok(WireDashboard {
        panels: dashboard.panels.iter().map(|panel| view.panel(panel)).collect(),
        variables: dashboard.variables.iter().map(variable).collect(),
        problems: problems(&head.title, &dashboard, language),
        uid: head.uid,
        title: head.title,
        folder: head.folder,
        url: head.url,
        loaded_at: head.loaded_at.timestamp(),
    })
}

/// What was not understood of a dashboard.
fn problems(title: &str, dashboard: &Dashboard, language: Language) -> Vec<CatalogProblem> {
    let told = |problem: &Problem| CatalogProblem {
        dashboard: title.to_owned(),
        place: problem.place.clone(),
        words: problem.words.in_language(language.tag()).to_owned(),
    };
    dashboard.problems.iter().map(told).collect()
}

/// What a dashboard is shown with.
struct View<'a> {
    resolver: &'a Resolver<'a>,
    rules: &'a [Rule],
    language: Language,
}

impl View<'_> {
    fn panel(&self, panel: &Panel) -> WirePanel {
        let id = panel.id.unwrap_or_default();
        let threshold = |one: &crate::catalog::Threshold| PanelThreshold {
            value: one.value,
            color: one.color.clone(),
            above: one.above,
        };
        WirePanel {
            id,
            title: panel.title.clone(),
            row: panel.row.clone(),
            kind: panel.kind.clone(),
            unit: panel.unit.as_deref().and_then(unit_shown),
            thresholds: panel.thresholds.iter().map(threshold).collect(),
            targets: panel.targets.iter().map(|target| self.target(id, target)).collect(),
        }
    }

    fn target(&self, panel: i64, target: &Target) -> WireTarget {
        let source = match &target.trouble {
            Some(trouble) => Err(trouble.clone()),
            None => self.resolver.source_of(target).map(|asked| asked.source),
        };
        let query = target.query.clone();
        let (source, problem) = match source {
            Ok(source) => (Some(source), None),
            Err(why) => (None, Some(why.in_language(self.language.tag()).to_owned())),
        };
        let known = |name: &String| self.resolver.knows(name);
        WireTarget {
            ref_id: target.ref_id.clone(),
            alias: target.legend.clone(),
            hidden: target.hidden,
            source,
            variables: query
                .as_deref()
                .map(mentioned)
                .unwrap_or_default()
                .into_iter()
                .filter(known)
                .collect(),
            configured: configured(self.rules, panel, &target.ref_id, None),
            problem,
            query,
        }
    }
}

/// The checks of the rules that were made from a target, each once; with these variables chosen.
pub fn configured(rules: &[Rule], panel: i64, ref_id: &str, variables: Option<&Chosen>) -> Vec<String> {
    let of_it = rules.iter().filter(|rule| {
        rule.draft.origin.as_ref().is_some_and(|origin| {
            origin.panel == panel
                && origin.ref_id == ref_id
                && variables.is_none_or(|variables| *variables == origin.variables)
        })
    });
    let mut checks: Vec<String> = of_it.map(|rule| rule.draft.check.name.clone()).collect();
    checks.sort();
    checks.dedup();
    checks
}

fn variable(one: &Variable) -> WireVariable {
    let current = match &one.current {
        Some(Choice::All) => vec![ALL.to_owned()],
        Some(Choice::One(value)) => vec![value.clone()],
        Some(Choice::Many(values)) => values.clone(),
        None => Vec::new(),
    };
    WireVariable {
        name: one.name.clone(),
        label: one.label.clone().unwrap_or_else(|| one.name.clone()),
        kind: one.kind.name().to_owned(),
        multi: one.multi,
        include_all: one.include_all,
        current,
    }
}
