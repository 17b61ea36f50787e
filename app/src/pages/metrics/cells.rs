//! Cells of the metrics' table that are more than a text.

use atalaya_api::level::{Level, Standing};
use atalaya_api::rule::Rule;
use leptos::prelude::*;
use serde_json::Value;

use super::linked::{Drifted, Linked};
use crate::components::SeverityMark;
use crate::components::causes::source_down;
use crate::components::severity::{SeverityShape, class_of};
use crate::erase::{derive, drawn, memo};
use crate::format::{Format, use_format};
use crate::live::use_live;
use crate::logic::form::THRESHOLD;
use crate::logic::threshold::{Limit, Limits, Side, limits_of};
use crate::pages::many::Deeds;
use crate::pages::wording::{level_standing, level_word, reason_words, span_words};
use crate::prefs::{Prefs, use_prefs};

/// Its name, its query where that is another, and whether its dashboard's is.
#[component]
pub fn NameCell(rule: Signal<Rule>, deeds: Deeds, may_configure: bool) -> impl IntoView {
    let href = move || rule.with(|rule| format!("configured/{}", rule.id));
    // A metric without a name of its own is not told twice.
    let expr = move || {
        let named = |rule: &Rule| rule.draft.name != rule.draft.query.expr;
        rule.with(|rule| named(rule).then(|| rule.draft.query.expr.clone()))
    };
    view! {
        <a class="row-title" href=href>{drawn(move || rule.with(|rule| rule.draft.name.clone()))}</a>
        <span class="row-place expr">{drawn(expr)}</span>
        <Drifted rule deeds may_configure />
    }
}

/// Which check how often, of which template, and whether it is asked more often than there is data.
#[component]
pub fn KindCell(rule: Signal<Rule>, deeds: Deeds, may_configure: bool) -> impl IntoView {
    let prefs = use_prefs();
    let kind = move || rule.with(|rule| check_word(prefs, &rule.draft.check.name));
    let every = move || {
        let interval = rule.with(|rule| span_words(rule.effective_interval));
        said!(prefs, pages.metrics.every, interval = interval).to_string()
    };
    let too_often =
        memo(move || rule.with(|rule| rule.state.step.filter(|step| rule.effective_interval.0 < step.0)));
    let warning = move || {
        too_often.get().map(|step| {
            let words = said!(prefs, tables.many.short, step = span_words(step)).to_string();
            view! { <span class="caution">{words}</span> }
        })
    };
    view! {
        <span>{drawn(kind)}</span>
        <span class="row-place number">{drawn(every)}</span>
        {drawn(warning)}
        <Linked rule deeds may_configure />
    }
}

/// The kind of alarm of a check: its own name where it is none of those built in. Tracks.
pub fn check_word(prefs: Prefs, check: &str) -> String {
    let words = match check {
        THRESHOLD => said!(prefs, tables.kind.threshold),
        "trend" => said!(prefs, tables.kind.trend),
        "error" => said!(prefs, tables.kind.error),
        other => return other.to_owned(),
    };
    words.to_owned()
}

/// The standing, the latest value, and why it is not known.
#[component]
pub fn StateCell(rule: Signal<Rule>) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let down = memo(move || {
        rule.with(|rule| source_down(live, &rule.draft.query.source).filter(|_| rule.draft.enabled))
    });
    let standing = derive(move || {
        let held = rule.with(|rule| if rule.draft.enabled { rule.state.severity } else { Standing::Paused });
        // An alarm is kept while nobody can ask; "OK" would claim what nobody knows.
        if down.get().is_some() && held == Standing::Ok { Standing::Unknown } else { held }
    });
    let value = move || {
        rule.with(|rule| {
            let unit = rule.state.unit.as_deref();
            rule.state.value.map(|value| format.value(Some(value.0), unit))
        })
    };
    let why = move || {
        rule.with(|rule| {
            let state = &rule.state;
            let no_data = state.no_data_since.map(|since| {
                said!(prefs, pages.metrics.no_data_since, when = format.time(since)).to_string()
            });
            let down = down
                .get()
                .map(|since| said!(prefs, app.cause.down_since, time = format.time(since)).to_string());
            let reason = state.reason.as_ref().map(|reason| reason_words(prefs, reason));
            let many = (state.series > 1).then(|| {
                said!(prefs, pages.metrics.series_many, count = format.count(state.series)).to_string()
            });
            [down.or(no_data).or(reason), many].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        })
    };
    view! {
        <SeverityMark of=standing />
        <span class="row-value number">{drawn(value)}</span>
        <span class="why">{drawn(why)}</span>
    }
}

/// "above ▲ 70 ◆ 80 ⬢ 90 %"; the check's name for other checks.
#[component]
pub fn LevelsCell(rule: Signal<Rule>) -> impl IntoView {
    let prefs = use_prefs();
    let of_rule = memo(move || {
        rule.with(|rule| {
            (shown_of(&rule.draft.check.name, &rule.draft.check.params), rule.draft.query.unit.clone())
        })
    });
    move || {
        let (shown, unit) = of_rule.get();
        match shown {
            Ok(shown) => {
                let hours =
                    shown.hours.then(|| view! { <span class="why">{said!(prefs, pages.form.other)}</span> });
                view! { <LevelsShort shown unit />{hours} }.into_any()
            }
            Err(_) => view! { <ParamsShort rule /> }.into_any(),
        }
    }
}

/// The params of a check that is none of ours, in one line: `warning 5 · window 1h`.
#[component]
fn ParamsShort(rule: Signal<Rule>) -> impl IntoView {
    let words = move || rule.with(|rule| params_line(&rule.draft.check.params));
    view! { <span class="params-short">{drawn(words)}</span> }
}

fn params_line(params: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let one = |(name, value): (&String, &Value)| Some(format!("{name} {}", text(value)?));
    let parts = params.as_object().map(|members| members.iter().filter_map(one).collect::<Vec<_>>());
    parts.unwrap_or_default().join(" · ")
}

/// The levels in one line, each with its shape, read out with its word.
#[component]
pub fn LevelsShort(shown: Shown, unit: Option<String>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let one = move |(level, limit): (Level, Limit)| {
        let standing = level_standing(level);
        view! {
            <span class=format!("level {}", class_of(standing))>
                <SeverityShape of=standing />
                <span class="unseen">{drawn(move || level_word(prefs, level))}</span>
                <span class="number">{drawn(move || limit_text(format, limit))}</span>
            </span>
        }
    };
    let levels =
        Level::ALARMING.into_iter().zip(shown.limits).filter_map(|(level, limit)| Some((level, limit?)));
    view! {
        <span class="levels-short">
            <span class="side">{drawn(move || side_short(prefs, shown.side))}</span>
            {levels.map(one).collect_view()}
            <span class="unit">{unit}</span>
        </span>
    }
}

/// What a line says of a threshold's params.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    side: Side,
    limits: Limits,
    /// There are other levels by time of day.
    hours: bool,
}

/// The name of the check where it is another.
pub fn shown_of(check: &str, params: &Value) -> Result<Shown, String> {
    let side = params.get("direction").and_then(Value::as_str).and_then(Side::from_name);
    let side = side.filter(|_| check == THRESHOLD).ok_or_else(|| check.to_owned())?;
    Ok(Shown { side, limits: limits_of(params), hours: params.get("other_levels").is_some() })
}

/// ">", "<" (read out in words), "inside", "outside"; tracks.
fn side_short(prefs: Prefs, side: Side) -> AnyView {
    let sign = match side {
        Side::Above => ">",
        Side::Below => "<",
        Side::Inside => return said!(prefs, pages.form.inside_short).into_any(),
        Side::Outside => return said!(prefs, pages.form.outside_short).into_any(),
    };
    view! {
        <span aria-hidden="true">{sign}</span>
        <span class="unseen">{side_word(prefs, side)}</span>
    }
    .into_any()
}

/// "70", "10–90".
pub fn limit_text(format: Format, limit: Limit) -> String {
    match limit {
        Limit::One(value) => format.number(value),
        Limit::Range(low, high) => format!("{}–{}", format.number(low), format.number(high)),
    }
}

/// "above", "inside a range"; tracks.
pub fn side_word(prefs: Prefs, side: Side) -> &'static str {
    match side {
        Side::Above => said!(prefs, pages.form.above),
        Side::Below => said!(prefs, pages.form.below),
        Side::Inside => said!(prefs, pages.form.inside),
        Side::Outside => said!(prefs, pages.form.outside),
    }
}
