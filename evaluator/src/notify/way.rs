//! The ways to tell: one trait, whatever is at the far end.

mod alertmanager;
mod asking;
mod brief;
mod email;
pub mod gsm7;
mod ovo;
mod program;
mod sms;
mod smtp;
mod webhook;

use std::path::PathBuf;
use std::time::Duration;

use atalaya_api::receiver::ReceiverKind;
use atalaya_api::settings::{PhoneList, Settings};

use crate::domain::{Message, ReceiverConfig, Secret, Texts, Wrong};

use super::words::{Manner, Wording};

pub use alertmanager::{Alertmanager, Facing};
pub use brief::{Brief, TextOf};
pub use email::address;
pub use ovo::Ovo;
pub use sms::{Sms, fitting};

/// A receiver that can be told. Blocks; each receiver has a thread of its own.
pub trait Way: Send {
    /// Tells it, and gives back what the far end answered, as it did, at most 2,000 characters. A message that is sent again has the same
    /// key, and says so where the far end can use it.
    ///
    /// # Errors
    /// It was not taken, or nobody can tell whether it was.
    fn send(&self, message: &Message) -> Result<String, Failure>;

    /// How often what stands is to be said again so that the far end does not forget it; none: it does not forget.
    fn refresh_every(&self) -> Option<Duration> {
        None
    }
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may be taken later: after this long, if the far end said so.
    Retryable { words: Texts, answer: String, after: Option<Duration> },
    /// It was handed over, and nobody can tell whether it was taken: it is sent again.
    Unclear { words: Texts, answer: String },
    /// The far end works, and took it for some of those it is for. The others may get it later: it is sent again to them.
    Partly { words: Texts, answer: String },
    /// It will never be taken as it is.
    Permanent { words: Texts, answer: String },
}

impl Failure {
    pub fn words(&self) -> &Texts {
        match self {
            Failure::Retryable { words, .. }
            | Failure::Unclear { words, .. }
            | Failure::Partly { words, .. }
            | Failure::Permanent { words, .. } => words,
        }
    }

    /// What the far end answered; empty: nothing.
    pub fn answer(&self) -> &str {
        match self {
            Failure::Retryable { answer, .. }
            | Failure::Unclear { answer, .. }
            | Failure::Partly { answer, .. }
            | Failure::Permanent { answer, .. } => answer,
        }
    }
}

/// What a way must know besides its receiver.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Where people find Atalaya, for links.
    pub public_url: String,
    /// Of messages to a receiver that has none of its own: `es` or `en`.
    pub language: String,
    /// IANA name.
    pub time_zone: String,
    pub phone_lists: Vec<PhoneList>,
    /// The program, from the configuration file; none: there is none.
    pub opcmsg: Option<PathBuf>,
}

impl Around {
    /// `address`: where Atalaya listens, for links while the settings name no address.
    pub fn of(settings: &Settings, address: &str, opcmsg: Option<PathBuf>) -> Self {
        let public_url = settings.public_url.trim();
        Around {
            public_url: if public_url.is_empty() { address } else { public_url }.to_owned(),
            language: settings.language.clone(),
            time_zone: settings.time_zone.clone(),
            phone_lists: settings.phone_lists.clone(),
            opcmsg,
        }
    }

    /// How this receiver is spoken to, and in which words.
    ///
    /// # Errors
    /// A template of its own is none.
    pub fn wording(&self, receiver: &ReceiverConfig) -> Result<Wording, Wrong> {
        let draft = &receiver.receiver;
        let language = draft.language.as_deref().unwrap_or(&self.language);
        Wording::new(&draft.words, Manner::new(language, &self.time_zone, &self.public_url))
    }
}

/// From a receiver as it is kept to the receiver. Reaches nobody yet.
///
/// # Errors
/// A setting cannot be used: its field, and what would be right.
pub fn connect(receiver: &ReceiverConfig, secret: &Secret, around: &Around) -> Result<Box<dyn Way>, Wrong> {
    let draft = &receiver.receiver;
    let wording = around.wording(receiver)?;
    let is_missing = || missing(draft.kind);
    Ok(match draft.kind {
        ReceiverKind::Email => Box::new(email::Email::new(draft, secret, wording)?),
        ReceiverKind::Webhook => Box::new(webhook::Webhook::new(draft, secret, wording)?),
        ReceiverKind::Sms => {
            let way = draft.sms.as_ref().ok_or_else(is_missing)?;
            Box::new(Sms::new(way, secret, &around.phone_lists, briefly(wording))?)
        }
        ReceiverKind::Ovo => {
            let way = draft.ovo.as_ref().ok_or_else(is_missing)?;
            Box::new(Ovo::new(way, around.opcmsg.as_deref(), briefly(wording))?)
        }
        ReceiverKind::Alertmanager => {
            let way = draft.alertmanager.as_ref().ok_or_else(is_missing)?;
            let (language, public_url) =
                (wording.manner().language.clone(), wording.manner().public_url.clone());
            let text: TextOf =
                Box::new(move |message| wording.own_text(message).unwrap_or_else(|| wording.title(message)));
            Box::new(Alertmanager::new(way, secret, Facing { text, language, public_url })?)
        }
    })
}

/// For ways that have no room: the text of one's own, or the usual in one short line.
pub fn briefly(wording: Wording) -> TextOf {
    let manner = wording.manner();
    let brief = Brief { language: manner.language.clone(), zone: manner.zone.clone() };
    Box::new(move |message| wording.own_text(message).unwrap_or_else(|| brief.text(message)))
}

/// The settings of a way, which a receiver of its kind has.
fn missing(kind: ReceiverKind) -> Wrong {
    let kind = kind.name();
    Wrong::new(
        kind,
        format!("is missing: a receiver of kind {kind} says here how it is reached"),
        format!("falta: un destino de tipo {kind} dice aquí cómo se llega a él"),
    )
}
