//! What Grafana puts into expressions, replaced as it does: Prometheus itself knows none of it and answers 400.
//! <https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/>

use atalaya_api::span::Span;

/// What the names stand for.
#[derive(Clone, Copy, Debug)]
pub struct Macros {
    /// The step, ms.
    pub interval_ms: i64,
    /// From start to end, ms.
    pub range_ms: i64,
    /// Between scrapes.
    pub scrape: Span,
}

impl Macros {
    /// `$name`, `${name}` and `${name:format}` are replaced where the name is known; everything else stays as it is.
    pub fn expand(&self, expr: &str) -> String {
        let mut expanded = String::with_capacity(expr.len());
        let mut rest = expr;
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match reference(rest).and_then(|(name, length)| Some((self.value(name)?, length))) {
                Some((value, length)) => {
                    expanded.push_str(&value);
                    rest = &rest[length..];
                }
                None => expanded.push('$'),
            }
        }
        expanded.push_str(rest);
        expanded
    }

    fn value(&self, name: &str) -> Option<String> {
        Some(match name {
            "__interval" => duration(self.interval_ms),
            "__interval_ms" => self.interval_ms.to_string(),
            "__rate_interval" => duration(self.rate_interval_ms()),
            "__rate_interval_ms" => self.rate_interval_ms().to_string(),
            "__range" => duration(self.range_ms),
            "__range_s" => ((self.range_ms + 500) / 1_000).to_string(),
            "__range_ms" => self.range_ms.to_string(),
            _ => return None,
        })
    }

    /// Wide enough for `rate` to see two scrapes, wherever it falls: max($__interval + scrape, 4 x scrape).
    fn rate_interval_ms(&self) -> i64 {
        let scrape = self.scrape.millis();
        self.interval_ms.saturating_add(scrape).max(scrape.saturating_mul(4))
    }
}

/// The name after a `$`, and how much of the text is the reference.
fn reference(text: &str) -> Option<(&str, usize)> {
    let word = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let Some(inner) = text.strip_prefix('{') else {
        let length = word(text);
        return (length > 0).then(|| (&text[..length], length));
    };
    let close = inner.find('}')?;
    let name = &inner[..word(inner)];
    let plain = name.len() == close || inner[name.len()..].starts_with(':');
    (plain && name.len() <= close).then_some((name, close + 2))
}

/// As PromQL writes durations.
fn duration(ms: i64) -> String {
    if ms % 1_000 == 0 { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACROS: Macros = Macros { interval_ms: 60_000, range_ms: 3_600_000, scrape: Span(15) };

    #[test]
    fn every_name_is_replaced_in_each_form() {
        for (text, expected) in [
            ("rate(x[$__rate_interval])", "rate(x[75s])"),
            ("x[${__rate_interval}]", "x[75s]"),
            ("x[$__interval] / $__interval_ms", "x[60s] / 60000"),
            ("x[${__interval}] / ${__interval_ms:raw}", "x[60s] / 60000"),
            ("x[$__range] / $__range_s / $__range_ms", "x[3600s] / 3600 / 3600000"),
            ("$__range$__range", "3600s3600s"),
        ] {
            assert_eq!(MACROS.expand(text), expected, "{text}");
        }
    }

    #[test]
    fn the_rate_interval_holds_four_scrapes_at_least() {
        let rate = |interval_ms, scrape| {
            Macros { interval_ms, scrape: Span(scrape), ..MACROS }.expand("$__rate_interval")
        };
        assert_eq!(rate(10_000, 15), "60s");
        assert_eq!(rate(60_000, 60), "240s");
        assert_eq!(rate(300_000, 15), "315s");
        assert_eq!(rate(1_500, 0), "1500ms");
    }

    #[test]
    fn what_is_not_known_stays() {
        for text in [
            "$job",
            "${job}",
            "$__intervals",
            "a$",
            "$",
            "${",
            "${__range",
            "x=~\"a|b$\"",
            "${}",
            "${__range.x}",
            "ñ$ñ",
            "}${}",
        ] {
            assert_eq!(MACROS.expand(text), text);
        }
    }
}
