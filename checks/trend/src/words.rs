//! A change in plain words, Spanish and English.

use atalaya_check::words::{apart, choose, duration, level_word, not_enough_data, quantity};
use atalaya_check::{CheckError, Context, Direction, Level, Outcome, Window};

use crate::change::{NO_BASE, NO_NOW, ZERO_BASE};
use crate::{Aggregate, Change, Compare, Measure, Trend, Way};

/// One sentence: what changed, against what, and what that means.
pub(crate) fn message(
    check: &Trend,
    window: &Window<'_>,
    context: &Context<'_>,
    outcome: &Outcome,
    language: &str,
) -> String {
    let words = Words { check, context, language };
    match outcome {
        Ok(verdict) => {
            let change = check.change(window).map_or(f64::NAN, |change| change.change);
            words.verdict(change, verdict.level)
        }
        Err(CheckError::NotEnoughData(what)) => {
            format!("{}: {}", not_enough_data(language), words.missing(what))
        }
        Err(CheckError::Failed(what)) => what.clone().into_owned(),
    }
}

/// Name and value: the two values, the change, what is bad, where it is OK again.
pub(crate) fn details(
    check: &Trend,
    window: &Window<'_>,
    context: &Context<'_>,
    language: &str,
) -> Vec<(String, String)> {
    let words = Words { check, context, language };
    let mut details = Vec::new();
    let mut add = |name: String, value: String| details.push((name, value));
    let unit = &context.rule.unit;
    let value = |number: Option<f64>| match number {
        Some(number) => quantity(number, unit, language),
        None => words.choose("sin datos", "no data").to_owned(),
    };
    let now = check.aggregate.of(&window.input(0));
    let base = check.aggregate.of(&window.input(1));
    add(words.of_window(words.choose("Ahora", "Now")), value(now));
    add(words.of_window(words.then()), value(base));
    if let Ok(Change { change, .. }) = check.change(window) {
        add(words.choose("Cambio", "Change").to_owned(), words.signed(change));
    }
    for (level, size) in check.levels().set() {
        let name = words.choose("Umbral", "Threshold");
        let level = level_word(level, language);
        add(format!("{name} ({level})"), words.more_than(size));
    }
    if let Some((_, lowest)) = check.levels().set().next() {
        let moved = words.size(Direction::Above.moved(lowest, context.rule.ok_margin));
        let name = words.choose("Vuelve a estar correcto", "OK again").to_owned();
        add(name, format!("{} {moved} {}", words.choose("con", "at"), words.choose("o menos", "or less")));
    }
    details
}

struct Words<'a> {
    check: &'a Trend,
    context: &'a Context<'a>,
    language: &'a str,
}

impl Words<'_> {
    fn choose<'t>(&self, es: &'t str, en: &'t str) -> &'t str {
        choose(self.language, es, en)
    }

    /// A difference of percentages is told in points: 5 % of 50 % is another thing.
    fn unit(&self) -> &str {
        match (self.check.measure, &*self.context.rule.unit) {
            (Measure::Percent, _) => "%",
            (Measure::Absolute, "%") => self.choose("puntos", "points"),
            (Measure::Absolute, unit) => unit,
        }
    }

    fn size(&self, size: f64) -> String {
        quantity(size, self.unit(), self.language)
    }

    fn signed(&self, change: f64) -> String {
        let plus = if change > 0.0 { "+" } else { "" };
        format!("{plus}{}", self.size(change))
    }

    /// "rose 35 % against the 15 min before, more than 30 % (major)".
    fn verdict(&self, change: f64, level: Level) -> String {
        let against = self.against();
        let Some(size) = self.check.levels().get(level) else {
            let moved = self.moved(change, self.size(change.abs()));
            return format!("{moved} {against}: {}", level_word(Level::Ok, self.language));
        };
        let level = level_word(level, self.language);
        let passes = Direction::Above.passes(self.check.size(change), size);
        let margin = if passes { 0.0 } else { self.context.rule.ok_margin };
        let target = Direction::Above.moved(size, margin);
        let (change_words, target) = apart(change.abs(), target, self.unit(), self.language);
        let moved = self.moved(change, change_words);
        let meaning = match passes {
            true => self.choose("más de", "more than"),
            false => self.choose("aún no se ha recuperado hasta", "it has not recovered to"),
        };
        format!("{moved} {against}, {meaning} {target} ({level})")
    }

    fn moved(&self, change: f64, size: String) -> String {
        if change > 0.0 {
            format!("{} {size}", self.choose("ha subido", "rose"))
        } else if change < 0.0 {
            format!("{} {size}", self.choose("ha bajado", "fell"))
        } else {
            self.choose("no ha cambiado", "has not changed").to_owned()
        }
    }

    fn against(&self) -> String {
        let length = duration(self.check.length(), self.language);
        match self.check.compare {
            Compare::Before => format!(
                "{} {length} {}",
                self.choose("frente a los", "against the"),
                self.choose("anteriores", "before")
            ),
            Compare::Yesterday => {
                self.choose("frente a ayer a la misma hora", "against the same time yesterday").to_owned()
            }
            Compare::LastWeek => self
                .choose("frente a hace una semana a la misma hora", "against the same time a week ago")
                .to_owned(),
        }
    }

    fn then(&self) -> &str {
        match self.check.compare {
            Compare::Before => self.choose("Antes", "Before"),
            Compare::Yesterday => self.choose("Ayer", "Yesterday"),
            Compare::LastWeek => self.choose("Hace una semana", "A week ago"),
        }
    }

    /// "Now (mean of 15 min)".
    fn of_window(&self, name: &str) -> String {
        let length = duration(self.check.length(), self.language);
        let what = match self.check.aggregate {
            Aggregate::Mean => self.choose("media", "mean"),
            Aggregate::Last => self.choose("último", "last"),
            Aggregate::Max => self.choose("máximo", "highest"),
            Aggregate::Min => self.choose("mínimo", "lowest"),
        };
        format!("{name} ({what} {} {length})", self.choose("de", "of"))
    }

    /// "rises by more than 30 %".
    fn more_than(&self, size: f64) -> String {
        let way = match self.check.direction {
            Way::Rising => self.choose("sube más de", "rises by more than"),
            Way::Falling => self.choose("baja más de", "falls by more than"),
            Way::Both => self.choose("cambia más de", "changes by more than"),
        };
        format!("{way} {}", self.size(size))
    }

    fn missing<'t>(&self, what: &'t str) -> &'t str {
        let es = match what {
            NO_NOW => "ningún valor en la ventana",
            NO_BASE => "ningún valor con el que comparar",
            ZERO_BASE => "el valor con el que se compara es 0, y de 0 no hay porcentaje",
            _ => "entre infinitos no hay diferencia",
        };
        self.choose(es, what)
    }
}
