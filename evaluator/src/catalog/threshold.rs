//! What a panel says about good and bad values: offered as defaults.

use serde_json::Value;

use super::read::{list, number, text};

/// A value from which on Grafana shows another colour, or alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    pub value: f64,
    /// A name or `#rrggbb`, where it is told.
    pub color: Option<String>,
    /// False: the values below it are the bad ones.
    pub above: bool,
}

/// As each age of Grafana keeps them; then what the panel's own alert adds.
pub(super) fn read(panel: &Value) -> Vec<Threshold> {
    let steps = panel.pointer("/fieldConfig/defaults/thresholds/steps").and_then(Value::as_array);
    let mut all = match (steps, panel.get("thresholds")) {
        (Some(steps), _) if !is_share(panel) => of_steps(steps),
        (Some(_), _) => Vec::new(),
        (None, Some(Value::String(numbers))) => of_single(numbers, panel),
        (None, Some(Value::Array(lines))) => lines.iter().filter_map(of_line).collect(),
        (None, _) => of_grid(panel),
    };
    for one in of_alert(panel) {
        if !all.iter().any(|known| known.value == one.value && known.above == one.above) {
            all.push(one);
        }
    }
    all
}

/// Percent of the range that the panel shows: no values.
fn is_share(panel: &Value) -> bool {
    panel.pointer("/fieldConfig/defaults/thresholds/mode").is_some_and(|mode| mode == "percentage")
}

/// Each step holds from its value on. Where it gets better on the way up the values below are the bad ones.
fn of_steps(steps: &[Value]) -> Vec<Threshold> {
    let color = |at: usize| steps.get(at).and_then(|step| text(step, "color"));
    let above = !(is_bad(color(0).as_deref()) && is_good(color(steps.len().saturating_sub(1)).as_deref()));
    let step = |(at, step): (usize, &Value)| {
        let value = number(step, "value")?;
        let color = if above { color(at) } else { color(at.saturating_sub(1)) };
        (at > 0 || !step["value"].is_null()).then_some(Threshold { value, color, above })
    };
    steps.iter().enumerate().filter_map(step).collect()
}

/// A single number: `"50,80"`, and three colours for what lies between.
fn of_single(numbers: &str, panel: &Value) -> Vec<Threshold> {
    let colors: Vec<&str> = list(panel, "colors").iter().filter_map(Value::as_str).collect();
    let above = !(is_bad(colors.first().copied()) && is_good(colors.last().copied()));
    let numbers = numbers.split(',').enumerate();
    let one = |(at, number): (usize, &str)| {
        let color = colors.get(if above { at + 1 } else { at }).map(|color| (*color).to_owned());
        Some(Threshold { value: number.trim().parse().ok()?, color, above })
    };
    numbers.filter_map(one).collect()
}

/// A graph: `[{"value": 50, "op": "gt", "colorMode": "warning"}]`.
fn of_line(line: &Value) -> Option<Threshold> {
    let above = text(line, "op").as_deref() != Some("lt");
    let color = text(line, "colorMode").filter(|mode| mode != "custom").or_else(|| text(line, "lineColor"));
    Some(Threshold { value: number(line, "value")?, color, above })
}

/// A graph of the oldest kind: two values, the worse one last.
fn of_grid(panel: &Value) -> Vec<Threshold> {
    let Some(grid) = panel.get("grid") else { return Vec::new() };
    let (first, second) = (number(grid, "threshold1"), number(grid, "threshold2"));
    let above = first.zip(second).is_none_or(|(first, second)| first <= second);
    let one = |value: Option<f64>, color: &str| {
        value.map(|value| Threshold { value, color: text(grid, color), above })
    };
    [one(first, "threshold1Color"), one(second, "threshold2Color")].into_iter().flatten().collect()
}

/// The conditions of an alert as it was kept with its panel, up to Grafana 8.
fn of_alert(panel: &Value) -> Vec<Threshold> {
    let conditions = panel.pointer("/alert/conditions").and_then(Value::as_array);
    let one = |value: Option<f64>, above| value.map(|value| Threshold { value, color: None, above });
    let mut all = Vec::new();
    for condition in conditions.into_iter().flatten() {
        let Some(evaluator) = condition.get("evaluator") else { continue };
        let param = |at: usize| list(evaluator, "params").get(at).and_then(Value::as_f64);
        match text(evaluator, "type").as_deref() {
            Some("gt") => all.extend(one(param(0), true)),
            Some("lt") => all.extend(one(param(0), false)),
            Some("outside_range") => {
                all.extend(one(param(0), false));
                all.extend(one(param(1), true));
            }
            _ => {}
        }
    }
    all
}

fn is_bad(color: Option<&str>) -> bool {
    let color = color.unwrap_or_default().to_lowercase();
    color.contains("red")
        || color.contains("245, 54, 54")
        || ["#d44a3a", "#f2495c", "#e02f44", "#bf1b00", "#c4162a"].contains(&&*color)
}

fn is_good(color: Option<&str>) -> bool {
    let color = color.unwrap_or_default().to_lowercase();
    color.contains("green")
        || color.contains("50, 172, 45")
        || ["#299c46", "#73bf69", "#56a64b", "#37872d", "#7eb26d"].contains(&&*color)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_as(panel: &Value) -> Vec<(f64, bool)> {
        read(panel).iter().map(|one| (one.value, one.above)).collect()
    }

    #[test]
    fn steps_that_get_worse_are_above_and_those_that_get_better_below() {
        let steps = |colors: [&str; 3]| {
            json!({"fieldConfig": {"defaults": {"thresholds": {"mode": "absolute", "steps": [
                {"color": colors[0], "value": null}, {"color": colors[1], "value": 5}, {"color": colors[2], "value": 9}]}}}})
        };
        let worse = steps(["green", "orange", "red"]);
        assert_eq!(read_as(&worse), [(5.0, true), (9.0, true)]);
        assert_eq!(read(&worse)[1].color.as_deref(), Some("red"));
        let better = steps(["red", "orange", "green"]);
        assert_eq!(read_as(&better), [(5.0, false), (9.0, false)]);
        assert_eq!(read(&better)[0].color.as_deref(), Some("red"));
    }

    #[test]
    fn shares_of_what_a_panel_shows_are_no_thresholds() {
        let panel = json!({"fieldConfig": {"defaults": {"thresholds": {"mode": "percentage", "steps": [
            {"color": "green", "value": null}, {"color": "red", "value": 80}]}}}});
        assert_eq!(read(&panel), []);
    }

    #[test]
    fn a_graph_says_on_which_side_its_lines_are_bad() {
        let panel = json!({"thresholds": [{"value": 1, "op": "lt", "colorMode": "critical"}, {"value": "7", "op": "gt"}]});
        assert_eq!(read_as(&panel), [(1.0, false), (7.0, true)]);
        let single =
            json!({"thresholds": "50,80", "colors": ["#d44a3a", "rgba(237, 129, 40, 0.89)", "#299c46"]});
        assert_eq!(read_as(&single), [(50.0, false), (80.0, false)]);
        let grid = json!({"grid": {"threshold1": 10, "threshold2": 5}});
        assert_eq!(read_as(&grid), [(10.0, false), (5.0, false)]);
    }

    #[test]
    fn the_panels_own_alert_counts_as_well() {
        let condition = |kind: &str, params: Value| json!({"evaluator": {"type": kind, "params": params}});
        let panel = json!({"thresholds": [{"value": 5, "op": "gt"}], "alert": {"conditions": [
            condition("gt", json!([5])), condition("lt", json!([1])), condition("outside_range", json!([2, 8])),
            condition("no_value", json!([])), {"evaluator": null}]}});
        assert_eq!(read_as(&panel), [(5.0, true), (1.0, false), (2.0, false), (8.0, true)]);
    }
}
