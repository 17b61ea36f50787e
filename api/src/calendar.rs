//! Calendars: when a rule may tell people.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// `POST /api/v1/calendars`, `PUT /api/v1/calendars/{id}`: open in its weekly ranges, but for holidays and exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Rules name it as their period: 1 to 40 of `a-z`, `0-9`, `-`; fixed once it is made; neither `24x7` nor `daytime`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    pub week: Vec<WeekRange>,
    /// Closed all day.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Days with hours of their own, which win over week and holidays.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// Grows with each edit; a change that names another is refused.
    #[serde(default)]
    pub version: u64,
}

/// Hours of some days of the week. When `to` is not after `from` they end on the following day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WeekRange {
    /// 1 Monday to 7 Sunday (ISO 8601): the days on which it begins.
    pub days: Vec<u8>,
    pub hours: Hours,
}

/// From and to, local time, `HH:MM`; `to` may be `24:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    pub from: String,
    pub to: String,
}

/// A day without hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// `2027-01-06`, or `01-06` for every year.
    pub date: String,
    #[serde(default)]
    pub name: String,
}

/// A day with hours of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// `2027-01-06`.
    pub date: String,
    #[serde(default)]
    pub name: String,
    pub hours: Vec<Hours>,
}

/// `GET /api/v1/calendars`: a calendar and how it stands. `24x7` and `daytime` are listed first; they are built in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarView {
    pub calendar: Calendar,
    pub built_in: bool,
    /// Rules that name it.
    pub rules: u64,
    pub open: bool,
    /// When it next opens or closes; none: never within 400 days.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub changes_at: Option<Timestamp>,
}

/// `POST /api/v1/calendars/preview` with a calendar: when it is open in the next 14 days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarPreview {
    pub open: bool,
    pub ranges: Vec<OpenRange>,
}

/// One stretch in which it is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenRange {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub to: Timestamp,
}
