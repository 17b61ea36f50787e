//! Who may log in: add, role and groups, new password, delete.

use atalaya_api::page::Page;
use atalaya_api::people::{Group, Role, User};
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::{Checks, role_name, role_options, role_word};
use crate::api::{Failure, read, use_api};
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::plain::{Head, text};
use crate::components::{Button, Dialog, Kind, Loaded, PlainRow, PlainTable, SelectField, TextField};
use crate::erase::{Show, derive, drawn};
use crate::fetched::{Fetched, fetched};
use crate::format::use_format;
use crate::pages::access::{Sure, SureDialog};
use crate::pages::faults::Faults;
use crate::prefs::use_prefs;

/// The shortest password, characters.
const SHORTEST: usize = 8;

const HEADS: &[Head] = &[
    (|prefs| said!(prefs, app.login.username), "wide"),
    (|prefs| said!(prefs, people.may), "labelled"),
    (|prefs| said!(prefs, people.groups), "labelled"),
    (|prefs| said!(prefs, people.last_seen), "labelled"),
    (|prefs| said!(prefs, pages.metrics.actions), "actions"),
];

#[component]
pub fn Users() -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let users = fetched::<Page<User>>(|| Some("users".to_owned()));
    let groups = fetched::<Page<Group>>(|| Some("groups".to_owned()));
    let (open, editing) = (RwSignal::new(false), RwSignal::new(None::<User>));
    let sure = Sure::new(move || users.refresh());
    let edit = move |user: Option<User>| {
        editing.set(user);
        open.set(true);
    };
    let group_names = move |ids: &[String]| {
        let all = groups.value().map(|page| page.items).unwrap_or_default();
        let name = |id: &String| all.iter().find(|group| group.id == *id).map(|group| group.name.clone());
        ids.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let row = move |user: User| {
        let names = group_names(&user.groups);
        let (seen, own) = (user.last_seen_at, user.role);
        let key = format!("{} {:?} {:?} {names} {seen:?}", user.id, own, user.effective_role);
        PlainRow::new(key, move || {
            let may = match user.effective_role == user.role {
                true => role_word(prefs, user.role).to_owned(),
                false => {
                    let (all, own) = (role_word(prefs, user.effective_role), role_word(prefs, user.role));
                    said!(prefs, people.by_group, role = all, own = own).to_string()
                }
            };
            let seen = seen.map_or_else(|| "–".to_owned(), |at| format.time(at));
            let name = user.username.clone();
            let (edit_label, delete_label) = (
                said!(prefs, pages.metrics.edit_this, name = name.clone()).to_string(),
                said!(prefs, pages.metrics.delete_this, name = name.clone()).to_string(),
            );
            let path = format!("users/{}", encode(&user.id));
            let (shown, gone) = (user.username.clone(), name.clone());
            let delete = move |()| sure.ask(path.clone(), said_now(prefs, &name), gone_now(prefs, &gone));
            let actions = view! {
                <span class="row-actions">
                    <Button kind=Kind::Quiet icon="edit" press=move |()| edit(Some(user.clone())) label=edit_label>
                        {say!(prefs, pages.common.edit)}
                    </Button>
                    <Button kind=Kind::Quiet icon="delete" press=delete label=delete_label>
                        {say!(prefs, pages.common.delete)}
                    </Button>
                </span>
            };
            let shown = view! { <strong>{shown}</strong> }.into_any();
            vec![shown, text(may), text(names), text(seen), actions.into_any()]
        })
    };
    let title = move || match editing.with(|user| user.as_ref().map(|user| user.username.clone())) {
        None => said!(prefs, people.add_user).to_owned(),
        Some(name) => format!("{}: {name}", said!(prefs, people.user)),
    };
    view! {
        <p class="lead">{say!(prefs, people.users_lead)}</p>
        <p>
            <Button kind=Kind::Primary icon="add" press=move |()| edit(None)>{say!(prefs, people.add_user)}</Button>
        </p>
        <Loaded from=users let:page>
            <PlainTable
                caption=say!(prefs, people.users)
                heads=HEADS
                rows=Box::new(move || page.with(|page| page.items.iter().cloned().map(row).collect()))
            />
        </Loaded>
        <Dialog open title>
            <UserForm before=editing.get_untracked() users groups open />
        </Dialog>
        <SureDialog sure />
    }
}

fn said_now(prefs: crate::prefs::Prefs, name: &str) -> String {
    untrack(|| said!(prefs, people.delete_user, name = name.to_owned()).to_string())
}

fn gone_now(prefs: crate::prefs::Prefs, name: &str) -> String {
    untrack(|| said!(prefs, tables.templates.removed, name = name.to_owned()).to_string())
}

/// A new user, or role, groups and a new password of one.
#[component]
fn UserForm(
    before: Option<User>,
    users: Fetched<Page<User>>,
    groups: Fetched<Page<Group>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let (prefs, api, notices) = (use_prefs(), use_api(), use_notices());
    let is_new = before.is_none();
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = before.as_ref().map_or(Role::Viewer, |user| user.role);
    let role = RwSignal::new(role_name(role).to_owned());
    let chosen = RwSignal::new(before.as_ref().map(|user| user.groups.clone()).unwrap_or_default());
    let (faults, saving) = (Faults::new(), RwSignal::new(false));
    let before = StoredValue::new(before);
    let all = groups.value().map(|page| page.items).unwrap_or_default();
    let all: Vec<(String, String)> = all.into_iter().map(|group| (group.id, group.name)).collect();
    let has_groups = !all.is_empty();
    let all = StoredValue::new(all);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if saving.get_untracked() {
            return;
        }
        faults.clear();
        saving.set(true);
        let mut patch = Map::new();
        patch.insert("role".to_owned(), json!(role.get_untracked()));
        patch.insert("groups".to_owned(), json!(chosen.get_untracked()));
        let (name, password) = (name.get_untracked().trim().to_owned(), password.get_untracked());
        leptos::task::spawn_local(async move {
            let saved: Result<(String, String), Failure> = match before.get_value() {
                Some(user) => {
                    if !password.is_empty() {
                        patch.insert("password".to_owned(), json!(password));
                    }
                    let path = format!("users/{}", encode(&user.id));
                    api.patch(&path, &Value::Object(patch)).await.map(|_| (user.id, user.username))
                }
                None => {
                    let body = json!({"username": name, "password": password, "role": patch["role"]});
                    match api.post("users", &body).await.and_then(read::<User>) {
                        Ok(user) => {
                            let path = format!("users/{}", encode(&user.id));
                            patch.remove("role");
                            let in_groups =
                                patch["groups"].as_array().is_some_and(|groups| !groups.is_empty());
                            match in_groups {
                                true => api
                                    .patch(&path, &Value::Object(patch))
                                    .await
                                    .map(|_| (user.id, user.username)),
                                false => Ok((user.id, user.username)),
                            }
                        }
                        Err(failure) => Err(failure),
                    }
                }
            };
            let _ = saving.try_set(false);
            match saved {
                Ok((id, name)) => {
                    let _ = open.try_set(false);
                    let words = untrack(|| said!(prefs, pages.metrics.saved, name = name).to_string());
                    let path = format!("users/{}", encode(&id));
                    let refresh = Some(Callback::new(move |()| users.refresh()));
                    match before.try_get_value().flatten() {
                        None => notices.offer_undo_by(words, false, move || api.delete(&path), refresh),
                        Some(user) => {
                            let back = json!({"role": role_name(user.role), "groups": user.groups});
                            notices.offer_undo_by(words, false, move || api.patch(&path, &back), refresh);
                        }
                    }
                    users.refresh();
                }
                Err(failure) => faults.refused(&failure, ""),
            }
        });
    };
    let password_label = move || match is_new {
        true => said!(prefs, app.login.password),
        false => said!(prefs, people.new_password),
    };
    let password_help = move || match is_new {
        true => said!(prefs, app.setup.password_help).to_owned(),
        false => said!(prefs, people.new_password_help, least = SHORTEST).to_string(),
    };
    view! {
        <form novalidate on:submit=submit>
            <Show when=move || is_new>
                <TextField
                    name="username"
                    label=say!(prefs, app.login.username)
                    value=name
                    error=faults.of("username")
                    focused=true
                />
            </Show>
            <SelectField
                name="role"
                label=say!(prefs, people.role)
                value=role
                options=derive(move || role_options(prefs))
                error=faults.of("role")
            />
            <Show when=move || has_groups>
                <Checks label=say!(prefs, people.groups) items=all.get_value() chosen />
            </Show>
            <TextField
                name="password"
                kind="password"
                autocomplete="new-password"
                label=password_label
                value=password
                help=password_help
                error=faults.of("password")
            />
            <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
            <div class="dialog-actions">
                <Button press=move |()| open.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Primary submits=true disabled=saving press=|()| ()>{say!(prefs, pages.common.save)}</Button>
            </div>
        </form>
    }
}
