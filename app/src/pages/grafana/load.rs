//! Loading: started, followed, cancelled, told.

use atalaya_api::catalog::{ImportPhase, ImportStatus};
use leptos::prelude::*;
use serde_json::json;

use super::Catalog;
use super::report::report;
use crate::account::use_account;
use crate::api::{Answer, use_api};
use crate::components::{Button, Empty, Kind, Loaded};
use crate::erase::{Show, drawn, memo, watch};
use crate::format::use_format;
use crate::live::use_live;
use crate::logic::grafana::has_report;
use crate::prefs::use_prefs;

#[component]
pub fn LoadCard(catalog: Catalog) -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    let running = memo(move || {
        catalog.import.state.with(|state| state.value().is_some_and(|one| one.phase == ImportPhase::Running))
    });
    watch(
        move || live.now.get(),
        move |_| {
            if running.get_untracked() {
                catalog.import.refresh();
            }
        },
    );
    // By when it ended: a short load is over before it is seen running.
    let ended =
        memo(move || catalog.import.state.with(|state| state.value().and_then(|status| status.ended_at)));
    watch(
        move || ended.get(),
        move |ended| {
            if ended.is_some() {
                catalog.refresh();
            }
        },
    );
    view! {
        <section class="card">
            <h2>{say!(prefs, pages.grafana.load)}</h2>
            <Loaded from=catalog.import let:status>
                <Loading catalog status />
            </Loaded>
        </section>
    }
}

#[component]
fn Loading(catalog: Catalog, status: Signal<ImportStatus>) -> impl IntoView {
    let (prefs, format, account, api) = (use_prefs(), use_format(), use_account(), use_api());
    let failure = RwSignal::new(None::<String>);
    let running = memo(move || status.with(|status| status.phase == ImportPhase::Running));
    let after = move |answer: Answer| {
        failure.set(None);
        leptos::task::spawn_local(async move {
            if let Err(refused) = answer.await {
                let _ = failure.try_set(Some(untrack(|| refused.words(prefs))));
            }
            catalog.import.refresh();
        });
    };
    let start = move |()| after(api.post("catalog/import", &json!({})));
    let cancel = move |()| after(api.delete("catalog/import"));
    // Only administrators see whether an address is set; the server says it to all others.
    let no_address = memo(move || {
        catalog.settings.state.with(|state| state.value().is_some_and(|kept| kept.url.is_empty()))
    });
    let total = memo(move || catalog.dashboards.value().map_or(0, |page| page.total));
    let inside = move || match total.get() {
        0 => None,
        count => Some(said!(prefs, pages.grafana.loaded, count = format.count(count)).to_string()),
    };
    let again = move || match total.get() {
        0 => said!(prefs, pages.grafana.start),
        _ => said!(prefs, pages.grafana.start_again),
    };
    let told = move || status.with(|status| has_report(status).then(|| status.clone()));
    view! {
        <Show when=move || { total.get() == 0 && !running.get() }>
            <Empty title=say!(prefs, pages.grafana.empty)>
                <p>{drawn(move || match no_address.get() {
                    true => said!(prefs, pages.grafana.empty_first),
                    false => said!(prefs, pages.grafana.empty_next),
                })}</p>
            </Empty>
        </Show>
        <p class="number" hidden=move || inside().is_none()>
            {drawn(inside)} " " <a href="add?from=dashboard">{say!(prefs, pages.grafana.to_add)}</a>
        </p>
        <Show when=move || running.get()><Progress status /></Show>
        <p class="error" role="alert">{drawn(move || failure.get())}</p>
        <Show when=move || account.may_configure()>
            <div class="form-actions">
                <Show
                    when=move || running.get()
                    fallback=move || view! {
                        <Button kind=Kind::Primary disabled=no_address icon="down" press=start>{drawn(again)}</Button>
                    }
                >
                    <Button icon="close" press=cancel>{say!(prefs, pages.common.cancel)}</Button>
                </Show>
            </div>
        </Show>
        {drawn(move || told().map(report))}
    }
}

/// How far it is.
#[component]
fn Progress(status: Signal<ImportStatus>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let words = move || {
        status.with(|status| match status.of {
            0 => said!(prefs, pages.grafana.looking).to_owned(),
            of => {
                let (done, of) = (format.count(status.done), format.count(of));
                said!(prefs, pages.grafana.progress, done = done, of = of).to_string()
            }
        })
    };
    view! {
        <div class="progress">
            <progress
                aria-label=say!(prefs, pages.grafana.load)
                max=move || status.with(|status| status.of.max(1).to_string())
                value=move || status.with(|status| (status.of > 0).then(|| status.done.to_string()))
            ></progress>
            <p class="number">{drawn(words)} " " <span class="muted">{drawn(move || status.with(|status| status.current.clone()))}</span></p>
        </div>
    }
}
