//! Deliveries: what was sent to whom, what waits, and what could not be sent.

use atalaya_api::delivery::{Delivery, DeliveryKind, DeliveryState};
use atalaya_api::level::Standing;
use atalaya_api::page::Page;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::access::{Sure, SureDialog};
use super::listing::{Listing, keep_fresh};
use super::notify::{Receivers, use_receivers};
use super::settings::to_settings;
use super::{Heading, ZoneNote};
use crate::account::use_account;
use crate::api::{Answer, Api, read, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::severity::{SeverityShape, class_of, standing};
use crate::components::{
    Button, Chip, Chips, Column, Empty, Kind, Loaded, Pager, SelectField, Sort, Table, TextField,
};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::{Format, use_format};
use crate::logic::list::ListState;
use crate::prefs::{Prefs, use_prefs};

/// The states that can be asked for.
const STATES: [&str; 5] = ["queued", "sending", "delivered", "dead", "dropped"];

#[component]
pub fn DeliveriesPage() -> impl IntoView {
    let prefs = use_prefs();
    // Newest first is the only order.
    let listing = Listing::new(Sort::down("created_at"), &[]);
    let deliveries = fetched::<Page<Delivery>>(move || {
        let filters = listing.settled.with(|state| {
            let unordered = ListState { sort: String::new(), ..state.clone() };
            unordered.to_request("", "")
        });
        Some(format!("deliveries?{}&{}", listing.paging.query(), filters.trim_start_matches('?')))
    });
    keep_fresh(|_| false, move || deliveries.refresh());
    let receivers = use_receivers();
    let refresh = move || {
        deliveries.refresh();
        receivers.refresh();
    };
    let sure = Sure::with_words(
        refresh,
        |prefs| said!(prefs, telling.deliveries.forget_help),
        |prefs| said!(prefs, telling.deliveries.give_up),
    );
    let deeds = Deeds { deliveries, receivers, api: use_api(), prefs, notices: use_notices(), sure };
    view! {
        <Heading text=say!(prefs, telling.deliveries.title)>
            {to_settings()}
            <a class="button quiet" href="settings/receivers">{say!(prefs, telling.receivers.title)}</a>
            <ZoneNote />
        </Heading>
        <p class="lead">{say!(prefs, telling.deliveries.lead)}</p>
        <Filters listing receivers />
        <AllAgain listing deeds />
        <List listing deeds />
        <SureDialog sure />
    }
}

/// What is said of an answer.
type Words = Box<dyn Fn(Prefs, &Value) -> String>;

/// What can be done with a delivery that was given up.
#[derive(Clone, Copy)]
struct Deeds {
    deliveries: Fetched<Page<Delivery>>,
    receivers: Receivers,
    api: Api,
    prefs: Prefs,
    notices: Notices,
    sure: Sure,
}

impl Deeds {
    /// Says `words` once it is done.
    fn run(self, request: Answer, words: impl Fn(Prefs, &Value) -> String + 'static) {
        self.boxed(request, Box::new(words));
    }

    fn boxed(self, request: Answer, words: Words) {
        leptos::task::spawn_local(async move {
            let said = match request.await.and_then(read::<Value>) {
                Ok(answer) => untrack(|| words(self.prefs, &answer)),
                Err(failure) => untrack(|| failure.words(self.prefs)),
            };
            self.notices.tell(said);
            self.deliveries.refresh();
            self.receivers.refresh();
        });
    }

    fn again(self, id: &str) {
        let request = self.api.post(&format!("deliveries/{}/retry", encode(id)), &json!({}));
        self.run(request, |prefs, _| said!(prefs, telling.deliveries.queued_again).to_owned());
    }

    /// Asks first: the list does not offer it again.
    fn give_up(self, id: &str, title: String) {
        let prefs = self.prefs;
        let question = untrack(|| said!(prefs, telling.deliveries.forget_this, title = title).to_string());
        let done = untrack(|| said!(prefs, telling.deliveries.given_up).to_owned());
        self.sure.ask(format!("deliveries/{}", encode(id)), question, done);
    }

    /// All that were given up: of one receiver, or of each where none is named.
    fn all_again(self, receiver: String) {
        let each = match receiver.is_empty() {
            false => vec![receiver],
            true => {
                let all = self.receivers.state.with_untracked(|state| state.value().cloned());
                let dead = all.into_iter().flat_map(|page| page.items).filter(|one| one.dead > 0);
                dead.map(|one| one.receiver.id).collect()
            }
        };
        let request = async move {
            for receiver in each {
                self.api.post("deliveries/retry", &json!({"receiver": receiver})).await?;
            }
            Ok(String::new())
        };
        self.run(Box::pin(request), |prefs, _| said!(prefs, telling.deliveries.all_queued_again).to_owned());
    }
}

#[component]
fn Filters(listing: Listing, receivers: Receivers) -> impl IntoView {
    let prefs = use_prefs();
    let by_receiver = derive(move || {
        let any = (String::new(), said!(prefs, tables.many.any).to_owned());
        let known = receivers.value().map_or_else(Vec::new, |page| page.items);
        let named = known.into_iter().map(|one| (one.receiver.id, one.receiver.name));
        std::iter::once(any).chain(named).collect()
    });
    let states = STATES.map(|name| Chip::new(name, move || state_word(prefs, state_of(name))));
    view! {
        <div class="filters">
            <TextField name="search" kind="search" label=say!(prefs, telling.deliveries.search) value=listing.q />
            <SelectField
                name="by-receiver"
                label=say!(prefs, telling.deliveries.receiver)
                value=listing.filter("receiver")
                options=by_receiver
            />
            <Chips label=say!(prefs, pages.metrics.state) chips=states.into() chosen=listing.state single=true />
        </div>
    }
}

fn state_of(name: &str) -> DeliveryState {
    match name {
        "queued" => DeliveryState::Queued,
        "sending" => DeliveryState::Sending,
        "delivered" => DeliveryState::Delivered,
        "dead" => DeliveryState::Dead,
        _ => DeliveryState::Dropped,
    }
}

/// In words; tracks the language.
fn state_word(prefs: Prefs, state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Queued => said!(prefs, telling.deliveries.state_queued),
        DeliveryState::Sending => said!(prefs, telling.deliveries.state_sending),
        DeliveryState::Delivered => said!(prefs, telling.deliveries.state_delivered),
        DeliveryState::Dead => said!(prefs, telling.deliveries.state_dead),
        DeliveryState::Dropped => said!(prefs, telling.deliveries.state_dropped),
    }
}

/// In words; tracks the language.
fn kind_word(prefs: Prefs, kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::Raised => said!(prefs, telling.deliveries.kind_raised),
        DeliveryKind::Changed => said!(prefs, telling.deliveries.kind_changed),
        DeliveryKind::Cleared => said!(prefs, telling.deliveries.kind_cleared),
        DeliveryKind::Reminder => said!(prefs, telling.deliveries.kind_reminder),
        DeliveryKind::Group => said!(prefs, telling.deliveries.kind_group),
        DeliveryKind::Summary => said!(prefs, telling.deliveries.kind_summary),
        DeliveryKind::Test => said!(prefs, telling.deliveries.kind_test),
    }
}

/// While those that were given up are shown: all of them at once.
#[component]
fn AllAgain(listing: Listing, deeds: Deeds) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let total = memo(move || deeds.deliveries.state.with(|state| state.value().map_or(0, |page| page.total)));
    // A search narrows what is shown, but not what would be sent.
    let whole = move |state: &ListState| state.state == "dead" && state.q.trim().is_empty();
    let offered = move || account.may_configure() && total.get() > 0 && listing.settled.with(whole);
    let press = move |()| deeds.all_again(listing.filter("receiver").get_untracked());
    let words =
        move || said!(prefs, telling.deliveries.all_again, count = format.count(total.get())).to_string();
    view! {
        <Show when=offered>
            <div class="bulk"><Button icon="play" press=press>{drawn(words)}</Button></div>
        </Show>
    }
}

#[component]
fn List(listing: Listing, deeds: Deeds) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    view! {
        <Loaded from=deeds.deliveries let:page>
            {
                let rows = derive(move || page.with(|page| page.items.clone()));
                let total = derive(move || page.with(|page| page.total));
                let next = derive(move || page.with(|page| page.next.clone()));
                let shown = derive(move || page.with(|page| page.items.len()));
                let none = memo(move || shown.get() == 0);
                view! {
                    <Show when=move || !none.get() fallback=move || nothing(listing)>
                        <Table
                            caption=say!(prefs, telling.deliveries.title)
                            rows=rows
                            key=|one: &Delivery| one.id.clone()
                            columns=columns(prefs, format, deeds, account.may_configure())
                        />
                        <Pager paging=listing.paging shown total next />
                    </Show>
                }
            }
        </Loaded>
    }
}

fn nothing(listing: Listing) -> AnyView {
    let prefs = use_prefs();
    let filtered = memo(move || listing.settled.with(|state| state.is_filtered() || !state.state.is_empty()));
    let clear = move |()| {
        listing.clear();
        listing.state.set(Vec::new());
    };
    drawn(move || match filtered.get() {
        true => view! {
            <Empty title=say!(prefs, pages.common.nothing_matches)>
                <Button press=clear>{say!(prefs, pages.common.clear_filters)}</Button>
            </Empty>
        }
        .into_any(),
        false => view! { <Empty title=say!(prefs, telling.deliveries.empty) /> }.into_any(),
    })
    .into_any()
}

/// A cell that follows its row.
fn cell(
    draw: impl Fn(&Delivery) -> AnyView + Copy + Send + Sync + 'static,
) -> impl Fn(Signal<Delivery>) -> crate::erase::Part + Send + Sync {
    move |row: Signal<Delivery>| drawn(move || row.with(draw))
}

fn columns(prefs: Prefs, format: Format, deeds: Deeds, may: bool) -> Vec<Column<Delivery>> {
    let message = move |one: &Delivery| message(prefs, format, one);
    let state = move |one: &Delivery| state(prefs, format, one);
    let actions = move |one: &Delivery| if may { actions(prefs, deeds, one) } else { ().into_any() };
    vec![
        Column::new(
            say!(prefs, telling.deliveries.at),
            cell(move |one| format.seconds(one.created_at).into_any()),
        )
        .class("number nowrap"),
        Column::new(
            say!(prefs, telling.deliveries.receiver),
            cell(|one| one.receiver_name.clone().into_any()),
        ),
        Column::new(say!(prefs, telling.deliveries.message), cell(message)).class("wide"),
        Column::new(say!(prefs, pages.metrics.state), cell(state)),
        Column::new(
            say!(prefs, telling.deliveries.attempts),
            cell(move |one| format.count(u64::from(one.attempts)).into_any()),
        )
        .class("numeric number labelled"),
        Column::new(say!(prefs, pages.metrics.actions), cell(actions)).class("actions"),
    ]
}

/// How it reads, of what it is, and the way to its alarm.
fn message(prefs: Prefs, format: Format, one: &Delivery) -> AnyView {
    let shape = match (one.severity, one.kind) {
        (Some(severity), _) => Some(standing(severity)),
        (None, DeliveryKind::Test | DeliveryKind::Summary) => None,
        (None, _) => Some(Standing::Ok),
    };
    let shape = shape
        .map(|of| view! { <span class=format!("mark {}", class_of(of))><SeverityShape of=of /></span> " " });
    let title = one.title.clone();
    let title = match &one.alarm {
        Some(alarm) => view! { <a href=format!("history/{}", encode(alarm))>{title}</a> }.into_any(),
        None => view! { <span>{title}</span> }.into_any(),
    };
    let many = (one.alarms > 1)
        .then(|| said!(prefs, telling.deliveries.alarms, count = format.count(one.alarms)).to_string());
    view! {
        {shape}{title}
        <span class="why">{kind_word(prefs, one.kind)} " " {many}</span>
    }
    .into_any()
}

/// How it stands, since or until when, and what the far end said last.
fn state(prefs: Prefs, format: Format, one: &Delivery) -> AnyView {
    let when = match one.state {
        DeliveryState::Queued => {
            one.next_at.map(|at| said!(prefs, telling.deliveries.next, when = format.seconds(at)).to_string())
        }
        _ => one.done_at.map(|at| format.seconds(at)),
    };
    let class = if one.state == DeliveryState::Dead { "mark major" } else { "mark" };
    let shape = (one.state == DeliveryState::Dead).then(|| view! { <SeverityShape of=Standing::Major /> });
    view! {
        <span class=class>{shape} <span class="word">{state_word(prefs, one.state)}</span></span>
        <span class="why number">{when}</span>
        <span class="why">{one.answer.clone()}</span>
    }
    .into_any()
}

fn actions(prefs: Prefs, deeds: Deeds, one: &Delivery) -> AnyView {
    if one.state != DeliveryState::Dead {
        return ().into_any();
    }
    let (again, gone) = (one.id.clone(), one.id.clone());
    let (title, asked) = (one.title.clone(), one.title.clone());
    let label = move |words: &str| format!("{words}: {title}");
    let (of_again, of_gone) =
        (label(said!(prefs, telling.deliveries.again)), label(said!(prefs, telling.deliveries.give_up)));
    view! {
        <span class="row-actions">
            <Button kind=Kind::Quiet icon="play" press=move |()| deeds.again(&again) label=of_again>
                {said!(prefs, telling.deliveries.again)}
            </Button>
            <Button kind=Kind::Quiet icon="close" press=move |()| deeds.give_up(&gone, asked.clone()) label=of_gone>
                {said!(prefs, telling.deliveries.give_up)}
            </Button>
        </span>
    }
    .into_any()
}
