//! Whether a rule as written makes sense, and what follows from it. Everything that is wrong is told at once.

use std::ops::RangeInclusive;

use atalaya_api::rule::{ReceiverUse, RuleDraft};
use atalaya_api::source::SourceKind;
use atalaya_api::span::Span;

use crate::domain::{Rule, RuleRecord};
use crate::nearest::nearest;
use crate::source::LOCAL;

use super::faults::Faults;
use super::ports::{Foreknown, SourceError};
use super::problem::{Fault, FieldFault, clipped};
use super::{Services, calendars, rule_memo::Memo};

/// Between evaluations when nothing says otherwise.
const USUAL_INTERVAL: Span = Span(300);
const INTERVALS: RangeInclusive<Span> = Span::SECOND..=Span::DAY;
const COUNTS: RangeInclusive<u8> = 1..=100;
const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 4_000;
/// Of a query: "All" may stand for hundreds of values.
const LONGEST_EXPR: usize = 100_000;
const MOST_LABELS: usize = 32;
const LONGEST_LABEL: usize = 100;
const MOST_RECEIVERS: usize = 50;

/// The interval and the time zone that the rule will have; `before`: the rule that is changed. Blocks: it asks source and
/// check.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check(services: &Services, draft: &RuleDraft, before: Option<&Rule>) -> Result<(Span, String), Fault> {
    check_with(&mut Memo::new(services), draft, before)
}

/// As [`check`], for one of many.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check_with(
    memo: &mut Memo<'_>,
    draft: &RuleDraft,
    before: Option<&Rule>,
) -> Result<(Span, String), Fault> {
    let mut faults = Faults::default();
    let time_zone = check_own(memo, draft, &mut faults)?;
    let named = before.iter().flat_map(|before| &before.draft.notify.receivers);
    check_receivers(memo, draft, named.map(|named| named.id.clone()).collect(), &mut faults)?;
    let interval = match before.filter(|before| asks_no_more(draft, before)) {
        Some(before) => draft.interval.unwrap_or(before.interval),
        None => {
            let Foreknown { step, .. } = check_query(memo, draft, before, &mut faults);
            draft.interval.unwrap_or_else(|| match before.filter(|before| memo.knows(draft, before)) {
                Some(before) if before.draft.interval.is_none() => before.interval,
                _ => usual_interval(&draft.query.source, step),
            })
        }
    };
    check_params(memo, draft, interval, &time_zone, &mut faults);
    faults.done()?;
    Ok((interval, time_zone))
}

/// Whether a rule would do on any source.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check_anywhere(memo: &mut Memo<'_>, draft: &RuleDraft) -> Result<(), Fault> {
    let mut faults = Faults::default();
    let time_zone = check_own(memo, draft, &mut faults)?;
    let deleted = memo.services.store.removed_receivers()?.into_iter().map(|deleted| deleted.receiver.id);
    check_receivers(memo, draft, deleted.collect(), &mut faults)?;
    check_params(memo, draft, draft.interval.unwrap_or(USUAL_INTERVAL), &time_zone, &mut faults);
    faults.done()
}

/// What needs nobody to be asked; the rule's time zone.
fn check_own(memo: &mut Memo<'_>, draft: &RuleDraft, faults: &mut Faults) -> Result<String, Fault> {
    check_texts(draft, faults);
    check_numbers(draft, memo.periods()?, faults);
    check_labels(draft, faults);
    let time_zone = match &draft.time_zone {
        Some(zone) => zone.clone(),
        None => memo.usual_zone()?,
    };
    faults.0.extend(memo.zone(&time_zone));
    Ok(time_zone)
}

/// Nothing new is asked of a source elsewhere: pausing a rule or correcting its note does not wait for one that hangs, and is
/// not refused for what became of the series.
fn asks_no_more(draft: &RuleDraft, before: &Rule) -> bool {
    let (query, known) = (&draft.query, &before.draft.query);
    query.source != LOCAL
        && (&query.source, &query.expr) == (&known.source, &known.expr)
        && draft.interval == before.draft.interval
        && (before.draft.enabled || !draft.enabled)
}

fn check_texts(draft: &RuleDraft, faults: &mut Faults) {
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        faults.add(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters, on one line"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
        );
    }
    let query = &draft.query;
    let texts = [
        ("query.expr", Some(&query.expr)),
        ("query.unit", query.unit.as_ref()),
        ("query.dashboard", query.dashboard.as_ref()),
        ("query.panel", query.panel.as_ref()),
        ("note", Some(&draft.note)),
        ("runbook_url", draft.runbook_url.as_ref()),
    ];
    for (field, text) in texts {
        let longest = if field == "query.expr" { LONGEST_EXPR } else { LONGEST_TEXT };
        if text.is_some_and(|text| text.chars().count() > longest) {
            faults.add(
                field,
                format!("must have at most {longest} characters"),
                format!("debe tener como mucho {longest} caracteres"),
            );
        }
    }
    if query.expr.trim().is_empty() {
        faults.add(
            "query.expr",
            "must name a series or a pattern of them",
            "debe nombrar una serie o un patrón de ellas",
        );
    }
    let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if draft.runbook_url.as_ref().is_some_and(|url| !is_web(url)) {
        let (en, es) = ("must start with https:// or http://", "debe empezar por https:// o http://");
        faults.add("runbook_url", en, es);
    }
}

fn check_numbers(draft: &RuleDraft, periods: &[String], faults: &mut Faults) {
    if draft.interval.is_some_and(|interval| !INTERVALS.contains(&interval)) {
        let (en, es) = ("must be from \"1s\" to \"24h\"", "debe ser de \"1s\" a \"24h\"");
        faults.add("interval", en, es);
    }
    check_counts("", draft.checks_to_alert, draft.checks_to_ok, draft.ok_margin, faults);
    faults.0.extend(calendars::unknown_period("period", &draft.period, periods));
    if draft.notify.receivers.len() > MOST_RECEIVERS {
        faults.add(
            "notify.receivers",
            format!("must be at most {MOST_RECEIVERS}"),
            format!("deben ser como mucho {MOST_RECEIVERS}"),
        );
    }
}

/// Those that were `named` before may have been deleted since: they are passed over, and whoever corrects a note need not know.
fn check_receivers(
    memo: &mut Memo<'_>,
    draft: &RuleDraft,
    named: Vec<String>,
    faults: &mut Faults,
) -> Result<(), Fault> {
    let wanted = &draft.notify.receivers;
    let is_new = |one: &ReceiverUse| !named.contains(&one.id);
    if !wanted.iter().any(is_new) {
        return Ok(());
    }
    let known: Vec<&str> = memo.receivers()?.iter().map(String::as_str).collect();
    for (place, one) in wanted.iter().enumerate().take(MOST_RECEIVERS) {
        if is_new(one) && !known.contains(&one.id.as_str()) {
            faults.0.push(unknown_receiver(&format!("notify.receivers[{place}].id"), &one.id, &known));
        }
    }
    Ok(())
}

/// What is said of an id that no receiver has.
pub fn unknown_receiver(field: &str, id: &str, known: &[&str]) -> FieldFault {
    let (id, all) = (clipped(id), known.join(", "));
    match nearest(&id, known.iter().copied()) {
        Some(meant) => FieldFault::new(
            field,
            format!("there is no receiver {id:?}; did you mean {meant}?"),
            format!("no existe el destino {id:?}; ¿quería decir {meant}?"),
        ),
        None => FieldFault::new(
            field,
            format!("there is no receiver {id:?}; there are: {all}"),
            format!("no existe el destino {id:?}; existen: {all}"),
        ),
    }
}

fn check_counts(prefix: &str, to_alert: u8, to_ok: u8, margin: f64, faults: &mut Faults) {
    for (field, count) in [("checks_to_alert", to_alert), ("checks_to_ok", to_ok)] {
        if !COUNTS.contains(&count) {
            let (en, es) = ("must be a whole number from 1 to 100", "debe ser un número entero de 1 a 100");
            faults.add(&format!("{prefix}{field}"), en, es);
        }
    }
    if !(0.0..=100.0).contains(&margin) {
        let (en, es) = ("must be a percentage from 0 to 100", "debe ser un porcentaje de 0 a 100");
        faults.add(&format!("{prefix}ok_margin"), en, es);
    }
}

/// What new rules start with must be what a rule may have.
pub fn check_defaults(defaults: &atalaya_api::settings::RuleDefaults, periods: &[String]) -> Vec<FieldFault> {
    let mut faults = Faults::default();
    let (to_alert, to_ok) = (defaults.checks_to_alert, defaults.checks_to_ok);
    check_counts("defaults.", to_alert, to_ok, defaults.ok_margin, &mut faults);
    faults.0.extend(calendars::unknown_period("defaults.period", &defaults.period, periods));
    faults.0
}

/// Whether a time zone is one.
pub fn check_zone(field: &str, zone: &str) -> Option<FieldFault> {
    if jiff::tz::TimeZone::get(zone).is_ok() {
        return None;
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let meant = nearest(zone, known.iter().map(String::as_str)).unwrap_or("Europe/Madrid");
    Some(FieldFault::new(
        field,
        format!("must be an IANA name such as {meant}, not {:?}", clipped(zone)),
        format!("debe ser un nombre IANA como {meant}, no {:?}", clipped(zone)),
    ))
}

fn check_labels(draft: &RuleDraft, faults: &mut Faults) {
    if draft.labels.len() > MOST_LABELS {
        faults.add(
            "labels",
            format!("must be at most {MOST_LABELS}"),
            format!("deben ser como mucho {MOST_LABELS}"),
        );
    }
    for (name, value) in &draft.labels {
        let fits = |text: &str| text.chars().count() <= LONGEST_LABEL && !text.chars().any(char::is_control);
        if name.is_empty() || !fits(name) || !fits(value) {
            faults.add(
                &format!("labels.{}", clipped(name)),
                format!("a label's name and value must have at most {LONGEST_LABEL} characters, on one line"),
                format!("el nombre y el valor de una etiqueta deben tener como mucho {LONGEST_LABEL} caracteres, en una línea"),
            );
        }
    }
}

/// Whether the source can be asked this; what is known of what it gives.
fn check_query(
    memo: &mut Memo<'_>,
    draft: &RuleDraft,
    before: Option<&Rule>,
    faults: &mut Faults,
) -> Foreknown {
    match memo.foreknown(draft, before) {
        Ok(foreknown) => {
            check_step(draft, foreknown, faults);
            return foreknown;
        }
        Err(SourceError::NoSuchSource(id)) => {
            let (id, all) = (clipped(&id), memo.source_ids().join(", "));
            faults.add(
                "query.source",
                format!("there is no source {id:?}; there are: {all}"),
                format!("no hay ninguna fuente {id:?}; existen: {all}"),
            );
        }
        Err(SourceError::BadExpression(_)) if draft.query.expr.trim().is_empty() => {}
        Err(SourceError::BadExpression(why)) => faults.add("query.expr", why.clone(), why),
        // A source that is down or busy now may be up when the rule is evaluated.
        Err(SourceError::Failed(_) | SourceError::Busy) => {}
    }
    Foreknown::default()
}

/// Graphite fills a bucket a step: asked more often it gives the same one again, and each would count as a check.
fn check_step(draft: &RuleDraft, foreknown: Foreknown, faults: &mut Faults) {
    let Foreknown { kind: Some(SourceKind::Graphite), step: Some(step) } = foreknown else { return };
    if draft.interval.is_some_and(|interval| interval < step) {
        faults.add(
            "interval",
            format!("must be at least \"{step}\": that is the step of what the query gives"),
            format!("debe ser al menos \"{step}\": ese es el paso de lo que da la consulta"),
        );
    }
}

fn usual_interval(source: &str, step: Option<Span>) -> Span {
    let usual = match (source, step) {
        (LOCAL, Some(step)) => step,
        (LOCAL, None) => USUAL_INTERVAL,
        (_, step) => step.map_or(Span::MINUTE, |step| step.max(Span::MINUTE)),
    };
    usual.clamp(*INTERVALS.start(), *INTERVALS.end())
}

/// Whether the check takes the params.
fn check_params(memo: &mut Memo<'_>, draft: &RuleDraft, interval: Span, zone: &str, faults: &mut Faults) {
    let record = RuleRecord {
        params: draft.check.params.to_string(),
        ok_margin: draft.ok_margin,
        interval_ms: interval.millis() as f64,
        unit: draft.query.unit.clone().unwrap_or_default(),
        time_zone: zone.to_owned(),
    };
    match memo.params(&draft.check.name, &record) {
        Some(said) => said.iter().for_each(|fault| {
            let FieldFault { field, message } = fault;
            faults.add(&params_field(field), &message.en, &message.es);
        }),
        None => {
            let known: Vec<String> =
                memo.services.checks.list().into_iter().map(|check| check.name).collect();
            let (name, all) = (clipped(&draft.check.name), known.join(", "));
            faults.add(
                "check.name",
                format!("there is no check {name:?}; there are: {all}"),
                format!("no hay ningún tipo de comprobación {name:?}; existen: {all}"),
            );
        }
    }
}

/// The rule's field for one of the check's: `critical` is `check.params.critical`, `$ok_margin` the rule's margin.
fn params_field(field: &str) -> String {
    match field {
        "" => "check.params".to_owned(),
        field => match field.strip_prefix('$') {
            Some(own) => own.to_owned(),
            None if field.starts_with('[') => format!("check.params{field}"),
            None => format!("check.params.{field}"),
        },
    }
}
