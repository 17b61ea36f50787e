//! What is kept. Small traits, no backend type above this module; every backend passes the one contract suite
//! (`tests/contract`). SQLite is the first.
//!
//! All calls block; async callers use a blocking thread. A write returns when it is durable: what a caller has
//! seen succeed survives `kill -9`.
//!
//! Adding a backend: implement the traits below in a module of its own, add a migration folder, and run the
//! contract suite on it.

mod catalog;
mod cipher;
mod quiet;
mod receivers;
mod rules;
pub mod sqlite;
mod telling;
mod templates;

use std::collections::HashMap;
use std::sync::Arc;

use atalaya_api::event::{QuietChange, RuleAction};
use atalaya_api::level::Severity;
use atalaya_api::people::{DeletedKind, Role};
use serde_json::Value;

use crate::domain::{
    AlarmId, AlarmRow, CalendarConfig, GroupId, ImportId, Millis, PastAlarm, RuleId, RuleRecord, Secret,
    Sha256, SourceConfig, Transition, UserId,
};
use crate::plan::quiet::Covered;
use crate::state::SeriesState;

pub use catalog::{
    CatalogOrigin, CatalogStore, DashboardFilter, DashboardHead, DashboardRow, DashboardSort, DatasourceRow,
    DriftRow,
};
pub use cipher::{Cipher, CipherError};
pub use quiet::{History, NoisyRow, QuietStore};
pub use receivers::ReceiverStore;
pub use rules::{RuleFilter, RuleSet, RuleSort, RuleStore, RuleWrite};
pub use telling::{
    Claimed, DeliveryFilter, DeliveryRow, DueAlarm, KnownTold, NewDelivery, NotifyStore, QueueRow,
    ReceiverPlan, RuleTerms, Settled, ToldRow, ToldWrite,
};
pub use templates::{TemplateFilter, TemplateStore};

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The rule has moved on since the caller read it.
    #[error("it was changed by somebody else in the meantime")]
    VersionMoved,
    /// A name that must be unique is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    #[error("it is not there")]
    NotFound,
    /// The cursor was not made by this list.
    #[error("the cursor is not one of this list")]
    BadCursor,
    /// Nobody whose role is admin would be left.
    #[error("there would be no admin left")]
    LastAdmin,
    /// Enabled rules hang on it: so many.
    #[error("{0} enabled rules use it")]
    InUse(u64),
    /// A secret cannot be encrypted or read: the key's file is at fault, and all else can be read.
    #[error(transparent)]
    Secret(#[from] CipherError),
    /// Disk full, file damaged, lock lost: nothing of the caller's doing.
    #[error("the store failed: {0}")]
    Backend(String),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// Who did it: for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// A user's name, or `system`.
    pub name: String,
}

/// A page to fetch: at most `limit` rows after `cursor`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    pub limit: u32,
    /// What the page before gave as `next`.
    pub cursor: Option<String>,
}

pub use atalaya_api::page::Page;

/// Sources elsewhere. Secrets are encrypted with a key that lies beside the store, never in it.
pub trait SourceStore: Send + Sync {
    /// Writes a new source and its audit entry. `Taken("the source's id")` when there is one, deleted or not.
    fn create_source(&self, source: &SourceConfig, secret: &Secret, by: &Actor) -> Result<()>;

    /// Replaces the source whose version is `expected`; `source.version` is the new one. Writes audit (before and after,
    /// without secrets) in the same transaction. Deleting and restoring are changes of `deleted_at`; one that enabled
    /// rules use cannot be deleted: `InUse`. `secret`: what takes the place of the stored one; none: it stays.
    fn change_source(
        &self,
        source: &SourceConfig,
        secret: Option<&Secret>,
        expected: u64,
        by: &Actor,
    ) -> Result<()>;

    /// Deleted ones too.
    fn source(&self, id: &str) -> Result<Option<SourceConfig>>;

    /// Every source that is not deleted, by id.
    fn sources(&self) -> Result<Vec<SourceConfig>>;

    /// The ids of those that are deleted.
    fn removed_sources(&self) -> Result<Vec<String>>;

    /// What lets in; `Secret` when it cannot be read any more and must be entered anew.
    fn source_secret(&self, id: &str) -> Result<Secret>;
}

/// Calendars, which rules and templates name as their period.
pub trait CalendarStore: Send + Sync {
    /// Writes a new calendar and its audit entry. `Taken("the calendar's id")` when there is one, deleted or not.
    fn create_calendar(&self, calendar: &CalendarConfig, by: &Actor) -> Result<()>;

    /// Replaces the calendar whose version is `expected`; `calendar.calendar.version` is the new one. Writes audit (before and
    /// after) in the same transaction. Deleting and restoring are changes of `deleted_at`; one that rules or templates use cannot
    /// be deleted: `InUse`.
    fn change_calendar(&self, calendar: &CalendarConfig, expected: u64, by: &Actor) -> Result<()>;

    /// Deleted ones too.
    fn calendar(&self, id: &str) -> Result<Option<CalendarConfig>>;

    /// Every calendar that is not deleted, by id.
    fn calendars(&self) -> Result<Vec<CalendarConfig>>;

    /// How many rules name each period, those that are not deleted.
    fn rules_by_period(&self) -> Result<HashMap<String, u64>>;
}

/// One series' state as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRow {
    pub rule: RuleId,
    pub series: Arc<str>,
    pub state: SeriesState,
    /// Of check, record and counts: when it differs at start, the runs are emptied.
    pub basis: Sha256,
    /// The check's memory.
    pub memory: Option<Vec<u8>>,
    /// The run in progress, encoded, so that a restart in its middle loses no evidence.
    pub run: Option<Vec<u8>>,
    /// When the series was last seen in its source.
    pub seen_at: Millis,
}

/// All that one cycle changed; written in one transaction. A series' state is never dropped while its rule is
/// there, because its `seq` never resets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CycleCommit {
    pub states: Vec<StateRow>,
    pub transitions: Vec<Transition>,
    /// Records named by evidence, by the sha256 of their canonical JSON; known ones are passed over.
    pub records: Vec<(Sha256, RuleRecord)>,
    /// A beat that came through: kept under the setting [`HEARTBEAT`], the latest one only.
    pub heartbeat: Option<Millis>,
}

/// The setting that holds the instant of the last heartbeat, Unix ms.
pub const HEARTBEAT: &str = "heartbeat";

impl CycleCommit {
    pub fn is_empty(&self) -> bool {
        self.states.is_empty() && self.transitions.is_empty() && self.heartbeat.is_none()
    }

    /// What came after, to be written in one go.
    pub fn extend(&mut self, later: CycleCommit) {
        self.states.extend(later.states);
        self.transitions.extend(later.transitions);
        self.records.extend(later.records);
        self.heartbeat = later.heartbeat.or(self.heartbeat);
    }
}

/// Which alarms, in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlarmFilter {
    /// True: not cleared; false: cleared; none: both.
    pub active: Option<bool>,
    /// Any of these; empty: all. Of active alarms the severity held, of cleared ones the worst reached.
    pub severities: Vec<Severity>,
    /// `severities` are the worst reached of active alarms, too.
    pub by_worst: bool,
    pub rule: Option<RuleId>,
    pub dashboard: Option<String>,
    pub panel: Option<String>,
    /// Every word must be in the subject's name, the rule's name, dashboard or panel; case is ignored.
    pub q: Option<String>,
    /// Alarms that were active at or after this.
    pub from: Option<Millis>,
    /// Alarms that were raised before this.
    pub to: Option<Millis>,
    /// Only those that somebody has seen, or that nobody has.
    pub acknowledged: Option<bool>,
    /// Only active ones that are among these, or (false) all but those.
    pub muted: Option<(bool, Covered)>,
    pub sort: AlarmSort,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlarmSort {
    /// Highest severity first, newest first within it; `descending` turns it round.
    #[default]
    Severity,
    Raised,
    Cleared,
    Subject,
    Dashboard,
}

/// A transition as the store gives it back.
#[derive(Clone, Debug, PartialEq)]
pub struct TransitionRow {
    /// The id of its event.
    pub event: u64,
    pub transition: Transition,
}

/// Active alarms by severity, and the same an hour ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmCounts {
    pub warning: u64,
    pub unknown: u64,
    pub major: u64,
    pub critical: u64,
}

/// What became of alarms that were taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
}

pub trait AlarmStore: Send + Sync {
    /// Writes everything one cycle decided: states, alarms, transitions with evidence, one event each. Writing
    /// the same commit twice changes nothing the second time. Returns the id of the last event, if any.
    ///
    /// A transition whose `before` is none makes its alarm, or reopens it when an undo brings back one that was
    /// cleared; `after` none clears it.
    fn commit(&self, commit: &CycleCommit) -> Result<Option<u64>>;

    /// Takes over alarms of another system's history, without events: they are nobody's news. One that is there changes where it
    /// differs, unless it had no end in this history.
    fn import_alarms(&self, import: ImportId, alarms: &[PastAlarm]) -> Result<Imported>;

    /// Writes down in the audit log that a history was taken over.
    fn alarms_imported(&self, import: ImportId, done: Imported, by: &Actor) -> Result<()>;

    /// Deletes the alarms that an import made, with its audit entry. Returns how many.
    fn undo_import(&self, import: ImportId, by: &Actor) -> Result<u64>;

    /// Every stored state: at start.
    fn each_state(&self, visit: &mut dyn FnMut(StateRow)) -> Result<()>;

    /// The number of the last transition of a subject that keeps no state row (source, check, system), and the
    /// alarm it holds.
    fn cause_state(&self, subject_key: &str) -> Result<(u64, Option<AlarmRow>)>;

    fn alarms(&self, filter: &AlarmFilter, slice: &Slice) -> Result<Page<AlarmRow>>;
    /// The same without counting them all: those of one page, and the cursor of the next.
    fn some_alarms(&self, filter: &AlarmFilter, slice: &Slice) -> Result<(Vec<AlarmRow>, Option<String>)>;
    fn alarm(&self, id: AlarmId) -> Result<Option<AlarmRow>>;

    /// Those that there are of these, each once.
    fn alarms_by_id(&self, ids: &[AlarmId]) -> Result<Vec<AlarmRow>>;

    /// What the alarms that match come to, from `filter.from` (none: the first of them) to `filter.to` or `now`, whichever is earlier.
    fn history(&self, filter: &AlarmFilter, now: Millis) -> Result<History>;

    /// Of one alarm, oldest first.
    fn transitions(&self, alarm: AlarmId) -> Result<Vec<TransitionRow>>;

    /// Of one rule between two instants, oldest first, at most `limit` (the latest).
    fn transitions_of_rule(
        &self,
        rule: RuleId,
        from: Millis,
        to: Millis,
        limit: u32,
    ) -> Result<Vec<TransitionRow>>;

    /// Active now.
    fn counts(&self) -> Result<AlarmCounts>;
    /// That were active at an instant.
    fn counts_at(&self, at: Millis) -> Result<AlarmCounts>;
    /// When the last alarm was cleared.
    fn last_cleared_at(&self) -> Result<Option<Millis>>;

    /// A rule record that evidence names.
    fn record(&self, hash: Sha256) -> Result<Option<RuleRecord>>;

    /// Deletes evidence older than this, and records that nothing names any more. Returns how many.
    fn prune_evidence(&self, older_than: Millis) -> Result<u64>;
}

/// Something that happened, as the live stream says it.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all events are alarms': boxing them gains nothing")]
pub enum Happening {
    Alarm { alarm: AlarmRow, transition: TransitionRow },
    Rule { id: RuleId, action: RuleAction },
    Quiet(QuietChange),
}

pub trait EventStore: Send + Sync {
    /// After this id, oldest first, at most `limit`. None: some of what came after it is no longer kept.
    fn events_after(&self, id: u64, limit: u32) -> Result<Option<Vec<(u64, Happening)>>>;
    /// Zero when there was none.
    fn last_event(&self) -> Result<u64>;
    /// Keeps the latest `keep` events.
    fn prune_events(&self, keep: u64) -> Result<()>;
}

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: String,
    /// PHC string.
    pub password_hash: String,
    /// Its own.
    pub role: Role,
    /// The groups it is in.
    pub groups: Vec<GroupId>,
    /// The highest of its own role and its groups': what counts.
    pub effective_role: Role,
    pub created_at: Millis,
    /// When it last came by, itself or with a token, give or take a minute.
    pub last_seen_at: Option<Millis>,
}

/// What changes of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    pub role: Option<Role>,
    /// All that it is in from now on.
    pub groups: Option<Vec<GroupId>>,
    /// Ends the user's sessions, too.
    pub password_hash: Option<String>,
}

/// People with a role in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub role: Role,
    /// By name.
    pub members: Vec<UserId>,
}

/// Users and groups. Whatever would leave nobody whose effective role is admin is refused: `LastAdmin`.
pub trait PeopleStore: Send + Sync {
    /// `Taken("the user name")` when it is, ignoring case. Its groups are none, whatever it says.
    fn create_user(&self, user: &User, by: &Actor) -> Result<()>;
    /// Only if there are no users yet; false when there are. For the setup link.
    fn create_first_user(&self, user: &User) -> Result<bool>;
    /// Groups that are gone in the meantime are passed over. Returns the user as it is then.
    fn change_user(&self, user: UserId, change: &UserChange, by: &Actor) -> Result<User>;
    /// With its sessions and tokens, for good.
    fn delete_user(&self, user: UserId, by: &Actor) -> Result<()>;
    /// Ends the user's sessions, all but `stays`.
    fn set_password(
        &self,
        user: UserId,
        password_hash: &str,
        stays: Option<Sha256>,
        by: &Actor,
    ) -> Result<()>;
    fn user(&self, id: UserId) -> Result<Option<User>>;
    fn user_by_name(&self, username: &str) -> Result<Option<User>>;
    fn users(&self) -> Result<Vec<User>>;

    /// `Taken("the group's name")` when it is, ignoring case. Members that are gone in the meantime are passed over.
    fn create_group(&self, group: &Group, by: &Actor) -> Result<()>;
    /// Takes the place of the one with its id; the same holds.
    fn change_group(&self, group: &Group, by: &Actor) -> Result<()>;
    fn delete_group(&self, group: GroupId, by: &Actor) -> Result<()>;
    fn group(&self, id: GroupId) -> Result<Option<Group>>;
    /// By name.
    fn groups(&self) -> Result<Vec<Group>>;
}

/// A login; the token itself is only with the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub token_hash: Sha256,
    pub user: UserId,
    pub created_at: Millis,
    pub used_at: Millis,
    pub expires_at: Millis,
}

/// An API token; the token itself is only with its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    pub token_hash: Sha256,
    /// What it is for; empty: nobody said.
    pub name: String,
    /// Its first characters, to recognise it by.
    pub prefix: String,
    pub user: UserId,
    pub created_at: Millis,
    pub used_at: Option<Millis>,
    pub expires_at: Option<Millis>,
}

/// Sessions and API tokens.
pub trait LoginStore: Send + Sync {
    /// Its user was here. False, and there is none: the user has another password by now than the one of this hash, or is gone.
    fn create_session(&self, session: &SessionRow, password_hash: &str) -> Result<bool>;
    fn session(&self, token_hash: Sha256) -> Result<Option<SessionRow>>;
    /// Its user was here.
    fn touch_session(&self, token_hash: Sha256, used_at: Millis) -> Result<()>;
    /// By its owner, or because it is over. One that has ended is no error.
    fn end_session(&self, token_hash: Sha256) -> Result<()>;
    /// The same by somebody who has the audit log say so.
    fn revoke_session(&self, token_hash: Sha256, by: &Actor) -> Result<()>;
    fn prune_sessions(&self, now: Millis) -> Result<()>;
    /// Of one user or of all, with their users' names, the one used last first.
    fn sessions(&self, of: Option<UserId>) -> Result<Vec<(SessionRow, String)>>;

    fn create_token(&self, token: &TokenRow, by: &Actor) -> Result<()>;
    fn token(&self, token_hash: Sha256) -> Result<Option<TokenRow>>;
    /// Its user was here.
    fn touch_token(&self, token_hash: Sha256, used_at: Millis) -> Result<()>;
    /// From now on it opens nothing.
    fn revoke_token(&self, token_hash: Sha256, by: &Actor) -> Result<()>;
    /// Of one user or of all, with their users' names, the one made last first.
    fn tokens(&self, of: Option<UserId>) -> Result<Vec<(TokenRow, String)>>;
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    pub at: Millis,
    pub by: String,
    /// `rule created`, `settings changed`, ...
    pub what: String,
    pub subject: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Which lines of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Every word must be in who, what, the subject or its name; case is ignored.
    pub q: Option<String>,
    /// A user's name as it is written there.
    pub by: Option<String>,
    /// At or after this.
    pub from: Option<Millis>,
    /// Before this.
    pub to: Option<Millis>,
}

pub trait SettingsStore: Send + Sync {
    /// None: never saved.
    fn setting(&self, key: &str) -> Result<Option<Value>>;
    /// With its audit entry.
    fn put_setting(&self, key: &str, value: &Value, by: &Actor) -> Result<()>;
    /// Newest first.
    fn audit(&self, slice: &Slice) -> Result<Page<AuditRow>> {
        self.audit_of(&AuditFilter::default(), slice)
    }
    /// Those that pass the filter, newest first.
    fn audit_of(&self, filter: &AuditFilter, slice: &Slice) -> Result<Page<AuditRow>>;
    /// Writes down what was done to something that the store does not keep, e.g. a backup.
    fn note(&self, what: &str, subject: &str, after: &Value, by: &Actor) -> Result<()>;
}

/// Something that was deleted and can be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedRow {
    pub kind: DeletedKind,
    pub id: String,
    pub name: String,
    pub deleted_at: Millis,
    pub by: String,
}

pub trait DeletedStore: Send + Sync {
    /// What was deleted after this, newest first.
    fn deleted(&self, after: Millis, slice: &Slice) -> Result<Page<DeletedRow>>;
    /// What was deleted at or before this is gone for good, rules with their series' states; the history of their alarms stays.
    /// Returns how many.
    fn purge_deleted(&self, until: Millis) -> Result<u64>;
}

pub trait ComponentStore: Send + Sync {
    /// Keeps a check's component so that its evidence can be replayed. Known ones are passed over.
    fn keep_component(&self, hash: Sha256, wasm: &[u8]) -> Result<()>;
    fn component(&self, hash: Sha256) -> Result<Option<Vec<u8>>>;
}

/// Whether it can be written to, and what it measures of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreHealth {
    /// In words, what is wrong; none: writable.
    pub trouble: Option<String>,
    pub commits: u64,
    /// Seconds, of the last commit.
    pub last_commit_seconds: f64,
    /// Seconds in commits since start.
    pub commit_seconds: f64,
}

/// Everything together, as the server is wired with it.
pub trait Store:
    RuleStore
    + TemplateStore
    + SourceStore
    + CalendarStore
    + ReceiverStore
    + QuietStore
    + AlarmStore
    + EventStore
    + PeopleStore
    + LoginStore
    + SettingsStore
    + DeletedStore
    + ComponentStore
    + CatalogStore
    + NotifyStore
{
    fn health(&self) -> StoreHealth;
}
