//! The border of the sandbox: the generated bindings, and conversions between their types and ours.

/// What wit-bindgen makes of `wit/v1`.
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit/v1",
        world: "check-plugin",
        pub_export_macro: true,
        export_macro_name: "export_component",
        default_bindings_module: "atalaya_check::wasm::bindings",
    });
}

pub use bindings::export_component;
pub use bindings::exports::atalaya::check::check as wire;

use crate::{
    Batch, Check, CheckError, Direction, Explanation, Inputs, Level, Line, Outcome, ParamError, Rule, Slots,
    Span, Texts, View, schema,
};

/// A check with the place where its prepared rules live; [`export!`](crate::export) writes the impl.
pub trait Component {
    type Check: Check;
    /// Borrows the instance's slots.
    fn slots<T>(f: impl FnOnce(&mut Slots<Self::Check>) -> T) -> T;
}

impl<T: Component> wire::Guest for T {
    fn describe() -> wire::Descriptor {
        describe::<T::Check>()
    }

    fn prepare(slot: u32, rule: wire::Rule) -> Result<wire::Prepared, wire::ParamError> {
        let (params, rule) = split(rule);
        let inputs = T::slots(|slots| slots.prepare(slot, &params, rule));
        inputs.map(wire::Prepared::from).map_err(wire::ParamError::from)
    }

    fn release(slot: u32) {
        T::slots(|slots| slots.release(slot));
    }

    fn evaluate(batch: wire::Batch) -> Vec<Result<wire::Verdict, wire::CheckError>> {
        let held = levels(&batch.held);
        T::slots(|slots| slots.evaluate(&columns(&batch, &held), answer))
    }

    fn explain(batch: wire::Batch, language: String, draw: wire::Span) -> wire::Explanation {
        let held = levels(&batch.held);
        let view = View { language: &language, draw: Span { start: draw.start, end: draw.end } };
        T::slots(|slots| slots.explain(&columns(&batch, &held), &view)).into()
    }
}

fn describe<C: Check>() -> wire::Descriptor {
    let meta = C::META;
    let mut traits = wire::Traits::empty();
    traits.set(wire::Traits::USES_HELD, meta.traits.uses_held);
    traits.set(wire::Traits::USES_MINUTE, meta.traits.uses_minute);
    traits.set(wire::Traits::KEEPS_MEMORY, meta.traits.keeps_memory);
    wire::Descriptor {
        name: meta.name.to_owned(),
        version: meta.version.to_owned(),
        title: texts(meta.title),
        summary: texts(meta.summary),
        params_schema: C::SCHEMA.map_or_else(|| schema::of::<C>().to_string(), str::to_owned),
        traits,
        options: Vec::new(),
    }
}

fn texts(texts: Texts) -> Vec<wire::Text> {
    let text = |&(language, text): &(&str, &str)| wire::Text {
        language: language.to_owned(),
        text: text.to_owned(),
    };
    texts.iter().map(text).collect()
}

fn split(rule: wire::Rule) -> (String, Rule) {
    let ours = Rule {
        ok_margin: rule.ok_margin,
        interval: rule.interval,
        unit: rule.unit,
        time_zone: rule.time_zone,
        options: rule.options,
    };
    (rule.params, ours)
}

fn levels(held: &[wire::Level]) -> Vec<Level> {
    held.iter().map(|&level| level.into()).collect()
}

fn columns<'a>(batch: &'a wire::Batch, held: &'a [Level]) -> Batch<'a> {
    Batch {
        slots: &batch.slots,
        nows: &batch.nows,
        ends: &batch.ends,
        times: &batch.times,
        values: &batch.values,
        steps: &batch.steps,
        held,
        minutes: &batch.minutes,
        memories: &batch.memories,
    }
}

fn answer(outcome: Outcome) -> Result<wire::Verdict, wire::CheckError> {
    match outcome {
        Ok(verdict) => {
            Ok(wire::Verdict { level: verdict.level.into(), value: verdict.value, memory: verdict.memory })
        }
        Err(CheckError::NotEnoughData(what)) => Err(wire::CheckError::NotEnoughData(what.into_owned())),
        Err(CheckError::Failed(what)) => Err(wire::CheckError::Failed(what.into_owned())),
    }
}

impl From<wire::Level> for Level {
    fn from(level: wire::Level) -> Self {
        match level {
            wire::Level::Ok => Level::Ok,
            wire::Level::Warning => Level::Warning,
            wire::Level::Major => Level::Major,
            wire::Level::Critical => Level::Critical,
        }
    }
}

impl From<Level> for wire::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Ok => wire::Level::Ok,
            Level::Warning => wire::Level::Warning,
            Level::Major => wire::Level::Major,
            Level::Critical => wire::Level::Critical,
        }
    }
}

impl From<Inputs> for wire::Prepared {
    fn from(inputs: Inputs) -> Self {
        let pieces = inputs.pieces.into_iter();
        let unit = Some(inputs.unit).filter(|unit| !unit.is_empty());
        wire::Prepared {
            inputs: pieces
                .map(|piece| wire::Input { oldest: piece.oldest, newest: piece.newest, role: piece.role })
                .collect(),
            fewest: inputs.fewest,
            most: inputs.most,
            options: unit.map(|unit| ("unit".to_owned(), unit.to_owned())).into_iter().collect(),
        }
    }
}

impl From<ParamError> for wire::ParamError {
    fn from(error: ParamError) -> Self {
        let message = error.message.into_iter();
        wire::ParamError {
            field: error.field,
            message: message.map(|(language, text)| wire::Text { language, text }).collect(),
        }
    }
}

impl From<Explanation> for wire::Explanation {
    fn from(explanation: Explanation) -> Self {
        wire::Explanation {
            message: explanation.message,
            details: explanation.details,
            lines: explanation.lines.into_iter().map(wire::Line::from).collect(),
        }
    }
}

impl From<Line> for wire::Line {
    fn from(line: Line) -> Self {
        wire::Line {
            level: line.level.into(),
            value: line.value,
            direction: match line.direction {
                Direction::Above => wire::Direction::Above,
                Direction::Below => wire::Direction::Below,
            },
            start: line.span.start,
            end: line.span.end,
        }
    }
}
