//! Numbers, times and durations as the operator reads them: by the browser's `Intl`, units always.

use atalaya_api::Timestamp;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::dom;
use crate::i18n::Locale;
use crate::prefs::{Prefs, language_of};

/// The no-value sign.
const NOTHING: &str = "–";

/// The formatters of one language; making one costs a hundred times using it.
struct Kit {
    precise: Function,
    whole: Function,
    clock: Function,
    clock_seconds: Function,
    day: Function,
}

impl Kit {
    fn new(locale: Locale) -> Self {
        let tags = Array::of1(&JsValue::from_str(language_of(locale)));
        let day_tags = Array::of1(&JsValue::from_str(day_language(locale)));
        let number = |options: &[(&str, JsValue)]| Intl::NumberFormat::new(&tags, &object(options)).format();
        let date =
            |options: &[(&str, JsValue)]| Intl::DateTimeFormat::new(&day_tags, &object(options)).format();
        let digits = ("hour", "2-digit".into());
        let minute = ("minute", "2-digit".into());
        let cycle = ("hourCycle", "h23".into());
        Kit {
            precise: number(&[("maximumSignificantDigits", 4.into())]),
            whole: number(&[("maximumFractionDigits", 0.into())]),
            clock: date(&[digits.clone(), minute.clone(), cycle.clone()]),
            clock_seconds: date(&[digits, minute, ("second", "2-digit".into()), cycle]),
            day: date(&[("day", "numeric".into()), ("month", "short".into())]),
        }
    }
}

/// Plain "en" is American: month first, and "GMT+1" for what its readers call CET.
fn day_language(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "en-GB",
        Locale::es => "es",
    }
}

fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a plain property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object
}

fn call(format: &Function, value: &JsValue) -> String {
    format.call1(&JsValue::UNDEFINED, value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// The formatters, in context. All methods track the language.
#[derive(Clone, Copy)]
pub struct Format {
    prefs: Prefs,
    english: StoredValue<Kit, LocalStorage>,
    spanish: StoredValue<Kit, LocalStorage>,
}

impl Format {
    pub fn provide(prefs: Prefs) -> Self {
        let format = Format {
            prefs,
            english: StoredValue::new_local(Kit::new(Locale::en)),
            spanish: StoredValue::new_local(Kit::new(Locale::es)),
        };
        provide_context(format);
        format
    }

    fn with<T>(self, ask: impl FnOnce(&Kit) -> T) -> T {
        match self.prefs.locale.get() {
            Locale::en => self.english.with_value(ask),
            Locale::es => self.spanish.with_value(ask),
        }
    }

    /// A number without unit: four significant digits below a thousand, whole above.
    pub fn number(self, value: f64) -> String {
        if let Some(word) = special(value) {
            return word.to_owned();
        }
        let value = JsValue::from_f64(value);
        self.with(|kit| {
            call(
                if value.as_f64().unwrap_or(0.0).abs() < 1_000.0 { &kit.precise } else { &kit.whole },
                &value,
            )
        })
    }

    /// A count.
    pub fn count(self, value: u64) -> String {
        // Counts stay far below 2^53.
        self.with(|kit| call(&kit.whole, &JsValue::from_f64(value as f64)))
    }

    /// A value with its unit: "95 %", "1.5 GiB", "–" for none.
    pub fn value(self, value: Option<f64>, unit: Option<&str>) -> String {
        let Some(value) = value.filter(|value| !value.is_nan()) else { return NOTHING.to_owned() };
        let (value, unit) = scaled(value, unit.unwrap_or(""));
        let number = self.number(value);
        if unit.is_empty() { number } else { format!("{number}\u{a0}{unit}") }
    }

    /// "14:02", with the day before it unless it is today's.
    pub fn time(self, at: Timestamp) -> String {
        self.time_ms(ms(at))
    }

    pub fn time_ms(self, at: f64) -> String {
        self.dated(at, |kit| &kit.clock)
    }

    /// "14:02:11", with the day before it unless it is today's.
    pub fn seconds(self, at: Timestamp) -> String {
        self.seconds_ms(ms(at))
    }

    pub fn seconds_ms(self, at: f64) -> String {
        self.dated(at, |kit| &kit.clock_seconds)
    }

    fn dated(self, at: f64, clock: impl Fn(&Kit) -> &Function) -> String {
        let date: JsValue = Date::new(&JsValue::from_f64(at)).into();
        let today = same_day(at, dom::now_ms());
        self.with(|kit| {
            let time = call(clock(kit), &date);
            if today { time } else { format!("{} {time}", call(&kit.day, &date)) }
        })
    }

    /// The operator's time zone as people write it: "CET", "GMT-5".
    pub fn zone(self) -> String {
        let tags = Array::of1(&JsValue::from_str(day_language(self.prefs.locale.get())));
        let options = object(&[("timeZoneName", "short".into())]);
        let parts = Intl::DateTimeFormat::new(&tags, &options).format_to_parts(&Date::new_0());
        let text = |part: &JsValue, key: &str| Reflect::get(part, &JsValue::from_str(key)).ok()?.as_string();
        let zone = parts.iter().find(|part| text(part, "type").as_deref() == Some("timeZoneName"));
        zone.and_then(|part| text(&part, "value")).unwrap_or_default()
    }
}

/// The operator's time zone by its IANA name: "Europe/Madrid".
pub fn zone_name() -> String {
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&options, &JsValue::from_str("timeZone"))
        .ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_default()
}

/// An instant as the browser counts, Unix ms.
pub fn ms(at: Timestamp) -> f64 {
    // Milliseconds of any year that matters are exact in f64.
    at.as_millisecond() as f64
}

/// An instant as the API takes it, RFC 3339 in UTC; `at` in Unix ms.
pub fn iso(at: f64) -> String {
    Timestamp::from_millisecond(at as i64).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

fn same_day(a: f64, b: f64) -> bool {
    let day = |at: f64| {
        let date = Date::new(&JsValue::from_f64(at));
        (date.get_full_year(), date.get_month(), date.get_date())
    };
    day(a) == day(b)
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        value if value.is_nan() => Some(NOTHING),
        f64::INFINITY => Some("∞"),
        f64::NEG_INFINITY => Some("-∞"),
        _ => None,
    }
}

/// Bytes are read in powers of 1024; every other unit stays as it is.
pub fn scaled(value: f64, unit: &str) -> (f64, String) {
    let rest = match unit {
        "B" | "bytes" | "By" => "",
        "B/s" | "By/s" => "/s",
        _ => return (value, unit.to_owned()),
    };
    let mut value = value;
    let mut prefix = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if value.abs() < 1_024.0 {
            break;
        }
        value /= 1_024.0;
        prefix = larger;
    }
    (value, format!("{prefix}{rest}"))
}

/// A length of time in its two largest parts, the same in both languages: "45 s", "12 min", "3 h 05 min", "2 d 4 h".
pub fn duration(ms: f64) -> String {
    // Negative lengths are clocks that disagree; nothing is read out of them.
    let seconds = (ms.max(0.0) / 1_000.0) as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match () {
        () if seconds < 60 => format!("{seconds}\u{a0}s"),
        () if minutes < 60 => format!("{minutes}\u{a0}min"),
        () if hours < 24 => format!("{hours}\u{a0}h {:02}\u{a0}min", minutes % 60),
        () => format!("{days}\u{a0}d {}\u{a0}h", hours % 24),
    }
}

pub fn use_format() -> Format {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_shows_its_two_largest_parts() {
        let cases = [
            (-5.0, "0 s"),
            (45.0, "45 s"),
            (12.0 * 60.0, "12 min"),
            (3.0 * 3_600.0 + 300.0, "3 h 05 min"),
            (2.0 * 86_400.0 + 4.0 * 3_600.0, "2 d 4 h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds * 1_000.0).replace('\u{a0}', " "), text);
        }
    }

    #[test]
    fn bytes_are_read_in_powers_of_1024() {
        assert_eq!(scaled(1_536.0, "B"), (1.5, "KiB".to_owned()));
        assert_eq!(scaled(3.0 * 1_048_576.0, "B/s"), (3.0, "MiB/s".to_owned()));
        assert_eq!(scaled(512.0, "B"), (512.0, "B".to_owned()));
        assert_eq!(scaled(95.0, "%"), (95.0, "%".to_owned()));
    }
}
