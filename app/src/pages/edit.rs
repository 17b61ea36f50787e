//! Edit a metric: the same form, and what to do when somebody else edited it meanwhile.

use atalaya_api::rule::{Rule, RuleDraft};
use atalaya_api::settings::Settings;
use leptos::prelude::*;
use serde_json::Value;

use super::attend::{Attend, AttendDialogs};
use super::form::{Editor, MetricForm};
use super::metrics::field_word;
use super::wording::decimal;
use super::{EDIT, Heading, use_go, use_id};
use crate::account::use_account;
use crate::api::{self, Api, Failure, use_api};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Empty, Kind, Loaded};
use crate::erase::{Show, drawn, memo};
use crate::fetched::{Fetched, Load, fetched};
use crate::format::use_format;
use crate::logic::conflict::{changed, clashes, draft_patch, merged};
use crate::logic::form::Form;
use crate::logic::query::encode;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn EditPage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(EDIT));
    let rule = fetched::<Rule>(move || Some(format!("rules/{}", encode(&id.get()))));
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    let gone = memo(move || {
        rule.state.with(|state| match state {
            Load::Ready(rule) => rule.deleted_at.is_some(),
            Load::Failed(failure) => failure.status() == Some(404),
            _ => false,
        })
    });
    view! {
        <Heading text=say!(prefs, pages.edit.title)>
            <a class="button" href="configured">{say!(prefs, pages.edit.to_list)}</a>
        </Heading>
        <Show when=move || !gone.get() fallback=move || view! { <Gone rule /> }>
            <Loaded from=settings let:settings>
                <Loaded from=rule let:rule>
                    <EditForm rule=rule.get_untracked() settings=settings.get_untracked() />
                </Loaded>
            </Loaded>
        </Show>
    }
}

/// It was deleted: say so, and offer to bring it back where it is still kept.
#[component]
fn Gone(rule: Fetched<Rule>) -> impl IntoView {
    let (prefs, api, account) = (use_prefs(), use_api(), use_account());
    let kept = memo(move || rule.value().map(|rule| rule.id));
    let restore = move |()| {
        let Some(id) = kept.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            let _ = api.post(&format!("rules/{id}/restore"), &serde_json::json!({})).await;
            rule.refresh();
        });
    };
    view! {
        <Empty title=say!(prefs, pages.edit.not_found)>
            <Show when=move || kept.with(Option::is_some) && account.may_configure()>
                <Button icon="undo" press=restore>{say!(prefs, pages.edit.restore)}</Button>
            </Show>
            <a class="button" href="configured">{say!(prefs, pages.edit.to_list)}</a>
        </Empty>
    }
}

/// What somebody else saved meanwhile.
#[derive(Clone, Debug, PartialEq)]
struct Conflict {
    theirs: Rule,
    mine: RuleDraft,
}

#[derive(Clone, Copy)]
struct Saving {
    editor: Editor,
    /// The version that `editor.base` is of.
    read: RwSignal<Rule>,
    conflict: RwSignal<Option<Conflict>>,
    api: Api,
    prefs: Prefs,
    notices: Notices,
}

#[component]
fn EditForm(rule: Rule, settings: Settings) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let form = Form::of(&rule.draft, untrack(|| decimal(prefs)));
    let saving = Saving {
        editor: Editor::new(&form, Some(rule.draft.clone()), &settings),
        read: RwSignal::new(rule),
        conflict: RwSignal::new(None),
        api: use_api(),
        prefs,
        notices: use_notices(),
    };
    let go = use_go();
    let done = Callback::new(move |id: String| go(&format!("configured?mark={id}")));
    let save = Callback::new(move |()| saving.save(done));
    let by = move || {
        let (who, when) = saving.read.with(|rule| (rule.updated_by.clone(), format.time(rule.updated_at)));
        said!(prefs, pages.edit.by, who = who, when = when).to_string()
    };
    let linked = saving.read.with_untracked(|rule| rule.draft.template.clone()).map(|used| {
        let href = format!("templates/{}", encode(&used.id));
        let words = move || said!(prefs, tables.many.linked_note, set = used.set.clone()).to_string();
        view! { <p class="note">{drawn(words)} " " <a href=href>{say!(prefs, tables.many.to_template)}</a></p> }
    });
    let attend = Attend::new(|| ());
    let mute = move |()| {
        let (id, name) = saving.read.with_untracked(|rule| (rule.id.clone(), rule.draft.name.clone()));
        attend.mute_rule(id, name);
    };
    view! {
        <p class="muted">{drawn(by)}</p>
        {linked}
        <Show
            when=move || account.may_configure()
            fallback=move || view! { <p class="note">{say!(prefs, pages.common.read_only)}</p> }
        >
            <p><Button icon="silent" press=mute>{say!(prefs, quiet.mute)}</Button></p>
        </Show>
        <AttendDialogs attend />
        <MetricForm editor=saving.editor save>
            <ConflictNote saving done />
        </MetricForm>
    }
}

impl Saving {
    /// Sends what changed against what was read.
    fn save(self, done: Callback<String>) {
        if self.editor.saving.get_untracked() {
            return;
        }
        if let Some(draft) = self.editor.attempt() {
            self.send(draft, done);
        }
    }

    fn send(self, mine: RuleDraft, done: Callback<String>) {
        let read = self.read.get_untracked();
        let mut patch = draft_patch(&read.draft, &mine);
        if let Value::Object(members) = &mut patch {
            members.insert("version".to_owned(), read.version.into());
        }
        self.editor.saving.set(true);
        leptos::task::spawn_local(async move {
            let answer =
                self.api.patch(&format!("rules/{}", read.id), &patch).await.and_then(api::read::<Rule>);
            let _ = self.editor.saving.try_set(false);
            match answer {
                Ok(rule) => {
                    self.tell_saved(&read, &rule);
                    done.try_run(rule.id);
                }
                Err(failure) if failure.status() == Some(409) => self.meet(mine, failure).await,
                Err(failure) => self.editor.faults.refused(&failure, ""),
            }
        });
    }

    /// Somebody was faster: read theirs and say what differs.
    async fn meet(self, mine: RuleDraft, failure: Failure) {
        // The page may have been left meanwhile.
        let Some(id) = self.read.try_with_untracked(|read| read.id.clone()) else { return };
        match self.api.get(&format!("rules/{id}")).await.and_then(api::read::<Rule>) {
            Ok(theirs) => {
                let _ = self.conflict.try_set(Some(Conflict { theirs, mine }));
            }
            Err(_) => self.editor.faults.refused(&failure, ""),
        }
    }

    /// Goes on from their version with this draft.
    fn resolve(self, conflict: &Conflict, draft: RuleDraft, done: Callback<String>) {
        self.read.set(conflict.theirs.clone());
        self.editor.base.set(Some(conflict.theirs.draft.clone()));
        self.conflict.set(None);
        self.send(draft, done);
    }

    /// Shows theirs, forgetting mine.
    fn take_theirs(self, conflict: &Conflict) {
        let draft = conflict.theirs.draft.clone();
        self.read.set(conflict.theirs.clone());
        self.editor.fields.set(&Form::of(&draft, untrack(|| decimal(self.prefs))));
        self.editor.telling.set(&draft.notify);
        self.editor.base.set(Some(draft));
        self.conflict.set(None);
    }

    /// "Undo" puts back what stood there before, as a new version.
    fn tell_saved(self, before: &Rule, after: &Rule) {
        let (api, prefs, notices) = (self.api, self.prefs, self.notices);
        let words =
            untrack(|| said!(prefs, pages.metrics.saved, name = after.draft.name.clone()).to_string());
        let (path, back) = (format!("rules/{}", after.id), draft_patch(&after.draft, &before.draft));
        notices.offer_undo_by(words, true, move || api.patch(&path, &back), None);
    }
}

/// Who changed what meanwhile, and the ways out.
#[component]
fn ConflictNote(saving: Saving, done: Callback<String>) -> impl IntoView {
    move || saving.conflict.get().map(|conflict| conflict_view(saving, conflict, done))
}

fn conflict_view(saving: Saving, conflict: Conflict, done: Callback<String>) -> impl IntoView {
    let prefs = saving.prefs;
    let base = saving.read.with_untracked(|read| read.draft.clone());
    let (theirs, mine) = (conflict.theirs.draft.clone(), conflict.mine.clone());
    let both = clashes(&base, &theirs, &mine);
    let who = conflict.theirs.updated_by.clone();
    let fields = changed(&base, &theirs);
    let gone = conflict.theirs.deleted_at.is_some();
    let what = move || match gone {
        true => said!(prefs, pages.edit.conflict_gone).to_owned(),
        false => {
            let fields = field_words(prefs, &fields);
            said!(prefs, pages.edit.conflict, who = who.clone(), fields = fields).to_string()
        }
    };
    let clash = both.clone();
    let advice = move || match clash.is_empty() {
        true => said!(prefs, pages.edit.conflict_join).to_owned(),
        false => said!(prefs, pages.edit.conflict_clash, fields = field_words(prefs, &clash)).to_string(),
    };
    let keep_words = move || match both.is_empty() {
        true => said!(prefs, pages.edit.keep_both),
        false => said!(prefs, pages.edit.keep_mine),
    };
    let conflict = StoredValue::new(conflict);
    let joined = StoredValue::new(merged(&base, &theirs, &mine).unwrap_or(mine));
    let keep = move |()| saving.resolve(&conflict.get_value(), joined.get_value(), done);
    let take = move |()| saving.take_theirs(&conflict.get_value());
    let ways = (!gone).then(|| {
        view! {
            <p>{drawn(advice)}</p>
            <div class="form-actions">
                <Button kind=Kind::Primary press=keep>{drawn(keep_words)}</Button>
                <Button press=take>{say!(prefs, pages.edit.take_theirs)}</Button>
            </div>
        }
    });
    view! {
        <div class="conflict" role="alert">
            <p>{drawn(what)}</p>
            {ways}
        </div>
    }
}

/// The fields' names as the form shows them; tracks.
fn field_words(prefs: Prefs, paths: &[String]) -> String {
    let mut words: Vec<String> = paths.iter().map(|path| field_word(prefs, path)).collect();
    words.dedup();
    words.join(", ")
}
