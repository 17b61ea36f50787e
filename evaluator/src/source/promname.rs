//! Names of series as Prometheus writes them: `metric{a="x",b="y"}`.
//!
//! One set of labels has one name, however its labels came: sorted, escaped, and without labels that say nothing. The
//! name can be pasted into PromQL. Names that need quotes are written as Prometheus 3 does: `{"a metric",a="x"}`.

/// The label that holds the metric's name.
pub const METRIC: &str = "__name__";

/// The name of the series with these labels, in any order. A label with an empty value is no label.
pub fn of_labels<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut labels: Vec<(&str, &str)> = labels.into_iter().collect();
    labels.sort_unstable();
    let mut name = String::new();
    write(&labels, &mut name);
    name
}

/// Appends the name of the series with these labels, which are sorted by name.
pub fn write(labels: &[(&str, &str)], to: &mut String) {
    let metric = labels.iter().find(|(name, _)| *name == METRIC).map_or("", |(_, value)| *value);
    let others = labels.iter().filter(|(name, value)| *name != METRIC && !value.is_empty());
    let plain = is_plain(metric, true);
    if plain {
        to.push_str(metric);
    }
    let mut sign = '{';
    if !plain && !metric.is_empty() {
        to.push(std::mem::replace(&mut sign, ','));
        quote(metric, to);
    }
    for (name, value) in others {
        to.push(std::mem::replace(&mut sign, ','));
        if is_plain(name, false) {
            to.push_str(name);
        } else {
            quote(name, to);
        }
        to.push('=');
        quote(value, to);
    }
    match (sign, metric.is_empty()) {
        (',', _) => to.push('}'),
        (_, true) => to.push_str("{}"),
        _ => {}
    }
}

/// Whether it is written without quotes: letters, digits and `_`, in metrics `:` too, and no digit first.
fn is_plain(name: &str, metric: bool) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || (metric && byte == b':');
    name.bytes().next().is_some_and(|first| !first.is_ascii_digit()) && name.bytes().all(fits)
}

/// As a PromQL string. Control characters are escaped, so that a name stays on one line and harms no terminal.
fn quote(text: &str, to: &mut String) {
    to.push('"');
    // Nearly all of them have nothing to escape.
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
    if plain {
        to.push_str(text);
    }
    for c in text.chars().filter(|_| !plain) {
        match c {
            '\\' => to.push_str("\\\\"),
            '"' => to.push_str("\\\""),
            '\n' => to.push_str("\\n"),
            c if c.is_control() => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::of_labels;

    #[test]
    fn labels_are_sorted_escaped_and_left_out_when_empty() {
        let table: &[(&[(&str, &str)], &str)] = &[
            (&[("__name__", "up")], "up"),
            (&[("job", "a"), ("__name__", "up"), ("instance", "h:9")], r#"up{instance="h:9",job="a"}"#),
            (&[("__name__", "up"), ("a", "x\"\\\n\u{1b}ñ"), ("b", "")], r#"up{a="x\"\\\n\u001bñ"}"#),
            (&[("a", "x")], r#"{a="x"}"#),
            (&[("__name__", "a.metric"), ("k8s.pod", "x")], r#"{"a.metric","k8s.pod"="x"}"#),
            (&[("__name__", "a metric")], r#"{"a metric"}"#),
            (&[("__name__", "job:rate:5m"), ("a:b", "1")], r#"job:rate:5m{"a:b"="1"}"#),
            (&[], "{}"),
        ];
        for (labels, name) in table {
            assert_eq!(of_labels(labels.iter().copied()), *name);
        }
    }

    proptest! {
        #[test]
        fn no_two_sets_of_labels_share_a_name(
            one in proptest::collection::btree_map("[a-c\",={}]{1,3}", "[\\\\\"a,=}]{1,3}", 0..3),
            other in proptest::collection::btree_map("[a-c\",={}]{1,3}", "[\\\\\"a,=}]{1,3}", 0..3),
        ) {
            let name = |of: &std::collections::BTreeMap<String, String>| {
                of_labels(of.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            };
            prop_assert_eq!(name(&one) == name(&other), one == other);
        }
    }
}
