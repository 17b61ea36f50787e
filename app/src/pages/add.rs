//! Add a metric: search, see, save.

use atalaya_api::rule::Rule;
use atalaya_api::settings::Settings;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::form::{Editor, MetricForm};
use super::listing::{after_rest, use_write_address};
use super::wording::decimal;
use super::{Heading, use_go};
use crate::account::use_account;
use crate::api::{Api, read, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Kind, Loaded};
use crate::erase::{Show, memo};
use crate::fetched::fetched;
use crate::logic::form::Form;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// Typing rests this long before it is written into the address, ms.
const REST_MS: u64 = 400;

#[component]
pub fn AddPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    view! {
        <Heading text=say!(prefs, pages.add.title) />
        <Show
            when=move || account.may_configure()
            fallback=move || view! { <p class="note">{say!(prefs, pages.common.read_only)}</p> }
        >
            <Loaded from=settings let:settings>
                <AddForm settings=settings.get_untracked() />
            </Loaded>
        </Show>
    }
}

/// The form, resumed from the address; what is typed is written there, so that "Back" and a shared link find it.
#[component]
fn AddForm(settings: Settings) -> impl IntoView {
    let (prefs, go, notices, api) = (use_prefs(), use_go(), use_notices(), use_api());
    let mark = untrack(|| decimal(prefs));
    let usual = StoredValue::new(Form::new(&settings.defaults, mark));
    let search = use_location().search.get_untracked();
    let form = usual.with_value(|usual| Form::from_query(&search, usual));
    let editor = Editor::new(&form, None, &settings);
    let write = use_write_address();
    let address = move || usual.with_value(|usual| editor.form.with(|form| form.to_query(usual)));
    after_rest(address, REST_MS, move |query| write(&query));
    let save = Callback::new(move |()| {
        if editor.saving.get_untracked() {
            return;
        }
        let Some(draft) = editor.attempt() else { return };
        let go = go.clone();
        editor.saving.set(true);
        leptos::task::spawn_local(async move {
            let answer = api.post("rules", &value_of(&draft)).await.and_then(read::<Rule>);
            let _ = editor.saving.try_set(false);
            match answer {
                Ok(rule) => {
                    tell_added(notices, api, prefs, &rule);
                    go(&format!("configured?mark={}", rule.id));
                }
                Err(failure) => editor.faults.refused(&failure, ""),
            }
        });
    });
    let start_over = move |()| usual.with_value(|usual| editor.fields.set(usual));
    let started = memo(move || editor.fields.expr.with(|expr| !expr.is_empty()));
    view! {
        <Show when=move || !started.get()>
            <p class="lead">{say!(prefs, pages.add.start)}</p>
        </Show>
        <MetricForm editor save>
            <Button kind=Kind::Quiet icon="undo" press=start_over>{say!(prefs, pages.add.start_over)}</Button>
        </MetricForm>
    }
}

/// Says that it is watched now, with "Undo" on the list that follows.
pub fn tell_added(notices: Notices, api: Api, prefs: Prefs, rule: &Rule) {
    let words = untrack(|| said!(prefs, pages.metrics.added, name = rule.draft.name.clone()).to_string());
    let path = format!("rules/{}", rule.id);
    notices.offer_undo_by(words, true, move || api.delete(&path), None);
}
