//! The fields of a source's form.

use atalaya_api::source::SourceKind;
use leptos::prelude::*;

use super::Editor;
use crate::api::Failure;
use crate::components::{Button, Kind, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo, watch};
use crate::logic::source::{Access, SourceForm, Text, propose_id};
use crate::logic::wrong::Wrong;
use crate::pages::faults::Faults;
use crate::pages::form::NoteField;
use crate::prefs::{Prefs, use_prefs};

/// What few people need is folded away.
const FOLDED: [Text; 7] =
    [Text::Offset, Text::Timeout, Text::Concurrency, Text::MaxAnswer, Text::Scrape, Text::Headers, Text::Ca];

/// The form as it is typed; made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Fields {
    kind: RwSignal<SourceKind>,
    access: RwSignal<String>,
    texts: [RwSignal<String>; Text::COUNT],
    drop_secret: RwSignal<bool>,
    /// The short name follows the name until somebody types one.
    proposing: RwSignal<bool>,
    more: RwSignal<bool>,
}

impl Fields {
    pub fn new(form: &SourceForm, is_new: bool) -> Self {
        let fields = Fields {
            kind: RwSignal::new(form.kind),
            access: RwSignal::new(form.access.name().to_owned()),
            texts: Text::ALL.map(|text| RwSignal::new(form.texts[text as usize].clone())),
            drop_secret: RwSignal::new(false),
            proposing: RwSignal::new(is_new),
            more: RwSignal::new(false),
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

    fn access(self) -> Access {
        self.access.with(|name| Access::from_name(name))
    }

    /// What is typed; tracks.
    pub fn form(self) -> SourceForm {
        SourceForm {
            kind: self.kind.get(),
            access: self.access(),
            texts: self.texts.map(|text| text.get()),
            drop_secret: self.drop_secret.get(),
        }
    }

    /// Shows what is folded, so that a fault in it is seen.
    fn unfold(self) {
        let _ = self.more.try_set(true);
    }

    /// The same for what the server refused.
    pub fn refused(self, faults: Faults, failure: &Failure) {
        if FOLDED.iter().any(|text| failure.field(text.field()).is_some()) {
            self.unfold();
        }
        faults.refused(failure, "");
    }

    pub fn mark(self, faults: Faults, wrongs: Vec<Wrong>) {
        let folded = |wrong: &Wrong| FOLDED.iter().any(|text| text.field() == wrong.field);
        if wrongs.iter().any(folded) {
            self.unfold();
        }
        faults.mark(wrongs);
    }

    /// How long a test may take, as the form says it.
    pub fn timeout(self) -> String {
        let typed = self.text(Text::Timeout).get();
        if typed.trim().is_empty() { "10s".to_owned() } else { typed }
    }
}

/// One line of text; what belongs to it follows from which it is.
fn line(editor: Editor, text: Text) -> AnyView {
    let (prefs, kind) = (use_prefs(), editor.fields.kind);
    let is_id = text == Text::Id;
    let typed = Callback::new(move |_: String| {
        editor.faults.forget(text.field());
        if is_id {
            editor.fields.proposing.set(false);
        }
    });
    view! {
        <TextField
            name=text.field()
            label=move || label(prefs, text)
            help=move || help(prefs, text, kind.get())
            value=editor.fields.text(text)
            error=editor.faults.of(text.field())
            kind=kind_of(text)
            autocomplete="off"
            placeholder=move || usual(text, kind.get())
            unit=if text == Text::MaxAnswer { "MiB" } else { "" }
            typed=typed
        />
    }
    .into_any()
}

fn kind_of(text: Text) -> &'static str {
    match text {
        Text::Url => "url",
        Text::Password | Text::Token => "password",
        _ => "text",
    }
}

/// What an empty field stands for.
fn usual(text: Text, kind: SourceKind) -> String {
    match text {
        Text::Offset => kind.usual_offset().to_string(),
        Text::Timeout => atalaya_api::source::usual_timeout().to_string(),
        Text::Concurrency => atalaya_api::source::usual_concurrency().to_string(),
        Text::MaxAnswer => atalaya_api::source::usual_max_answer().to_string(),
        Text::Scrape => "15s".to_owned(),
        _ => String::new(),
    }
}

fn label(prefs: Prefs, text: Text) -> &'static str {
    match text {
        Text::Name => said!(prefs, pages.source.name),
        Text::Id => said!(prefs, pages.source.id),
        Text::Url => said!(prefs, pages.source.url),
        Text::Username => said!(prefs, pages.source.username),
        Text::Password => said!(prefs, pages.source.password),
        Text::Token => said!(prefs, pages.source.token),
        Text::Offset => said!(prefs, pages.source.offset),
        Text::Timeout => said!(prefs, pages.source.timeout),
        Text::Concurrency => said!(prefs, pages.source.concurrency),
        Text::MaxAnswer => said!(prefs, pages.source.max_answer),
        Text::Scrape => said!(prefs, pages.source.scrape),
        Text::Headers => said!(prefs, pages.source.headers),
        Text::Ca => said!(prefs, pages.source.ca),
    }
}

fn help(prefs: Prefs, text: Text, kind: SourceKind) -> &'static str {
    match (text, kind) {
        (Text::Name, _) => said!(prefs, pages.source.name_help),
        (Text::Id, _) => said!(prefs, pages.source.id_help),
        (Text::Url, SourceKind::Graphite) => said!(prefs, pages.source.url_graphite),
        (Text::Url, SourceKind::Prometheus) => said!(prefs, pages.source.url_prometheus),
        (Text::Token, _) => said!(prefs, pages.source.token_help),
        (Text::Offset, _) => said!(prefs, pages.source.offset_help),
        (Text::Timeout, _) => said!(prefs, pages.source.timeout_help),
        (Text::Concurrency, _) => said!(prefs, pages.source.concurrency_help),
        (Text::MaxAnswer, _) => said!(prefs, pages.source.max_answer_help),
        (Text::Scrape, _) => said!(prefs, pages.source.scrape_help),
        (Text::Headers, _) => said!(prefs, pages.source.headers_help),
        (Text::Ca, _) => said!(prefs, pages.source.ca_help),
        (Text::Username | Text::Password, _) => "",
    }
}

#[component]
pub fn FormFields(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let is_new = editor.is_new();
    let accesses = derive(move || {
        let words = |access: Access| match access {
            Access::None => said!(prefs, pages.source.access_none),
            Access::Password => said!(prefs, pages.source.access_password),
            Access::Token => said!(prefs, pages.source.access_token),
        };
        Access::ALL.map(|access| (access.name().to_owned(), words(access).to_owned())).to_vec()
    });
    let access = memo(move || editor.fields.access());
    view! {
        <Kinds editor />
        {line(editor, Text::Name)}
        {is_new.then(|| line(editor, Text::Id))}
        {line(editor, Text::Url)}
        <SelectField name="access" label=say!(prefs, pages.source.access) value=editor.fields.access options=accesses />
        {drawn(move || match access.get() {
            Access::None => ().into_any(),
            Access::Password => view! {
                {line(editor, Text::Username)}
                {line(editor, Text::Password)}
                <KeptSecret editor access=Access::Password />
            }.into_any(),
            Access::Token => view! {
                {line(editor, Text::Token)}
                <KeptSecret editor access=Access::Token />
            }.into_any(),
        })}
        <More editor />
    }
}

/// Two cards to choose from; what a source is stays as it is once it is made.
#[component]
fn Kinds(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let kind = editor.fields.kind;
    let fixed = !editor.is_new();
    let card = move |choice: SourceKind| {
        let (name, help) = match choice {
            SourceKind::Graphite => {
                (said!(prefs, pages.sources.graphite), said!(prefs, pages.source.graphite_help))
            }
            SourceKind::Prometheus => {
                (said!(prefs, pages.sources.prometheus), said!(prefs, pages.source.prometheus_help))
            }
        };
        view! {
            <label class="kind-card" class:picked=move || kind.get() == choice>
                <input
                    type="radio"
                    name="kind"
                    value=choice.name()
                    prop:checked=move || kind.get() == choice
                    disabled=fixed
                    on:change=move |_| kind.set(choice)
                />
                <span>
                    <strong>{name}</strong>
                    <span class="help">{help}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="kinds">
            <legend class="label">{say!(prefs, pages.source.kind)}</legend>
            {drawn(move || SourceKind::ALL.map(card).collect_view())}
        </fieldset>
    }
}

/// A secret is never shown again: it is kept, replaced by what is typed, or removed.
#[component]
fn KeptSecret(editor: Editor, access: Access) -> impl IntoView {
    let prefs = use_prefs();
    let is_set = editor.kept.with_value(|kept| {
        let settings = kept.as_ref().map(|kept| &kept.settings);
        settings.is_some_and(|settings| match access {
            Access::None => false,
            Access::Password => settings.has_password,
            Access::Token => settings.has_token,
        })
    });
    let dropped = editor.fields.drop_secret;
    let words = move || match dropped.get() {
        false => said!(prefs, pages.source.secret_set),
        true => said!(prefs, pages.source.secret_gone),
    };
    let turn = move || match dropped.get() {
        false => said!(prefs, pages.source.secret_remove),
        true => said!(prefs, pages.source.secret_keep),
    };
    is_set.then(|| {
        view! {
            <p class="kept-secret" role="status">
                <span class="help">{drawn(words)}</span>
                <Button kind=Kind::Quiet press=move |()| dropped.update(|dropped| *dropped = !*dropped)>{drawn(turn)}</Button>
            </p>
        }
    })
}

#[component]
fn More(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let fields = editor.fields;
    let prometheus = memo(move || fields.kind.get() == SourceKind::Prometheus);
    let note = move |text: Text| {
        view! {
            <NoteField
                name=text.field()
                label=move || label(prefs, text)
                help=move || help(prefs, text, SourceKind::Graphite)
                value=fields.text(text)
                error=editor.faults.of(text.field())
            />
        }
    };
    let toggled = move |event: web_sys::Event| {
        let details: web_sys::HtmlDetailsElement = event_target(&event);
        fields.more.set(details.open());
    };
    view! {
        <details class="more" prop:open=fields.more on:toggle=toggled>
            <summary>{say!(prefs, pages.source.more)}</summary>
            <div class="row-of-fields">
                {line(editor, Text::Offset)}
                {line(editor, Text::Timeout)}
                {line(editor, Text::Concurrency)}
                {line(editor, Text::MaxAnswer)}
                <Show when=move || prometheus.get()>{line(editor, Text::Scrape)}</Show>
            </div>
            {note(Text::Headers)}
            {note(Text::Ca)}
        </details>
    }
}
