//! API tokens: made, shown once, revoked.

use atalaya_api::page::Page;
use atalaya_api::people::{Token, TokenScope};
use js_sys::{Function, Reflect};
use leptos::html;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{Lead, Sure, SureDialog, owner};
use crate::account::use_account;
use crate::api::{read, use_api};
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::plain::{Head, text};
use crate::components::{Button, Empty, Kind, Loaded, PlainRow, PlainTable, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::use_format;
use crate::logic::wrong::{What, Wrong};
use crate::pages::faults::Faults;
use crate::prefs::use_prefs;

const HEADS: &[Head] = &[
    (|prefs| said!(prefs, people.tokens), "wide"),
    (|prefs| said!(prefs, people.opens), "labelled"),
    (|prefs| said!(prefs, people.used), "labelled"),
    (|prefs| said!(prefs, people.expires), "labelled"),
    (|prefs| said!(prefs, pages.metrics.actions), "actions"),
];

/// How long a token may last, days; the empty one lasts for ever.
const LASTING: [&str; 4] = ["30d", "90d", "365d", ""];

/// One's own, or everybody's; made for oneself either way.
#[component]
pub fn Tokens(own: bool) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let tokens = fetched::<Page<Token>>(|| Some("tokens".to_owned()));
    let sure = Sure::new(move || tokens.refresh());
    let me = move || account.who.with(|who| who.session().map(|session| session.username.clone()));
    let row = move |token: Token| {
        let key = format!("{} {} {:?}", token.id, token.name, token.used_at);
        PlainRow::new(key, move || {
            let opens = match token.scope {
                TokenScope::Api => said!(prefs, people.opens_api),
                TokenScope::Ingest => said!(prefs, people.opens_ingest),
            };
            let time = |at: Option<atalaya_api::Timestamp>, none: &'static str| {
                text(at.map_or_else(|| none.to_owned(), |at| format.time(at)))
            };
            let path = format!("tokens/{}", encode(&token.id));
            let name = token.name.clone();
            let question = said!(prefs, people.revoke_this, name = name.clone()).to_string();
            let done = said!(prefs, tables.templates.removed, name = name.clone()).to_string();
            let label = question.clone();
            let press = move |()| sure.ask(path.clone(), question.clone(), done.clone());
            let button = view! {
                <Button kind=Kind::Quiet icon="delete" press label>{say!(prefs, people.revoke)}</Button>
            };
            let title = view! {
                <span class="row-title">{name}</span>
                <span class="row-place">{owner(own, &token.username)} " " <code>{token.prefix}"…"</code></span>
            };
            vec![
                title.into_any(),
                text(opens),
                time(token.used_at, said!(prefs, people.never)),
                time(token.expires_at, said!(prefs, people.never)),
                button.into_any(),
            ]
        })
    };
    let shown = move || {
        let mine = me();
        let all = tokens.value().map(|page| page.items).unwrap_or_default();
        all.into_iter().filter(|token| !own || mine.as_ref() == Some(&token.username)).collect::<Vec<_>>()
    };
    let none = memo(move || shown().is_empty());
    view! {
        <Lead words=say!(prefs, people.tokens_lead) />
        <NewToken tokens />
        <Loaded from=tokens let:_page>
            <Show when=move || !none.get() fallback=move || view! { <Empty title=say!(prefs, people.tokens_none) /> }>
                <PlainTable
                    caption=say!(prefs, people.tokens)
                    heads=HEADS
                    rows=Box::new(move || shown().into_iter().map(row).collect())
                />
            </Show>
        </Loaded>
        <SureDialog sure />
    }
}

#[component]
fn NewToken(tokens: Fetched<Page<Token>>) -> impl IntoView {
    let (prefs, account, api) = (use_prefs(), use_account(), use_api());
    let (name, scope) = (RwSignal::new(String::new()), RwSignal::new("api".to_owned()));
    let lasting = RwSignal::new(LASTING[1].to_owned());
    let (faults, saving) = (Faults::new(), RwSignal::new(false));
    let made = RwSignal::new(None::<String>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        faults.clear();
        made.set(None);
        let typed = name.get_untracked().trim().to_owned();
        if typed.is_empty() {
            return faults.mark(vec![Wrong::new("token-name", What::Missing)]);
        }
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        let lasting = Some(lasting.get_untracked()).filter(|lasting| !lasting.is_empty());
        let body = json!({"name": typed, "scope": scope.get_untracked(), "lasting": lasting});
        leptos::task::spawn_local(async move {
            let answer = api.post("tokens", &body).await.and_then(read::<Token>);
            let _ = saving.try_set(false);
            match answer {
                Ok(token) => {
                    let _ = made.try_set(token.token);
                    let _ = name.try_set(String::new());
                    tokens.refresh();
                }
                Err(failure) => faults.refused(&failure, ""),
            }
        });
    };
    let scopes = derive(move || {
        let option = |value: &str, words: &str| (value.to_owned(), words.to_owned());
        let mut all = vec![option("api", said!(prefs, people.opens_api))];
        if account.may_configure() {
            all.push(option("ingest", said!(prefs, people.opens_ingest)));
        }
        all
    });
    let lastings = derive(move || {
        let words = |lasting: &str| match lasting.strip_suffix('d') {
            Some(days) => said!(prefs, people.days, count = days.to_owned()).to_string(),
            None => said!(prefs, people.for_ever).to_owned(),
        };
        LASTING.map(|lasting| (lasting.to_owned(), words(lasting))).into()
    });
    view! {
        <form class="filters" novalidate on:submit=submit>
            <TextField
                name="token-name"
                label=say!(prefs, people.token_for)
                value=name
                error=derive({
                    let (here, server) = (faults.of("token-name"), faults.of("name"));
                    move || here.get().or_else(|| server.get())
                })
            />
            <SelectField name="scope" label=say!(prefs, people.opens) value=scope options=scopes error=faults.of("scope") />
            <SelectField name="lasting" label=say!(prefs, people.lasts) value=lasting options=lastings error=faults.of("lasting") />
            <Button kind=Kind::Primary icon="add" submits=true disabled=saving press=|()| ()>{say!(prefs, people.make_token)}</Button>
        </form>
        <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
        {drawn(move || made.get().map(|token| view! { <ShownOnce token /> }))}
    }
}

/// The new token, this once.
#[component]
fn ShownOnce(token: String) -> impl IntoView {
    let (prefs, notices) = (use_prefs(), use_notices());
    let node = NodeRef::<html::Input>::new();
    let copied = token.clone();
    let press = move |()| {
        let done = copy(&copied);
        if let Some(input) = node.get_untracked() {
            // Where the page may not write there, the keys do.
            input.select();
        }
        notices.tell(untrack(|| match done {
            true => said!(prefs, people.copied),
            false => said!(prefs, people.copy_by_keys),
        }));
    };
    view! {
        <div class="found" role="status">
            <p><strong>{say!(prefs, people.shown_once)}</strong></p>
            <div class="row">
                <input class="once" node_ref=node type="text" readonly prop:value=token aria-label=say!(prefs, people.token) />
                <Button icon="clone" press>{say!(prefs, people.copy)}</Button>
            </div>
        </div>
    }
}

/// Puts the text where it can be pasted from; false where the browser does not allow it, as without TLS.
fn copy(text: &str) -> bool {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
    let Some(board) = get(&window().navigator(), "clipboard").filter(|board| !board.is_undefined()) else {
        return false;
    };
    let write = get(&board, "writeText").map(Function::from);
    write.is_some_and(|write| write.call1(&board, &JsValue::from_str(text)).is_ok())
}
