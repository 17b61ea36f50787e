//! From the domain's rows to what travels.

use atalaya_api::alarm::{
    Acknowledged, Alarm, EvaluationView, EvidenceView, RuleRef, Subject as WireSubject, TransitionView,
};
use atalaya_api::delivery::{Delivery, Told};
use atalaya_api::float::Float;
use atalaya_api::level::Standing;
use atalaya_api::rule::Rule as WireRule;
use atalaya_api::summary::{StandingCause as WireCause, Words};

use crate::domain::{
    Acknowledgement, AlarmRow, Evaluated, Millis, Rule, RuleRecord, Run, Subject, Transition,
};
use crate::plan::quiet::Target;

use crate::plan::Heard;
use crate::store::{DeliveryRow, ToldRow};

use super::Services;
use super::ports::Standing as StandingCause;
use super::problem::Language;

/// A cause that stands.
pub fn cause(standing: StandingCause) -> WireCause {
    let StandingCause { subject, severity, since, reason, message } = standing;
    WireCause {
        subject: wire_subject(&subject),
        severity,
        since: since.timestamp(),
        reason: reason.name().to_owned(),
        message: Words { en: message.en, es: message.es },
    }
}

fn wire_subject(subject: &Subject) -> WireSubject {
    WireSubject { kind: subject.kind(), id: subject.key(), name: subject.name().to_owned() }
}

/// An alarm; while it is active its value is the live one.
pub fn alarm(services: &Services, row: AlarmRow, language: Language) -> Alarm {
    let series = match &row.subject {
        Subject::Series { rule, series } => Some((*rule, series.clone())),
        _ => None,
    };
    let live = series.as_ref().filter(|_| row.cleared_at.is_none());
    let live = live.and_then(|(rule, series)| services.evaluation.live(*rule, series)).unwrap_or_default();
    let subject = wire_subject(&row.subject);
    let muted_until = muted_until(services, &row);
    Alarm {
        id: row.id.to_string(),
        subject,
        rule: series.as_ref().map(|(id, _)| RuleRef { id: id.to_string(), name: row.context.rule_name }),
        series: name_of_series(&row.subject),
        dashboard: row.context.dashboard,
        panel: row.context.panel,
        unit: row.context.unit,
        severity: row.severity,
        worst: row.worst,
        value: live.value.or(row.value).map(Float),
        raised_value: row.raised_value.map(Float),
        raised_at: row.raised_at.timestamp(),
        cleared_at: row.cleared_at.map(Millis::timestamp),
        acknowledged: row.acknowledged.map(acknowledged),
        muted_until: muted_until.map(Millis::timestamp),
        reason: row.reason.name().to_owned(),
        message: row.message.in_language(language.tag()).to_owned(),
        seq: row.seq,
        no_data_since: live.no_data_since.map(Millis::timestamp),
        told: Vec::new(),
    }
}

fn acknowledged(one: Acknowledgement) -> Acknowledged {
    Acknowledged { by: one.by, at: one.at.timestamp(), note: one.note }
}

/// Until when nobody is told of it, whoever would be.
fn muted_until(services: &Services, row: &AlarmRow) -> Option<Millis> {
    if row.cleared_at.is_some() {
        return None;
    }
    let hush = services.quiet.now(services).hush(&target(row), "", services.now().wall);
    hush.map(|hush| hush.until)
}

/// An alarm, as far as muting cares.
pub fn target(row: &AlarmRow) -> Target<'_> {
    let rule = match &row.subject {
        Subject::Series { rule, .. } => Some(*rule),
        _ => None,
    };
    Target { alarm: row.id, rule, dashboard: row.context.dashboard.as_deref() }
}

fn name_of_series(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Series { series, .. } | Subject::Past { series, .. } => Some(series.to_string()),
        _ => None,
    }
}

pub fn transition(one: &Transition, language: Language) -> TransitionView {
    TransitionView {
        alarm: one.alarm.to_string(),
        series: name_of_series(&one.subject),
        seq: one.seq,
        at: one.at.timestamp(),
        before: one.before,
        after: one.after,
        reason: one.reason.name().to_owned(),
        value: one.value.map(Float),
        message: one.message.in_language(language.tag()).to_owned(),
    }
}

/// What a receiver was told of an alarm.
pub fn told(row: ToldRow, language: Language) -> Told {
    Told {
        receiver: row.receiver,
        receiver_name: row.receiver_name,
        first_at: row.first_at.map(Millis::timestamp),
        last_at: row.last_at.map(Millis::timestamp),
        severity: match row.heard {
            Heard::Standing(severity) => Some(severity),
            Heard::Nothing | Heard::Cleared => None,
        },
        why_not: row.why.map(|why| why.in_language(language.tag()).to_owned()),
        again_at: row.look_at.map(Millis::timestamp),
    }
}

/// A message on its way, or what became of it.
pub fn delivery(row: DeliveryRow, language: Language) -> Delivery {
    let why = row.why.map(|why| why.in_language(language.tag()).to_owned());
    let said = row.answer.filter(|answer| !answer.is_empty());
    Delivery {
        id: row.id.to_string(),
        key: row.key,
        receiver: row.receiver,
        receiver_name: row.receiver_name,
        kind: row.kind,
        severity: row.severity,
        title: row.title,
        state: row.state,
        alarms: row.alarms,
        alarm: row.alarm.map(|alarm| alarm.to_string()),
        attempts: row.attempts,
        created_at: row.created_at.timestamp(),
        next_at: row.next_at.map(Millis::timestamp),
        done_at: row.done_at.map(Millis::timestamp),
        answer: match (why, said) {
            // The reason may quote it already.
            (Some(why), Some(said)) if !why.contains(&said) => Some(format!("{why}: {said}")),
            (why, said) => why.or(said),
        },
    }
}

/// The identities of the checks by name, as rules show them.
pub fn check_hashes(services: &Services) -> std::collections::HashMap<String, String> {
    services.checks.list().into_iter().map(|check| (check.name, check.sha256)).collect()
}

/// A rule with how it stands. `hashes`: [`check_hashes`], asked once for a whole list.
pub fn rule(services: &Services, rule: Rule, hashes: &std::collections::HashMap<String, String>) -> WireRule {
    let mut state = services.evaluation.rule_state(rule.id);
    // A list is shown whether or not this can be told.
    let drift = rule.draft.origin.as_ref().and_then(|_| services.store.drift(rule.id).ok().flatten());
    if !rule.draft.enabled {
        state.severity = Standing::Paused;
    }
    WireRule {
        id: rule.id.to_string(),
        version: rule.version,
        effective_interval: rule.interval,
        check_sha256: hashes.get(&rule.draft.check.name).cloned().unwrap_or_default(),
        draft: rule.draft,
        created_at: rule.created_at.timestamp(),
        updated_at: rule.updated_at.timestamp(),
        updated_by: rule.updated_by,
        deleted_at: rule.deleted_at.map(Millis::timestamp),
        drift,
        state,
    }
}

/// What a transition's run saw, and whether it judges the same again.
pub fn evidence(
    services: &Services,
    transition: TransitionView,
    run: &Run,
    record: Option<&RuleRecord>,
) -> EvidenceView {
    let sha256 = run.check.to_string();
    let known = services.checks.list().into_iter().find(|check| check.sha256 == sha256);
    let params = record.and_then(|record| serde_json::from_str(&record.params).ok());
    EvidenceView {
        transition,
        check: known.map(|check| check.name).unwrap_or_default(),
        check_sha256: sha256,
        params: params.unwrap_or_default(),
        evaluations: run.evaluations.iter().map(evaluation).collect(),
        replays: record.and_then(|record| services.checks.replays(run, record)),
    }
}

fn evaluation(one: &Evaluated) -> EvaluationView {
    let verdict = one.outcome.as_ref().ok();
    EvaluationView {
        at: Millis::from_f64(one.now).timestamp(),
        held: one.held,
        level: verdict.map(|verdict| verdict.level),
        value: verdict.and_then(|verdict| verdict.value).map(Float),
        reason: one.outcome.as_ref().err().map(ToString::to_string),
        times: one.times.clone(),
        values: one.values.iter().copied().map(Float).collect(),
    }
}
