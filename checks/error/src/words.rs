//! What is missing in plain words, Spanish and English.

use atalaya_check::words::{
    apart, choose, duration, is_spanish, level_word, not_enough_data, number, quantity,
};
use atalaya_check::{CheckError, Context, Direction, Level, Outcome, ParamError, Window};

use crate::missing::StepFrom;
use crate::{Expected, Found, LONGEST_SILENCE, Measure, Missing};

/// Whether a level can be passed at all: more than everything cannot be missing.
///
/// # Errors
/// Names the level's field.
pub(crate) fn reachable(measure: Measure, level: Level, value: f64) -> Result<(), ParamError> {
    let (fits, en, es) = match measure {
        Measure::Missing => (value < 100.0, "must be below 100 %", "debe ser menor que 100 %"),
        Measure::Silence => (
            value <= LONGEST_SILENCE,
            "must be at most 10080 minutes (a week)",
            "debe ser 10080 minutos (una semana) como máximo",
        ),
    };
    let field = match level {
        Level::Major => "major",
        Level::Critical => "critical",
        _ => "warning",
    };
    if fits { Ok(()) } else { Err(ParamError::new(field, en).and_in("es", es)) }
}

/// One sentence: what is missing, and what that means.
pub(crate) fn message(
    check: &Missing,
    window: &Window<'_>,
    context: &Context<'_>,
    outcome: &Outcome,
    language: &str,
) -> String {
    let words = Words { check, context, language };
    match (outcome, check.find(window, context)) {
        (Ok(verdict), Ok(found)) => words.verdict(found, verdict.level),
        (Err(CheckError::Failed(what)), _) => what.clone().into_owned(),
        _ => {
            let what = choose(
                language,
                "la ventana es más corta que el tiempo entre dos muestras",
                crate::SHORT_WINDOW,
            );
            format!("{}: {what}", not_enough_data(language))
        }
    }
}

/// Name and value: the share, what was expected and by what step, the levels, where it is OK again.
pub(crate) fn details(
    check: &Missing,
    window: &Window<'_>,
    context: &Context<'_>,
    language: &str,
) -> Vec<(String, String)> {
    let words = Words { check, context, language };
    let mut details = Vec::new();
    let mut add = |name: &str, value: String| details.push((name.to_owned(), value));
    if let Some(last) = window.last() {
        let age = duration(context.now - last.time, language);
        add(words.choose("Última muestra hace", "Age of the last sample"), age);
    }
    if check.measure == Measure::Missing {
        let expected = Expected::of(check, window, context);
        let known = window.samples().known().count() as f64;
        add(words.choose("Muestras", "Samples"), words.of(known, expected.count()));
        add(words.choose("Una muestra cada", "A sample every"), words.step(&expected));
    }
    for (level, value) in check.levels().set() {
        let name = words.choose("Umbral", "Threshold");
        let level = level_word(level, language);
        add(
            &format!("{name} ({level})"),
            format!("{} {}", words.choose("más de", "more than"), words.quantity(value)),
        );
    }
    if let Some((_, lowest)) = check.levels().set().next() {
        let moved = words.quantity(Direction::Above.moved(lowest, context.rule.ok_margin));
        let zone =
            if is_spanish(language) { format!("con {moved} o menos") } else { format!("at {moved} or less") };
        add(words.choose("Vuelve a estar correcto", "OK again"), zone);
    }
    details
}

struct Words<'a> {
    check: &'a Missing,
    context: &'a Context<'a>,
    language: &'a str,
}

impl Words<'_> {
    fn choose<'t>(&self, es: &'t str, en: &'t str) -> &'t str {
        choose(self.language, es, en)
    }

    fn unit(&self) -> &'static str {
        self.check.measure.unit()
    }

    fn quantity(&self, value: f64) -> String {
        quantity(value, self.unit(), self.language)
    }

    /// "33 % of the samples of the last 15 min are missing, more than 10 % (warning)".
    fn verdict(&self, found: Found, level: Level) -> String {
        let Some(threshold) = self.check.levels().get(level) else {
            let ok = level_word(Level::Ok, self.language);
            return format!("{}: {ok}", self.found(found, &self.quantity(found.value)));
        };
        let passes = Direction::Above.passes(found.value, threshold);
        let margin = if passes { 0.0 } else { self.context.rule.ok_margin };
        let target = Direction::Above.moved(threshold, margin);
        let (value, target) = apart(found.value, target, self.unit(), self.language);
        let meaning = match passes {
            true => self.choose("más de", "more than"),
            false => self.choose("aún no se ha recuperado hasta", "it has not recovered to"),
        };
        let level = level_word(level, self.language);
        format!("{}, {meaning} {target} ({level})", self.found(found, &value))
    }

    fn found(&self, found: Found, value: &str) -> String {
        let spanish = is_spanish(self.language);
        match self.check.measure {
            Measure::Missing => {
                let length = duration(self.check.length(self.context.rule.interval), self.language);
                if spanish {
                    format!("falta el {value} de las muestras de los últimos {length}")
                } else {
                    format!("{value} of the samples of the last {length} are missing")
                }
            }
            Measure::Silence => match (spanish, found.at_least) {
                (true, false) => format!("la última muestra es de hace {value}"),
                (true, true) => format!("ninguna muestra en los últimos {value}"),
                (false, false) => format!("the last sample came {value} ago"),
                (false, true) => format!("no sample in the last {value}"),
            },
        }
    }

    /// "60 of 90".
    fn of(&self, count: f64, expected: f64) -> String {
        let (count, expected) = (number(count, self.language), number(expected, self.language));
        format!("{count} {} {expected}", self.choose("de", "of"))
    }

    /// "10 s (as the source says)".
    fn step(&self, expected: &Expected) -> String {
        let from = match expected.from {
            StepFrom::Params => self.choose("como se pidió", "as asked for"),
            StepFrom::Source => self.choose("según la fuente", "as the source says"),
            StepFrom::Series => self.choose("lo habitual en la serie", "as usual in the series"),
            StepFrom::Interval => self.choose("el intervalo de comprobación", "the check interval"),
        };
        format!("{} ({from})", duration(expected.step, self.language))
    }
}
