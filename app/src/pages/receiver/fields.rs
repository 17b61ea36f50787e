//! The fields of a receiver's form.

use atalaya_api::level::Severity;
use atalaya_api::receiver::{MailSecurity, ReceiverKind};
use atalaya_api::settings::Settings;
use leptos::prelude::*;

use super::Editor;
use super::words::{help, kind_of, label};
use crate::components::severity::{standing, word_of};
use crate::components::{Button, Kind, SelectField, SwitchField, TextField};
use crate::erase::{Show, derive, drawn, memo, watch};
use crate::fetched::fetched;
use crate::logic::receiver::{ReceiverForm, Text, security_name};
use crate::logic::source::propose_id;
use crate::pages::form::NoteField;
use crate::pages::notify::{kind_word, picks};
use crate::pages::wording::language_options;
use crate::prefs::use_prefs;

/// What few people need is folded away: how often, an authority of one's own, and own words.
const SELDOM: [Text; 4] = [Text::Remind, Text::Messages, Text::Per, Text::Ca];
const WORDS: [Text; 2] = [Text::Title, Text::Words];

/// The form as it is typed; made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Fields {
    pub kind: RwSignal<ReceiverKind>,
    texts: [RwSignal<String>; Text::COUNT],
    enabled: RwSignal<bool>,
    /// Its name, as the API has it.
    lowest: RwSignal<String>,
    changes: RwSignal<bool>,
    clears: RwSignal<bool>,
    language: RwSignal<String>,
    security: RwSignal<String>,
    lists: RwSignal<Vec<String>>,
    unicode: RwSignal<bool>,
    drop_secret: RwSignal<bool>,
    /// The short name follows the name until somebody types one.
    proposing: RwSignal<bool>,
    seldom: RwSignal<bool>,
    words: RwSignal<bool>,
    version: u64,
}

impl Fields {
    pub fn new(form: &ReceiverForm) -> Self {
        let filled = |texts: &[Text]| texts.iter().any(|text| !form.text(*text).is_empty());
        let fields = Fields {
            kind: RwSignal::new(form.kind),
            texts: Text::ALL.map(|text| RwSignal::new(form.texts[text as usize].clone())),
            enabled: RwSignal::new(form.enabled),
            lowest: RwSignal::new(form.lowest.name().to_owned()),
            changes: RwSignal::new(form.changes),
            clears: RwSignal::new(form.clears),
            language: RwSignal::new(form.language.clone()),
            security: RwSignal::new(security_name(form.security).to_owned()),
            lists: RwSignal::new(form.lists.clone()),
            unicode: RwSignal::new(form.unicode),
            drop_secret: RwSignal::new(false),
            proposing: RwSignal::new(form.version == 0),
            seldom: RwSignal::new(filled(&SELDOM)),
            words: RwSignal::new(filled(&WORDS)),
            version: form.version,
        };
        let name = fields.text(Text::Name);
        watch(
            move || name.get(),
            move |name| {
                if fields.proposing.get_untracked() {
                    fields.text(Text::Id).set(propose_id(name));
                }
            },
        );
        fields
    }

    fn text(self, text: Text) -> RwSignal<String> {
        self.texts[text as usize]
    }

    fn security(self) -> MailSecurity {
        let all = [MailSecurity::Tls, MailSecurity::None];
        self.security
            .with(|name| all.into_iter().find(|security| security_name(*security) == name))
            .unwrap_or_default()
    }

    /// What is typed; tracks.
    pub fn form(self) -> ReceiverForm {
        let lowest =
            self.lowest.with(|name| Severity::ALL.into_iter().find(|severity| severity.name() == name));
        ReceiverForm {
            kind: self.kind.get(),
            enabled: self.enabled.get(),
            lowest: lowest.unwrap_or(Severity::Warning),
            changes: self.changes.get(),
            clears: self.clears.get(),
            language: self.language.get(),
            security: self.security(),
            lists: self.lists.get(),
            unicode: self.unicode.get(),
            texts: self.texts.map(|text| text.get()),
            drop_secret: self.drop_secret.get(),
            version: self.version,
        }
    }

    /// Shows what is folded where a fault in it must be seen.
    pub fn unfold(self, is_wrong: impl Fn(&str) -> bool) {
        for (texts, open) in [(&SELDOM[..], self.seldom), (&WORDS[..], self.words)] {
            if texts.iter().any(|text| is_wrong(text.field())) {
                let _ = open.try_set(true);
            }
        }
    }
}

/// One text; what belongs to it follows from which it is.
fn line(editor: Editor, text: Text) -> AnyView {
    let (prefs, fields) = (use_prefs(), editor.fields);
    let kind = fields.kind;
    let value = fields.text(text);
    let error = editor.faults.of(text.field());
    if matches!(text, Text::To | Text::Numbers | Text::Ca | Text::Words) {
        return view! {
            <NoteField
                name=text.field()
                label=move || label(prefs, text, kind.get())
                help=move || help(prefs, text, kind.get())
                value
                error
            />
        }
        .into_any();
    }
    let typed = Callback::new(move |_: String| {
        editor.faults.forget(text.field());
        if text == Text::Id {
            fields.proposing.set(false);
        }
    });
    let usual = move || match text {
        Text::Port => ReceiverForm::usual_port(fields.security()).to_string(),
        Text::Per => "1m".to_owned(),
        _ => String::new(),
    };
    let secret = (text == Text::Secret).then(|| kept_secret(editor));
    view! {
        <TextField
            name=text.field()
            label=move || label(prefs, text, kind.get())
            help=move || help(prefs, text, kind.get())
            value
            error
            kind=kind_of(text)
            autocomplete="off"
            placeholder=usual
            typed
        />
        {secret}
    }
    .into_any()
}

#[component]
pub fn FormFields(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let (fields, is_new) = (editor.fields, editor.is_new());
    let severities = derive(move || {
        let option =
            |severity: Severity| (severity.name().to_owned(), word_of(prefs, standing(severity)).to_owned());
        Severity::ALL.map(option).to_vec()
    });
    view! {
        {is_new.then(|| kinds(fields.kind))}
        {line(editor, Text::Name)}
        {is_new.then(|| line(editor, Text::Id))}
        {drawn(move || way(editor, fields.kind.get()))}
        <SelectField
            name="lowest"
            label=say!(prefs, telling.receiver.lowest)
            value=fields.lowest
            options=severities
            help=say!(prefs, telling.receiver.lowest_help)
        />
        <SwitchField name="changes" label=say!(prefs, telling.receiver.changes) value=fields.changes />
        <SwitchField name="clears" label=say!(prefs, telling.receiver.clears) value=fields.clears />
        <SwitchField
            name="enabled"
            label=say!(prefs, telling.receiver.enabled)
            value=fields.enabled
            help=say!(prefs, telling.receiver.enabled_help)
        />
        {seldom(editor)}
        {words(editor)}
    }
}

/// How this kind is reached.
fn way(editor: Editor, kind: ReceiverKind) -> AnyView {
    let (prefs, fields) = (use_prefs(), editor.fields);
    let securities = derive(move || {
        vec![
            ("starttls".to_owned(), said!(prefs, telling.receiver.starttls).to_owned()),
            ("tls".to_owned(), said!(prefs, telling.receiver.tls).to_owned()),
            ("none".to_owned(), said!(prefs, telling.receiver.no_tls).to_owned()),
        ]
    });
    let after = move |text: Text| match text {
        Text::Port => view! {
            <SelectField
                name="security"
                label=say!(prefs, telling.receiver.security)
                value=fields.security
                options=securities
            />
        }
        .into_any(),
        Text::Numbers => phone_lists(editor),
        Text::Smsc => view! {
            <SwitchField
                name="unicode"
                label=say!(prefs, telling.receiver.unicode)
                value=fields.unicode
                help=say!(prefs, telling.receiver.unicode_help)
            />
        }
        .into_any(),
        _ => ().into_any(),
    };
    let one = move |text: &Text| vec![line(editor, *text), after(*text)];
    Text::of_way(kind).iter().flat_map(one).collect_view().into_any()
}

/// The phone lists of the settings; one that is gone can still be taken out.
fn phone_lists(editor: Editor) -> AnyView {
    let (prefs, chosen, error) = (use_prefs(), editor.fields.lists, editor.faults.of("lists"));
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    let lists = move || {
        settings.value().map(|settings| {
            let mut names: Vec<String> = settings.phone_lists.into_iter().map(|list| list.name).collect();
            let gone = chosen.get_untracked().into_iter().filter(|name| !names.contains(name));
            names.extend(gone.collect::<Vec<_>>());
            picks(names.into_iter().map(|name| (name.clone(), name)).collect(), chosen)
        })
    };
    view! {
        <fieldset class="picked" id="lists" tabindex="-1">
            <legend class="label">{say!(prefs, telling.phones.title)}</legend>
            {drawn(lists)}
            <p class="error">{drawn(move || error.get())}</p>
            <p class="help"><a href="settings/phones" target="_blank">{say!(prefs, telling.receiver.to_lists)}</a></p>
        </fieldset>
    }
    .into_any()
}

/// Cards to choose from; what a receiver is stays as it is once it is made.
fn kinds(kind: RwSignal<ReceiverKind>) -> AnyView {
    let prefs = use_prefs();
    let card = move |choice: ReceiverKind| {
        let help = match choice {
            ReceiverKind::Email => said!(prefs, telling.kind.email_help),
            ReceiverKind::Sms => said!(prefs, telling.kind.sms_help),
            ReceiverKind::Ovo => said!(prefs, telling.kind.ovo_help),
            ReceiverKind::Webhook => said!(prefs, telling.kind.webhook_help),
            ReceiverKind::Alertmanager => said!(prefs, telling.kind.alertmanager_help),
        };
        view! {
            <label class="kind-card" class:picked=move || kind.get() == choice>
                <input
                    type="radio"
                    name="kind"
                    value=choice.name()
                    prop:checked=move || kind.get() == choice
                    on:change=move |_| kind.set(choice)
                />
                <span>
                    <strong>{kind_word(prefs, choice)}</strong>
                    <span class="help">{help}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="kinds">
            <legend class="label">{say!(prefs, pages.source.kind)}</legend>
            {drawn(move || ReceiverKind::ALL.map(card).collect_view())}
        </fieldset>
    }
    .into_any()
}

/// A secret is never shown again: it is kept, replaced by what is typed, or removed.
fn kept_secret(editor: Editor) -> AnyView {
    let prefs = use_prefs();
    let dropped = editor.fields.drop_secret;
    let words = move || match dropped.get() {
        false => said!(prefs, pages.source.secret_set),
        true => said!(prefs, pages.source.secret_gone),
    };
    let turn = move || match dropped.get() {
        false => said!(prefs, pages.source.secret_remove),
        true => said!(prefs, pages.source.secret_keep),
    };
    let kept = editor.has_secret.then(|| {
        view! {
            <p class="kept-secret" role="status">
                <span class="help">{drawn(words)}</span>
                <Button kind=Kind::Quiet press=move |()| dropped.update(|dropped| *dropped = !*dropped)>{drawn(turn)}</Button>
            </p>
        }
    });
    kept.into_any()
}

fn folded(open: RwSignal<bool>, summary: AnyView, inside: AnyView) -> AnyView {
    let toggled = move |event: web_sys::Event| {
        let details: web_sys::HtmlDetailsElement = event_target(&event);
        open.set(details.open());
    };
    view! {
        <details class="more" prop:open=open on:toggle=toggled>
            <summary>{summary}</summary>
            {inside}
        </details>
    }
    .into_any()
}

fn seldom(editor: Editor) -> AnyView {
    let (prefs, fields) = (use_prefs(), editor.fields);
    let languages = derive(move || {
        let usual = (String::new(), said!(prefs, telling.receiver.usual_language).to_owned());
        std::iter::once(usual).chain(language_options(prefs)).collect()
    });
    let has_ca = memo(move || Text::Ca.is_of(fields.kind.get()));
    let inside = view! {
        {line(editor, Text::Remind)}
        <div class="row-of-fields">
            {line(editor, Text::Messages)}
            {line(editor, Text::Per)}
        </div>
        <SelectField
            name="language"
            label=say!(prefs, pages.settings.language)
            value=fields.language
            options=languages
        />
        <Show when=move || has_ca.get()>{line(editor, Text::Ca)}</Show>
    };
    folded(fields.seldom, drawn(say!(prefs, telling.receiver.seldom)).into_any(), inside.into_any())
}

fn words(editor: Editor) -> AnyView {
    let (prefs, fields) = (use_prefs(), editor.fields);
    let mail = memo(move || fields.kind.get() == ReceiverKind::Email);
    let inside = view! {
        <Show when=move || mail.get()>{line(editor, Text::Title)}</Show>
        {line(editor, Text::Words)}
    };
    folded(fields.words, drawn(say!(prefs, telling.receiver.own_words)).into_any(), inside.into_any())
}
