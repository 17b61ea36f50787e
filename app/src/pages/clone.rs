//! Clone a metric: the form filled with what another has, to be saved as a new one.

use atalaya_api::rule::Rule;
use atalaya_api::settings::Settings;
use leptos::prelude::*;

use super::form::{Editor, MetricForm};
use super::wording::decimal;
use super::{CLONE, Heading, use_go, use_id};
use crate::api::{read, use_api};
use crate::components::Loaded;
use crate::components::notices::use_notices;
use crate::fetched::fetched;
use crate::logic::form::Form;
use crate::logic::query::encode;
use crate::prefs::use_prefs;
use crate::reading::value_of;

#[component]
pub fn ClonePage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(CLONE));
    let rule = fetched::<Rule>(move || Some(format!("rules/{}", encode(&id.get()))));
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    view! {
        <Heading text=say!(prefs, tables.many.clone_title)>
            <a class="button" href="configured">{say!(prefs, pages.edit.to_list)}</a>
        </Heading>
        <Loaded from=settings let:settings>
            <Loaded from=rule let:rule>
                <CloneForm rule=rule.get_untracked() settings=settings.get_untracked() />
            </Loaded>
        </Loaded>
    }
}

#[component]
fn CloneForm(rule: Rule, settings: Settings) -> impl IntoView {
    let (prefs, go, notices, api) = (use_prefs(), use_go(), use_notices(), use_api());
    let mut draft = rule.draft;
    draft.name = untrack(|| said!(prefs, tables.many.copy_of, name = draft.name).to_string());
    // A template has one metric of a set: the copy has the values, not the link.
    draft.template = None;
    let form = Form::of(&draft, untrack(|| decimal(prefs)));
    let editor = Editor::new(&form, Some(draft), &settings);
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
                    super::add::tell_added(notices, api, prefs, &rule);
                    go(&format!("configured?mark={}", rule.id));
                }
                Err(failure) => editor.faults.refused(&failure, ""),
            }
        });
    });
    view! { <MetricForm editor save /> }
}
