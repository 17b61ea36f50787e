//! Rules, alarms and states to store.

use std::sync::Arc;

use anyhow::Result;
use atalaya::domain::{
    AlarmContext, AlarmId, Millis, Reason, Rule, RuleId, Secret, Severity, Sha256, SourceConfig, Subject,
    Texts, Transition, UserId,
};
use atalaya::state::SeriesState;
use atalaya::store::{Actor, CycleCommit, Slice, StateRow, User};
use atalaya_api::people::Role;
use atalaya_api::rule::RuleDraft;
use atalaya_api::source::SourceSettings;
use atalaya_api::span::Span;
use serde_json::json;

use super::START;

pub(super) fn ana() -> Actor {
    Actor { name: "ana".to_owned() }
}

pub(super) fn first(limit: u32) -> Slice {
    Slice { limit, cursor: None }
}

/// A rule as the API would store it, version 1.
pub(super) fn rule(name: &str) -> Result<Rule> {
    let draft: RuleDraft = serde_json::from_value(json!({
        "name": name,
        "query": {"source": "local", "expr": format!("lab.{name}"), "unit": "%"},
        "check": {"name": "threshold", "params": {"direction": "above", "critical": 90.25}},
        "interval": "10s",
        "labels": {"team": "core"},
    }))?;
    Ok(Rule {
        id: RuleId::generate(),
        version: 1,
        draft,
        interval: Span(10),
        time_zone: "Europe/Madrid".to_owned(),
        created_at: START,
        updated_at: START,
        updated_by: "ana".to_owned(),
        deleted_at: None,
    })
}

/// A source as the API would store it, version 1.
pub(super) fn source(id: &str) -> Result<SourceConfig> {
    let settings: SourceSettings = serde_json::from_value(json!({
        "id": id, "kind": "graphite", "name": "Graphite Ñ", "url": "https://graphite.example/x",
        "username": "ana", "has_password": true, "headers": {"X-Scope-OrgID": "1"},
    }))?;
    Ok(SourceConfig {
        version: 1,
        settings,
        created_at: START,
        updated_at: START,
        updated_by: "ana".to_owned(),
        deleted_at: None,
    })
}

pub(super) fn secret() -> Secret {
    Secret { password: Some("Hush, hush 1".to_owned()), token: None }
}

pub(super) fn user(name: &str) -> User {
    User {
        id: UserId::generate(),
        username: name.to_owned(),
        password_hash: "$argon2id$…".to_owned(),
        role: Role::Operator,
        groups: Vec::new(),
        effective_role: Role::Operator,
        created_at: START,
        last_seen_at: None,
    }
}

/// One series of one rule whose alarm rises, changes and clears; numbers its transitions.
pub(super) struct Life {
    pub subject: Subject,
    pub context: Arc<AlarmContext>,
    pub seq: u64,
    held: Option<Severity>,
    alarm: AlarmId,
}

impl Life {
    pub fn of(rule: RuleId, series: &str) -> Self {
        Self::about(Subject::Series { rule, series: series.into() })
    }

    pub fn about(subject: Subject) -> Self {
        let context = AlarmContext {
            rule_name: "CPU router1".to_owned(),
            dashboard: Some("Red Ñandú".to_owned()),
            panel: None,
            unit: Some("%".to_owned()),
        };
        let alarm = AlarmId::raised_by(&subject.key(), 1);
        Life { subject, context: Arc::new(context), seq: 0, held: None, alarm }
    }

    /// The next transition: to `after` at `at`.
    pub fn goes(&mut self, after: Option<Severity>, at: Millis) -> Transition {
        self.seq += 1;
        if self.held.is_none() {
            self.alarm = AlarmId::raised_by(&self.subject.key(), self.seq);
        }
        let reason = if after.is_some() { Reason::ChecksToAlert } else { Reason::ChecksToOk };
        Transition {
            subject: self.subject.clone(),
            alarm: self.alarm,
            seq: self.seq,
            at,
            before: std::mem::replace(&mut self.held, after),
            after,
            reason,
            value: Some(self.seq as f64 + 0.1),
            message: Texts { en: format!("step {}", self.seq), es: format!("paso {}", self.seq) },
            evidence: None,
            context: self.context.clone(),
        }
    }

    pub fn alarm(&self) -> AlarmId {
        self.alarm
    }

    /// The state that goes with the last transition.
    pub fn state(&self) -> StateRow {
        let Subject::Series { rule, series } = &self.subject else {
            unreachable!("only series have a state");
        };
        StateRow {
            rule: *rule,
            series: series.clone(),
            state: SeriesState { seq: self.seq, at_least: [3, 2, 1], ..SeriesState::default() },
            basis: Sha256::of(b"basis"),
            memory: Some(vec![1, 2, 3]),
            run: None,
            seen_at: START,
        }
    }
}

pub(super) fn commit(transitions: Vec<Transition>) -> CycleCommit {
    CycleCommit { transitions, ..CycleCommit::default() }
}
