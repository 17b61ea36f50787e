use super::*;

fn form(kind: ReceiverKind, texts: &[(Text, &str)]) -> ReceiverForm {
    let mut form = ReceiverForm::of(&ReceiverDraft { kind, ..ReceiverDraft::default() });
    for (text, typed) in texts {
        form.texts[*text as usize] = (*typed).to_owned();
    }
    form
}

fn named(kind: ReceiverKind, texts: &[(Text, &str)]) -> ReceiverForm {
    form(kind, &[&[(Text::Name, "Guardia"), (Text::Id, "guardia")], texts].concat())
}

fn draft(form: &ReceiverForm) -> ReceiverDraft {
    serde_json::from_value(form.body().expect("nothing is wrong")).expect("the API's own type reads it")
}

#[test]
fn each_kind_sends_its_own_way_and_no_other() {
    let mail = named(
        ReceiverKind::Email,
        &[(Text::Host, "mail"), (Text::From, "a@x"), (Text::To, "b@x\n c@x, d@x"), (Text::Secret, "s3")],
    );
    let draft = draft(&mail);
    let way = draft.email.expect("its way");
    assert_eq!((way.port, way.to.len(), draft.secret.as_deref()), (587, 3, Some("s3")));
    assert!(draft.sms.is_none() && draft.remind_every.is_none() && draft.rate.is_none());
}

#[test]
fn every_field_of_every_kind_comes_back_as_it_was_typed() {
    for kind in ReceiverKind::ALL {
        let mut typed = named(kind, &[(Text::Remind, "4h"), (Text::Messages, "10"), (Text::Per, "1m")]);
        for text in Text::ALL.into_iter().filter(|text| text.place(kind) == Place::Way) {
            let example = match text {
                Text::Port => "2525",
                Text::Numbers => "+34600123123\n600123124",
                _ => "http://a.example",
            };
            typed.texts[text as usize] = example.to_owned();
        }
        typed.version = 7;
        assert_eq!(ReceiverForm::of(&draft(&typed)), typed, "{kind:?}");
    }
}

#[test]
fn each_fault_stands_at_its_field() {
    let fields = |form: ReceiverForm| -> Vec<String> {
        form.body().unwrap_err().into_iter().map(|wrong| wrong.field).collect()
    };
    assert_eq!(fields(form(ReceiverKind::Email, &[])), ["name", "id", "host", "from", "to"]);
    assert_eq!(fields(named(ReceiverKind::Sms, &[(Text::Numbers, "6OO")])), ["url", "numbers"]);
    let wrong = [(Text::Url, "http://h"), (Text::Remind, "1m"), (Text::Messages, "0"), (Text::Per, "2d")];
    let wrong = fields(named(ReceiverKind::Webhook, &wrong));
    assert_eq!(wrong, ["remind_every", "rate.messages", "rate.per"]);
}

#[test]
fn a_phone_list_stands_for_numbers() {
    let mut sms = named(ReceiverKind::Sms, &[(Text::Url, "http://g"), (Text::Username, "u")]);
    assert!(sms.body().is_err());
    sms.lists.push("Turno".to_owned());
    assert_eq!(draft(&sms).sms.expect("its way").lists, ["Turno"]);
}

#[test]
fn a_secret_stays_is_replaced_or_goes() {
    let mut hook = named(ReceiverKind::Webhook, &[(Text::Url, "http://h")]);
    assert_eq!(draft(&hook).secret, None);
    hook.drop_secret = true;
    assert_eq!(draft(&hook).secret.as_deref(), Some(""));
    hook.texts[Text::Secret as usize] = "whsec_x".to_owned();
    assert_eq!(draft(&hook).secret.as_deref(), Some("whsec_x"));
}

#[test]
fn words_are_previewed_before_the_rest_is_filled_in() {
    for kind in ReceiverKind::ALL {
        let form = form(kind, &[(Text::Words, "{{ name }}"), (Text::Messages, "many")]);
        let read: ReceiverDraft = serde_json::from_value(form.preview()).expect("a receiver");
        assert_eq!(read.words.text, "{{ name }}");
    }
}
