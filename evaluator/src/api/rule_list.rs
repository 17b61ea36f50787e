//! Which rules are meant: the list of rules, and the filter that changes of many and exports share with it.

use std::collections::BTreeMap;

use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use atalaya_api::rule::Rule as WireRule;
use axum::Json;
use axum::extract::State;

use crate::domain::Severity;
use crate::store::{RuleFilter, RuleSort};

use super::problem::Fault;
use super::query::Params;
use super::{Services, view};

const SORTS: [(&str, RuleSort); 12] = [
    ("name", RuleSort::Name),
    ("created", RuleSort::Created),
    ("created_at", RuleSort::Created),
    ("updated", RuleSort::Updated),
    ("updated_at", RuleSort::Updated),
    ("interval", RuleSort::Interval),
    ("severity", RuleSort::Severity),
    ("state", RuleSort::Severity),
    ("dashboard", RuleSort::Dashboard),
    ("panel", RuleSort::Panel),
    ("metric", RuleSort::Metric),
    ("check", RuleSort::Check),
];

const STATES: [(&str, Standing); 7] = [
    ("pending", Standing::Pending),
    ("paused", Standing::Paused),
    ("ok", Standing::Ok),
    ("warning", Standing::Warning),
    ("unknown", Standing::Unknown),
    ("major", Standing::Major),
    ("critical", Standing::Critical),
];

/// Rules that match, as a page.
///
/// `state` is how a rule stands as its row shows it, which the running evaluation knows; `severity` asks for alarms held. Sorted by
/// `state` (or `severity`, the same order): paused ones, then those that hold nothing, then by the worst severity that they hold.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules",
    params(
        ("q" = Option<String>, Query, description = "every word must be in the name, expression, dashboard, panel or note"),
        ("severity" = Option<String>, Query, description = "that hold an alarm of this severity now"),
        ("state" = Option<String>, Query, description = "pending, paused, ok, warning, unknown, major or critical"),
        ("dashboard" = Option<String>, Query), ("panel" = Option<String>, Query),
        ("source" = Option<String>, Query, description = "that ask this source"),
        ("check" = Option<String>, Query, description = "that this check judges"),
        ("template" = Option<String>, Query, description = "that are linked to the template with this id"),
        ("period" = Option<String>, Query, description = "24x7, daytime or a calendar's id"),
        ("drift" = Option<bool>, Query, description = "true: whose dashboard has another query by now"),
        ("short_interval" = Option<bool>, Query, description = "true: whose interval is shorter than the step of the data"),
        ("deleted" = Option<bool>, Query, description = "true: the deleted ones"),
        ("label" = Option<String>, Query, description = "name:value"),
        ("sort" = Option<String>, Query,
            description = "name, created, updated, interval, state, dashboard, panel, metric, check; with - before it: turned round"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<WireRule>), (status = 422)))]
pub async fn list(
    State(services): State<Services>,
    mut params: Params,
) -> Result<Json<Page<WireRule>>, Fault> {
    let slice = params.slice();
    let asked = read_filter(params)?;
    let page = services.blocking(move |services| {
        let hashes = view::check_hashes(services);
        let page = services.store.rules(&asked.filter(services), &slice)?;
        Ok(page.map(|rule| view::rule(services, rule, &hashes)))
    });
    page.await.map(Json)
}

/// What was asked for; [`Asked::filter`] adds what the evaluation knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    stored: RuleFilter,
    state: Option<Standing>,
    short_interval: bool,
}

impl Asked {
    /// For the store, as things stand right now.
    pub fn filter(&self, services: &Services) -> RuleFilter {
        let mut filter = self.stored.clone();
        match self.state {
            None => {}
            Some(Standing::Paused) => filter.paused = Some(true),
            Some(standing) => {
                filter.paused = Some(false);
                filter.among.push(services.evaluation.rules_standing(standing));
            }
        }
        if self.short_interval {
            filter.among.push(services.evaluation.rules_too_fast());
        }
        filter
    }
}

/// Reads filter and order, and that there is nothing else.
///
/// # Errors
/// 422 that names every parameter at fault.
pub fn read_filter(mut params: Params) -> Result<Asked, Fault> {
    let severities = Severity::ALL.map(|severity| (severity.name(), severity));
    let (sort, descending) = params.sort(&SORTS).unwrap_or_default();
    let label = params.text("label");
    let stored = RuleFilter {
        q: params.text("q"),
        dashboard: params.text("dashboard"),
        panel: params.text("panel"),
        source: params.text("source"),
        deleted: params.flag("deleted"),
        label: label.and_then(|text| read_label(&mut params, &text)),
        severity: params.choice("severity", &severities),
        check: params.text("check"),
        template: params.text("template"),
        period: params.text("period"),
        drifted: params.flag("drift"),
        paused: None,
        among: Vec::new(),
        sort,
        descending,
    };
    let state = params.choice("state", &STATES);
    let short_interval = params.flag("short_interval");
    params.finish()?;
    Ok(Asked { stored, state, short_interval })
}

/// The same from a body, name by name.
///
/// # Errors
/// As [`read_filter`].
pub fn filter_of(pairs: BTreeMap<String, String>) -> Result<Asked, Fault> {
    read_filter(Params::of(pairs))
}

fn read_label(params: &mut Params, text: &str) -> Option<(String, String)> {
    let pair = text.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()));
    if pair.is_none() {
        params.wrong("label", "must be name:value", "debe ser nombre:valor");
    }
    pair
}
