//! People with a role in common.

use atalaya_api::page::Page;
use atalaya_api::people::{Group, Role, User};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{Checks, role_name, role_options, role_word};
use crate::api::{read, use_api};
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::plain::{Head, text};
use crate::components::{Button, Dialog, Empty, Kind, Loaded, PlainRow, PlainTable, SelectField, TextField};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::logic::wrong::{What, Wrong};
use crate::pages::faults::Faults;
use crate::prefs::use_prefs;

const HEADS: &[Head] = &[
    (|prefs| said!(prefs, pages.form.name), "wide"),
    (|prefs| said!(prefs, people.may), "labelled"),
    (|prefs| said!(prefs, people.members), "labelled"),
    (|prefs| said!(prefs, pages.metrics.actions), "actions"),
];

/// As the API takes it.
fn draft(group: &Group) -> Value {
    json!({"name": group.name, "role": role_name(group.role), "members": group.members})
}

#[component]
pub fn Groups() -> impl IntoView {
    let (prefs, api, notices) = (use_prefs(), use_api(), use_notices());
    let users = fetched::<Page<User>>(|| Some("users".to_owned()));
    let groups = fetched::<Page<Group>>(|| Some("groups".to_owned()));
    let (open, editing) = (RwSignal::new(false), RwSignal::new(None::<Group>));
    let refresh = Callback::new(move |()| groups.refresh());
    let edit = move |group: Option<Group>| {
        editing.set(group);
        open.set(true);
    };
    let remove = move |group: Group| {
        leptos::task::spawn_local(async move {
            match api.delete(&format!("groups/{}", encode(&group.id))).await {
                Ok(_) => {
                    let name = group.name.clone();
                    let words = untrack(|| said!(prefs, tables.templates.removed, name = name).to_string());
                    let again = draft(&group);
                    notices.offer_undo_by(words, false, move || api.post("groups", &again), Some(refresh));
                }
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            refresh.try_run(());
        });
    };
    let names = move |ids: &[String]| {
        let all = users.value().map(|page| page.items).unwrap_or_default();
        let name = |id: &String| all.iter().find(|user| user.id == *id).map(|user| user.username.clone());
        ids.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let row = move |group: Group| {
        let members = names(&group.members);
        let key = format!("{} {} {:?} {members}", group.id, group.name, group.role);
        PlainRow::new(key, move || {
            let name = group.name.clone();
            let (edit_label, delete_label) = (
                said!(prefs, pages.metrics.edit_this, name = name.clone()).to_string(),
                said!(prefs, pages.metrics.delete_this, name = name.clone()).to_string(),
            );
            let (edited, removed) = (group.clone(), group.clone());
            let actions = view! {
                <span class="row-actions">
                    <Button kind=Kind::Quiet icon="edit" press=move |()| edit(Some(edited.clone())) label=edit_label>
                        {say!(prefs, pages.common.edit)}
                    </Button>
                    <Button kind=Kind::Quiet icon="delete" press=move |()| remove(removed.clone()) label=delete_label>
                        {say!(prefs, pages.common.delete)}
                    </Button>
                </span>
            };
            let shown = view! { <strong>{name}</strong> }.into_any();
            vec![shown, text(role_word(prefs, group.role)), text(members), actions.into_any()]
        })
    };
    let title = move || match editing.with(|group| group.as_ref().map(|group| group.name.clone())) {
        None => said!(prefs, people.add_group).to_owned(),
        Some(name) => format!("{}: {name}", said!(prefs, people.group)),
    };
    let none = memo(move || groups.value().is_some_and(|page| page.items.is_empty()));
    view! {
        <p class="lead">{say!(prefs, people.groups_lead)}</p>
        <p>
            <Button kind=Kind::Primary icon="add" press=move |()| edit(None)>{say!(prefs, people.add_group)}</Button>
        </p>
        <Loaded from=groups let:page>
            <Show when=move || !none.get() fallback=move || view! { <Empty title=say!(prefs, people.groups_none) /> }>
                <PlainTable
                    caption=say!(prefs, people.groups)
                    heads=HEADS
                    rows=Box::new(move || page.with(|page| page.items.iter().cloned().map(row).collect()))
                />
            </Show>
        </Loaded>
        <Dialog open title>
            <GroupForm before=editing.get_untracked() users refresh open />
        </Dialog>
    }
}

#[component]
fn GroupForm(
    before: Option<Group>,
    users: Fetched<Page<User>>,
    refresh: Callback<()>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let (prefs, api, notices) = (use_prefs(), use_api(), use_notices());
    let shown = before.clone().unwrap_or(Group {
        id: String::new(),
        name: String::new(),
        role: Role::Operator,
        members: Vec::new(),
    });
    let (name, role) = (RwSignal::new(shown.name), RwSignal::new(role_name(shown.role).to_owned()));
    let members = RwSignal::new(shown.members);
    let (faults, saving) = (Faults::new(), RwSignal::new(false));
    let before = StoredValue::new(before);
    let all = users.value().map(|page| page.items).unwrap_or_default();
    let all = all.into_iter().map(|user| (user.id, user.username)).collect::<Vec<_>>();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        faults.clear();
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return faults.mark(vec![Wrong::new("name", What::Missing)]);
        }
        if saving.get_untracked() {
            return;
        }
        saving.set(true);
        let body = json!({"name": name, "role": role.get_untracked(), "members": members.get_untracked()});
        leptos::task::spawn_local(async move {
            let answer = match before.get_value() {
                Some(group) => api.put(&format!("groups/{}", encode(&group.id)), &body).await,
                None => api.post("groups", &body).await,
            };
            let _ = saving.try_set(false);
            match answer.and_then(read::<Group>) {
                Ok(after) => {
                    let _ = open.try_set(false);
                    let words = untrack(|| said!(prefs, pages.metrics.saved, name = after.name).to_string());
                    let path = format!("groups/{}", encode(&after.id));
                    match before.try_get_value().flatten().map(|group| draft(&group)) {
                        None => notices.offer_undo_by(words, false, move || api.delete(&path), Some(refresh)),
                        Some(back) => {
                            notices.offer_undo_by(words, false, move || api.put(&path, &back), Some(refresh));
                        }
                    }
                    refresh.try_run(());
                }
                Err(failure) => faults.refused(&failure, ""),
            }
        });
    };
    view! {
        <form novalidate on:submit=submit>
            <TextField name="name" label=say!(prefs, pages.form.name) value=name error=faults.of("name") focused=true />
            <SelectField
                name="role"
                label=say!(prefs, people.role)
                value=role
                options=derive(move || role_options(prefs))
                error=faults.of("role")
            />
            <Checks label=say!(prefs, people.members) items=all chosen=members />
            <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
            <div class="dialog-actions">
                <Button press=move |()| open.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Primary submits=true disabled=saving press=|()| ()>{say!(prefs, pages.common.save)}</Button>
            </div>
        </form>
    }
}
