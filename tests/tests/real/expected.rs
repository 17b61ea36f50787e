//! The alarms that a metric's values call for, from the design's sentences alone: nothing of the evaluator is used here.

/// As a rule has it: the thresholds of warning, major and critical, and how many checks raise and clear.
pub struct Terms {
    pub thresholds: [f64; 3],
    /// Percent.
    pub margin: f64,
    pub to_alert: usize,
    pub to_ok: usize,
}

/// A change of an alarm: which value brought it about, by its place, and the severities before and after; none: no alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub place: usize,
    pub before: Option<&'static str>,
    pub after: Option<&'static str>,
    pub value: f64,
}

const SEVERITIES: [Option<&str>; 4] = [None, Some("warning"), Some("major"), Some("critical")];

impl Terms {
    /// What becomes of a metric with these values, a check each.
    pub fn steps(&self, values: &[f64]) -> Vec<Step> {
        let (mut held, mut levels, mut steps) = (0, Vec::new(), Vec::new());
        for (place, value) in values.iter().enumerate() {
            levels.push(self.level(*value, held));
            let after = self.next(held, &levels);
            if after != held {
                let (before, after) = (SEVERITIES[held], SEVERITIES[after]);
                steps.push(Step { place, before, after, value: *value });
            }
            held = after;
        }
        steps
    }

    /// 0 is ok. A level at or below the held one is left only beyond its margin.
    fn level(&self, value: f64, held: usize) -> usize {
        let moved = |level: usize, threshold: f64| {
            if level <= held { threshold - threshold.abs() * self.margin / 100.0 } else { threshold }
        };
        let passed =
            (1..).zip(self.thresholds).filter(|(level, threshold)| value > moved(*level, *threshold));
        passed.map(|(level, _)| level).max().unwrap_or(0)
    }

    fn next(&self, held: usize, levels: &[usize]) -> usize {
        let last = |count: usize| levels.len().checked_sub(count).map(|from| levels[from..].iter().copied());
        let reached = last(self.to_alert).and_then(Iterator::min).filter(|level| *level > held);
        let fallen = last(self.to_ok).and_then(Iterator::max).filter(|level| *level < held);
        reached.or(fallen).unwrap_or(held)
    }
}

/// The design's own examples: 70/80/90 and a margin of 10 %.
#[test]
fn the_expected_is_what_the_design_says() {
    let terms = Terms { thresholds: [70.0, 80.0, 90.0], margin: 10.0, to_alert: 3, to_ok: 2 };
    assert_eq!([85.0, 81.0, 75.0, 72.0, 63.0].map(|value| terms.level(value, 3)), [3, 2, 2, 1, 0]);
    let told = |values: &[f64]| -> Vec<(usize, Option<&str>)> {
        terms.steps(values).into_iter().map(|step| (step.place, step.after)).collect()
    };
    assert_eq!(told(&[75.0, 95.0, 95.0, 95.0]), [(2, Some("warning")), (3, Some("critical"))]);
    assert_eq!(told(&[85.0, 85.0, 85.0, 87.0, 87.0, 87.0]), [(2, Some("major"))], "a steady 87 stays major");
    assert_eq!(told(&[95.0, 95.0, 50.0, 95.0, 95.0]), [], "never three in a row");
}
