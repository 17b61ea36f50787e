//! What would be sent, while its words are typed.

use atalaya_api::receiver::{MessagePreview, PreviewedMessage, ReceiverKind};
use leptos::prelude::*;
use serde_json::Value;

use super::Editor;
use crate::components::Loaded;
use crate::erase::{derive, drawn, effect};
use crate::fetched::asked;
use crate::format::{Format, use_format};
use crate::logic::wrong::{What, Wrong};
use crate::pages::listing::after_rest;
use crate::prefs::{Prefs, use_prefs};

/// Typing rests this long before it is previewed, ms.
const REST_MS: u64 = 300;

#[component]
pub fn Preview(editor: Editor) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let fields = editor.fields;
    let now = untrack(|| fields.form().preview());
    let body = RwSignal::new(now);
    after_rest(
        move || fields.form().preview(),
        REST_MS,
        move |now: Value| {
            let _ = body.try_set(now);
        },
    );
    let preview = asked::<MessagePreview>(move || Some(("receivers/preview".to_owned(), body.get())));
    // What is wrong with the words stands beside them; nobody's focus goes there while typing.
    effect(move || {
        let failure = preview.state.with(|state| state.failure().cloned());
        for field in ["words.title", "words.text"] {
            editor.faults.forget(field);
            if let Some(words) = failure.as_ref().and_then(|failure| failure.field(field)) {
                editor.faults.wrongs.update(|wrongs| wrongs.push(Wrong::new(field, What::Server(words))));
            }
        }
    });
    let mail = move || fields.kind.get() == ReceiverKind::Email;
    view! {
        <section class="card preview">
            <h2>{say!(prefs, telling.preview.title)}</h2>
            <p class="help">{say!(prefs, telling.preview.help)}</p>
            <Loaded from=preview let:shown>
                {
                    let messages = derive(move || shown.with(|shown| shown.messages.clone()));
                    drawn(move || {
                        let mail = mail();
                        messages.get().into_iter().map(|one| message(prefs, format, one, mail)).collect_view()
                    })
                }
            </Loaded>
        </section>
    }
}

fn message(prefs: Prefs, format: Format, one: PreviewedMessage, mail: bool) -> AnyView {
    let of = match one.of.as_str() {
        "raised" => said!(prefs, telling.preview.raised),
        "cleared" => said!(prefs, telling.preview.cleared),
        "group" => said!(prefs, telling.preview.group),
        _ => said!(prefs, telling.preview.summary),
    };
    let title = (mail && !one.title.is_empty()).then(|| view! { <strong>{one.title.clone()}"\n\n"</strong> });
    let length = one.text.chars().count() as u64;
    let parts = (one.parts > 0).then(|| {
        let (parts, length) = (format.count(u64::from(one.parts)), format.count(length));
        said!(prefs, telling.preview.parts, parts = parts, length = length).to_string()
    });
    view! {
        <p class="label">{of} " " <span class="muted number">{parts}</span></p>
        <pre class="example">{title}{one.text}</pre>
    }
    .into_any()
}
