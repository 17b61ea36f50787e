//! The words of the design as types. Pure: no I/O, no clock, no async.

mod alarm;
mod calendar;
mod evidence;
mod ids;
mod message;
mod phone;
mod quiet;
mod reason;
mod receiver;
mod rule;
mod source;
mod template;
mod time;
mod verdict;
mod wrong;

pub use alarm::{AlarmContext, AlarmRow, PastAlarm, Subject, Texts, Transition};
pub use atalaya_api::level::{Level, Severity, Standing};
pub use calendar::CalendarConfig;
pub use evidence::{Evaluated, EvidenceError, Run};
pub use ids::{AlarmId, GroupId, ImportId, MaintenanceId, MuteId, RuleId, Sha256, TemplateId, UserId};
pub use message::{Message, Said};
pub use phone::phone_number;
pub use quiet::{Acknowledgement, MaintenanceConfig, Mute};
pub use reason::{Reason, TroubleKind};
pub use receiver::ReceiverConfig;
pub use rule::{Rule, RuleRecord};
pub use source::{Secret, SourceConfig};
pub use template::Template;
pub use time::Millis;
pub use verdict::{Outcome, Unknown, UnknownKind, Verdict};
pub use wrong::Wrong;
