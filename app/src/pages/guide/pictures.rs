//! The pictures of the help: plain SVG, whose classes take the colours of the theme. What they show is said beside them, too.

use leptos::prelude::*;

use crate::components::severity::word_of;
use crate::prefs::Prefs;
use atalaya_api::level::Standing;

/// A drawing of 480 by `height`.
fn svg(height: u32, inside: &str) -> String {
    format!(r#"<svg viewBox="0 0 480 {height}" focusable="false">{inside}</svg>"#)
}

/// Words with their middle, or beginning, at a place.
fn words(x: u32, y: u32, class: &str, text: &str) -> String {
    format!(r#"<text x="{x}" y="{y}" class="{class}">{text}</text>"#)
}

/// A box with its word in it.
fn boxed(x: u32, y: u32, width: u32, class: &str, text: &str) -> String {
    let (middle, base) = (x + width / 2, y + 25);
    format!(
        r#"<rect x="{x}" y="{y}" width="{width}" height="40" rx="6" class="{class}"/>{}"#,
        words(middle, base, &format!("mid {class}"), text)
    )
}

/// A line with an arrow's head at its end, to the right (`1`) or to the left (`-1`).
fn arrow(from: u32, to: u32, y: u32) -> String {
    let back = if to > from { to - 7 } else { to + 7 };
    format!(r#"<path class="way" d="M{from} {y}H{to}M{back} {}L{to} {y} {back} {}"/>"#, y - 5, y + 5)
}

/// Values as dots on a line; those above the threshold are full.
fn dots(values: &[(u32, u32)], threshold: u32) -> String {
    let line: Vec<String> = values.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let dot = |(x, y): &(u32, u32)| {
        let class = if *y < threshold { "over" } else { "under" };
        format!(r#"<circle cx="{x}" cy="{y}" r="6" class="{class}"/>"#)
    };
    let all: String = values.iter().map(dot).collect();
    format!(r#"<path class="curve" d="M{}"/>{all}"#, line.join("L"))
}

/// A level across the picture.
fn level(y: u32, class: &str, text: &str) -> String {
    format!(r#"<path class="level {class}" d="M8 {y}H472"/>{}"#, words(470, y - 6, "end", text))
}

/// Three above raise, two below clear.
pub fn run(prefs: Prefs) -> String {
    let values =
        [(40, 130), (85, 60), (130, 128), (175, 58), (220, 50), (265, 56), (310, 62), (355, 124), (400, 130)];
    let held = r#"<path class="held" d="M265 12V150H400V12Z"/>"#;
    let inside = [
        held.to_owned(),
        level(90, "critical", said!(prefs, guide.label.threshold)),
        dots(&values, 90),
        words(265, 172, "mid", said!(prefs, guide.label.raised)),
        words(400, 172, "mid", said!(prefs, guide.label.cleared)),
    ];
    svg(184, &inside.concat())
}

/// The threshold to come in, the margin to go out.
pub fn margin(prefs: Prefs) -> String {
    let values =
        [(40, 128), (85, 96), (130, 40), (175, 44), (220, 78), (265, 62), (310, 80), (355, 124), (400, 132)];
    let held = r#"<path class="held" d="M130 12V150H400V12Z"/>"#;
    let inside = [
        held.to_owned(),
        level(64, "critical", &format!("{} 80", said!(prefs, guide.label.threshold))),
        level(108, "ok", &format!("{} 72", said!(prefs, guide.label.margin))),
        dots(&values, 64),
        words(130, 172, "mid", said!(prefs, guide.label.raised)),
        words(400, 172, "mid", said!(prefs, guide.label.cleared)),
    ];
    svg(184, &inside.concat())
}

/// OK and the severities in a row; unknown beside them.
pub fn states(prefs: Prefs) -> String {
    let levels = [
        (Standing::Ok, "ok"),
        (Standing::Warning, "warning"),
        (Standing::Major, "major"),
        (Standing::Critical, "critical"),
    ];
    let mut inside = String::new();
    for (at, (standing, class)) in (0..).zip(levels) {
        let x = 8 + at * 124;
        inside += &boxed(x, 24, 92, class, word_of(prefs, standing));
        if at > 0 {
            inside += &arrow(x - 28, x - 4, 36);
            inside += &arrow(x - 4, x - 28, 52);
        }
    }
    inside += &boxed(194, 124, 124, "unknown", word_of(prefs, Standing::Unknown));
    inside +=
        r#"<path class="way" d="M236 72V118M231 111L236 118 241 111M276 118V72M271 79L276 72 281 79"/>"#;
    inside += &words(228, 100, "end", said!(prefs, guide.label.no_data));
    inside += &words(288, 100, "", said!(prefs, guide.label.data_back));
    svg(184, &inside)
}

/// From an alarm to a receiver.
pub fn tell(prefs: Prefs) -> String {
    let boxes = [
        (8, 12, said!(prefs, guide.label.alarm), "critical"),
        (170, 12, said!(prefs, guide.label.grave), "plain"),
        (332, 12, said!(prefs, guide.label.open), "plain"),
        (170, 112, said!(prefs, guide.label.not_muted), "plain"),
        (332, 112, said!(prefs, guide.label.told), "ok"),
    ];
    let mut inside: String =
        boxes.into_iter().map(|(x, y, text, class)| boxed(x, y, 140, class, text)).collect();
    inside += &arrow(150, 168, 32);
    inside += &arrow(312, 330, 32);
    inside += &arrow(312, 330, 132);
    inside += r#"<path class="way" d="M402 56V82H240V106M235 99L240 106 245 99"/>"#;
    svg(184, &inside)
}
