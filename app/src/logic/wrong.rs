//! What is wrong with a field, before anything is sent. The pages turn it into words.

use atalaya_api::level::Level;

/// One field at fault. `field` is the path that the API uses for the same field.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    pub field: String,
    pub what: What,
}

/// What would be right.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Something must be filled in.
    Missing,
    /// At least one of the three levels must be filled in.
    NoLevel,
    /// A number is needed.
    NotANumber,
    /// The text can be read as two numbers: write it without grouping.
    Ambiguous,
    /// A number from `min` to `max`.
    Between { min: f64, max: f64 },
    /// `min` or more.
    AtLeast { min: f64 },
    /// `max` or less.
    AtMost { max: f64 },
    /// A whole number from `min` to `max`.
    WholeBetween { min: u32, max: u32 },
    /// A duration from `min` to `max`, e.g. `10s`.
    SpanBetween { min: &'static str, max: &'static str },
    /// It must be higher than `value`, the number of `than`.
    Higher { than: Level, value: f64 },
    /// It must be lower than `value`, the number of `than`.
    Lower { than: Level, value: f64 },
    /// The range needs both of its ends.
    HalfRange,
    /// The first number of a range must be lower than the second.
    Reversed,
    /// With this margin no value would ever be OK again.
    NoOkLeft,
    /// At most so many characters.
    TooLong { max: usize },
    /// A time of day, e.g. `22:00`.
    NotATime,
    /// `Name: value`, one a line.
    NotAHeader,
    /// This line does not begin with a date.
    NotADay { line: usize },
    /// This is no phone number.
    NotAPhone { number: String },
    /// At least one day of the week must be chosen.
    NoDay,
    /// The server said so, in words.
    Server(String),
}

impl Wrong {
    pub fn new(field: impl Into<String>, what: What) -> Self {
        Wrong { field: field.into(), what }
    }
}

/// What is wrong with exactly this field.
pub fn of<'a>(wrongs: &'a [Wrong], field: &str) -> Option<&'a What> {
    wrongs.iter().find(|wrong| wrong.field == field).map(|wrong| &wrong.what)
}
