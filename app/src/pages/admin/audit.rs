//! Who did what, with the values before and after side by side.

use atalaya_api::audit::AuditEntry;
use atalaya_api::page::Page;
use leptos::prelude::*;

use crate::components::{Button, Empty, Loaded, Pager, Sort, TextField};
use crate::erase::{For, Show, derive, drawn, memo};
use crate::fetched::fetched;
use crate::format::use_format;
use crate::logic::audit::{Difference, differences, name_of};
use crate::logic::query;
use crate::pages::clock;
use crate::pages::listing::Listing;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn Audit() -> impl IntoView {
    let prefs = use_prefs();
    let listing = Listing::new(Sort::down("at"), &[]);
    let entries = fetched::<Page<AuditEntry>>(move || {
        let filters = listing.settled.with(|state| {
            let at = |text: Option<String>| text.unwrap_or_default();
            query::write(&[
                ("q", state.q.trim().to_owned()),
                ("by", state.filter_named("by")),
                ("from", at(clock::instant(&state.from))),
                ("to", at(clock::end(&state.to))),
            ])
        });
        let path = format!("audit?{}&{}", listing.paging.query(), filters.trim_start_matches('?'));
        Some(path.trim_end_matches('&').to_owned())
    });
    let none = memo(move || entries.value().is_some_and(|page| page.total == 0));
    view! {
        <p class="lead">{say!(prefs, people.audit_lead)}</p>
        <div class="filters">
            <TextField name="search" kind="search" label=say!(prefs, people.audit_search) value=listing.q />
            <TextField name="by" label=say!(prefs, quiet.by) value=listing.filter("by") />
            <TextField name="from" kind="datetime-local" label=say!(prefs, pages.history.from) value=listing.from />
            <TextField name="to" kind="datetime-local" label=say!(prefs, pages.history.to) value=listing.to />
        </div>
        <Loaded from=entries let:page>
            <Show
                when=move || !none.get()
                fallback=move || view! {
                    <Empty title=say!(prefs, pages.common.nothing_matches)>
                        <Button press=move |()| listing.clear()>{say!(prefs, pages.common.clear_filters)}</Button>
                    </Empty>
                }
            >
                <div class="card audit">
                    <For
                        each=move || page.with(|page| page.items.iter().cloned().enumerate().collect::<Vec<_>>())
                        key=|(at, entry)| format!("{at} {} {} {}", entry.at, entry.what, entry.subject)
                        children=move |(_, entry)| view! { <Entry entry /> }.into_any()
                    />
                </div>
                <Pager
                    paging=listing.paging
                    shown=derive(move || page.with(|page| page.items.len()))
                    total=derive(move || page.with(|page| page.total))
                    next=derive(move || page.with(|page| page.next.clone()))
                />
            </Show>
        </Loaded>
    }
}

/// One line; unfolded it shows what differs.
#[component]
fn Entry(entry: AuditEntry) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let AuditEntry { at, by, what, subject, before, after } = entry;
    let name = name_of(before.as_ref(), after.as_ref()).unwrap_or(&subject).to_owned();
    let found = differences(before.as_ref(), after.as_ref());
    let nothing = found.is_empty();
    let line = |Difference { path, before, after }: Difference| {
        let value = |text: Option<String>| match text {
            Some(text) => view! { <code>{text}</code> }.into_any(),
            None => "–".into_any(),
        };
        view! {
            <tr role="row">
                <th role="rowheader" scope="row"><code>{path}</code></th>
                <td role="cell" class="was">{value(before)}</td>
                <td role="cell" class="is">{value(after)}</td>
            </tr>
        }
    };
    let rows = found.into_iter().map(line).collect_view();
    let inside = match nothing {
        true => view! { <p class="muted">{say!(prefs, people.no_values)}</p> }.into_any(),
        false => view! {
            <table role="table" class="plain differences">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{say!(prefs, people.field)}</th>
                        <th role="columnheader" scope="col">{say!(prefs, people.before)}</th>
                        <th role="columnheader" scope="col">{say!(prefs, people.after)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        }
        .into_any(),
    };
    view! {
        <details class="evidence">
            <summary>
                <span class="number">{drawn(move || format.seconds(at))}</span>
                <strong>{by}</strong>
                <span>{drawn(move || what_words(prefs, &what))}</span>
                <span class="muted audit-subject">{name}</span>
            </summary>
            {inside}
        </details>
    }
}

/// What is not put together of a thing and a deed; tracks.
fn whole_words(prefs: Prefs, what: &str) -> Option<&'static str> {
    Some(match what {
        "delivery sent again" => said!(prefs, people.whole.sent_again),
        "deliveries sent again" => said!(prefs, people.whole.all_sent_again),
        "delivery given up" => said!(prefs, people.whole.given_up),
        "backup made" => said!(prefs, people.whole.backup_made),
        "backup restored" => said!(prefs, people.whole.backup_restored),
        "catalog loaded" => said!(prefs, people.whole.catalog_loaded),
        "dashboards put in" => said!(prefs, people.whole.dashboards_put_in),
        "alarm import undone" => said!(prefs, people.whole.import_undone),
        "check released" => said!(prefs, people.whole.check_released),
        "data source matched" => said!(prefs, people.whole.matched),
        "grafana changed" => said!(prefs, people.whole.grafana_changed),
        _ => return None,
    })
}

/// What was done, in the operator's words: `rule created` is "metric: added". What is not known is shown as it came. Tracks.
fn what_words(prefs: Prefs, what: &str) -> String {
    if let Some(words) = whole_words(prefs, what) {
        return words.to_owned();
    }
    let Some((thing, deed)) = what.rsplit_once(' ') else { return what.to_owned() };
    let deed = match deed {
        "created" => said!(prefs, people.did.created),
        "updated" | "changed" => said!(prefs, people.did.changed),
        "deleted" | "removed" => said!(prefs, people.did.deleted),
        "restored" => said!(prefs, people.did.restored),
        "imported" => said!(prefs, people.did.imported),
        "ended" | "revoked" => said!(prefs, people.did.ended),
        "acknowledged" => said!(prefs, people.did.acknowledged),
        "unacknowledged" => said!(prefs, people.did.unacknowledged),
        "muted" => said!(prefs, people.did.muted),
        _ => return what.to_owned(),
    };
    let thing = match thing {
        "rule" | "rules" => said!(prefs, quiet.of_rule),
        "alarm" => said!(prefs, quiet.of_alarm),
        "alarms" => said!(prefs, quiet.alarms),
        "template" => said!(prefs, people.template),
        "calendar" => said!(prefs, people.calendar),
        "source" => said!(prefs, app.alarm.of_source),
        "receiver" => said!(prefs, quiet.of_receiver),
        "maintenance" => said!(prefs, people.maintenance),
        "mute" => said!(prefs, people.mute),
        "user" => said!(prefs, people.user),
        "group" => said!(prefs, people.group),
        "token" => said!(prefs, people.token),
        "session" => said!(prefs, people.session),
        "password" => said!(prefs, people.password),
        "settings" => said!(prefs, people.settings),
        "dashboard" => said!(prefs, quiet.of_dashboard),
        other => other,
    };
    format!("{thing}: {deed}")
}
