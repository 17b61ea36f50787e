//! A test message: that it is being sent, then what the far end answered.

use atalaya_api::level::Standing;
use atalaya_api::receiver::ReceiverTest;
use leptos::prelude::*;
use serde_json::json;

use super::Editor;
use crate::api::{Failure, read};
use crate::base::encode;
use crate::components::severity::{SeverityShape, class_of};
use crate::erase::{drawn, watch};
use crate::format::use_format;
use crate::prefs::use_prefs;

/// The test button of a form.
#[derive(Clone, Copy)]
pub struct Test {
    pub running: RwSignal<bool>,
    result: RwSignal<Option<Result<ReceiverTest, Failure>>>,
    editor: Editor,
}

impl Test {
    pub fn new(editor: Editor) -> Self {
        let test = Test { running: RwSignal::new(false), result: RwSignal::new(None), editor };
        // What was answered says nothing about what is typed now.
        watch(move || editor.fields.form(), move |_| test.result.set(None));
        test
    }

    /// Tries what is typed, or what is saved where nothing was changed.
    pub fn run(self) {
        let editor = self.editor;
        if self.running.get_untracked() {
            return;
        }
        editor.faults.clear();
        let form = untrack(move || editor.fields.form());
        let same = editor.before.with_value(|before| *before == form);
        let answer = match form.body() {
            Ok(_) if same && !editor.is_new() => {
                editor.api.post(&format!("receivers/{}/test", encode(&editor.id())), &json!({}))
            }
            Ok(body) => editor.api.post("receivers/test", &body),
            Err(wrongs) => return editor.mark(wrongs),
        };
        self.running.set(true);
        self.result.set(None);
        leptos::task::spawn_local(async move {
            let answer = answer.await.and_then(read::<ReceiverTest>);
            let _ = self.running.try_set(false);
            match answer {
                Err(failure) if failure.status() == Some(422) => editor.refused(&failure),
                answer => drop(self.result.try_set(Some(answer))),
            }
        });
    }
}

#[component]
pub fn TestResult(test: Test) -> impl IntoView {
    let prefs = use_prefs();
    let running = move || said!(prefs, telling.receiver.testing);
    view! {
        <div class="tested" role="status">
            {drawn(move || test.running.get().then(|| view! { <p class="loading">{running()}</p> }))}
            {drawn(move || test.result.get().map(outcome))}
        </div>
    }
}

/// What became of a test message, in words and as the far end said it.
pub fn outcome(result: Result<ReceiverTest, Failure>) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let (ok, message, answer, took) = match result {
        Ok(test) => {
            let took = format.value(Some(test.took_ms as f64), Some("ms"));
            (test.ok, test.message, test.answer, took)
        }
        Err(failure) => (false, untrack(|| failure.words(prefs)), String::new(), String::new()),
    };
    let standing = if ok { Standing::Ok } else { Standing::Critical };
    let word = move || {
        if ok { said!(prefs, telling.receiver.test_ok) } else { said!(prefs, telling.receiver.test_bad) }
    };
    let answered = (!answer.trim().is_empty()).then(|| {
        view! {
            <p class="muted">{said!(prefs, telling.receiver.answered, took = took).to_string()}</p>
            <pre class="example">{answer}</pre>
        }
    });
    view! {
        <div class=if ok { "found" } else { "trouble" }>
            <p>
                <strong class=format!("mark {}", class_of(standing))>
                    <SeverityShape of=standing />
                    <span class="word">{drawn(word)}</span>
                </strong>
            </p>
            <p>{message}</p>
            {answered}
        </div>
    }
    .into_any()
}
