//! Administration: people, groups, what opens, who did what, what was deleted. Each part has its own address.

mod audit;
mod deleted;
mod groups;
mod users;

use atalaya_api::people::Role;
use leptos::prelude::*;

use self::audit::Audit;
use self::deleted::Deleted;
use self::groups::Groups;
use self::users::Users;
use super::access::{Sessions, Tokens};
use super::notify::picks;
use super::{Heading, ZoneNote};
use crate::account::use_account;
use crate::components::Empty;
use crate::erase::{Show, drawn};
use crate::prefs::{Prefs, use_prefs};

/// A part of the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Users,
    Groups,
    Tokens,
    Sessions,
    Audit,
    Deleted,
}

impl Part {
    const ALL: [Part; 6] =
        [Part::Users, Part::Groups, Part::Tokens, Part::Sessions, Part::Audit, Part::Deleted];

    /// What follows `admin/` in the address.
    fn name(self) -> &'static str {
        match self {
            Part::Users => "users",
            Part::Groups => "groups",
            Part::Tokens => "tokens",
            Part::Sessions => "sessions",
            Part::Audit => "audit",
            Part::Deleted => "deleted",
        }
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    fn words(self, prefs: Prefs) -> &'static str {
        match self {
            Part::Users => said!(prefs, people.users),
            Part::Groups => said!(prefs, people.groups),
            Part::Tokens => said!(prefs, people.tokens),
            Part::Sessions => said!(prefs, people.sessions),
            Part::Audit => said!(prefs, people.audit),
            Part::Deleted => said!(prefs, people.deleted),
        }
    }
}

#[component]
pub fn AdminPage(part: Part) -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let link = move |other: Part| {
        let current = (other == part).then_some("page");
        view! {
            <a class="chip" href=format!("admin/{}", other.name()) aria-current=current>{drawn(move || other.words(prefs))}</a>
        }
    };
    let inside = move || match part {
        Part::Users => view! { <Users /> }.into_any(),
        Part::Groups => view! { <Groups /> }.into_any(),
        Part::Tokens => view! { <Tokens own=false /> }.into_any(),
        Part::Sessions => view! { <Sessions own=false /> }.into_any(),
        Part::Audit => view! { <Audit /> }.into_any(),
        Part::Deleted => view! { <Deleted /> }.into_any(),
    };
    view! {
        <Heading text=move || format!("{}: {}", said!(prefs, people.title), part.words(prefs))>
            <ZoneNote />
        </Heading>
        <Show
            when=move || account.may(Role::Admin)
            fallback=move || view! { <Empty title=say!(prefs, people.admins_only) /> }
        >
            <nav class="chips parts" aria-label=say!(prefs, people.title)>{Part::ALL.map(link).collect_view()}</nav>
            {inside()}
        </Show>
    }
}

/// What somebody may do; tracks.
pub fn role_word(prefs: Prefs, role: Role) -> &'static str {
    match role {
        Role::Viewer => said!(prefs, people.viewer),
        Role::Operator => said!(prefs, people.operator),
        Role::Admin => said!(prefs, people.admin),
    }
}

/// The roles as choices: their API names and what each may do; tracks.
fn role_options(prefs: Prefs) -> Vec<(String, String)> {
    let option = |name: &str, words: &str| (name.to_owned(), words.to_owned());
    vec![
        option("viewer", said!(prefs, people.viewer_may)),
        option("operator", said!(prefs, people.operator_may)),
        option("admin", said!(prefs, people.admin_may)),
    ]
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

/// Some of these, each with a checkbox; `chosen` holds the ids.
#[component]
fn Checks(
    #[prop(into)] label: TextProp,
    /// Ids and names.
    items: Vec<(String, String)>,
    chosen: RwSignal<Vec<String>>,
) -> impl IntoView {
    view! {
        <fieldset class="checks">
            <legend>{drawn(move || label.get())}</legend>
            {picks(items, chosen)}
        </fieldset>
    }
}
