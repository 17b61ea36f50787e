//! Who is logged in where.

use atalaya_api::page::Page;
use atalaya_api::people::SessionView;
use leptos::prelude::*;

use super::{Lead, owner};
use crate::account::use_account;
use crate::api::use_api;
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::plain::{Head, text};
use crate::components::{Button, Kind, Loaded, PlainRow, PlainTable};
use crate::fetched::fetched;
use crate::format::use_format;
use crate::pages::listing::keep_fresh;
use crate::prefs::use_prefs;

const HEADS: &[Head] = &[
    (|prefs| said!(prefs, people.sessions), "wide"),
    (|prefs| said!(prefs, people.used), "labelled"),
    (|prefs| said!(prefs, people.expires), "labelled"),
    (|prefs| said!(prefs, pages.metrics.actions), "actions"),
];

/// One's own, or everybody's.
#[component]
pub fn Sessions(own: bool) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let (api, notices) = (use_api(), use_notices());
    let sessions = fetched::<Page<SessionView>>(|| Some("sessions".to_owned()));
    keep_fresh(|_| false, move || sessions.refresh());
    let me = move || account.who.with(|who| who.session().map(|session| session.username.clone()));
    let end = move |id: String| {
        leptos::task::spawn_local(async move {
            match api.delete(&format!("sessions/{}", encode(&id))).await {
                Ok(_) => notices.tell(untrack(|| said!(prefs, people.session_ended))),
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            sessions.refresh();
        });
    };
    let row = move |session: SessionView| {
        let key = format!("{} {} {}", session.id, session.used_at, session.expires_at);
        PlainRow::new(key, move || {
            let since = said!(prefs, people.since, time = format.time(session.created_at)).to_string();
            let here =
                session.current.then(|| view! { <span class="tag">{said!(prefs, people.this_one)}</span> });
            let id = session.id.clone();
            let label = format!("{}: {}, {since}", said!(prefs, people.end_session), session.username);
            // This one ends by logging out.
            let button = (!session.current).then(|| {
                view! {
                    <Button kind=Kind::Quiet icon="close" press=move |()| end(id.clone()) label>
                        {say!(prefs, people.end_session)}
                    </Button>
                }
            });
            let who = view! { {owner(own, &session.username)} " " {since} " " {here} };
            vec![
                who.into_any(),
                text(format.time(session.used_at)),
                text(format.time(session.expires_at)),
                button.into_any(),
            ]
        })
    };
    view! {
        <Lead words=say!(prefs, people.sessions_lead) />
        <Loaded from=sessions let:page>
            <PlainTable
                caption=say!(prefs, people.sessions)
                heads=HEADS
                rows=Box::new(move || {
                    let mine = me();
                    let shown = |session: &&SessionView| !own || mine.as_ref() == Some(&session.username);
                    page.with(|page| page.items.iter().filter(shown).cloned().map(row).collect())
                })
            />
        </Loaded>
    }
}
