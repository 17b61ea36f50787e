//! The browser's calendar: days as instants, and the minute of the week in any zone.

use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::logic::list;

/// Where a range of [`list::RANGES`] begins, RFC 3339; None: nowhere.
pub fn start_of_range(range: &str) -> Option<String> {
    let now = Date::new_0();
    match list::start_of(range, now.get_day(), now.get_hours()) {
        list::Start::Never => None,
        list::Start::Ago(seconds) => Some(crate::format::iso(now.get_time() - f64::from(seconds) * 1_000.0)),
        list::Start::Day { ago, hour } => {
            let day = i32::try_from(now.get_date()).ok()? - i32::try_from(ago).ok()?;
            let (month, hour) = (i32::try_from(now.get_month()).ok()?, i32::try_from(hour).ok()?);
            let date = Date::new_with_year_month_day_hr(now.get_full_year(), month, day, hour);
            date.to_iso_string().as_string()
        }
    }
}

/// The first instant of a day (`2026-11-21`) in the browser's zone plus `days`, RFC 3339; None for no day.
pub fn start_of_day(text: &str, days: i32) -> Option<String> {
    let (year, month, day) = list::day(text)?;
    let (month, day) = (i32::try_from(month).ok()? - 1, i32::try_from(day).ok()?);
    let date = Date::new_with_year_month_day(year, month, day + days);
    date.to_iso_string().as_string()
}

/// The same where it ends something: a day alone counts as a whole.
pub fn end(text: &str) -> Option<String> {
    if text.contains('T') { instant(text) } else { start_of_day(text, 1) }
}

/// A local time as a field has it (`2026-11-21T18:00`, or a day alone, whose start it is) as an instant, RFC 3339; None for no time.
pub fn instant(text: &str) -> Option<String> {
    let (day, time) = text.trim().split_once('T').unwrap_or((text, "00:00"));
    list::day(day)?;
    // With a time of day it is read as local.
    let date = Date::new(&JsValue::from_str(&format!("{}T{time}", day.trim())));
    if date.get_time().is_nan() { None } else { date.to_iso_string().as_string() }
}

/// An instant, Unix ms, as a field has it.
pub fn local(at: f64) -> String {
    let date = Date::new(&JsValue::from_f64(at));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// The minute of the week (Monday 00:00 = 0) of an instant in a zone (IANA name; one that the browser does not know
/// counts as its own).
pub fn minute_of_week(at: f64, zone: &str) -> u16 {
    let date = Date::new(&JsValue::from_f64(at));
    in_zone(&date, zone).unwrap_or_else(|| {
        let day = (date.get_day() + 6) % 7;
        whole(day * 1_440 + date.get_hours() * 60 + date.get_minutes())
    })
}

/// "Sat 28 Nov, 22:05" of an instant in a zone, in a language; the empty text for a zone that the browser does not know.
pub fn day_and_time(at: f64, zone: &str, language: &str) -> String {
    let date = Date::new(&JsValue::from_f64(at));
    // Plain "en" is American: the month first.
    let language = if language == "en" { "en-GB" } else { language };
    words(&date, zone, language, &[("day", "numeric"), ("month", "short")]).unwrap_or_default()
}

/// The same from the browser's words for the instant: "Sat 22:05".
fn in_zone(date: &Date, zone: &str) -> Option<u16> {
    read(&words(date, zone, "en-GB", &[])?)
}

/// Weekday and time of day, and what `more` adds.
fn words(date: &Date, zone: &str, language: &str, more: &[(&str, &str)]) -> Option<String> {
    let options = Object::new();
    let entries = [
        ("timeZone", zone),
        ("weekday", "short"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
    ];
    for (key, value) in entries.iter().chain(more) {
        Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value)).ok()?;
    }
    // An unknown zone throws; asking through a function value turns that into an error.
    let function: js_sys::Function = Reflect::get(date, &JsValue::from_str("toLocaleString")).ok()?.into();
    function.call2(date, &JsValue::from_str(language), &options).ok()?.as_string()
}

fn read(text: &str) -> Option<u16> {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = days.iter().position(|day| text.starts_with(day))?;
    let digits: Vec<u32> =
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    let [hours, minutes] = digits.as_slice() else { return None };
    Some(whole(u32::try_from(day).ok()? * 1_440 + hours * 60 + minutes))
}

/// A week has 10,080 minutes.
fn whole(minute: u32) -> u16 {
    u16::try_from(minute % 10_080).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_words_of_an_instant_give_its_minute_of_the_week() {
        assert_eq!(read("Mon 00:00"), Some(0));
        assert_eq!(read("Sat, 22:05"), Some(5 * 1_440 + 22 * 60 + 5));
        assert_eq!(read("lun 10:00"), None);
    }
}
