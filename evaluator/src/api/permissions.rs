//! Who may do what: the published table, and the only place that says so.
//!
//! `auth::guard` asks it for every request; what it does not name is closed to everybody. It is shown in the
//! OpenAPI document.

use atalaya_api::people::Role;
use axum::http::Method;

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: anybody may.
    Nothing,
    /// A login with at least this role.
    Role(Role),
    /// A token of scope `ingest`, or a login with at least the role operator.
    Ingest,
}

impl Need {
    pub fn words(self) -> &'static str {
        match self {
            Need::Nothing => "anybody, without login",
            Need::Role(Role::Viewer) => "viewer",
            Need::Role(Role::Operator) => "operator",
            Need::Role(Role::Admin) => "admin",
            Need::Ingest => "operator, or a token of scope ingest",
        }
    }
}

const NOTHING: Need = Need::Nothing;
const VIEWER: Need = Need::Role(Role::Viewer);
const OPERATOR: Need = Need::Role(Role::Operator);
const ADMIN: Need = Need::Role(Role::Admin);

const TABLE: &[(&str, &str, Need)] = &[
    ("GET", "/healthz", NOTHING),
    ("GET", "/readyz", NOTHING),
    ("GET", "/metrics", NOTHING),
    ("GET", "/api/v1/openapi.json", NOTHING),
    ("GET", "/api/v1/setup", NOTHING),
    ("POST", "/api/v1/setup", NOTHING),
    ("POST", "/api/v1/session", NOTHING),
    ("GET", "/api/v1/session", VIEWER),
    ("DELETE", "/api/v1/session", VIEWER),
    ("GET", "/api/v1/summary", VIEWER),
    ("GET", "/api/v1/status", VIEWER),
    ("GET", "/api/v1/events", VIEWER),
    ("GET", "/api/v1/alarms", VIEWER),
    ("POST", "/api/v1/alarms/import", OPERATOR),
    ("DELETE", "/api/v1/alarms/import/{undo}", OPERATOR),
    ("POST", "/api/v1/alarms/ack", OPERATOR),
    ("POST", "/api/v1/alarms/unack", OPERATOR),
    ("POST", "/api/v1/alarms/mute", OPERATOR),
    ("GET", "/api/v1/alarms/summary", VIEWER),
    ("GET", "/api/v1/alarms/export", VIEWER),
    ("GET", "/api/v1/mutes", VIEWER),
    ("POST", "/api/v1/mutes", OPERATOR),
    ("DELETE", "/api/v1/mutes/{id}", OPERATOR),
    ("GET", "/api/v1/maintenance", VIEWER),
    ("POST", "/api/v1/maintenance", OPERATOR),
    ("PUT", "/api/v1/maintenance/{id}", OPERATOR),
    ("DELETE", "/api/v1/maintenance/{id}", OPERATOR),
    ("POST", "/api/v1/maintenance/{id}/restore", OPERATOR),
    ("GET", "/api/v1/alarms/{id}", VIEWER),
    ("GET", "/api/v1/alarms/{id}/transitions", VIEWER),
    ("GET", "/api/v1/alarms/{id}/evidence", VIEWER),
    ("GET", "/api/v1/alarms/{id}/told", VIEWER),
    ("GET", "/api/v1/deliveries", VIEWER),
    ("POST", "/api/v1/deliveries/retry", OPERATOR),
    ("POST", "/api/v1/deliveries/{id}/retry", OPERATOR),
    ("DELETE", "/api/v1/deliveries/{id}", OPERATOR),
    ("GET", "/api/v1/rules", VIEWER),
    ("POST", "/api/v1/rules", OPERATOR),
    ("POST", "/api/v1/rules/many", OPERATOR),
    ("POST", "/api/v1/rules/bulk", OPERATOR),
    ("POST", "/api/v1/rules/bulk/{undo}/undo", OPERATOR),
    ("GET", "/api/v1/templates", VIEWER),
    ("POST", "/api/v1/templates", OPERATOR),
    ("GET", "/api/v1/templates/{id}", VIEWER),
    ("PUT", "/api/v1/templates/{id}", OPERATOR),
    ("DELETE", "/api/v1/templates/{id}", OPERATOR),
    ("POST", "/api/v1/templates/{id}/restore", OPERATOR),
    ("POST", "/api/v1/templates/{id}/impact", OPERATOR),
    ("POST", "/api/v1/templates/{id}/apply", OPERATOR),
    ("GET", "/api/v1/rules/export", VIEWER),
    ("POST", "/api/v1/rules/import", OPERATOR),
    ("GET", "/api/v1/rules/{id}", VIEWER),
    ("PATCH", "/api/v1/rules/{id}", OPERATOR),
    ("DELETE", "/api/v1/rules/{id}", OPERATOR),
    ("POST", "/api/v1/rules/{id}/restore", OPERATOR),
    ("POST", "/api/v1/rules/{id}/forget", OPERATOR),
    ("POST", "/api/v1/rules/{id}/follow", OPERATOR),
    ("POST", "/api/v1/rules/{id}/keep", OPERATOR),
    ("GET", "/api/v1/rules/{id}/chart", VIEWER),
    ("GET", "/api/v1/sources", VIEWER),
    ("POST", "/api/v1/sources", ADMIN),
    ("POST", "/api/v1/sources/test", ADMIN),
    ("GET", "/api/v1/sources/{id}", VIEWER),
    ("PATCH", "/api/v1/sources/{id}", ADMIN),
    ("DELETE", "/api/v1/sources/{id}", ADMIN),
    ("POST", "/api/v1/sources/{id}/restore", ADMIN),
    ("POST", "/api/v1/sources/{id}/test", ADMIN),
    ("GET", "/api/v1/sources/{id}/series", OPERATOR),
    ("GET", "/api/v1/sources/{id}/query", OPERATOR),
    ("POST", "/api/v1/ingest/prometheus/write", Need::Ingest),
    ("POST", "/api/v1/write", Need::Ingest),
    ("GET", "/api/v1/checks", VIEWER),
    ("GET", "/api/v1/checks/{name}", VIEWER),
    ("POST", "/api/v1/checks/{name}/validate", OPERATOR),
    ("POST", "/api/v1/checks/{name}/release", ADMIN),
    ("GET", "/api/v1/settings", VIEWER),
    ("PUT", "/api/v1/settings", ADMIN),
    ("GET", "/api/v1/catalog/grafana", ADMIN),
    ("PUT", "/api/v1/catalog/grafana", ADMIN),
    ("POST", "/api/v1/catalog/grafana/test", ADMIN),
    ("GET", "/api/v1/catalog/datasources", VIEWER),
    ("PUT", "/api/v1/catalog/datasources/{uid}", ADMIN),
    ("GET", "/api/v1/catalog/import", VIEWER),
    ("POST", "/api/v1/catalog/import", OPERATOR),
    ("DELETE", "/api/v1/catalog/import", OPERATOR),
    ("POST", "/api/v1/catalog/files", OPERATOR),
    ("GET", "/api/v1/catalog/folders", VIEWER),
    ("GET", "/api/v1/catalog/dashboards", VIEWER),
    ("GET", "/api/v1/catalog/dashboards/{uid}", VIEWER),
    ("DELETE", "/api/v1/catalog/dashboards/{uid}", OPERATOR),
    ("POST", "/api/v1/catalog/dashboards/{uid}/values", OPERATOR),
    ("POST", "/api/v1/catalog/dashboards/{uid}/metrics", OPERATOR),
    ("GET", "/api/v1/calendars", VIEWER),
    ("POST", "/api/v1/calendars", ADMIN),
    ("POST", "/api/v1/calendars/preview", ADMIN),
    ("GET", "/api/v1/calendars/{id}", VIEWER),
    ("PUT", "/api/v1/calendars/{id}", ADMIN),
    ("DELETE", "/api/v1/calendars/{id}", ADMIN),
    ("POST", "/api/v1/calendars/{id}/restore", ADMIN),
    ("GET", "/api/v1/receivers", VIEWER),
    ("POST", "/api/v1/receivers", ADMIN),
    ("POST", "/api/v1/receivers/test", ADMIN),
    ("POST", "/api/v1/receivers/preview", ADMIN),
    ("GET", "/api/v1/receivers/{id}", VIEWER),
    ("PUT", "/api/v1/receivers/{id}", ADMIN),
    ("DELETE", "/api/v1/receivers/{id}", ADMIN),
    ("POST", "/api/v1/receivers/{id}/restore", ADMIN),
    ("POST", "/api/v1/receivers/{id}/test", ADMIN),
    ("POST", "/api/v1/session/password", VIEWER),
    ("GET", "/api/v1/users", ADMIN),
    ("POST", "/api/v1/users", ADMIN),
    ("PATCH", "/api/v1/users/{id}", ADMIN),
    ("DELETE", "/api/v1/users/{id}", ADMIN),
    ("GET", "/api/v1/groups", ADMIN),
    ("POST", "/api/v1/groups", ADMIN),
    ("PUT", "/api/v1/groups/{id}", ADMIN),
    ("DELETE", "/api/v1/groups/{id}", ADMIN),
    ("GET", "/api/v1/tokens", VIEWER),
    ("POST", "/api/v1/tokens", VIEWER),
    ("DELETE", "/api/v1/tokens/{id}", VIEWER),
    ("GET", "/api/v1/sessions", VIEWER),
    ("DELETE", "/api/v1/sessions/{id}", VIEWER),
    ("GET", "/api/v1/audit", ADMIN),
    ("GET", "/api/v1/deleted", ADMIN),
    ("GET", "/api/v1/backups", ADMIN),
    ("POST", "/api/v1/backups", ADMIN),
];

/// What the table says of an endpoint; `path` is the route's pattern. `HEAD` is `GET`.
pub fn need(method: &Method, path: &str) -> Option<Need> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    TABLE.iter().find(|(m, p, _)| *m == method && *p == path).map(|(_, _, need)| *need)
}

/// Whether the table names the path with any method.
pub fn knows_path(path: &str) -> bool {
    TABLE.iter().any(|(_, known, _)| *known == path)
}

/// The table in Markdown.
pub fn published() -> String {
    let mut text = String::from("| endpoint | who |\n|---|---|\n");
    for (method, path, need) in TABLE {
        text.push_str(&format!("| `{method} {path}` | {} |\n", need.words()));
    }
    text
}

#[cfg(test)]
pub fn rows() -> impl Iterator<Item = (&'static str, &'static str, Need)> {
    TABLE.iter().copied()
}
