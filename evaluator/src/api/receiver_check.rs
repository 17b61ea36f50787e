//! Whether a receiver as written makes sense. Everything that is wrong is told at once.

use atalaya_api::receiver::{
    AlertmanagerWay, EmailWay, OvoWay, ReceiverDraft, ReceiverKind, SmsWay, WebhookWay,
};
use atalaya_api::settings::Settings;
use atalaya_api::span::Span;

use crate::domain::{Millis, ReceiverConfig, Secret};
use crate::notify::{Around, connect, samples};
use crate::source::remote::http::{Place, Unusable, checked, forbidden};

use super::faults::Faults;
use super::phones;
use super::problem::{Fault, FieldFault, clipped};

/// Addresses of the API that no receiver may take.
const RESERVED: [&str; 2] = ["test", "preview"];
const LONGEST_ID: usize = 40;
const LONGEST_NAME: usize = 100;
const LONGEST_HOST: usize = 253;
const LONGEST_LOGIN: usize = 200;
const LONGEST_SECRET: usize = 8_000;
const LONGEST_ADDRESS: usize = 320;
const LONGEST_PEM: usize = 200_000;
const MOST_TOLD: usize = 100;
/// Of `opcmsg`, bytes.
const LONGEST_FIELD: usize = 32;

/// Whether a receiver can be kept as this. `secret`: what it will have.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check(
    draft: &ReceiverDraft,
    secret: &Secret,
    settings: &Settings,
    around: &Around,
) -> Result<(), Fault> {
    let mut faults = Faults::default();
    check_id(&draft.id, &mut faults);
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        faults.add(
            "name",
            format!("must have 1 to {LONGEST_NAME} characters, on one line"),
            format!("debe tener de 1 a {LONGEST_NAME} caracteres, en una línea"),
        );
    }
    check_limits(draft, &mut faults);
    check_reach(draft, secret, settings, &mut faults);
    faults.0.extend(wording(draft, around).err().into_iter().flatten());
    usable(draft, secret, around, faults)
}

/// Whether somebody can be told this way, kept or not.
///
/// # Errors
/// 422 that names every field at fault.
pub fn check_test(
    draft: &ReceiverDraft,
    secret: &Secret,
    settings: &Settings,
    around: &Around,
) -> Result<(), Fault> {
    let mut faults = Faults::default();
    check_reach(draft, secret, settings, &mut faults);
    faults.0.extend(wording(draft, around).err().into_iter().flatten());
    usable(draft, secret, around, faults)
}

/// Whether its words are templates, and in a language that there is.
///
/// # Errors
/// The fields at fault.
pub fn wording(draft: &ReceiverDraft, around: &Around) -> Result<(), Vec<FieldFault>> {
    let mut faults = Vec::new();
    if draft.language.as_deref().is_some_and(|language| !["en", "es"].contains(&language)) {
        faults.push(FieldFault::new("language", "must be en or es", "debe ser en o es"));
    }
    match around.wording(&config(draft)) {
        Ok(wording) => {
            // What is wrong with one of them is usually wrong with each.
            let tried = samples::previews(Millis(0))
                .into_iter()
                .find_map(|(_, message)| wording.tried(&message).err());
            faults.extend(tried.map(FieldFault::from));
        }
        Err(wrong) => faults.push(wrong.into()),
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// As it would be kept; who changed it when is nobody's business here.
pub fn config(draft: &ReceiverDraft) -> ReceiverConfig {
    ReceiverConfig {
        receiver: draft.clone(),
        updated_at: Millis(0),
        updated_by: String::new(),
        deleted_at: None,
    }
}

/// What only the way itself knows to be wrong, if nothing else is.
fn usable(draft: &ReceiverDraft, secret: &Secret, around: &Around, mut faults: Faults) -> Result<(), Fault> {
    if faults.0.is_empty() {
        faults.0.extend(connect(&config(draft), secret, around).err().map(FieldFault::from));
    }
    faults.done()
}

fn check_id(id: &str, faults: &mut Faults) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(plain) {
        faults.add(
            "id",
            format!("must have 1 to {LONGEST_ID} characters of a-z, 0-9 and -"),
            format!("debe tener de 1 a {LONGEST_ID} caracteres de a-z, 0-9 y -"),
        );
    } else if RESERVED.contains(&id) {
        faults.add(
            "id",
            format!("{id} is taken by Atalaya itself; choose another"),
            format!("{id} está reservado por el propio Atalaya; elija otro"),
        );
    }
}

fn check_limits(draft: &ReceiverDraft, faults: &mut Faults) {
    if let Some(every) = draft.remind_every {
        faults.within("remind_every", every, Span(300)..=Span(7 * 86_400));
    }
    if let Some(rate) = draft.rate {
        faults.within("rate.messages", rate.messages, 1..=10_000);
        faults.within("rate.per", rate.per, Span::SECOND..=Span::DAY);
    }
}

/// That there is the way of its kind and no other, and what it holds.
fn check_reach(draft: &ReceiverDraft, secret: &Secret, settings: &Settings, faults: &mut Faults) {
    let ways = [
        (ReceiverKind::Email, draft.email.is_some()),
        (ReceiverKind::Sms, draft.sms.is_some()),
        (ReceiverKind::Ovo, draft.ovo.is_some()),
        (ReceiverKind::Webhook, draft.webhook.is_some()),
        (ReceiverKind::Alertmanager, draft.alertmanager.is_some()),
    ];
    for (kind, is_there) in ways {
        let (field, own) = (kind.name(), draft.kind.name());
        if kind == draft.kind && !is_there {
            faults.add(
                field,
                format!("is missing: a receiver of kind {own} says here how it is reached"),
                format!("falta: un destino de tipo {own} dice aquí cómo se llega a él"),
            );
        } else if kind != draft.kind && is_there {
            faults.add(
                field,
                format!("must be left out: the receiver is of kind {own}"),
                format!("debe omitirse: el destino es de tipo {own}"),
            );
        }
    }
    check_secret(secret, faults);
    match draft.kind {
        ReceiverKind::Email => draft.email.iter().for_each(|way| check_email(way, secret, faults)),
        ReceiverKind::Sms => draft.sms.iter().for_each(|way| check_sms(way, settings, faults)),
        ReceiverKind::Ovo => draft.ovo.iter().for_each(|way| check_ovo(way, faults)),
        ReceiverKind::Webhook => draft.webhook.iter().for_each(|way| check_webhook(way, faults)),
        ReceiverKind::Alertmanager => {
            draft.alertmanager.iter().for_each(|way| check_alertmanager(way, secret, faults));
        }
    }
}

fn check_secret(secret: &Secret, faults: &mut Faults) {
    let password = secret.password.as_deref().unwrap_or_default();
    if password.chars().any(char::is_control) || password.len() > LONGEST_SECRET {
        faults.add("secret", "must be on one line", "debe ir en una línea");
    }
}

fn check_email(way: &EmailWay, secret: &Secret, faults: &mut Faults) {
    check_host(&way.host, faults);
    if way.port == 0 {
        let (en, es) = (
            "must be from 1 to 65535; usual are 587 for STARTTLS, 465 for TLS, 25 for neither",
            "debe ser de 1 a 65535; lo habitual es 587 con STARTTLS, 465 con TLS, 25 sin cifrado",
        );
        faults.add("email.port", en, es);
    }
    check_login("email.username", &way.username, secret, faults);
    let from = std::iter::once(("email.from".to_owned(), &way.from));
    let to = way.to.iter().enumerate().map(|(place, to)| (format!("email.to[{place}]"), to));
    for (field, text) in from.chain(to.take(MOST_TOLD)) {
        if text.len() > LONGEST_ADDRESS {
            faults.add(
                &field,
                format!("must have at most {LONGEST_ADDRESS} characters"),
                format!("debe tener como mucho {LONGEST_ADDRESS} caracteres"),
            );
        } else if let Err(wrong) = crate::notify::way::address(text, &field) {
            faults.0.push(wrong.into());
        }
    }
    if way.to.is_empty() || way.to.len() > MOST_TOLD {
        faults.add(
            "email.to",
            format!("must be 1 to {MOST_TOLD} addresses"),
            format!("deben ser de 1 a {MOST_TOLD} direcciones"),
        );
    }
    check_pem("email.ca_pem", &way.ca_pem, faults);
}

fn check_host(host: &str, faults: &mut Faults) {
    let host = host.trim();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(ip) = bare.parse() {
        if let Some((en, es)) = forbidden(ip) {
            faults.add(
                "email.host",
                format!("this address is never asked: it is {en}"),
                format!("a esta dirección no se pregunta nunca: es {es}"),
            );
        }
        return;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || ['-', '.', '_'].contains(&c);
    if host.is_empty()
        || host.len() > LONGEST_HOST
        || !host.chars().all(plain)
        || host.starts_with(['.', '-'])
    {
        faults.add(
            "email.host",
            "must be the name of a mail server such as mail.example.org, without port or scheme",
            "debe ser el nombre de un servidor de correo como mail.example.org, sin puerto ni esquema",
        );
    }
}

fn check_login(field: &str, username: &str, secret: &Secret, faults: &mut Faults) {
    if username.chars().count() > LONGEST_LOGIN || username.chars().any(char::is_control) {
        faults.add(
            field,
            format!("must have at most {LONGEST_LOGIN} characters, on one line"),
            format!("debe tener como mucho {LONGEST_LOGIN} caracteres, en una línea"),
        );
    } else if username.trim().is_empty() && secret.password.is_some() {
        faults.add(field, "is missing: a password is set", "falta: hay una contraseña puesta");
    }
}

fn check_sms(way: &SmsWay, settings: &Settings, faults: &mut Faults) {
    check_place("sms.url", &way.url, faults);
    for (field, text) in [("sms.username", &way.username), ("sms.from", &way.from), ("sms.smsc", &way.smsc)] {
        if text.chars().count() > LONGEST_LOGIN || text.chars().any(char::is_control) {
            faults.add(
                field,
                format!("must have at most {LONGEST_LOGIN} characters, on one line"),
                format!("debe tener como mucho {LONGEST_LOGIN} caracteres, en una línea"),
            );
        }
    }
    if way.numbers.is_empty() && way.lists.is_empty() {
        faults.add(
            "sms.numbers",
            "must hold at least one number, or sms.lists a list",
            "debe tener al menos un número, o sms.lists una lista",
        );
    }
    for (field, count) in [("sms.numbers", way.numbers.len()), ("sms.lists", way.lists.len())] {
        if count > MOST_TOLD {
            faults.add(
                field,
                format!("must be at most {MOST_TOLD}"),
                format!("deben ser como mucho {MOST_TOLD}"),
            );
        }
    }
    for (place, number) in way.numbers.iter().enumerate().take(MOST_TOLD) {
        if phones::number(number).is_none() {
            let (en, es) = phones::not_a_number(number);
            faults.add(&format!("sms.numbers[{place}]"), en, es);
        }
    }
    let known: Vec<&str> = settings.phone_lists.iter().map(|list| list.name.as_str()).collect();
    for (place, name) in way.lists.iter().enumerate().take(MOST_TOLD) {
        if !known.contains(&name.as_str()) {
            let (name, all) = (clipped(name), known.join(", "));
            faults.add(
                &format!("sms.lists[{place}]"),
                format!("there is no phone list {name:?}; there are: {all}"),
                format!("no hay ninguna lista de teléfonos {name:?}; existen: {all}"),
            );
        }
    }
}

fn check_ovo(way: &OvoWay, faults: &mut Faults) {
    if way.application.trim().is_empty() {
        faults.add("ovo.application", "is missing", "falta");
    }
    let fields = [
        ("ovo.application", &way.application, LONGEST_FIELD),
        ("ovo.object", &way.object, LONGEST_FIELD),
        ("ovo.msg_group", &way.msg_group, LONGEST_FIELD),
        ("ovo.node", &way.node, LONGEST_HOST),
    ];
    for (field, text, longest) in fields {
        if text.len() > longest || text.chars().any(char::is_control) {
            faults.add(
                field,
                format!("must have at most {longest} bytes, on one line"),
                format!("debe tener como mucho {longest} bytes, en una línea"),
            );
        }
    }
}

fn check_webhook(way: &WebhookWay, faults: &mut Faults) {
    if let Err(Unusable { field, words }) = checked(&way.url, "webhook.url") {
        faults.add(&field, words.en, words.es);
    }
    check_pem("webhook.ca_pem", &way.ca_pem, faults);
}

fn check_alertmanager(way: &AlertmanagerWay, secret: &Secret, faults: &mut Faults) {
    check_place("alertmanager.url", &way.url, faults);
    check_login("alertmanager.username", &way.username, secret, faults);
    check_pem("alertmanager.ca_pem", &way.ca_pem, faults);
}

fn check_place(field: &str, url: &str, faults: &mut Faults) {
    if let Err(Unusable { field, words }) = Place::parse(url, field) {
        faults.add(&field, words.en, words.es);
    }
}

fn check_pem(field: &str, pem: &str, faults: &mut Faults) {
    if pem.trim().is_empty() {
        return;
    }
    if pem.len() > LONGEST_PEM {
        faults.add(
            field,
            format!("must have at most {LONGEST_PEM} characters"),
            format!("debe tener como mucho {LONGEST_PEM} caracteres"),
        );
    } else if let Err(Unusable { words, .. }) = crate::source::remote::http::roots(pem) {
        faults.add(field, words.en, words.es);
    }
}
