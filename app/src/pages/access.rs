//! What opens: tokens and sessions, everybody's for administrators, one's own for all; and asking before what cannot be undone.

mod sessions;
mod tokens;

use leptos::prelude::*;

pub use self::sessions::Sessions;
pub use self::tokens::Tokens;

use crate::api::{Api, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Dialog, Kind};
use crate::erase::drawn;
use crate::prefs::{Prefs, use_prefs};

/// What is about to be deleted for good.
#[derive(Clone)]
struct Wanted {
    /// The API's path.
    path: String,
    /// What is asked.
    question: String,
    /// What is said once it is done.
    done: String,
}

/// Asks before what cannot be undone.
#[derive(Clone, Copy)]
pub struct Sure {
    open: RwSignal<bool>,
    wanted: RwSignal<Option<Wanted>>,
    api: Api,
    prefs: Prefs,
    notices: Notices,
    refresh: Callback<()>,
    help: Word,
    deed: Word,
}

/// A text in the present language.
type Word = fn(Prefs) -> &'static str;

impl Sure {
    /// For what opens.
    pub fn new(refresh: impl Fn() + Send + Sync + 'static) -> Self {
        Sure::with_words(
            refresh,
            |prefs| said!(prefs, people.for_good),
            |prefs| said!(prefs, pages.common.delete),
        )
    }

    /// `help` says what it means, `deed` stands on the button.
    pub fn with_words(refresh: impl Fn() + Send + Sync + 'static, help: Word, deed: Word) -> Self {
        Sure {
            help,
            deed,
            open: RwSignal::new(false),
            wanted: RwSignal::new(None),
            api: use_api(),
            prefs: use_prefs(),
            notices: use_notices(),
            refresh: Callback::new(move |()| refresh()),
        }
    }

    /// Asks; upon yes what is at the API's path is deleted.
    pub fn ask(self, path: String, question: String, done: String) {
        self.wanted.set(Some(Wanted { path, question, done }));
        self.open.set(true);
    }

    fn run(self) {
        self.open.set(false);
        let Some(Wanted { path, done, .. }) = self.wanted.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            match self.api.delete(&path).await {
                Ok(_) => self.notices.tell(done),
                Err(failure) => self.notices.tell(untrack(|| failure.words(self.prefs))),
            }
            self.refresh.try_run(());
        });
    }
}

/// The question of a [`Sure`]; once beside what asks it.
#[component]
pub fn SureDialog(sure: Sure) -> impl IntoView {
    let prefs = use_prefs();
    let question = move || sure.wanted.with(|wanted| wanted.as_ref().map(|wanted| wanted.question.clone()));
    view! {
        <Dialog open=sure.open title=move || question().unwrap_or_default()>
            <p>{drawn(move || (sure.help)(prefs))}</p>
            <div class="dialog-actions">
                <Button press=move |()| sure.open.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Danger icon="delete" press=move |()| sure.run()>{drawn(move || (sure.deed)(prefs))}</Button>
            </div>
        </Dialog>
    }
}

/// Who it is of, where everybody's are listed.
fn owner(own: bool, name: &str) -> Option<AnyView> {
    (!own).then(|| view! { <strong>{name.to_owned()}</strong> }.into_any())
}

/// A note above a list of one's own or of everybody's.
#[component]
fn Lead(#[prop(into)] words: TextProp) -> impl IntoView {
    view! { <p class="lead">{drawn(move || words.get())}</p> }
}
