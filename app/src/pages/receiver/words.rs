//! The words of a receiver's fields.

use std::borrow::Cow;

use atalaya_api::receiver::ReceiverKind;
use leptos::prelude::*;

use crate::logic::receiver::Text;
use crate::prefs::Prefs;

/// A template of own words; not in the locales, whose own signs it would be taken for.
const EXAMPLE: &str = "{{ severity }}: {{ name }} {{ value }}";

/// The input's type.
pub fn kind_of(text: Text) -> &'static str {
    match text {
        Text::Url => "url",
        Text::Secret => "password",
        _ => "text",
    }
}

/// What the field is called; tracks the language.
pub fn label(prefs: Prefs, text: Text, kind: ReceiverKind) -> &'static str {
    match text {
        Text::Name => said!(prefs, pages.source.name),
        Text::Id => said!(prefs, pages.source.id),
        Text::Host => said!(prefs, telling.receiver.host),
        Text::Port => said!(prefs, telling.receiver.port),
        Text::Url => said!(prefs, pages.source.url),
        Text::Username => said!(prefs, pages.source.username),
        Text::Secret if kind == ReceiverKind::Webhook => said!(prefs, telling.receiver.key),
        Text::Secret => said!(prefs, pages.source.password),
        Text::From => said!(prefs, telling.receiver.sender),
        Text::To => said!(prefs, telling.receiver.to),
        Text::Smsc => said!(prefs, telling.receiver.smsc),
        Text::Numbers => said!(prefs, telling.receiver.numbers),
        Text::Application => said!(prefs, telling.receiver.application),
        Text::Object => said!(prefs, telling.receiver.object),
        Text::Group => said!(prefs, telling.receiver.group),
        Text::Node => said!(prefs, telling.receiver.node),
        Text::Ca => said!(prefs, pages.source.ca),
        Text::Remind => said!(prefs, telling.receiver.remind),
        Text::Messages => said!(prefs, telling.receiver.messages),
        Text::Per => said!(prefs, telling.receiver.per),
        Text::Title => said!(prefs, telling.receiver.subject),
        Text::Words => said!(prefs, telling.receiver.text),
    }
}

/// What stands below it; tracks the language.
pub fn help(prefs: Prefs, text: Text, kind: ReceiverKind) -> Cow<'static, str> {
    if text == Text::Words {
        return said!(prefs, telling.receiver.text_help, example = EXAMPLE).to_string().into();
    }
    let words = match (text, kind) {
        (Text::Name, _) => said!(prefs, telling.receiver.name_help),
        (Text::Id, _) => said!(prefs, pages.source.id_help),
        (Text::Host, _) => said!(prefs, telling.receiver.host_help),
        (Text::Url, ReceiverKind::Sms) => said!(prefs, telling.receiver.url_sms),
        (Text::Url, ReceiverKind::Alertmanager) => said!(prefs, telling.receiver.url_alertmanager),
        (Text::Url, _) => said!(prefs, telling.receiver.url_webhook),
        (Text::Username, ReceiverKind::Sms) => "",
        (Text::Username, _) => said!(prefs, telling.receiver.username_help),
        (Text::Secret, ReceiverKind::Webhook) => said!(prefs, telling.receiver.key_help),
        (Text::From, ReceiverKind::Sms) => said!(prefs, telling.receiver.sender_sms),
        (Text::From, _) => said!(prefs, telling.receiver.sender_help),
        (Text::To, _) => said!(prefs, telling.receiver.to_help),
        (Text::Smsc, _) => said!(prefs, telling.receiver.smsc_help),
        (Text::Numbers, _) => said!(prefs, telling.phones.numbers_help),
        (Text::Object, _) => said!(prefs, telling.receiver.object_help),
        (Text::Application | Text::Group, _) => said!(prefs, telling.receiver.bytes_help),
        (Text::Ca, _) => said!(prefs, telling.receiver.ca_help),
        (Text::Remind, _) => said!(prefs, telling.receiver.remind_help),
        (Text::Messages, _) => said!(prefs, telling.receiver.messages_help),
        (Text::Per, _) => said!(prefs, telling.receiver.per_help),
        (Text::Title, _) => said!(prefs, telling.receiver.subject_help),
        _ => "",
    };
    words.into()
}
