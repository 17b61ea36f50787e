//! Trying a source: that it is being asked, then what was found or what is wrong.

use atalaya_api::level::Standing;
use atalaya_api::source::SourceTest;
use leptos::prelude::*;
use serde_json::Value;

use super::Editor;
use crate::api::{Answer, Api, Failure, read};
use crate::components::severity::{SeverityShape, class_of};
use crate::erase::{drawn, watch};
use crate::format::{Format, use_format};
use crate::logic::query::encode;
use crate::prefs::{Prefs, use_prefs};

/// From here on clocks differ by enough to judge the wrong samples, s.
const CLOCK_S: u64 = 30;

/// The test button of a form.
#[derive(Clone, Copy)]
pub struct Test {
    pub running: RwSignal<bool>,
    result: RwSignal<Option<Result<SourceTest, Failure>>>,
    editor: Editor,
}

impl Test {
    pub fn new(editor: Editor) -> Self {
        let test = Test { running: RwSignal::new(false), result: RwSignal::new(None), editor };
        // What was found says nothing about what is typed now.
        watch(move || editor.fields.form(), move |_| test.result.set(None));
        test
    }

    /// Tries what is typed, or what is saved where nothing was changed: only the server has its secrets.
    pub fn run(self) {
        let editor = self.editor;
        if self.running.get_untracked() {
            return;
        }
        editor.faults.clear();
        let form = untrack(move || editor.fields.form());
        let kept = editor.kept.with_value(|kept| kept.as_ref().map(|kept| kept.settings.id.clone()));
        let same = editor.before.with_value(|before| *before == form);
        let answer = match (kept, same) {
            (Some(id), true) => ask_saved(editor.api, &id),
            _ => match editor.before.with_value(|before| form.trial(before)) {
                Ok(body) => editor.api.post("sources/test", &body),
                Err(wrongs) => return editor.fields.mark(editor.faults, wrongs),
            },
        };
        self.running.set(true);
        self.result.set(None);
        leptos::task::spawn_local(async move {
            let answer = answer.await.and_then(read::<SourceTest>);
            let _ = self.running.try_set(false);
            match answer {
                Err(failure) if failure.status() == Some(422) => {
                    editor.fields.refused(editor.faults, &failure);
                }
                answer => drop(self.result.try_set(Some(answer))),
            }
        });
    }
}

/// Asks a source as it is saved.
pub fn ask_saved(api: Api, id: &str) -> Answer {
    api.post(&format!("sources/{}/test", encode(id)), &Value::Object(Default::default()))
}

#[component]
pub fn TestResult(test: Test) -> impl IntoView {
    let prefs = use_prefs();
    let timeout = move || test.editor.fields.timeout();
    let running = move || said!(prefs, pages.source.testing, timeout = timeout()).to_string();
    view! {
        <div class="tested" role="status">
            {drawn(move || test.running.get().then(|| view! { <p class="loading">{running()}</p> }))}
            {drawn(move || test.result.get().map(outcome))}
        </div>
    }
}

/// What a test found, in words.
pub fn outcome(result: Result<SourceTest, Failure>) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let (ok, message, facts) = match result {
        Ok(test) => (test.ok, test.message.clone(), Some(test_facts(prefs, format, test))),
        Err(failure) => (false, untrack(|| failure.words(prefs)), None),
    };
    let standing = if ok { Standing::Ok } else { Standing::Critical };
    let word =
        move || if ok { said!(prefs, pages.source.tested_ok) } else { said!(prefs, pages.source.tested_bad) };
    view! {
        <div class=if ok { "found" } else { "trouble" }>
            <p>
                <strong class=format!("mark {}", class_of(standing))>
                    <SeverityShape of=standing />
                    <span class="word">{drawn(word)}</span>
                </strong>
            </p>
            <p>{message}</p>
            {facts}
        </div>
    }
    .into_any()
}

fn test_facts(prefs: Prefs, format: Format, test: SourceTest) -> AnyView {
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    let took = format.value(Some(test.took_ms as f64), Some("ms"));
    let off = test.clock_offset_s.map_or(0, i64::unsigned_abs);
    let clock = (off > CLOCK_S).then(|| {
        view! { <p class="note"><strong>{said!(prefs, pages.source.clock, seconds = format.count(off)).to_string()}</strong></p> }
    });
    let examples: Vec<_> =
        test.examples.into_iter().map(|name| view! { <li><code>{name}</code></li> }).collect();
    let examples = (!examples.is_empty()).then(|| {
        view! { <div class="wide"><dt>{said!(prefs, pages.source.examples)}</dt><dd><ul class="names">{examples}</ul></dd></div> }
    });
    view! {
        <dl class="facts">
            {fact(said!(prefs, pages.source.version), test.version.unwrap_or_default())}
            {fact(said!(prefs, pages.source.took), took)}
            {examples}
        </dl>
        {clock}
    }
    .into_any()
}
