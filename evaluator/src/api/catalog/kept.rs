//! From Grafana's JSON to what is kept of a dashboard, and back.

use serde_json::{Value, json};

use crate::api::Services;
use crate::api::problem::Fault;
use crate::catalog::{self, Dashboard};
use crate::domain::{Millis, Sha256, Texts};
use crate::store::{CatalogOrigin, DashboardHead, DashboardRow};

/// A dashboard that was read, about to be kept.
pub struct Loaded {
    pub row: DashboardRow,
    pub dashboard: Dashboard,
    /// What it is found by beside its title.
    pub texts: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    Added,
    Changed,
    /// As it was.
    Same,
}

impl Loaded {
    /// `frame`: `{"dashboard": …, "meta": …, "library": …}`, or a dashboard alone. `known`: what is known of it beside.
    ///
    /// # Errors
    /// It is no dashboard; says why.
    pub fn read(frame: Value, known: DashboardHead) -> Result<Self, Texts> {
        let dashboard = catalog::read(&frame)?;
        let is_frame = frame.get("dashboard").is_some_and(Value::is_object);
        let frame = if is_frame { frame } else { json!({ "dashboard": frame }) };
        let title = Some(dashboard.title.clone()).filter(|title| !title.is_empty());
        let title = title
            .unwrap_or_else(|| if known.title.is_empty() { "?".to_owned() } else { known.title.clone() });
        let own = dashboard.uid.clone();
        let uid = Some(known.uid).filter(|uid| !uid.is_empty()).or(own);
        let head = DashboardHead {
            // What was exported before Grafana 5 has no uid: its title is what stays the same.
            uid: uid.unwrap_or_else(|| format!("file-{}", &Sha256::of(title.as_bytes()).to_string()[..12])),
            folder: known.folder.or_else(|| dashboard.folder.clone()).filter(|folder| !folder.is_empty()),
            title,
            panels: dashboard.panels.len() as u64,
            targets: dashboard.panels.iter().map(|panel| panel.targets.len() as u64).sum(),
            problems: dashboard.problems.len() as u64,
            ..known
        };
        let titles = dashboard.panels.iter().map(|panel| panel.title.as_str());
        let texts: Vec<&str> = titles.chain(dashboard.tags.iter().map(String::as_str)).collect();
        let texts = texts.join("\n");
        Ok(Loaded { row: DashboardRow { head, frame: frame.to_string() }, dashboard, texts })
    }

    /// Keeps it. Blocks.
    ///
    /// # Errors
    /// The store's.
    pub fn keep(&self, services: &Services) -> Result<Became, Fault> {
        let before = services.store.dashboard(&self.row.head.uid)?;
        let became = match &before {
            None => Became::Added,
            Some(before) if inside(&before.frame) == inside(&self.row.frame) => Became::Same,
            Some(_) => Became::Changed,
        };
        services.store.put_dashboard(&self.row, &self.texts)?;
        Ok(became)
    }
}

/// What counts when two versions are compared: `meta` says who looked at it, too.
fn inside(frame: &str) -> (Value, Value) {
    let mut frame: Value = serde_json::from_str(frame).unwrap_or_default();
    let mut take = |name: &str| frame.get_mut(name).map(Value::take).unwrap_or_default();
    (take("dashboard"), take("library"))
}

/// A dashboard of the catalog. Blocks.
///
/// # Errors
/// It is not there, or the store's.
pub fn found(services: &Services, uid: &str) -> Result<(DashboardHead, Dashboard), Fault> {
    let row = services.store.dashboard(uid)?.ok_or_else(|| super::no_dashboard(uid))?;
    let dashboard = read(&row).ok_or_else(Fault::internal)?;
    Ok((row.head, dashboard))
}

/// None: an older version could read it and this one cannot.
pub fn read(row: &DashboardRow) -> Option<Dashboard> {
    let frame: Value = serde_json::from_str(&row.frame).ok()?;
    catalog::read(&frame).ok()
}

/// What is known of a dashboard from a file.
pub fn of_file(now: Millis) -> DashboardHead {
    DashboardHead { origin: CatalogOrigin::File, loaded_at: now, ..DashboardHead::default() }
}
