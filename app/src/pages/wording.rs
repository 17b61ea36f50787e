//! Words that several pages say: what is wrong with a field, named reasons, durations, numbers.

use std::collections::BTreeMap;

use atalaya_api::level::{Level, Standing};
use atalaya_api::span::Span;
use leptos::prelude::*;

use crate::components::severity::word_of;
use crate::format::Format;
use crate::i18n::Locale;
use crate::logic::wrong::What;
use crate::prefs::Prefs;

/// The decimal mark of the operator's language; tracks.
pub fn decimal(prefs: Prefs) -> char {
    match prefs.locale.get() {
        Locale::es => ',',
        Locale::en => '.',
    }
}

/// What no data may do, each with its words; tracks.
pub fn no_data_options(prefs: Prefs) -> Vec<(String, String)> {
    let option = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    vec![
        option("alarm", said!(prefs, pages.form.no_data_alarm)),
        option("keep", said!(prefs, pages.form.no_data_keep)),
        option("ok", said!(prefs, pages.form.no_data_ok)),
    ]
}

/// The languages of messages; tracks.
pub fn language_options(prefs: Prefs) -> Vec<(String, String)> {
    let option = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    vec![
        option("es", said!(prefs, pages.settings.spanish)),
        option("en", said!(prefs, pages.settings.english)),
    ]
}

/// The text in the operator's language, or else `other`; tracks.
pub fn in_language(prefs: Prefs, texts: &BTreeMap<String, String>, other: &str) -> String {
    texts.get(prefs.language()).map_or(other, String::as_str).to_owned()
}

/// The word of a level; tracks.
pub fn level_word(prefs: Prefs, level: Level) -> &'static str {
    word_of(prefs, level_standing(level))
}

pub fn level_standing(level: Level) -> Standing {
    match level {
        Level::Ok => Standing::Ok,
        Level::Warning => Standing::Warning,
        Level::Major => Standing::Major,
        Level::Critical => Standing::Critical,
    }
}

/// What a kind of alarm is called; of a check that is not ours its own name. Tracks.
pub fn check_title(prefs: Prefs, name: &str) -> String {
    match name {
        "threshold" => said!(prefs, pages.add.threshold).to_owned(),
        "trend" => said!(prefs, pages.add.trend).to_owned(),
        "error" => said!(prefs, pages.add.error).to_owned(),
        other => other.to_owned(),
    }
}

/// What would be right for a field; tracks.
pub fn wrong_words(prefs: Prefs, format: Format, what: &What) -> String {
    let number = |value: f64| format.number(value);
    match what {
        What::Missing => said!(prefs, pages.wrong.missing).to_owned(),
        What::NoLevel => said!(prefs, pages.wrong.no_level).to_owned(),
        What::NotANumber => said!(prefs, pages.wrong.not_a_number, example = number(0.5)).to_string(),
        What::Ambiguous => said!(prefs, pages.wrong.ambiguous).to_owned(),
        What::Between { min, max } => {
            said!(prefs, pages.wrong.between, min = number(*min), max = number(*max)).to_string()
        }
        What::AtLeast { min } => said!(prefs, pages.wrong.at_least, min = number(*min)).to_string(),
        What::AtMost { max } => said!(prefs, pages.wrong.at_most, max = number(*max)).to_string(),
        What::WholeBetween { min, max } => {
            said!(prefs, pages.wrong.whole_between, min = *min, max = *max).to_string()
        }
        What::SpanBetween { min, max: max @ ("400d" | "7d") } => {
            said!(prefs, pages.wrong.span_days, min = *min, max = *max).to_string()
        }
        What::SpanBetween { min, max } => {
            said!(prefs, pages.wrong.span_between, min = *min, max = *max).to_string()
        }
        What::Higher { than, value } => {
            let level = level_word(prefs, *than);
            said!(prefs, pages.wrong.higher, value = number(*value), level = level).to_string()
        }
        What::Lower { than, value } => {
            let level = level_word(prefs, *than);
            said!(prefs, pages.wrong.lower, value = number(*value), level = level).to_string()
        }
        What::HalfRange => said!(prefs, pages.wrong.half_range).to_owned(),
        What::Reversed => said!(prefs, pages.wrong.reversed).to_owned(),
        What::NoOkLeft => said!(prefs, pages.wrong.no_ok).to_owned(),
        What::TooLong { max } => said!(prefs, pages.wrong.too_long, max = *max).to_string(),
        What::NotATime => said!(prefs, pages.wrong.not_a_time).to_owned(),
        What::NotAHeader => said!(prefs, pages.wrong.header).to_owned(),
        What::NotADay { line } => said!(prefs, tables.wrong.not_a_day, line = *line).to_string(),
        What::NotAPhone { number } => said!(prefs, telling.phones.wrong, number = number.clone()).to_string(),
        What::NoDay => said!(prefs, pages.wrong.no_day).to_owned(),
        What::Server(words) => words.clone(),
    }
}

/// A named reason in words, its detail (`failed: disk gone`) kept; a name that is not known is shown as it came. Tracks.
pub fn reason_words(prefs: Prefs, reason: &str) -> String {
    let (name, detail) =
        reason.split_once(": ").map_or((reason, None), |(name, detail)| (name, Some(detail)));
    let words = match name {
        "checks to alert" => said!(prefs, pages.reason.checks_to_alert),
        "checks to OK" => said!(prefs, pages.reason.checks_to_ok),
        "out of fuel" => said!(prefs, pages.reason.out_of_fuel),
        "out of time" => said!(prefs, pages.reason.out_of_time),
        "out of memory" => said!(prefs, pages.reason.out_of_memory),
        "trapped" => said!(prefs, pages.reason.trapped),
        "wrong answer" => said!(prefs, pages.reason.wrong_answer),
        "not enough data" => said!(prefs, pages.reason.not_enough_data),
        "failed" => said!(prefs, pages.reason.failed),
        "data back" => said!(prefs, pages.reason.data_back),
        "no data is OK" => said!(prefs, pages.reason.no_data_is_ok),
        "series gone" => said!(prefs, pages.reason.series_gone),
        "forgotten" => said!(prefs, pages.reason.forgotten),
        "query changed" => said!(prefs, pages.reason.query_changed),
        "rule paused" => said!(prefs, pages.reason.rule_paused),
        "rule deleted" => said!(prefs, pages.reason.rule_deleted),
        "restored" => said!(prefs, pages.reason.restored),
        "check impure" => said!(prefs, pages.reason.check_impure),
        "check failing" => said!(prefs, pages.reason.check_failing),
        "check released" => said!(prefs, pages.reason.check_released),
        "source unreachable" => said!(prefs, pages.reason.unreachable),
        "source too slow" => said!(prefs, pages.reason.slow),
        "source refuses" => said!(prefs, pages.reason.refuses),
        "source overloaded" => said!(prefs, pages.reason.overloaded),
        "source failing" => said!(prefs, pages.reason.failing),
        "source answers nonsense" => said!(prefs, pages.reason.nonsense),
        "answer too large" => said!(prefs, pages.reason.too_large),
        "source back" => said!(prefs, pages.reason.source_back),
        "source removed" => said!(prefs, pages.reason.source_removed),
        "store failing" => said!(prefs, pages.reason.store_failing),
        "disk full" => said!(prefs, pages.reason.disk_full),
        "clock jumped" => said!(prefs, pages.reason.clock_jumped),
        "heartbeat failing" => said!(prefs, pages.reason.heartbeat_failing),
        "backup failing" => said!(prefs, pages.reason.backup_failing),
        "dead letters" => said!(prefs, pages.reason.dead_letters),
        "imported" => said!(prefs, pages.reason.imported),
        "system well" => said!(prefs, pages.reason.system_well),
        _ => return reason.to_owned(),
    };
    match detail {
        Some(detail) => format!("{words}: {detail}"),
        None => words.to_owned(),
    }
}

/// A duration as people read it: "10 s", "5 min", "1 h 30 min".
pub fn span_words(span: Span) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = span.0;
    let mut parts = Vec::new();
    for (size, unit) in units {
        if rest >= size {
            parts.push(format!("{}\u{a0}{unit}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() { "0\u{a0}s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_in_all_its_parts() {
        for (seconds, text) in [(0, "0 s"), (10, "10 s"), (300, "5 min"), (5_430, "1 h 30 min 30 s")] {
            assert_eq!(span_words(Span(seconds)).replace('\u{a0}', " "), text);
        }
    }
}
