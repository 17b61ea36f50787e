//! The API's types, field by field, and its words.

use atalaya_api::alarm::{
    Acknowledged, Alarm, EvaluationView, EvidenceView, HistorySummary, Noisy, RuleRef, Subject, SubjectKind,
    TransitionView,
};
use atalaya_api::audit::AuditEntry;
use atalaya_api::backup::{BackupFile, BackupSettings, Backups};
use atalaya_api::bulk::{ImportReport, Made, RefusedLine};
use atalaya_api::calendar::{
    Calendar, CalendarPreview, CalendarView, Exception, Holiday, Hours, OpenRange, WeekRange,
};
use atalaya_api::catalog::{
    CatalogMetric, CatalogProblem, Dashboard, DashboardItem, Datasource, Folder, GrafanaSettings,
    GrafanaTest, ImportPhase, ImportStatus, Joined, Panel, PanelThreshold, Target, Values, Variable,
};
use atalaya_api::check::{CheckStatus, CheckView};
use atalaya_api::delivery::{Delivery, DeliveryKind, DeliveryState, Told};
use atalaya_api::event::{AlarmEvent, RuleAction, RuleEvent, StatusEvent};
use atalaya_api::level::{Level, Severity, Standing};
use atalaya_api::people::{
    Deleted, DeletedKind, Group, Role, Session, SessionView, SetupState, Token, TokenScope, User,
};
use atalaya_api::problem::{FieldError, Problem};
use atalaya_api::quiet::{
    AlarmsDone, Maintenance, MaintenanceDraft, Mute, MuteKind, MuteTarget, Once, Weekly,
};
use atalaya_api::receiver::{
    AlertmanagerWay, EmailWay, MailSecurity, MessagePreview, MessageWords, OvoWay, PreviewedMessage, Rate,
    Receiver, ReceiverDraft, ReceiverKind, ReceiverTest, SmsWay, WebhookWay,
};
use atalaya_api::rule::{
    CheckUse, Direction, Drift, Line, NoData, Notify, Origin, Query, ReceiverUse, Rule, RuleChart, RuleDraft,
    RuleState, TemplateUse,
};
use atalaya_api::settings::{MetricNames, PhoneList, RuleDefaults, Settings, usual_daytime};
use atalaya_api::source::{
    LastAnswer, QueryAnswer, Refused, SeriesData, SeriesHit, Source, SourceInput, SourceKind, SourceSettings,
    SourceStatus, SourceTest, usual_concurrency, usual_max_answer, usual_timeout,
};
use atalaya_api::status::{EvaluationStatus, EventStatus, HeartbeatStatus, Part, Status, StoreStatus};
use atalaya_api::summary::{Change, StandingCause, Summary, Words};
use atalaya_api::template::{AlarmSettings, Impact, Overridden, Template, TemplateDraft, TemplateSet};
use serde_json::{Map, Value};

use super::{Course, Fields, Members, Read, fields, word, words};

words! {
    Severity { "critical" => Critical, "major" => Major, "unknown" => Unknown, "warning" => Warning }
    Level { "ok" => Ok, "warning" => Warning, "major" => Major, "critical" => Critical }
    Standing {
        "pending" => Pending, "paused" => Paused, "ok" => Ok, "warning" => Warning, "unknown" => Unknown, "major" => Major,
        "critical" => Critical,
    }
    SubjectKind { "series" => Series, "source" => Source, "check" => Check, "system" => System }
    NoData { "alarm" => Alarm, "keep" => Keep, "ok" => Ok }
    Direction { "above" => Above, "below" => Below }
    MetricNames { "alias" => Alias, "full" => Full, "wildcard" => Wildcard }
    Role { "viewer" => Viewer, "operator" => Operator, "admin" => Admin }
    MuteKind { "alarm" => Alarm, "rule" => Rule, "dashboard" => Dashboard, "receiver" => Receiver }
    TokenScope { "api" => Api, "ingest" => Ingest }
    DeletedKind {
        "rule" => Rule, "template" => Template, "calendar" => Calendar, "source" => Source, "receiver" => Receiver,
        "maintenance" => Maintenance,
    }
    RuleAction { "created" => Created, "updated" => Updated, "deleted" => Deleted, "restored" => Restored }
    CheckStatus { "ok" => Ok, "throttled" => Throttled, "quarantined" => Quarantined }
    SourceKind { "graphite" => Graphite, "prometheus" => Prometheus }
    SourceStatus { "ok" => Ok, "degraded" => Degraded, "down" => Down }
    ImportPhase {
        "idle" => Idle, "running" => Running, "done" => Done, "cancelled" => Cancelled, "failed" => Failed,
    }
}

/// Who is told, how, and what became of it.
mod telling {
    use super::*;

    words! {
        ReceiverKind {
            "email" => Email, "sms" => Sms, "ovo" => Ovo, "webhook" => Webhook, "alertmanager" => Alertmanager,
        }
        MailSecurity { "starttls" => Starttls, "tls" => Tls, "none" => None }
        DeliveryState {
            "queued" => Queued, "sending" => Sending, "delivered" => Delivered, "dead" => Dead, "dropped" => Dropped,
        }
        DeliveryKind {
            "raised" => Raised, "changed" => Changed, "cleared" => Cleared, "reminder" => Reminder, "group" => Group,
            "summary" => Summary, "test" => Test,
        }
    }

    fields! {
        ReceiverDraft {
            id, kind, name, enabled = true, lowest = Severity::Warning, changes = true, clears = true, remind_every, rate,
            language, words = MessageWords::default(), email, sms, ovo, webhook, alertmanager, secret, has_secret = false,
            version = 0,
        }
        Rate { messages, per }
        MessageWords { title = String::new(), text = String::new() }
        EmailWay {
            host, port, security = MailSecurity::default(), username = String::new(), from, to, ca_pem = String::new(),
        }
        SmsWay {
            url, username, from = String::new(), smsc = String::new(), numbers = Vec::new(), lists = Vec::new(),
            unicode = false,
        }
        OvoWay { application, object = String::new(), msg_group = String::new(), node = String::new() }
        WebhookWay { url, ca_pem = String::new() }
        AlertmanagerWay { url, username = String::new(), ca_pem = String::new() }
        Receiver {
            receiver, updated_at, updated_by, deleted_at, rules, system, muted_until, queued, oldest_queued_at, dead,
            last_delivered_at, trouble, paused_until,
        }
        ReceiverTest { ok, message, answer, took_ms }
        MessagePreview { messages }
        PreviewedMessage { of, title, text, parts, unicode }
        Delivery {
            id, key, receiver, receiver_name, kind, severity, title, state, alarms, alarm, attempts, created_at, next_at,
            done_at, answer,
        }
        BackupFile { name, made_at, bytes, with_key }
        Backups { folder, items, running, verified_at, next_at, trouble }
    }
}

/// What was read from Grafana, and metrics made of it.
mod catalog {
    use super::*;

    fields! {
        GrafanaSettings { url, token, has_token, organisation, ca_pem, timeout_s }
        GrafanaTest { ok, message }
        Datasource { uid, name, kind, url, is_default, source, suggested, detail }
        ImportStatus {
            phase, started_at, ended_at, done, of, current, error, dashboards, panels, targets, added, changed, removed,
            problems, problems_total = 0, drifted, joined,
        }
        Joined { rule, rule_name, variable, joined, left }
        CatalogProblem { dashboard, place, words }
        Folder { name, dashboards }
        DashboardItem { uid, title, folder, panels, targets, problems, rules, loaded_at }
        Dashboard { uid, title, folder, url, panels, variables, problems, loaded_at }
        Panel { id, title, row, kind, unit, thresholds, targets }
        PanelThreshold { value, color, above }
        Target { ref_id, query, alias, hidden, source, variables, configured, problem }
        Variable { name, label, kind, multi, include_all, current }
        Values { values, total }
        CatalogMetric { ref_id, name, source, expr, unit, origin, configured, problem }
        Made { rules, undo }
    }
}

fields! {
    Subject { kind, id, name }
    RuleRef { id, name }
    Acknowledged { by, at, note }
    AlarmsDone { total, changed, ids }
    MuteTarget { kind, id }
    Mute { id, target, name, from, until, reason, by }
    MaintenanceDraft {
        name, everything = false, dashboards = Vec::new(), rules = Vec::new(), once, weekly, version = 0,
    }
    Once { from, to }
    Weekly { week, time_zone }
    Maintenance { id, maintenance, until, next, updated_at, updated_by, deleted_at }
    HistorySummary { total, critical, major, unknown, warning, hours_in_alarm, alarm_hours, noisiest }
    Noisy { rule, name, dashboard, alarms, hours }
    Alarm {
        id, subject, rule, series, dashboard, panel, unit, severity, worst, value, raised_value, raised_at, cleared_at,
        acknowledged, muted_until, reason, message, seq, no_data_since, told = Vec::new(),
    }
    Told { receiver, receiver_name, first_at, last_at, severity, why_not, again_at }
    TransitionView { alarm, series, seq, at, before, after, reason, value, message }
    EvaluationView { at, held, level, value, reason, times, values }
    EvidenceView { transition, check, check_sha256, params, evaluations, replays }
    AlarmEvent { alarm, transition }
    RuleEvent { id, action }
    StatusEvent { at, summary }
    Change { warning, major, critical, unknown }
    Words { en, es }
    StandingCause { subject, severity, since, reason, message }
    Summary {
        rules, series, warning, major, critical, unknown, change_1h = Change::default(), checked_at, quiet_since,
        causes = Vec::new(),
    }
    Query { source, expr, unit, dashboard, panel }
    CheckUse { name, params = Value::Object(Map::new()) }
    ReceiverUse { id, from = Level::Warning }
    Notify { sms = false, ovo = false, receivers = Vec::new() }
    RuleDraft {
        name, query, check, interval, checks_to_alert = 3, checks_to_ok = 2, ok_margin = 10.0, period = "24x7".to_owned(),
        no_data = NoData::default(), time_zone, notify = Notify::default(), enabled = true, labels = Default::default(),
        note = String::new(), runbook_url, origin, template,
    }
    Origin { dashboard, panel, ref_id, query, variables = Default::default(), all = Default::default(), kept }
    TemplateUse { id, set, overrides = Vec::new() }
    Drift { before, now, expr }
    RuleState { severity, series, value, unit, checked_at, no_data_since, reason, step }
    Line { level, value, direction, start, end }
    RuleChart { series, lines, marks }
    RuleDefaults { checks_to_alert, checks_to_ok, ok_margin, period, no_data = NoData::default(), sms = false, ovo = false }
    Hours { from, to }
    WeekRange { days, hours }
    Settings {
        time_zone, language, sample_retention, evidence_retention, forget_after, heartbeat_url = String::new(),
        daytime = usual_daytime(), metric_names = MetricNames::default(), show_rows = true, defaults,
        public_url = String::new(), system_receivers = Vec::new(), phone_lists = Vec::new(), backup = BackupSettings::default(),
    }
    PhoneList { name, numbers }
    BackupSettings { enabled, at, keep, second_folder }
    LastAnswer { at, took_ms }
    Refused { reason, count, example }
    SourceInput { name, address, status, detail, samples, last_sample_at, refused }
    SourceSettings {
        id, kind, name, url, offset, timeout = usual_timeout(), concurrency = usual_concurrency(),
        max_answer_mib = usual_max_answer(), scrape_interval, username, password, token, has_password = false,
        has_token = false, headers = Default::default(), ca_pem = String::new(),
    }
    Source {
        id, kind, name, status, detail, series, rules = 0, last_answer, inputs, settings, version = 0,
    }
    SourceTest { ok, message, took_ms, version, clock_offset_s, examples }
    SeriesHit { name, leaf, last_value, last_at, step }
    SeriesData { name, unit, step_ms, times, values }
    QueryAnswer { series, total, warnings = Vec::new() }
    CheckView {
        name, version, sha256, built_in, title, summary, params_schema, rules, status, detail, quarantined_at, evaluations,
        failures, cpu_seconds,
    }
    Session { username, role, expires_at, encrypted }
    User { id, username, role, groups = Vec::new(), effective_role = Role::Viewer, created_at, last_seen_at }
    Group { id, name, role, members }
    Token { id, name, prefix, scope, username, created_at, used_at, expires_at, token }
    SessionView { id, username, current, created_at, used_at, expires_at }
    Deleted { kind, id, name, deleted_at, by, gone_at }
    AuditEntry { at, by, what, subject, before, after }
    SetupState { needed }
    FieldError { field, message }
    Part { name, ok, needed, detail }
    EvaluationStatus {
        rules, series, evaluations, lateness_seconds, overdue_rules, questions_open, cpu_seconds, checked_at,
    }
    StoreStatus {
        commits, last_commit_seconds, commit_seconds, waiting_transitions, disk_free_bytes, disk_total_bytes,
    }
    EventStatus { streams, lag_seconds }
    HeartbeatStatus { last_at, told, told_at, trouble }
    Status { version, started_at, ready, parts, causes, evaluation, store, events, heartbeat }
}

// Calendars, templates, files.
fields! {
    Calendar { id, name, time_zone, week, holidays = Vec::new(), exceptions = Vec::new(), version = 0 }
    Holiday { date, name = String::new() }
    Exception { date, name = String::new(), hours }
    CalendarView { calendar, built_in, rules, open, changes_at }
    CalendarPreview { open, ranges }
    OpenRange { from, to }
    TemplateSet { name, was, check }
    AlarmSettings {
        interval, checks_to_alert = 3, checks_to_ok = 2, ok_margin = 10.0, period = "24x7".to_owned(),
        no_data = NoData::default(), time_zone, notify = Notify::default(), labels = Default::default(), runbook_url,
    }
    TemplateDraft { name, note = String::new(), sets, alarm = AlarmSettings::default() }
    Template { id, version, draft, rules, created_at, updated_at, updated_by, deleted_at }
    Impact { rules, changed, created, deleted, overridden, refused }
    Overridden { id, name, fields }
    ImportReport { read, created, updated, unchanged, refused, refused_total, notes, undo }
    RefusedLine { line, text, errors }
}

/// The draft's fields stand beside the rule's own.
impl Read for Rule {
    fn read(value: Value, course: &mut Course) -> Self {
        let mut members = Members::of(value, course);
        Rule {
            id: members.take("id"),
            version: members.take("version"),
            draft: RuleDraft::of(&mut members),
            effective_interval: members.take("effective_interval"),
            check_sha256: members.take("check_sha256"),
            created_at: members.take("created_at"),
            updated_at: members.take("updated_at"),
            updated_by: members.take("updated_by"),
            deleted_at: members.take("deleted_at"),
            drift: members.take("drift"),
            state: members.take("state"),
        }
    }
}

impl Read for Problem {
    fn read(value: Value, course: &mut Course) -> Self {
        let mut members = Members::of(value, course);
        Problem {
            kind: members.take("type"),
            title: members.take("title"),
            status: members.take("status"),
            detail: members.take("detail"),
            errors: members.take_or("errors", Vec::new()),
        }
    }
}
