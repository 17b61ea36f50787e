//! Deliveries: what was sent to whom, what waits, and what could not be sent.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::level::Severity;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It waits for its turn, or for the next try.
    Queued,
    /// It was taken up, and may have been sent.
    Sending,
    Delivered,
    /// It is not tried any more, until somebody sends it again.
    Dead,
    /// What it said was no longer so before it could be sent.
    Dropped,
}

/// What a delivery says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryKind {
    Raised,
    Changed,
    Cleared,
    /// It still stands: a reminder, or a mute that ended.
    Reminder,
    /// Several alarms of one panel or rule.
    Group,
    /// Many alarms, by severity only.
    Summary,
    Test,
}

/// One line of `GET /api/v1/deliveries`, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub id: String,
    /// The same for each try, and after a restart: whoever gets it twice can tell.
    pub key: String,
    pub receiver: String,
    pub receiver_name: String,
    pub kind: DeliveryKind,
    /// What it states; none: cleared.
    pub severity: Option<Severity>,
    /// How it reads.
    pub title: String,
    pub state: DeliveryState,
    /// How many alarms it speaks of.
    pub alarms: u64,
    /// The one, when it speaks of one.
    pub alarm: Option<String>,
    pub attempts: u32,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The next try, while it is queued.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next_at: Option<Timestamp>,
    /// When it was delivered, dropped, or given up.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub done_at: Option<Timestamp>,
    /// What the far end said last, or why it was dropped.
    pub answer: Option<String>,
}

/// Who was told of an alarm, or why not: one line of `GET /api/v1/alarms/{id}/told`, and of each row of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Told {
    pub receiver: String,
    pub receiver_name: String,
    /// When it was first told of this alarm; none: never.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub first_at: Option<Timestamp>,
    /// When it was told last, and of what; none of what: that it cleared.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_at: Option<Timestamp>,
    pub severity: Option<Severity>,
    /// In words, why it is not told, or was not, of what is so now.
    pub why_not: Option<String>,
    /// When it will be looked at again, if that is known.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub again_at: Option<Timestamp>,
}

/// `POST /api/v1/deliveries/retry`: all that could not be sent to a receiver is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryDeliveries {
    /// Its id.
    pub receiver: String,
}

/// How many were sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retried {
    pub deliveries: u64,
}
