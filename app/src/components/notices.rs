//! What was just done, with "Undo"; stays until the next page.

use std::sync::Arc;

use leptos::prelude::*;
use serde_json::Value;

use super::announce::Announcer;
use super::{Button, Icon, Kind};
use crate::api::Answer;
use crate::erase::For;
use crate::prefs::{Prefs, use_prefs};

/// Owns what it calls, so that it outlives the view that made it.
type Undo = Arc<dyn Fn() + Send + Sync>;

/// One line at the foot of the page.
#[derive(Clone)]
struct Notice {
    id: u64,
    text: String,
    undo: Option<Undo>,
    /// Changes of page that it outlives.
    pages: u8,
}

/// In context.
#[derive(Clone, Copy)]
pub struct Notices {
    shown: RwSignal<Vec<Notice>>,
    next: StoredValue<u64>,
    announcer: Announcer,
    prefs: Prefs,
}

impl Notices {
    pub fn provide(announcer: Announcer, prefs: Prefs) -> Self {
        let shown = RwSignal::new(Vec::new());
        let notices = Notices { shown, next: StoredValue::new(0), announcer, prefs };
        provide_context(notices);
        notices
    }

    /// Says what was done, until the next page.
    pub fn tell(self, text: impl Into<String>) {
        self.put(text.into(), None, 0);
    }

    /// The same, called just before going to another page: it stays on that one.
    pub fn tell_on_next_page(self, text: String) {
        self.put(text, None, 1);
    }

    /// Says what was done and offers to undo it by one request, here or on the next page; then says how that went. `then` runs
    /// after it. `request` may outlive the calling view: capture services from context (`Api`) and plain values, no signals of the
    /// view.
    pub fn offer_undo_by(
        self,
        text: String,
        next_page: bool,
        request: impl Fn() -> Answer + Send + Sync + 'static,
        then: Option<Callback<()>>,
    ) {
        let prefs = self.prefs;
        let undo = move || {
            let answer = request();
            leptos::task::spawn_local(async move {
                let words = match answer.await {
                    Ok(answer) => untrack(|| undone_words(prefs, &answer)),
                    Err(failure) => untrack(|| failure.words(prefs)),
                };
                self.tell(words);
                if let Some(then) = then {
                    then.try_run(());
                }
            });
        };
        self.put(text, Some(Arc::new(undo)), u8::from(next_page));
    }

    fn put(self, text: String, undo: Option<Undo>, pages: u8) {
        self.announcer.say(text.clone());
        let id = self.next.with_value(|next| next + 1);
        self.next.set_value(id);
        self.shown.update(|shown| shown.push(Notice { id, text, undo, pages }));
    }

    /// Called at each change of page.
    pub fn turn_page(self) {
        self.shown.update(|shown| {
            shown.retain(|notice| notice.pages > 0);
            shown.iter_mut().for_each(|notice| notice.pages -= 1);
        });
    }

    fn drop(self, id: u64) {
        self.shown.update(|shown| shown.retain(|notice| notice.id != id));
    }
}

/// Some of many may stay as somebody changed them meanwhile: the answer names those.
fn undone_words(prefs: Prefs, answer: &str) -> String {
    let kept = crate::reading::from_text::<Value>(answer).ok().and_then(|answer| {
        let names = answer.get("kept")?.as_array()?.iter().filter_map(Value::as_str);
        Some(names.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
    });
    match kept {
        None => said!(prefs, pages.common.undone).to_owned(),
        Some(names) => said!(prefs, tables.many.undone_but, names = names).to_string(),
    }
}

pub fn use_notices() -> Notices {
    expect_context()
}

/// The bar; once in the app.
#[component]
pub fn NoticeBar() -> impl IntoView {
    let notices = use_notices();
    view! {
        <div class="notices">
            <For each=move || notices.shown.get() key=|notice| notice.id children=move |notice| notice_line(notices, notice).into_any() />
        </div>
    }
}

fn notice_line(notices: Notices, Notice { id, text, undo, .. }: Notice) -> impl IntoView {
    let prefs = use_prefs();
    let undo = undo.map(|undo| {
        let press = move |()| {
            undo();
            notices.drop(id);
        };
        view! { <Button kind=Kind::Plain icon="undo" press>{say!(prefs, app.undo)}</Button> }
    });
    view! {
        <div class="notice">
            <span>{text}</span>
            {undo}
            <button type="button" class="button quiet" aria-label=say!(prefs, app.close) on:click=move |_| notices.drop(id)>
                <Icon name="close" />
            </button>
        </div>
    }
}
