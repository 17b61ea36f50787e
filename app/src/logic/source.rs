//! The form of a source: what an administrator types, what is wrong with it, and the body that is sent.

use atalaya_api::source::{SourceKind, SourceSettings};
use serde_json::{Map, Value};

use super::conflict::merge_patch;
use super::form::span;
use super::wrong::{What, Wrong};

const HOUR: u32 = 3_600;
/// A short name is at most so long.
const LONGEST_ID: usize = 40;

/// The fields that are texts, in the order of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    Name,
    Id,
    Url,
    Username,
    Password,
    Token,
    Offset,
    Timeout,
    Concurrency,
    MaxAnswer,
    Scrape,
    Headers,
    Ca,
}

impl Text {
    pub const COUNT: usize = 13;
    pub const ALL: [Text; Text::COUNT] = [
        Text::Name,
        Text::Id,
        Text::Url,
        Text::Username,
        Text::Password,
        Text::Token,
        Text::Offset,
        Text::Timeout,
        Text::Concurrency,
        Text::MaxAnswer,
        Text::Scrape,
        Text::Headers,
        Text::Ca,
    ];

    /// As the API calls the field.
    pub fn field(self) -> &'static str {
        match self {
            Text::Name => "name",
            Text::Id => "id",
            Text::Url => "url",
            Text::Username => "username",
            Text::Password => "password",
            Text::Token => "token",
            Text::Offset => "offset",
            Text::Timeout => "timeout",
            Text::Concurrency => "concurrency",
            Text::MaxAnswer => "max_answer_mib",
            Text::Scrape => "scrape_interval",
            Text::Headers => "headers",
            Text::Ca => "ca_pem",
        }
    }
}

/// How the source lets us in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    #[default]
    None,
    Password,
    Token,
}

impl Access {
    pub const ALL: [Access; 3] = [Access::None, Access::Password, Access::Token];

    pub fn name(self) -> &'static str {
        match self {
            Access::None => "none",
            Access::Password => "password",
            Access::Token => "token",
        }
    }

    /// What is no name is none.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|access| access.name() == name).unwrap_or_default()
    }
}

/// All that is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceForm {
    pub kind: SourceKind,
    pub access: Access,
    pub texts: [String; Text::COUNT],
    /// The secret of this access that the server keeps is to be removed.
    pub drop_secret: bool,
}

impl SourceForm {
    /// The form of a source that is kept, or with what a new one starts. What is as usual is left empty.
    pub fn of(settings: &SourceSettings) -> Self {
        let usual = SourceSettings::default();
        let unless = |same: bool, text: String| if same { String::new() } else { text };
        let headers: Vec<String> =
            settings.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let text = |text: Text| match text {
            Text::Name => settings.name.clone(),
            Text::Id => settings.id.clone(),
            Text::Url => settings.url.clone(),
            Text::Username => settings.username.clone().unwrap_or_default(),
            Text::Password | Text::Token => String::new(),
            Text::Offset => settings.offset.map(|span| span.to_string()).unwrap_or_default(),
            Text::Timeout => unless(settings.timeout == usual.timeout, settings.timeout.to_string()),
            Text::Concurrency => {
                unless(settings.concurrency == usual.concurrency, settings.concurrency.to_string())
            }
            Text::MaxAnswer => {
                unless(settings.max_answer_mib == usual.max_answer_mib, settings.max_answer_mib.to_string())
            }
            Text::Scrape => settings.scrape_interval.map(|span| span.to_string()).unwrap_or_default(),
            Text::Headers => headers.join("\n"),
            Text::Ca => settings.ca_pem.clone(),
        };
        let access = match settings {
            settings if settings.has_token => Access::Token,
            settings if settings.has_password || settings.username.is_some() => Access::Password,
            _ => Access::None,
        };
        SourceForm { kind: settings.kind, access, texts: Text::ALL.map(text), drop_secret: false }
    }

    pub fn text(&self, text: Text) -> &str {
        self.texts[text as usize].trim()
    }

    /// The body of a new source, or everything that this page can tell is wrong; the server knows the rest.
    pub fn body(&self) -> Result<Value, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let mut body = Map::new();
        body.insert("kind".to_owned(), self.kind.name().into());
        for text in Text::ALL {
            match self.value(text) {
                Ok(value) if value.is_null() => {}
                Ok(value) => drop(body.insert(text.field().to_owned(), value)),
                Err(what) => wrongs.push(Wrong::new(text.field(), what)),
            }
        }
        if wrongs.is_empty() { Ok(Value::Object(body)) } else { Err(wrongs) }
    }

    /// The edit from `before`, a form as it was read; secrets only where they were typed or are to go.
    pub fn patch(&self, before: &SourceForm, version: u64) -> Result<Value, Vec<Wrong>> {
        let patch = merge_patch(&before.body().unwrap_or_default(), &self.body()?);
        Ok(self.without_dropped(before, patch, Some(version)))
    }

    /// What is tried before it is saved: the server has the secrets that are kept.
    pub fn trial(&self, before: &SourceForm) -> Result<Value, Vec<Wrong>> {
        Ok(self.without_dropped(before, self.body()?, None))
    }

    /// A secret that is to go is sent as an empty one.
    fn without_dropped(&self, before: &SourceForm, mut body: Value, version: Option<u64>) -> Value {
        let Value::Object(members) = &mut body else { return body };
        for (text, access) in [(Text::Password, Access::Password), (Text::Token, Access::Token)] {
            let had = before.access == access;
            if had && (self.access != access || (self.drop_secret && self.text(text).is_empty())) {
                members.insert(text.field().to_owned(), "".into());
            }
        }
        if let Some(version) = version {
            members.insert("version".to_owned(), version.into());
        }
        body
    }

    /// Null: left out.
    fn value(&self, text: Text) -> Result<Value, What> {
        let typed = self.text(text);
        let some = |span: Option<atalaya_api::span::Span>| match span {
            Some(span) => Value::from(span.to_string()),
            None => Value::Null,
        };
        let shown = match text {
            Text::Username | Text::Password => self.access == Access::Password,
            Text::Token => self.access == Access::Token,
            Text::Scrape => self.kind == SourceKind::Prometheus,
            _ => true,
        };
        if !shown {
            return Ok(Value::Null);
        }
        match text {
            Text::Name | Text::Id | Text::Url if typed.is_empty() => Err(What::Missing),
            _ if typed.is_empty() => Ok(Value::Null),
            Text::Offset => span(typed, 0, HOUR, "0s", "1h").map(some),
            Text::Timeout => span(typed, 1, 120, "1s", "2m").map(some),
            Text::Scrape => span(typed, 1, HOUR, "1s", "1h").map(some),
            Text::Concurrency => whole(typed, 32),
            Text::MaxAnswer => whole(typed, 512),
            Text::Headers => headers(typed),
            _ => Ok(typed.into()),
        }
    }
}

fn whole(text: &str, max: u32) -> Result<Value, What> {
    let number = text.parse::<u32>().ok().filter(|number| (1..=max).contains(number));
    number.map(Value::from).ok_or(What::WholeBetween { min: 1, max })
}

/// `Name: value`, one a line.
fn headers(text: &str) -> Result<Value, What> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), Value::from(value.trim())))
    };
    let mut all = Map::new();
    for line in lines {
        let (name, value) = header(line).ok_or(What::NotAHeader)?;
        all.insert(name, value);
    }
    Ok(Value::Object(all))
}

/// A short name from what people call it: "Graphite Bogotá" → `graphite-bogota`.
pub fn propose_id(name: &str) -> String {
    let mut id = String::new();
    for letter in name.trim().chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'á' | 'à' | 'ä' | 'â' => 'a',
            'é' | 'è' | 'ë' | 'ê' => 'e',
            'í' | 'ì' | 'ï' | 'î' => 'i',
            'ó' | 'ò' | 'ö' | 'ô' => 'o',
            'ú' | 'ù' | 'ü' | 'û' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '-',
        };
        if plain != '-' || !(id.is_empty() || id.ends_with('-')) {
            id.push(plain);
        }
    }
    // Only ASCII is in it.
    id.truncate(LONGEST_ID);
    id.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(texts: &[(Text, &str)]) -> SourceForm {
        let mut form = SourceForm::default();
        for (text, typed) in texts {
            form.texts[*text as usize] = (*typed).to_owned();
        }
        form
    }

    fn graphite() -> SourceForm {
        form(&[(Text::Name, "Graphite"), (Text::Id, "graphite"), (Text::Url, "http://g:8080")])
    }

    #[test]
    fn what_is_left_empty_is_left_out() {
        let body = graphite().body();
        let expected =
            json!({"kind": "graphite", "name": "Graphite", "id": "graphite", "url": "http://g:8080"});
        assert_eq!(body, Ok(expected));
    }

    #[test]
    fn the_body_is_what_the_api_reads() {
        let mut all = graphite();
        all.kind = SourceKind::Prometheus;
        all.access = Access::Token;
        for (text, typed) in [
            (Text::Token, "t"),
            (Text::Offset, "90"),
            (Text::Timeout, "30s"),
            (Text::Concurrency, "8"),
            (Text::MaxAnswer, "64"),
            (Text::Scrape, "1 min"),
            (Text::Headers, "X-Scope-OrgID: team1\nX-Other:  a:b "),
        ] {
            all.texts[text as usize] = typed.to_owned();
        }
        let body = all.body().expect("all is right");
        let settings: SourceSettings = serde_json::from_value(body).expect("the API's own type reads it");
        assert_eq!(settings.offset, Some(atalaya_api::span::Span(90)));
        assert_eq!(settings.scrape_interval, Some(atalaya_api::span::Span(60)));
        assert_eq!((settings.concurrency, settings.max_answer_mib), (8, 64));
        assert_eq!(settings.headers["X-Other"], "a:b");
        assert_eq!(settings.token.as_deref(), Some("t"));
    }

    #[test]
    fn each_fault_stands_at_its_field() {
        let wrong = form(&[(Text::Timeout, "1h"), (Text::Concurrency, "0"), (Text::Headers, "no colon")]);
        let fields: Vec<String> = wrong.body().unwrap_err().into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["name", "id", "url", "timeout", "concurrency", "headers"]);
    }

    #[test]
    fn an_edit_names_what_changed_and_keeps_the_secret() {
        let mut before = graphite();
        before.access = Access::Password;
        before.texts[Text::Username as usize] = "ana".to_owned();
        before.texts[Text::Headers as usize] = "A: 1\nB: 2".to_owned();
        let mut after = before.clone();
        after.texts[Text::Headers as usize] = "A: 1".to_owned();
        after.texts[Text::Offset as usize] = "2m".to_owned();
        let patch = after.patch(&before, 3);
        assert_eq!(patch, Ok(json!({"headers": {"B": null}, "offset": "2m", "version": 3})));
    }

    #[test]
    fn a_secret_goes_with_its_access_or_on_demand() {
        let mut before = graphite();
        before.access = Access::Token;
        let without = SourceForm { access: Access::None, ..before.clone() };
        assert_eq!(without.patch(&before, 1), Ok(json!({"token": "", "version": 1})));
        assert_eq!(without.trial(&before).map(|body| body["token"].clone()), Ok(json!("")));
        assert_eq!(before.trial(&before).map(|body| body["token"].clone()), Ok(Value::Null));
        let mut dropped = SourceForm { drop_secret: true, ..before.clone() };
        assert_eq!(dropped.patch(&before, 1), Ok(json!({"token": "", "version": 1})));
        dropped.texts[Text::Token as usize] = "new".to_owned();
        assert_eq!(dropped.patch(&before, 1), Ok(json!({"token": "new", "version": 1})));
    }

    #[test]
    fn a_kept_source_fills_the_form_and_changes_nothing() {
        let settings = SourceSettings {
            id: "prom".to_owned(),
            kind: SourceKind::Prometheus,
            name: "Prom".to_owned(),
            url: "http://p:9090".to_owned(),
            timeout: atalaya_api::span::Span(30),
            has_token: true,
            ..SourceSettings::default()
        };
        let form = SourceForm::of(&settings);
        assert_eq!((form.access, form.text(Text::Timeout)), (Access::Token, "30s"));
        assert_eq!(form.patch(&form, 7), Ok(json!({"version": 7})));
    }

    #[test]
    fn a_short_name_is_proposed_from_the_name() {
        assert_eq!(propose_id("Graphite Bogotá (núcleo)"), "graphite-bogota-nucleo");
        assert_eq!(propose_id("  ¡Ñandú!  "), "nandu");
        assert!(propose_id(&"a ".repeat(60)).len() <= 40);
    }
}
