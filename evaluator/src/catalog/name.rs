//! What a metric is called in a list: as the dashboard shows it, by its whole expression, or by the pattern in it.

/// How metrics are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// As the dashboard shows it.
    #[default]
    Alias,
    /// The whole expression.
    Full,
    /// The pattern without functions.
    Wildcard,
}

/// Longest name of a rule, with the letter in front.
const LONGEST: usize = 200;

/// With the target's letter in front, on one line. `legend`: variables resolved.
pub fn name(naming: Naming, ref_id: &str, expr: &str, legend: Option<&str>) -> String {
    let named = match naming {
        Naming::Full => expr.to_owned(),
        Naming::Wildcard => pattern(expr).to_owned(),
        // What Grafana fills in from labels is not known before there is an answer.
        Naming::Alias => legend
            .filter(|legend| !["", "__auto"].contains(legend) && !legend.contains("{{"))
            .map(str::to_owned)
            .or_else(|| alias(expr))
            .unwrap_or_else(|| expr.to_owned()),
    };
    let words: Vec<&str> = named.split_whitespace().collect();
    format!("{ref_id}: {}", words.join(" ")).chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// What Graphite will call the series, where the outermost function says so.
fn alias(expr: &str) -> Option<String> {
    let (function, inside) = call(expr)?;
    let mut arguments = arguments(inside);
    match function {
        "alias" => Some(unquoted(arguments.last()?)?.to_owned()),
        "aliasByNode" | "aliasByTags" => {
            let path: Vec<&str> = pattern(arguments.first()?).split('.').collect();
            let nodes: Option<Vec<&str>> = arguments.drain(1..).map(|one| node(&path, one)).collect();
            nodes.filter(|nodes| !nodes.is_empty()).map(|nodes| nodes.join("."))
        }
        "aliasByMetric" => pattern(arguments.first()?).rsplit('.').next().map(str::to_owned),
        // They keep the names of what they are given.
        "keepLastValue" | "transformNull" | "color" | "lineWidth" | "dashed" | "secondYAxis" => {
            alias(arguments.first()?)
        }
        _ => None,
    }
}

/// One node of a path by its number; a negative one counts from the end.
fn node<'a>(path: &[&'a str], number: &str) -> Option<&'a str> {
    let number: isize = number.trim().parse().ok()?;
    let at = if number < 0 { path.len().checked_sub(number.unsigned_abs())? } else { number.unsigned_abs() };
    path.get(at).copied()
}

/// The first path or selector in an expression, without the functions around it.
fn pattern(expr: &str) -> &str {
    let mut inside = expr.trim();
    while let Some((_, rest)) = call(inside) {
        match arguments(rest).first() {
            Some(first) => inside = first.trim(),
            None => break,
        }
    }
    // PromQL: the window and what follows it are not part of the selector.
    let selector = inside.split_once('[').filter(|(before, _)| before.ends_with('}') || is_word(before));
    selector.map_or(inside, |(before, _)| before)
}

/// `name(inside)`, as a whole.
fn call(expr: &str) -> Option<(&str, &str)> {
    let expr = expr.trim();
    let open = expr.find('(')?;
    let name = expr[..open].trim();
    let inside = expr[open + 1..].strip_suffix(')')?;
    (is_word(name) && closes_at_end(inside)).then_some((name, inside))
}

/// Whether no parenthesis inside closes what was opened before.
fn closes_at_end(inside: &str) -> bool {
    let mut depth = 0_i32;
    inside.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    })
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
}

/// Separated by commas that stand in no brackets and no quotes.
fn arguments(inside: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start, mut all) = (0_i32, None, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => depth -= 1,
            (None, ',') if depth == 0 => {
                all.push(inside[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(inside[start..].trim());
    all.retain(|one| !one.is_empty());
    all
}

fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINK: &str = "aliasByNode(junos.BXBORIN3.Velocidad_interface.ge-0_2_1, 1, 3)";

    #[test]
    fn an_alias_is_what_the_dashboard_shows() {
        for (expr, legend, named) in [
            (LINK, None, "A: BXBORIN3.ge-0_2_1"),
            ("alias(sumSeries(a.{b,c}.d), 'All, of it')", None, "A: All, of it"),
            ("aliasByMetric(scale(a.b.cpu, 8))", None, "A: cpu"),
            ("aliasByNode(a.b.c, -1)", None, "A: c"),
            ("sum(up)", Some("Hosts up"), "A: Hosts up"),
            ("sum(up)", Some("{{job}}"), "A: sum(up)"),
            ("a.b", None, "A: a.b"),
            ("aliasByNode(a.b, 7)", None, "A: aliasByNode(a.b, 7)"),
        ] {
            assert_eq!(name(Naming::Alias, "A", expr, legend), named);
        }
    }

    #[test]
    fn the_whole_expression_or_the_pattern_in_it_when_that_is_wanted() {
        assert_eq!(name(Naming::Full, "B", LINK, None), format!("B: {LINK}"));
        assert_eq!(name(Naming::Wildcard, "B", "sumSeries(scale(a.{b,c}.*, 8), x.y)", None), "B: a.{b,c}.*");
        assert_eq!(
            name(Naming::Wildcard, "B", "rate(http_total{job=\"a,b\"}[5m])", None),
            "B: http_total{job=\"a,b\"}"
        );
        assert_eq!(name(Naming::Wildcard, "B", "a / b", None), "B: a / b");
    }

    #[test]
    fn a_name_stands_on_one_line_and_is_as_long_as_a_rules_may_be() {
        let named = name(Naming::Full, "A", &format!("sum(\n  a.b,\n {})", "x".repeat(400)), None);
        assert!(named.starts_with("A: sum( a.b, xxx") && named.chars().count() == LONGEST, "{named}");
    }

    proptest! {
        #[test]
        fn any_text_has_a_name(expr in "\\PC{0,60}") {
            for naming in [Naming::Alias, Naming::Full, Naming::Wildcard] {
                prop_assert!(name(naming, "A", &expr, None).starts_with("A: "));
            }
        }
    }
}
