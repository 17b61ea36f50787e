//! What an administrator sets at run time.

use serde::{Deserialize, Serialize};

use crate::backup::BackupSettings;
use crate::calendar::{Hours, WeekRange};
use crate::rule::NoData;
use crate::span::Span;

/// `GET` and `PUT /api/v1/settings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// IANA name used by rules that name none.
    pub time_zone: String,
    /// `es` or `en`: for messages that no browser asks for.
    pub language: String,
    /// How long samples of the local store are kept, 1 h to 400 d.
    pub sample_retention: Span,
    /// How long evidence is kept, 1 d to 400 d.
    pub evidence_retention: Span,
    /// How long a vanished series keeps its alarms.
    pub forget_after: Span,
    /// Told once a minute that Atalaya still judges and writes; whoever listens there notices when it falls silent. Empty:
    /// nobody is told.
    #[serde(default)]
    pub heartbeat_url: String,
    /// When `daytime` is, in `time_zone`.
    #[serde(default = "usual_daytime")]
    pub daytime: Vec<WeekRange>,
    /// How metrics of a dashboard are named.
    #[serde(default)]
    pub metric_names: MetricNames,
    /// Whether rows are shown when a panel is chosen.
    #[serde(default = "crate::rule::yes")]
    pub show_rows: bool,
    pub defaults: RuleDefaults,
    /// Where people find Atalaya, for links in messages, e.g. `https://atalaya.example.org`; empty: the address it listens on.
    #[serde(default)]
    pub public_url: String,
    /// Ids of the receivers that are told of alarms of sources, checks and the system.
    #[serde(default)]
    pub system_receivers: Vec<String>,
    /// Named lists of phone numbers, which SMS receivers name.
    #[serde(default)]
    pub phone_lists: Vec<PhoneList>,
    #[serde(default)]
    pub backup: BackupSettings,
}

/// A named list of phone numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PhoneList {
    /// Unique, 1 to 60 characters.
    pub name: String,
    /// Digits with an optional `+` before them; spaces, dots and hyphens are left out when it is saved.
    pub numbers: Vec<String>,
}

/// How a metric of a dashboard is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MetricNames {
    /// By the name the dashboard shows.
    #[default]
    Alias,
    /// By the whole expression.
    Full,
    /// By the pattern in the expression, without functions.
    Wildcard,
}

/// Every day from eight to ten in the evening.
pub fn usual_daytime() -> Vec<WeekRange> {
    let hours = Hours { from: "08:00".to_owned(), to: "22:00".to_owned() };
    vec![WeekRange { days: (1..=7).collect(), hours }]
}

/// What new rules start with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleDefaults {
    pub checks_to_alert: u8,
    pub checks_to_ok: u8,
    pub ok_margin: f64,
    pub period: String,
    #[serde(default)]
    pub no_data: NoData,
    #[serde(default)]
    pub sms: bool,
    #[serde(default)]
    pub ovo: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            time_zone: "UTC".to_owned(),
            language: "en".to_owned(),
            sample_retention: Span(7 * 86_400),
            evidence_retention: Span(30 * 86_400),
            forget_after: Span(86_400),
            heartbeat_url: String::new(),
            daytime: usual_daytime(),
            metric_names: MetricNames::default(),
            show_rows: true,
            defaults: RuleDefaults {
                checks_to_alert: 3,
                checks_to_ok: 2,
                ok_margin: 10.0,
                period: "24x7".to_owned(),
                no_data: NoData::default(),
                sms: false,
                ovo: false,
            },
            public_url: String::new(),
            system_receivers: Vec::new(),
            phone_lists: Vec::new(),
            backup: BackupSettings::default(),
        }
    }
}
