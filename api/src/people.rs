//! Sessions, users, tokens.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What somebody may do; each role includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Operator,
    Admin,
}

/// The body of `POST /api/v1/session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub username: String,
    pub password: String,
}

/// Who is logged in, and what the page around it should know. Also `GET /api/v1/session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    pub username: String,
    pub role: Role,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// False over plain HTTP beyond loopback: the bar says "not encrypted".
    pub encrypted: bool,
}

/// The body of `POST /api/v1/setup`: the first account, made with the one-time key of the setup link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    pub key: String,
    pub username: String,
    pub password: String,
}

/// `GET /api/v1/setup`, open to all: whether the first account is still to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupState {
    pub needed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: String,
    pub username: String,
    /// Of the user alone.
    pub role: Role,
    /// Ids of the groups it is in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What it may do: the highest of its own role and its groups'.
    #[serde(default = "least")]
    pub effective_role: Role,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it was last here; none: not since it is known.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_seen_at: Option<Timestamp>,
}

fn least() -> Role {
    Role::Viewer
}

/// The body of `PATCH /api/v1/users/{id}`: what is there changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UserPatch {
    pub role: Option<Role>,
    pub groups: Option<Vec<String>>,
    /// A new one; all of the user's sessions end.
    pub password: Option<String>,
}

/// `POST /api/v1/groups`, `PUT /api/v1/groups/{id}`: people with a role in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupDraft {
    /// Unique, 1 to 60 characters.
    pub name: String,
    pub role: Role,
    /// Ids of users.
    #[serde(default)]
    pub members: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub members: Vec<String>,
}

/// The body of `POST /api/v1/session/password`: everybody's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub current: String,
    /// At least 8 characters.
    pub new: String,
}

/// What a token opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// All that its user may.
    #[default]
    Api,
    /// Sending samples, nothing else.
    Ingest,
}

/// The body of `POST /api/v1/tokens`: a token for oneself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, 1 to 60 characters.
    pub name: String,
    #[serde(default)]
    pub scope: TokenScope,
    /// 1 d to 400 d; none: it does not expire.
    #[serde(default)]
    pub lasting: Option<crate::span::Span>,
}

/// An API token; admins see everybody's, others their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    pub id: String,
    pub name: String,
    /// Its first characters, to recognise it by.
    pub prefix: String,
    pub scope: TokenScope,
    pub username: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub used_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Only in the answer to its making, and never again.
    #[serde(default)]
    pub token: Option<String>,
}

/// A login, as `GET /api/v1/sessions` lists it; admins see everybody's, others their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub id: String,
    pub username: String,
    /// The one that asks.
    pub current: bool,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub used_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
}

/// What a deleted thing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeletedKind {
    Rule,
    Template,
    Calendar,
    Source,
    Receiver,
    Maintenance,
}

/// One line of `GET /api/v1/deleted`, newest first; it comes back by `POST /api/v1/{rules,templates,...}/{id}/restore` within 30 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deleted {
    pub kind: DeletedKind,
    pub id: String,
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub deleted_at: Timestamp,
    pub by: String,
    /// Then it is gone for good.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub gone_at: Timestamp,
}

/// The body of `POST /api/v1/users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub username: String,
    /// At least 8 characters.
    pub password: String,
    pub role: Role,
}
