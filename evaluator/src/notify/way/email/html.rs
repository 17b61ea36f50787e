//! A mail as a page. Mail programs know neither style sheets nor scripts: every style stands where it is used.

use atalaya_api::delivery::DeliveryKind;

use crate::domain::{Message, Severity};
use crate::notify::words::{Manner, Wording, facts, left_out, listed, severity_words, shown};

const PAGE: &str = "margin:0;padding:16px;background:#f6f7f9;color:#1a1f29;font:15px/22px 'Segoe UI',Roboto,Arial,sans-serif";
const CARD: &str = "max-width:640px;margin:0 auto;background:#ffffff;border:1px solid #d9dee6;border-radius:6px;overflow:hidden";
const INSIDE: &str = "padding:16px";
const WORD: &str = "display:inline-block;padding:2px 8px;border-radius:6px;color:#ffffff;font-weight:600";
const BUTTON: &str = "display:inline-block;padding:8px 16px;border-radius:6px;background:#334155;color:#ffffff;text-decoration:none";

/// The whole page.
pub fn page(message: &Message, wording: &Wording) -> String {
    let manner = wording.manner();
    let colour = colour(message.severity, message.kind);
    let title = escape(&wording.title(message));
    let inside = if wording.has_own_text() || message.alarms.is_empty() {
        paragraph(&wording.text(message))
    } else if let [one] = message.alarms.as_slice() {
        let facts = facts(one, message.kind, manner);
        let rows: String = facts.iter().map(|(what, text)| row(what, text)).collect();
        format!(
            "<table role=\"presentation\" style=\"border-collapse:collapse\">{rows}</table>{}",
            button(message, manner)
        )
    } else {
        let each = shown(message).iter().map(|said| {
            let line = escape(&listed(said, manner));
            let line = match manner.link(said) {
                Some(link) => format!("<a href=\"{}\" style=\"color:#1a1f29\">{line}</a>", escape(&link)),
                None => line,
            };
            format!(
                "<li style=\"margin:4px 0;padding-left:8px;border-left:4px solid {}\">{line}</li>",
                colour_of(said.severity)
            )
        });
        let list: String = each.collect();
        let rest: String =
            left_out(message, manner).iter().map(|line| format!("<p>{}</p>", linked(line))).collect();
        format!("<ul style=\"list-style:none;margin:0;padding:0\">{list}</ul>{rest}")
    };
    let language = manner.say("en", "es");
    format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body style=\"{PAGE}\"><div style=\"{CARD};border-top:6px solid {colour}\"><div style=\"{INSIDE}\">\n\
         {}<h1 style=\"margin:8px 0 16px;font-size:18px;line-height:24px\">{title}</h1>\n{inside}\n</div></div></body></html>\n",
        word(message, manner, colour),
    )
}

/// How bad it is, in colour and in words; nothing where no alarm is told of.
fn word(message: &Message, manner: &Manner, colour: &str) -> String {
    if message.alarms.is_empty() {
        return String::new();
    }
    let word = severity_words(message.severity, &manner.language, false);
    format!("<span style=\"{WORD};background:{colour}\">{word}</span>\n")
}

fn row(what: &str, text: &str) -> String {
    format!(
        "<tr><th align=\"left\" valign=\"top\" style=\"padding:2px 16px 2px 0;color:#5b6472;font-weight:normal;white-space:nowrap\">{}</th>\
         <td style=\"padding:2px 0;word-break:break-word\">{}</td></tr>\n",
        escape(what),
        linked(text),
    )
}

fn button(message: &Message, manner: &Manner) -> String {
    let link = message.alarms.first().and_then(|said| manner.link(said));
    link.map_or_else(String::new, |link| {
        let words = manner.say("See the alarm", "Ver la alarma");
        format!(
            "<p style=\"margin:16px 0 0\"><a href=\"{}\" style=\"{BUTTON}\">{words}</a></p>",
            escape(&link)
        )
    })
}

fn paragraph(text: &str) -> String {
    format!("<p style=\"margin:0\">{}</p>", escape(text).replace('\n', "<br>\n"))
}

/// An address of the web leads there; all else is text.
fn linked(text: &str) -> String {
    let is_address =
        (text.starts_with("https://") || text.starts_with("http://")) && !text.contains([' ', '\n']);
    let escaped = escape(text).replace('\n', "<br>\n");
    if is_address { format!("<a href=\"{escaped}\" style=\"color:#0b5cad\">{escaped}</a>") } else { escaped }
}

/// The app's colours.
fn colour(severity: Option<Severity>, kind: DeliveryKind) -> &'static str {
    if kind == DeliveryKind::Test { "#334155" } else { colour_of(severity) }
}

fn colour_of(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "#b3161b",
        Some(Severity::Major) => "#8a4b00",
        Some(Severity::Warning) => "#0b5cad",
        Some(Severity::Unknown) => "#5a3d8a",
        None => "#0f6b3a",
    }
}

/// Text that is nothing but text, within an element or an attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
