//! In from a file: first what would become of it, then so.

use atalaya_api::bulk::{ImportReport, RefusedLine};
use atalaya_api::page::Page;
use atalaya_api::source::{Source, SourceKind};
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

use super::Heading;
use crate::account::use_account;
use crate::api::{Api, read, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Kind, SelectField};
use crate::erase::{Show, derive, drawn, memo, watch};
use crate::fetched::fetched;
use crate::format::{Format, use_format};
use crate::prefs::{Prefs, use_prefs};
use crate::upload::is_yaml;

/// Refused lines that are shown; the file's owner mends the first of them and tries again.
const SHOWN: usize = 200;

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Metrics,
    /// Gralarmas' history of alarms.
    History,
}

/// What became of a file, or would.
#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// None is chosen.
    Waiting,
    /// On its way, 0 to 1; then it is read.
    Sending(f64),
    /// What would become of it.
    Tried(ImportReport),
    Done(ImportReport),
    /// In words.
    Failed(String),
}

#[derive(Clone, Copy)]
struct Import {
    what: What,
    phase: RwSignal<Phase>,
    file: StoredValue<Option<File>, LocalStorage>,
    file_name: RwSignal<String>,
    /// The source that expressions without one are of; empty: the only one.
    source: RwSignal<String>,
    api: Api,
    prefs: Prefs,
    format: Format,
    notices: Notices,
}

impl Import {
    fn path(self, dry_run: bool) -> String {
        let source = self.source.get_untracked();
        let source = if source.is_empty() { String::new() } else { format!("&source={}", encode(&source)) };
        let format = if self.file_name.with_untracked(|name| is_yaml(name)) { "yaml" } else { "csv" };
        match self.what {
            What::Metrics => format!("rules/import?format={format}&dry_run={dry_run}{source}"),
            What::History => format!("alarms/import?dry_run={dry_run}"),
        }
    }

    fn choose(self, file: File) {
        self.file_name.set(file.name());
        self.file.set_value(Some(file));
        self.send(true);
    }

    fn send(self, dry_run: bool) {
        let Some(file) = self.file.get_value() else { return };
        self.phase.set(Phase::Sending(0.0));
        let path = self.path(dry_run);
        let progress = move |part| {
            let _ = self.phase.try_set(Phase::Sending(part));
        };
        leptos::task::spawn_local(async move {
            let answer = self.api.upload(&path, &file, std::rc::Rc::new(progress)).await;
            let phase = match answer.and_then(read::<ImportReport>) {
                Ok(report) if dry_run => Phase::Tried(report),
                Ok(report) => {
                    self.tell_done(&report);
                    Phase::Done(report)
                }
                Err(failure) => Phase::Failed(untrack(|| failure.words(self.prefs))),
            };
            let _ = self.phase.try_set(phase);
        });
    }

    fn tell_done(self, report: &ImportReport) {
        let count = untrack(|| self.format.count(report.created + report.updated));
        let words = untrack(|| said!(self.prefs, tables.moving.imported, count = count).to_string());
        match report.undo.clone() {
            None => self.notices.tell(words),
            Some(undo) => {
                let (api, what) = (self.api, self.what);
                let request = move || match what {
                    What::Metrics => api.post(&format!("rules/bulk/{undo}/undo"), &json!({})),
                    What::History => api.delete(&format!("alarms/import/{undo}")),
                };
                self.notices.offer_undo_by(words, false, request, None);
            }
        }
    }

    fn start_over(self) {
        self.file.set_value(None);
        self.phase.set(Phase::Waiting);
    }
}

#[component]
pub fn ImportPage(what: What) -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let import = Import {
        what,
        phase: RwSignal::new(Phase::Waiting),
        file: StoredValue::new_local(None),
        file_name: RwSignal::new(String::new()),
        source: RwSignal::new(String::new()),
        api: use_api(),
        prefs,
        format: use_format(),
        notices: use_notices(),
    };
    let title = move || match what {
        What::Metrics => said!(prefs, tables.moving.title),
        What::History => said!(prefs, tables.moving.history_title),
    };
    let lead = move || match what {
        What::Metrics => said!(prefs, tables.moving.lead),
        What::History => said!(prefs, tables.moving.history_lead),
    };
    let back = match what {
        What::Metrics => view! { <a class="button" href="configured">{say!(prefs, app.menu.metrics)}</a> },
        What::History => view! { <a class="button" href="history">{say!(prefs, app.menu.history)}</a> },
    };
    view! {
        <Heading text=title>{back}</Heading>
        <Show
            when=move || account.may_configure()
            fallback=move || view! { <p class="note">{say!(prefs, pages.common.read_only)}</p> }
        >
            <p class="lead">{drawn(lead)}</p>
            <section class="card">
                <ChooseFile import />
                <Show when=move || what == What::Metrics>
                    <ChooseSource import />
                </Show>
            </section>
            <Outcome import />
        </Show>
    }
}

#[component]
fn ChooseFile(import: Import) -> impl IntoView {
    let prefs = import.prefs;
    let accept = match import.what {
        What::Metrics => ".csv,.txt,.tsv,.yaml,.yml",
        What::History => ".csv,.txt,.tsv",
    };
    let change = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) {
            import.choose(file);
        }
    };
    // The same file may be chosen again once it is mended.
    let forget = move |event: web_sys::MouseEvent| {
        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
            input.set_value("");
        }
    };
    view! {
        <div class="field">
            <label for="file">{say!(prefs, tables.moving.file)}</label>
            <input id="file" type="file" accept=accept aria-describedby="file-help" on:change=change on:click=forget />
            <p class="help" id="file-help">{say!(prefs, tables.moving.file_help)}</p>
        </div>
    }
}

/// Gralarmas' files name no source.
#[component]
fn ChooseSource(import: Import) -> impl IntoView {
    let prefs = import.prefs;
    let sources = fetched::<Page<Source>>(|| Some("sources".to_owned()));
    let options = derive(move || {
        let graphite = |source: &&Source| {
            source.settings.as_ref().is_some_and(|settings| settings.kind == SourceKind::Graphite)
        };
        let named = |source: &Source| (source.id.clone(), source.name.clone());
        let known: Vec<_> = sources.state.with(|state| {
            state
                .value()
                .map_or_else(Vec::new, |page| page.items.iter().filter(graphite).map(named).collect())
        });
        std::iter::once((String::new(), said!(prefs, tables.moving.source_any).to_owned()))
            .chain(known)
            .collect()
    });
    watch(move || import.source.get(), move |_| import.send(true));
    view! {
        <SelectField
            name="source"
            label=say!(prefs, pages.form.source)
            value=import.source
            options
            help=say!(prefs, tables.moving.source_help)
        />
    }
}

#[component]
fn Outcome(import: Import) -> impl IntoView {
    let prefs = import.prefs;
    // How far it is changes often, and is not said anew each time.
    let part = memo(move || match import.phase.get() {
        Phase::Sending(part) => Some((part * 100.0).round()),
        _ => None,
    });
    let settled = memo(move || Some(import.phase.get()).filter(|phase| !matches!(phase, Phase::Sending(_))));
    let sending = move || part.with(Option::is_some);
    let name = move || import.file_name.get();
    view! {
        <Show when=sending>
            <p class="busy" role="status">{drawn(move || said!(prefs, tables.moving.reading, name = name()).to_string())}</p>
            // Once all is there, the server reads it: nobody knows how far.
            <progress max="100" value=move || part.get().filter(|part| *part < 100.0).map(|part| part.to_string())></progress>
        </Show>
        {drawn(move || match settled.get() {
            None | Some(Phase::Waiting | Phase::Sending(_)) => ().into_any(),
            Some(Phase::Failed(words)) => view! { <p class="trouble" role="alert">{words}</p> }.into_any(),
            Some(Phase::Tried(report)) => view! { <Report import report done=false /> }.into_any(),
            Some(Phase::Done(report)) => view! { <Report import report done=true /> }.into_any(),
        })}
    }
}

/// How many lines, what is refused and why, and the next step.
#[component]
fn Report(import: Import, report: ImportReport, done: bool) -> impl IntoView {
    let (prefs, format) = (import.prefs, import.format);
    let taken = report.created + report.updated;
    let left_out = report.refused_total;
    let title = move || match done {
        true => said!(prefs, tables.moving.done, name = import.file_name.get()).to_string(),
        false => said!(prefs, tables.moving.would, name = import.file_name.get()).to_string(),
    };
    let words = move || match left_out {
        0 => said!(prefs, tables.moving.go, count = format.count(taken)).to_string(),
        _ => {
            let (count, left_out) = (format.count(taken), format.count(left_out));
            said!(prefs, tables.moving.go_without, count = count, left_out = left_out).to_string()
        }
    };
    let facts = [
        (move |prefs: Prefs| said!(prefs, tables.moving.read)) as fn(Prefs) -> &'static str,
        |prefs| said!(prefs, tables.moving.created),
        |prefs| said!(prefs, tables.moving.updated),
        |prefs| said!(prefs, tables.moving.unchanged),
        |prefs| said!(prefs, tables.moving.refused),
    ];
    let numbers = [report.read, report.created, report.updated, report.unchanged, left_out];
    let fact = move |(word, number): (fn(Prefs) -> &'static str, u64)| {
        view! {
            <div>
                <dt>{drawn(move || word(prefs))}</dt>
                <dd class="number">{drawn(move || format.count(number))}</dd>
            </div>
        }
    };
    let next = match (done, taken) {
        (true, _) => {
            let (href, words) = match import.what {
                What::Metrics => ("configured", say!(prefs, app.menu.metrics)),
                What::History => ("history", say!(prefs, app.menu.history)),
            };
            view! { <a class="button primary" href=href>{drawn(words)}</a> }.into_any()
        }
        (false, 0) => view! { <p class="note">{say!(prefs, tables.moving.nothing)}</p> }.into_any(),
        (false, _) => {
            view! { <Button kind=Kind::Primary icon="up" press=move |()| import.send(false)>{drawn(words)}</Button> }.into_any()
        }
    };
    let notes = (!report.notes.is_empty())
        .then(|| report.notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view());
    view! {
        <section class="card" role="status">
            <h2>{drawn(title)}</h2>
            <dl class="facts">{facts.into_iter().zip(numbers).map(fact).collect_view()}</dl>
            {notes.map(|notes| view! { <ul class="impact">{notes}</ul> })}
            <div class="form-actions">
                {next}
                <Button kind=Kind::Quiet press=move |()| import.start_over()>{say!(prefs, tables.moving.another)}</Button>
            </div>
        </section>
        {refused_table(import, report.refused, left_out)}
    }
}

fn refused_table(import: Import, refused: Vec<RefusedLine>, total: u64) -> impl IntoView {
    let (prefs, format) = (import.prefs, import.format);
    if refused.is_empty() {
        return ().into_any();
    }
    let shown = refused.len().min(SHOWN);
    let caption = move || {
        let (shown, total) = (format.count(shown as u64), format.count(total));
        said!(prefs, tables.moving.refused_list, shown = shown, total = total).to_string()
    };
    let row = move |line: RefusedLine| {
        let why = line.errors.into_iter().map(|error| {
            view! { <span class="row-place"><strong>{error.field}</strong>" "{error.message}</span> }
        });
        view! {
            <tr>
                <td class="numeric">{drawn(move || format.count(line.line))}</td>
                <td class="expr">{line.text}</td>
                <td>{why.collect_view()}</td>
            </tr>
        }
    };
    view! {
        <div class="table-box" role="region" tabindex="0" aria-label=caption>
            <table class="plain refused">
                <caption>{drawn(caption)}</caption>
                <thead>
                    <tr>
                        <th scope="col" class="numeric">{say!(prefs, tables.moving.line)}</th>
                        <th scope="col">{say!(prefs, tables.moving.begins)}</th>
                        <th scope="col">{say!(prefs, tables.moving.why)}</th>
                    </tr>
                </thead>
                <tbody>{refused.into_iter().take(SHOWN).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
