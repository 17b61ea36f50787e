//! The words of the contract as plain Rust. Field for field what `wit/v1/check.wit` says, so that a
//! check, its tests and the batch code never see generated bindings.

use std::borrow::Cow;

/// What a check can say, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    #[default]
    Ok,
    Warning,
    Major,
    Critical,
}

impl Level {
    /// The levels of an alarm, lowest first.
    pub const ALARMS: [Level; 3] = [Level::Warning, Level::Major, Level::Critical];
}

/// Texts by language: (BCP 47 tag, text). The first stands in where neither the reader's language
/// nor `en` is there.
pub type Texts = &'static [(&'static str, &'static str)];

/// What a check is. `version: env!("CARGO_PKG_VERSION")` keeps it true.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Lower-case letters, digits and hyphens, at most 40, starting with a letter.
    pub name: &'static str,
    /// Semantic version.
    pub version: &'static str,
    /// A name for people, of a few words.
    pub title: Texts,
    /// One or two sentences: what it watches for.
    pub summary: Texts,
    pub traits: Traits,
}

/// What a verdict depends on besides the samples; the host leaves the rest at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Reads [`Context::held`](crate::Context::held).
    pub uses_held: bool,
    /// Reads [`Context::minute`](crate::Context::minute).
    pub uses_minute: bool,
    /// Reads [`Context::memory`](crate::Context::memory) and answers one in [`Verdict::memory`].
    pub keeps_memory: bool,
}

impl Traits {
    /// The samples alone decide.
    pub const NONE: Traits = Traits { uses_held: false, uses_minute: false, keeps_memory: false };
}

/// What a rule says to its check besides the params.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Percent of a threshold, 0 to 100, by which a value must recover before a held level is left.
    pub ok_margin: f64,
    /// Milliseconds between evaluations, above 0.
    pub interval: f64,
    /// Unit of the values as people write it; empty where unknown.
    pub unit: String,
    /// IANA name of the zone that minutes are told in.
    pub time_zone: String,
    /// Open bag of (key, value).
    pub options: Vec<(String, String)>,
}

impl Default for Rule {
    /// A rule for tests: no margin, every minute, no unit, UTC.
    fn default() -> Self {
        Rule {
            ok_margin: 0.0,
            interval: 60_000.0,
            unit: String::new(),
            time_zone: "UTC".to_owned(),
            options: Vec::new(),
        }
    }
}

/// A piece of history: the samples with now - oldest < time <= now - newest, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// Milliseconds before the instant, above `newest`.
    pub oldest: f64,
    /// Milliseconds before the instant, 0 or more.
    pub newest: f64,
    /// 0: the rule's own series. Others are reserved.
    pub role: u8,
}

/// What a rule wants to see at each evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    pub pieces: Vec<Input>,
    /// With fewer samples over all pieces the host answers "not enough data" by itself; 0: always call.
    pub fewest: u32,
    /// Most samples per piece; of more come the newest.
    pub most: u32,
    /// Unit of the verdict's value, `%`; empty: that of the samples.
    pub unit: &'static str,
}

impl Inputs {
    /// The last `length` milliseconds, one sample or more, at most 1,000.
    pub fn last(length: f64) -> Self {
        let piece = Input { oldest: length, newest: 0.0, role: 0 };
        Inputs { pieces: vec![piece], fewest: 1, most: 1_000, unit: "" }
    }

    /// One more piece of the rule's own series, `oldest` to `newest` milliseconds before the instant.
    #[must_use]
    pub fn and(mut self, oldest: f64, newest: f64) -> Self {
        self.pieces.push(Input { oldest, newest, role: 0 });
        self
    }

    #[must_use]
    pub fn fewest(mut self, samples: u32) -> Self {
        self.fewest = samples;
        self
    }

    /// The verdict's value is in this unit, whatever that of the samples is.
    #[must_use]
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    #[must_use]
    pub fn most(mut self, samples: u32) -> Self {
        self.most = samples;
        self
    }
}

/// The answer for one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub level: Level,
    /// The number that was judged, for people.
    pub value: Option<f64>,
    /// What to remember for this series, at most [`MEMORY_LIMIT`] bytes. `None` keeps what was remembered.
    pub memory: Option<Vec<u8>>,
}

/// Most bytes that a check may remember per series.
pub const MEMORY_LIMIT: usize = 4096;

impl Verdict {
    /// `value` was judged to be at `level`.
    pub fn new(level: Level, value: f64) -> Self {
        Verdict { level, value: Some(value), memory: None }
    }

    #[must_use]
    pub fn remember(mut self, memory: Vec<u8>) -> Self {
        self.memory = Some(memory);
        self
    }
}

/// Why there is no verdict. Constant texts cost nothing on the hot path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// In a few words what is missing.
    NotEnoughData(Cow<'static, str>),
    /// In a few words what went wrong.
    Failed(Cow<'static, str>),
}

impl CheckError {
    pub fn not_enough_data(what: impl Into<Cow<'static, str>>) -> Self {
        CheckError::NotEnoughData(what.into())
    }

    pub fn failed(what: impl Into<Cow<'static, str>>) -> Self {
        CheckError::Failed(what.into())
    }
}

/// What `evaluate` answers for one series.
pub type Outcome = Result<Verdict, CheckError>;

/// Why params cannot be used: which field, and in every language of the check what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamError {
    /// Path inside the params (`major`, `other_levels[0].to`); empty: the whole; `$ok_margin`: the margin.
    pub field: String,
    /// (language, text), at least one.
    pub message: Vec<(String, String)>,
}

impl ParamError {
    /// The field that stands for the rule's OK margin, which lies outside the params.
    pub const OK_MARGIN: &'static str = "$ok_margin";

    /// `message` in English; other languages by [`and_in`](Self::and_in).
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        ParamError { field: field.into(), message: vec![("en".to_owned(), message.into())] }
    }

    /// The same in another language.
    #[must_use]
    pub fn and_in(mut self, language: &str, message: impl Into<String>) -> Self {
        self.message.push((language.to_owned(), message.into()));
        self
    }

    /// The message in English, or the first there is.
    pub fn english(&self) -> &str {
        let english = self.message.iter().find(|(language, _)| language == "en");
        english.or(self.message.first()).map_or("", |(_, text)| text)
    }
}
