//! The catalog: what a Grafana has, as far as an alerting system cares.
//!
//! A dashboard is read from the JSON that Grafana stores and exports, whatever its age: `rows` (schema version up to 14), flat
//! `panels`, row panels with and without their panels inside (from 16 on). Nothing is lost silently: what is not understood
//! becomes a [`Problem`] that says where it was and what it means for the reader. Pure: no I/O, no clock.
//!
//! Format: <https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/>.

mod choose;
mod graphite;
mod interpolate;
mod library;
mod name;
mod panel;
mod read;
mod report;
mod threshold;
mod unit;
mod variable;

use crate::domain::Texts;

pub use choose::{BadRegex, chosen_of, filtered, sorted};
pub use graphite::{minutes_and_months, resolve};
pub use interpolate::{Choice, Choices, interpolate, mentioned, mentions};
pub use library::{library_panels, with_libraries};
pub use name::{Naming, name};
pub use panel::{Datasource, Panel, Target};
pub use read::read;
pub use report::{Report, report};
pub use threshold::Threshold;
pub use unit::shown as unit_shown;
pub use variable::{ALL, Variable, VariableKind};

/// One dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dashboard {
    /// None in exports of old versions.
    pub uid: Option<String>,
    pub title: String,
    /// The title of its folder, where the answer told it.
    pub folder: Option<String>,
    pub tags: Vec<String>,
    /// None before Grafana counted them.
    pub schema_version: Option<u64>,
    /// In reading order; rows are a property of their panels.
    pub panels: Vec<Panel>,
    pub variables: Vec<Variable>,
    /// What an export leaves open for whoever imports it.
    pub inputs: Vec<Input>,
    pub problems: Vec<Problem>,
}

/// A name that an export uses for what another Grafana may call otherwise: `${DS_PROMETHEUS}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    /// The kind of the data source that it stands for.
    pub datasource: Option<String>,
    /// What a constant is.
    pub value: Option<String>,
}

/// Something that was not understood, or that will not work as it does in Grafana.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a panel's title, a variable's name, `dashboard`.
    pub place: String,
    pub words: Texts,
}

impl Problem {
    pub fn new(place: impl Into<String>, en: impl Into<String>, es: impl Into<String>) -> Self {
        Problem { place: place.into(), words: Texts { en: en.into(), es: es.into() } }
    }
}
