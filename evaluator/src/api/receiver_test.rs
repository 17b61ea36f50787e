//! Test messages, and what messages would say.

use atalaya_api::receiver::{MessagePreview, PreviewedMessage, ReceiverDraft, ReceiverKind, ReceiverTest};
use atalaya_api::settings::Settings;

use crate::clock::Meter;
use crate::domain::{Message, ReceiverConfig, Secret, Texts};
use crate::notify::way::{briefly, fitting, gsm7};
use crate::notify::{Around, connect, samples};

use super::problem::{Fault, Language, words};
use super::{Services, receiver_check, settings};

/// What ways must know besides their receivers.
pub fn around(services: &Services, settings: &Settings) -> Around {
    let config = &services.config;
    Around::of(settings, &config.address(), config.notify.opcmsg().map(ToOwned::to_owned))
}

/// Sends a test message. None: too many are under way.
///
/// # Errors
/// The store's.
pub fn test(
    services: &Services,
    receiver: &ReceiverConfig,
    secret: &Secret,
    language: Language,
) -> Result<Option<ReceiverTest>, Fault> {
    let around = around(services, &settings::load(&*services.store)?);
    let Some(_turn) = services.tests.take(&receiver.receiver.id) else { return Ok(None) };
    let way = match connect(receiver, secret, &around) {
        Ok(way) => way,
        Err(wrong) => {
            let why = format!("{}: {}", wrong.field, wrong.words.in_language(language.tag()));
            return Ok(Some(nobody_asked(&why)));
        }
    };
    let now = services.now().wall;
    let message = samples::test(format!("test-{}-{}", receiver.receiver.id, now.0), now);
    let meter = Meter::start();
    let sent = way.send(&message);
    let took_ms = meter.read().0.as_millis() as u64;
    let (ok, said, answer) = match sent {
        Ok(answer) => (true, taken(took_ms), answer),
        Err(failure) => (false, failure.words().clone(), failure.answer().to_owned()),
    };
    Ok(Some(ReceiverTest { ok, message: said.in_language(language.tag()).to_owned(), answer, took_ms }))
}

fn taken(took_ms: u64) -> Texts {
    words(
        format!("The test message was taken in {took_ms} ms. Now look whether it arrived."),
        format!("El mensaje de prueba se aceptó en {took_ms} ms. Compruebe ahora si ha llegado."),
    )
}

/// A test that sent nothing.
pub fn nobody_asked(why: &str) -> ReceiverTest {
    ReceiverTest { ok: false, message: why.to_owned(), answer: String::new(), took_ms: 0 }
}

/// What would be said. Only language, kind and words are looked at: the rest may not be filled in yet.
///
/// # Errors
/// 422: a template is wrong.
pub fn preview(services: &Services, draft: &ReceiverDraft) -> Result<MessagePreview, Fault> {
    let around = around(services, &settings::load(&*services.store)?);
    receiver_check::wording(draft, &around).map_err(Fault::invalid)?;
    let previews = samples::previews(services.now().wall).into_iter();
    let messages = previews.map(|(of, message)| previewed(of, &message, draft, &around));
    Ok(MessagePreview { messages: messages.collect::<Result<_, _>>()? })
}

fn previewed(
    of: &str,
    message: &Message,
    draft: &ReceiverDraft,
    around: &Around,
) -> Result<PreviewedMessage, Fault> {
    let config = receiver_check::config(draft);
    let wording = || around.wording(&config).map_err(|wrong| Fault::invalid(vec![wrong.into()]));
    let (title, of) = (wording()?.title(message), of.to_owned());
    let (text, parts, unicode) = match draft.kind {
        ReceiverKind::Sms => {
            let unicode = draft.sms.as_ref().is_some_and(|way| way.unicode);
            let text = fitting(message, &briefly(wording()?), unicode);
            let (length, one) = if unicode {
                (gsm7::units(&text), gsm7::LONGEST_UCS2)
            } else {
                (gsm7::septets(&text), gsm7::LONGEST)
            };
            (text, length.div_ceil(one).max(1) as u32, unicode)
        }
        ReceiverKind::Ovo => (briefly(wording()?)(message), 0, false),
        ReceiverKind::Alertmanager => {
            let wording = wording()?;
            (wording.own_text(message).unwrap_or_else(|| wording.title(message)), 0, false)
        }
        ReceiverKind::Email | ReceiverKind::Webhook => (wording()?.text(message), 0, false),
    };
    Ok(PreviewedMessage { of, title, text, parts, unicode })
}
