//! Calendars as the evaluator keeps them.

use atalaya_api::calendar::Calendar;

use super::time::Millis;

/// A calendar; `calendar.version` grows with each edit, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct CalendarConfig {
    pub calendar: Calendar,
    pub updated_at: Millis,
    pub updated_by: String,
    pub deleted_at: Option<Millis>,
}
