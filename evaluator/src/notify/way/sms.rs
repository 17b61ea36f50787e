//! Text messages through an HTTP gateway that is asked as Kannel's `sendsms` is (Kannel 1.4.5, user guide, "SMS Push").

use std::time::Duration;

use atalaya_api::receiver::SmsWay;
use atalaya_api::settings::PhoneList;

use super::asking::ask;
use super::brief::{TextOf, abbreviated};
use super::gsm7;
use crate::domain::{Message, Secret, Texts, phone_number};
use crate::notify::{Failure, Way};
use crate::source::remote::Unusable;
use crate::source::remote::http::{Form, Outgoing, Place, Quoter, Reach, Request, encode};

/// How what the gateway says of a message that it took begins: now, later, and, where it is told to answer at once, without knowing. It may add
/// into how many parts it cut it, and whom it denied it to.
const TAKEN: [&str; 3] = ["0: Accepted for delivery", "3: Queued for later delivery", "Sent."];

/// Bytes of an answer: one line is usual.
const MAX_ANSWER: usize = 64 << 10;

/// A gateway may ask the network before it answers.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A text that is too long is tried with names of so many characters, before its end is cut.
const NAMES: [usize; 7] = [80, 60, 48, 36, 28, 20, 12];

/// A gateway, and who is told through it.
pub struct Sms {
    way: SmsWay,
    /// Once each, in order.
    numbers: Vec<String>,
    place: Place,
    password: String,
    outgoing: Outgoing,
    quoter: Quoter,
    text: TextOf,
}

impl Sms {
    /// `lists`: all that there are; `text`: how a message reads, whatever its length.
    ///
    /// # Errors
    /// A setting cannot be used: its field, and what would be right.
    pub fn new(way: &SmsWay, secret: &Secret, lists: &[PhoneList], text: TextOf) -> Result<Self, Unusable> {
        let place = Place::parse(&way.url, "sms.url")?;
        let numbers = numbers(way, lists)?;
        // The password goes into the query, and must not come back in anybody's words.
        let password = secret.password.clone().unwrap_or_default();
        let quoter = Quoter::hiding([password.clone(), encode(&password)]);
        // A connection that was kept may break before the gateway hears us, and nobody could tell that from after.
        let reach = Reach {
            timeout: TIMEOUT,
            connections: 0,
            max_answer: MAX_ANSWER,
            glimpse: true,
            ..Reach::default()
        };
        let outgoing = Outgoing::new(&reach)?;
        Ok(Sms { way: way.clone(), numbers, place, password, outgoing, quoter, text })
    }

    fn request(&self, message: &Message) -> Request {
        let mut form = Form::default();
        if !self.way.username.is_empty() {
            form = form.with("username", &self.way.username).with("password", &self.password);
        }
        form = form.with("to", self.numbers.join(" "));
        for (name, value) in [("from", &self.way.from), ("smsc", &self.way.smsc)] {
            if !value.is_empty() {
                form = form.with(name, value);
            }
        }
        // 0: GSM-7, 2: UCS-2; the gateway makes either from UTF-8.
        let coding = if self.way.unicode { "2" } else { "0" };
        form = form.with("coding", coding).with("charset", "UTF-8");
        self.place.get("", &form.with("text", self.text(message))).once()
    }

    /// As it is sent.
    fn text(&self, message: &Message) -> String {
        fitting(message, &self.text, self.way.unicode)
    }
}

impl Way for Sms {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        let request = self.request(message);
        let received = ask(&self.outgoing, &self.quoter, &request)?;
        let answer = self.quoter.answer(&received.body);
        if is_taken(&answer) { Ok(answer) } else { Err(not_taken(&request.shown, answer)) }
    }
}

/// By at least one of the numbers: again would be twice for those, and they are to hear how it ends. Whom it was denied to stays in the answer.
fn is_taken(answer: &str) -> bool {
    let more = TAKEN.iter().find_map(|taken| answer.strip_prefix(taken));
    more.is_some_and(|more| more.is_empty() || more.starts_with(' '))
}

/// A good status with other words is no success: many gateways say so that a message was refused.
fn not_taken(shown: &str, answer: String) -> Failure {
    let quote = Quoter::default().text(&answer);
    let words = Texts {
        en: format!("{shown} answered \"{quote}\" instead of \"{}\"", TAKEN[0]),
        es: format!("{shown} respondió «{quote}» en vez de «{}»", TAKEN[0]),
    };
    Failure::Retryable { words, answer, after: None }
}

/// The text of a message, short enough for one SMS: names are shortened first, so that severity, value and time stay.
pub fn fitting(message: &Message, text: &TextOf, unicode: bool) -> String {
    let whole = alphabet(text(message), unicode);
    if fits(&whole, unicode) {
        return whole;
    }
    let shorter = NAMES.iter().map(|longest| alphabet(text(&abbreviated(message, *longest)), unicode));
    let mut last = whole;
    for text in shorter {
        if fits(&text, unicode) {
            return text;
        }
        last = text;
    }
    cut(last, unicode)
}

fn alphabet(text: String, unicode: bool) -> String {
    if unicode { text } else { gsm7::written(&text) }
}

fn fits(text: &str, unicode: bool) -> bool {
    if unicode { gsm7::units(text) <= gsm7::LONGEST_UCS2 } else { gsm7::septets(text) <= gsm7::LONGEST }
}

/// Without its end.
fn cut(mut text: String, unicode: bool) -> String {
    let longest = if unicode { gsm7::LONGEST_UCS2 } else { gsm7::LONGEST };
    let mut length = 0;
    let beyond = text.char_indices().find(|(_, one)| {
        length += if unicode { one.len_utf16() } else { gsm7::septets_of(*one) };
        length > longest
    });
    if let Some((end, _)) = beyond {
        text.truncate(end);
    }
    text.truncate(text.trim_end().len());
    text
}

/// Those of the way and of its lists, once each.
fn numbers(way: &SmsWay, lists: &[PhoneList]) -> Result<Vec<String>, Unusable> {
    let mut all = Vec::new();
    let own = way.numbers.iter().enumerate().map(|(at, number)| (format!("sms.numbers[{at}]"), number));
    let mut named = Vec::new();
    for (at, name) in way.lists.iter().enumerate() {
        let field = format!("sms.lists[{at}]");
        let list = lists.iter().find(|list| list.name == *name).ok_or_else(|| no_list(&field, name))?;
        named.extend(list.numbers.iter().map(|number| (field.clone(), number)));
    }
    for (field, number) in own.chain(named) {
        let kept = phone_number(number).ok_or_else(|| no_number(field, number))?;
        if !all.contains(&kept) {
            all.push(kept);
        }
    }
    if all.is_empty() {
        let (en, es) = (
            "there is nobody to tell: a number or a list is needed",
            "no hay a quién avisar: hace falta un número o una lista",
        );
        return Err(Unusable::new("sms.numbers", en, es));
    }
    Ok(all)
}

fn no_list(field: &str, name: &str) -> Unusable {
    let name = Quoter::default().text(name);
    Unusable::new(
        field,
        format!("there is no phone list named \"{name}\" in the settings"),
        format!("en los ajustes no hay ninguna lista de teléfonos llamada «{name}»"),
    )
}

fn no_number(field: String, number: &str) -> Unusable {
    let number = Quoter::default().text(number);
    Unusable::new(
        field,
        format!(
            "\"{number}\" is no phone number: 3 to 15 digits with an optional + before them, e.g. +34600123123"
        ),
        format!(
            "«{number}» no es un número de teléfono: de 3 a 15 cifras con un + opcional delante, p. ej. +34600123123"
        ),
    )
}

#[cfg(test)]
#[path = "sms_tests.rs"]
mod tests;
