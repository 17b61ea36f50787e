//! Mutes and maintenance: what is muted now, and the windows that are planned.

mod window;
mod windows;

use atalaya_api::page::Page;
use atalaya_api::quiet::{Mute, MuteKind, MuteTarget};
use leptos::prelude::*;
use serde_json::{Value, json};

pub use self::window::WindowPage;

use self::windows::Windows;
use super::listing::keep_fresh;
use super::{Heading, ZoneNote, use_go};
use crate::account::use_account;
use crate::api::{Api, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::plain::{Head, text};
use crate::components::{Button, Empty, Kind, Loaded, PlainRow, PlainTable};
use crate::erase::{Show, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::use_format;
use crate::live::LiveEvent;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

#[component]
pub fn QuietPage() -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let mutes = fetched::<Page<Mute>>(|| Some("mutes".to_owned()));
    keep_fresh(|event| *event == LiveEvent::Quiet, move || mutes.refresh());
    let none = memo(move || mutes.value().is_some_and(|page| page.items.is_empty()));
    let add = Callback::new(move |()| go("quiet/new"));
    view! {
        <Heading text=say!(prefs, quiet.title)>
            <ZoneNote />
            <Show when=move || account.may_configure()>
                <Button kind=Kind::Primary icon="add" press=add>{say!(prefs, quiet.plan)}</Button>
            </Show>
        </Heading>
        <p class="lead">{say!(prefs, quiet.lead)}</p>
        <section class="card">
            <h2>{say!(prefs, quiet.mutes)}</h2>
            <Loaded from=mutes let:page>
                <Show when=move || !none.get() fallback=move || view! { <Empty title=say!(prefs, quiet.mutes_none) /> }>
                    <Mutes page mutes />
                </Show>
            </Loaded>
        </section>
        <Windows />
    }
}

const HEADS: &[Head] = &[
    (|prefs| said!(prefs, quiet.what), "wide"),
    (|prefs| said!(prefs, quiet.until), "numeric labelled"),
    (|prefs| said!(prefs, quiet.by), "labelled"),
    (|prefs| said!(prefs, quiet.reason), "labelled"),
    (|prefs| said!(prefs, pages.metrics.actions), "actions"),
];

#[component]
fn Mutes(page: Signal<Page<Mute>>, mutes: Fetched<Page<Mute>>) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let (api, notices) = (use_api(), use_notices());
    let row = move |mute: Mute| {
        let key = format!("{} {} {}", mute.id, mute.until, mute.name);
        PlainRow::new(key, move || {
            let end = Ending { api, prefs, notices, mutes };
            let (place, ended) = (target_link(prefs, &mute.target, &mute.name), mute.clone());
            let label = said!(prefs, quiet.end_this, name = mute.name).to_string();
            let button = account.may_configure().then(|| {
                view! {
                    <Button kind=Kind::Quiet icon="sound" press=move |()| end.run(&ended) label>
                        {say!(prefs, quiet.end_now)}
                    </Button>
                }
            });
            vec![
                place,
                text(format.time(mute.until)),
                text(format!("{}, {}", mute.by, format.time(mute.from))),
                text(mute.reason),
                button.into_any(),
            ]
        })
    };
    let rows = move || page.with(|page| page.items.iter().cloned().map(row).collect());
    view! { <PlainTable caption=say!(prefs, quiet.mutes) heads=HEADS rows=Box::new(rows) /> }
}

/// What is muted: what kind of thing, and its name as a link to it.
fn target_link(prefs: Prefs, target: &MuteTarget, name: &str) -> AnyView {
    let id = encode(&target.id);
    let (kind, href) = match target.kind {
        MuteKind::Alarm => (said!(prefs, quiet.of_alarm), format!("history/{id}")),
        MuteKind::Rule => (said!(prefs, quiet.of_rule), format!("configured/{id}")),
        MuteKind::Dashboard => (said!(prefs, quiet.of_dashboard), format!("configured?dashboard={id}")),
        MuteKind::Receiver => (said!(prefs, quiet.of_receiver), format!("settings/receivers/{id}")),
    };
    let name = name.to_owned();
    view! { <a class="row-title" href=href>{name}</a> <span class="row-place">{kind}</span> }.into_any()
}

/// Ends a mute; the undo makes it again as it was.
#[derive(Clone, Copy)]
struct Ending {
    api: Api,
    prefs: Prefs,
    notices: Notices,
    mutes: Fetched<Page<Mute>>,
}

impl Ending {
    fn run(self, mute: &Mute) {
        let Ending { api, prefs, notices, mutes } = self;
        let path = format!("mutes/{}", encode(&mute.id));
        let name = mute.name.clone();
        let again: Value = json!({
            "targets": [value_of(&mute.target)], "until": value_of(&mute.until), "reason": mute.reason
        });
        leptos::task::spawn_local(async move {
            match api.delete(&path).await {
                Ok(_) => {
                    let words = untrack(|| said!(prefs, quiet.ended, name = name).to_string());
                    let refresh = Callback::new(move |()| mutes.refresh());
                    notices.offer_undo_by(words, false, move || api.post("mutes", &again), Some(refresh));
                }
                Err(failure) => notices.tell(untrack(|| failure.words(prefs))),
            }
            mutes.refresh();
        });
    }
}
