//! A template: its sets, how its metrics alarm, and what saving it would change.

mod sets;

use atalaya_api::settings::Settings;
use atalaya_api::template::{AlarmSettings, Impact, Template, TemplateDraft};
use leptos::prelude::*;
use serde_json::Value;

use self::sets::{SetFields, Sets};
use super::faults::Faults;
use super::form::NoteField;
use super::notify::{Telling, use_receivers};
use super::periods::use_periods;
use super::wording::{decimal, no_data_options};
use super::{Heading, TEMPLATE, use_go, use_id};
use crate::account::use_account;
use crate::api::{Api, Failure, read, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Dialog, Empty, Kind, Loaded, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::{Format, use_format};
use crate::logic::template::{TemplateText, way_back};
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// The address of one that is not there yet.
const NEW: &str = "new";

#[component]
pub fn TemplatePage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(TEMPLATE));
    let is_new = memo(move || id.with(|id| id == NEW));
    let template =
        fetched::<Template>(move || (!is_new.get()).then(|| format!("templates/{}", encode(&id.get()))));
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    let gone = memo(move || {
        template.state.with(|state| state.value().is_some_and(|template| template.deleted_at.is_some()))
    });
    let title = move || match is_new.get() {
        true => said!(prefs, tables.templates.new_title),
        false => said!(prefs, tables.templates.edit_title),
    };
    view! {
        <Heading text=title>
            <a class="button" href="templates">{say!(prefs, tables.menu.templates)}</a>
        </Heading>
        <Loaded from=settings let:settings>
            <Show
                when=move || is_new.get()
                fallback=move || view! {
                    <Show
                        when=move || !gone.get()
                        fallback=move || view! { <Empty title=say!(prefs, tables.templates.gone) /> }
                    >
                        <Loaded from=template let:template>
                            <TemplateForm template=Some(template.get_untracked()) settings=settings.get_untracked() />
                        </Loaded>
                    </Show>
                }
            >
                <TemplateForm template=None settings=settings.get_untracked() />
            </Show>
        </Loaded>
    }
}

/// The fields as signals, and what saving needs.
#[derive(Clone, Copy)]
struct Editor {
    name: RwSignal<String>,
    note: RwSignal<String>,
    sets: Sets,
    interval: RwSignal<String>,
    to_alert: RwSignal<String>,
    to_ok: RwSignal<String>,
    margin: RwSignal<String>,
    period: RwSignal<String>,
    no_data: RwSignal<String>,
    /// Whom its metrics tell.
    telling: Telling,
    faults: Faults,
    saving: RwSignal<bool>,
    /// As it was read; none: it is a new one.
    before: StoredValue<Option<Template>>,
    /// What saving would do, while it is asked whether to.
    impact: RwSignal<Option<Impact>>,
    asking: RwSignal<bool>,
    api: Api,
    notices: Notices,
    prefs: Prefs,
    format: Format,
}

impl Editor {
    fn new(template: Option<Template>, settings: &Settings) -> Self {
        let prefs = use_prefs();
        let draft = template.as_ref().map_or_else(|| empty(settings), |template| template.draft.clone());
        let text = TemplateText::of(&draft, untrack(|| decimal(prefs)));
        let faults = Faults::new();
        Editor {
            name: RwSignal::new(text.name),
            note: RwSignal::new(text.note),
            sets: Sets::new(&text.sets, faults, settings.time_zone.clone()),
            interval: RwSignal::new(text.interval),
            to_alert: RwSignal::new(text.to_alert),
            to_ok: RwSignal::new(text.to_ok),
            margin: RwSignal::new(text.margin),
            period: RwSignal::new(text.period),
            no_data: RwSignal::new(text.no_data),
            telling: Telling::new(&draft.alarm.notify),
            faults,
            saving: RwSignal::new(false),
            before: StoredValue::new(template),
            impact: RwSignal::new(None),
            asking: RwSignal::new(false),
            api: use_api(),
            notices: use_notices(),
            prefs,
            format: use_format(),
        }
    }

    /// Tracks.
    fn text(self) -> TemplateText {
        TemplateText {
            name: self.name.get(),
            note: self.note.get(),
            sets: self.sets.texts(),
            notify: self.telling.get(),
            interval: self.interval.get(),
            to_alert: self.to_alert.get(),
            to_ok: self.to_ok.get(),
            margin: self.margin.get(),
            period: self.period.get(),
            no_data: self.no_data.get(),
        }
    }

    /// The draft to send; None after marking what is wrong.
    fn draft(self) -> Option<TemplateDraft> {
        self.faults.clear();
        let base = self.before.with_value(|before| {
            before.as_ref().map_or_else(AlarmSettings::default, |before| before.draft.alarm.clone())
        });
        let text = untrack(|| self.text());
        text.draft(&base, untrack(|| decimal(self.prefs))).map_err(|wrongs| self.faults.mark(wrongs)).ok()
    }

    /// Where metrics follow it, first says what would change.
    fn save(self, done: Callback<()>) {
        if self.saving.get_untracked() {
            return;
        }
        let Some(draft) = self.draft() else { return };
        let linked = self.before.with_value(|before| before.as_ref().is_some_and(|before| before.rules > 0));
        if linked { self.ask_impact(draft) } else { self.send(draft, done) }
    }

    fn ask_impact(self, draft: TemplateDraft) {
        let Some(id) = self.id() else { return };
        self.saving.set(true);
        leptos::task::spawn_local(async move {
            let path = format!("templates/{}/impact", encode(&id));
            let answer = self.api.post(&path, &value_of(&draft)).await.and_then(read::<Impact>);
            let _ = self.saving.try_set(false);
            match answer {
                Ok(impact) => {
                    let _ = self.impact.try_set(Some(impact));
                    let _ = self.asking.try_set(true);
                }
                Err(failure) => self.faults.refused(&failure, ""),
            }
        });
    }

    fn id(self) -> Option<String> {
        self.before.with_value(|before| before.as_ref().map(|before| before.id.clone()))
    }

    /// Called again after "Save" in the question.
    fn go_on(self, done: Callback<()>) {
        self.asking.set(false);
        if let Some(draft) = self.draft() {
            self.send(draft, done);
        }
    }

    fn send(self, draft: TemplateDraft, done: Callback<()>) {
        self.saving.set(true);
        let before = self.before.get_value();
        leptos::task::spawn_local(async move {
            let answer = self.write(before.as_ref(), &draft).await.and_then(read::<Template>);
            let _ = self.saving.try_set(false);
            match answer {
                Ok(after) => {
                    self.tell_saved(before, after, &draft);
                    done.try_run(());
                }
                Err(failure) => self.faults.refused(&failure, ""),
            }
        });
    }

    async fn write(self, before: Option<&Template>, draft: &TemplateDraft) -> Result<String, Failure> {
        let mut body = value_of(draft);
        match before {
            None => self.api.post("templates", &body).await,
            Some(before) => {
                put_version(&mut body, before.version);
                self.api.put(&format!("templates/{}", encode(&before.id)), &body).await
            }
        }
    }

    /// "Undo" takes a new one away, or puts back what stood there before, as a new version.
    fn tell_saved(self, before: Option<Template>, after: Template, sent: &TemplateDraft) {
        let api = self.api;
        let name = after.draft.name.clone();
        let words = untrack(|| said!(self.prefs, pages.metrics.saved, name = name).to_string());
        let path = format!("templates/{}", encode(&after.id));
        match before {
            None => self.notices.offer_undo_by(
                words,
                true,
                move || api.delete(&format!("{path}?rules=keep")),
                None,
            ),
            Some(before) => {
                let mut body = value_of(&way_back(&before.draft, sent));
                put_version(&mut body, after.version);
                self.notices.offer_undo_by(words, true, move || api.put(&path, &body), None);
            }
        }
    }

    /// "Changes 12 metrics." and so on; tracks the language.
    fn impact_lines(self, impact: &Impact) -> Vec<String> {
        let (prefs, count) = (self.prefs, |number: u64| self.format.count(number));
        let mut lines = vec![
            said!(
                prefs,
                tables.templates.changes,
                changed = count(impact.changed),
                count = count(impact.rules)
            )
            .to_string(),
        ];
        if impact.created > 0 {
            lines.push(said!(prefs, tables.templates.creates, count = count(impact.created)).to_string());
        }
        if impact.deleted > 0 {
            lines.push(said!(prefs, tables.templates.deletes, count = count(impact.deleted)).to_string());
        }
        if !impact.overridden.is_empty() {
            let number = count(impact.overridden.len() as u64);
            lines.push(said!(prefs, tables.templates.overridden, count = number).to_string());
        }
        lines
    }
}

fn put_version(body: &mut Value, version: u64) {
    if let Value::Object(members) = body {
        members.insert("version".to_owned(), version.into());
    }
}

/// What a new one starts with.
fn empty(settings: &Settings) -> TemplateDraft {
    let defaults = &settings.defaults;
    let alarm = AlarmSettings {
        checks_to_alert: defaults.checks_to_alert,
        checks_to_ok: defaults.checks_to_ok,
        ok_margin: defaults.ok_margin,
        period: defaults.period.clone(),
        ..AlarmSettings::default()
    };
    TemplateDraft { name: String::new(), note: String::new(), sets: Vec::new(), alarm }
}

#[component]
fn TemplateForm(template: Option<Template>, settings: Settings) -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let editor = Editor::new(template, &settings);
    if untrack(|| editor.sets.all.with(Vec::is_empty)) {
        editor.sets.add(SetFields::usual_name(prefs));
    }
    let done = Callback::new(move |()| go("templates"));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        editor.save(done);
    };
    let words = move || match editor.saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <Show when=move || !account.may_configure()>
            <p class="note">{say!(prefs, pages.common.read_only)}</p>
        </Show>
        <form class="template-form" novalidate on:submit=submit>
            <fieldset class="step">
                <legend>{say!(prefs, pages.form.label)}</legend>
                <TextField name="name" label=say!(prefs, pages.form.name) value=editor.name error=editor.faults.of("name") />
                <NoteField
                    name="note"
                    label=say!(prefs, pages.form.note)
                    help=say!(prefs, tables.templates.note_help)
                    value=editor.note
                    error=editor.faults.of("note")
                />
            </fieldset>
            {editor.sets.view()}
            <AlarmFields editor />
            <div class="form-actions">
                <p class="error" role="alert">{drawn(move || editor.faults.failure.get())}</p>
                <Show when=move || account.may_configure()>
                    <Button kind=Kind::Primary submits=true disabled=editor.saving press=|()| ()>{drawn(words)}</Button>
                </Show>
            </div>
        </form>
        <AskImpact editor done />
    }
}

#[component]
fn AlarmFields(editor: Editor) -> impl IntoView {
    let (prefs, periods) = (use_prefs(), use_periods());
    let number = move |name: &'static str,
                       label: fn(Prefs) -> &'static str,
                       value,
                       mode: &'static str,
                       unit: &'static str| {
        view! {
            <TextField name label=move || label(prefs) value inputmode=mode unit=move || unit error=editor.faults.of(name) />
        }
    };
    view! {
        <fieldset class="step">
            <legend>{say!(prefs, tables.templates.alarm)}</legend>
            <div class="row-of-fields">
                {number("alarm.checks_to_alert", |prefs| said!(prefs, pages.form.to_alert), editor.to_alert, "numeric", "")}
                {number("alarm.checks_to_ok", |prefs| said!(prefs, pages.form.to_ok), editor.to_ok, "numeric", "")}
                {number("alarm.ok_margin", |prefs| said!(prefs, pages.form.margin), editor.margin, "decimal", "%")}
                <TextField
                    name="alarm.interval"
                    label=say!(prefs, pages.form.interval)
                    value=editor.interval
                    help=say!(prefs, tables.templates.interval_help)
                    error=editor.faults.of("alarm.interval")
                />
            </div>
            <div class="row-of-fields">
                <SelectField
                    name="alarm.period"
                    label=say!(prefs, tables.period.title)
                    value=editor.period
                    options=periods
                    error=editor.faults.of("alarm.period")
                />
                <SelectField
                    name="alarm.no_data"
                    label=say!(prefs, pages.form.no_data)
                    value=editor.no_data
                    options=derive(move || no_data_options(prefs))
                />
            </div>
            {editor.telling.fields(use_receivers())}
        </fieldset>
    }
}

/// What saving would change, before it does.
#[component]
fn AskImpact(editor: Editor, done: Callback<()>) -> impl IntoView {
    let prefs = use_prefs();
    let lines = move || {
        let lines = editor.impact.with(|impact| impact.as_ref().map(|impact| editor.impact_lines(impact)));
        lines.unwrap_or_default().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()
    };
    let own = move || {
        let overridden = editor.impact.with(|impact| impact.as_ref().map(|impact| impact.overridden.clone()));
        let line = |rule: atalaya_api::template::Overridden| {
            let fields: Vec<_> =
                rule.fields.iter().map(|field| super::metrics::field_word(prefs, field)).collect();
            view! { <li><a href=format!("configured/{}", rule.id)>{rule.name}</a>": "{fields.join(", ")}</li> }
        };
        overridden.unwrap_or_default().into_iter().map(line).collect_view()
    };
    let refused = memo(move || {
        editor.impact.with(|impact| impact.as_ref().map(|impact| impact.refused.clone()).unwrap_or_default())
    });
    let reasons = move || refused.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <Dialog open=editor.asking title=say!(prefs, tables.templates.impact_title)>
            <ul class="impact">{drawn(lines)}</ul>
            <ul class="impact muted">{drawn(own)}</ul>
            <Show when=move || refused.with(|refused| !refused.is_empty())>
                <div class="trouble" role="alert">
                    <p>{say!(prefs, tables.templates.refused)}</p>
                    <ul>{drawn(reasons)}</ul>
                </div>
            </Show>
            <div class="dialog-actions">
                <Button press=move |()| editor.asking.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Show when=move || refused.with(Vec::is_empty)>
                    <Button kind=Kind::Primary press=move |()| editor.go_on(done)>{say!(prefs, pages.common.save)}</Button>
                </Show>
            </div>
        </Dialog>
    }
}
