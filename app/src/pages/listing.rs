//! A list whose filters, order and page size live in its address.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::components::{Paging, Sort};
use crate::dom;
use crate::erase::{memo, watch};
use crate::live::{LiveEvent, use_live};
use crate::logic::list::{self, FILTERS, ListState};

/// Typing rests this long before the server is asked, ms.
const REST_MS: u64 = 250;
/// Lists read themselves anew this often, for values and the time of the last check, ms.
const AGAIN_MS: f64 = 5_000.0;
/// However many alarms change, a list is read at most this often, ms.
const SOONEST_MS: f64 = 1_000.0;

/// The parts of a list's state that views bind to.
#[derive(Clone, Copy)]
pub struct Listing {
    /// As it is typed.
    pub q: RwSignal<String>,
    /// Names of severities.
    pub severities: RwSignal<Vec<String>>,
    pub sort: RwSignal<Sort>,
    pub range: RwSignal<Vec<String>>,
    pub from: RwSignal<String>,
    pub to: RwSignal<String>,
    pub state: RwSignal<Vec<String>>,
    /// Its id; empty: any.
    pub source: RwSignal<String>,
    filters: [RwSignal<String>; FILTERS.len()],
    pub paging: Paging,
    /// What is asked for: the same, once typing rests.
    pub settled: RwSignal<ListState>,
    usual_sort: StoredValue<Sort>,
}

impl Listing {
    /// Reads the address and keeps it: what is changed here is written there, and a link to the same page with other
    /// filters changes this. `sorts` are the keys that the API sorts by.
    pub fn new(usual_sort: Sort, sorts: &'static [&'static str]) -> Self {
        let search = use_location().search;
        let state = ListState::from_query(&search.get_untracked());
        let listing = Listing {
            q: RwSignal::new(state.q.clone()),
            severities: RwSignal::new(Vec::new()),
            sort: RwSignal::new(usual_sort.clone()),
            range: RwSignal::new(Vec::new()),
            from: RwSignal::new(String::new()),
            to: RwSignal::new(String::new()),
            state: RwSignal::new(Vec::new()),
            source: RwSignal::new(String::new()),
            filters: FILTERS.map(|_| RwSignal::new(String::new())),
            paging: Paging::new(state.limit),
            settled: RwSignal::new(state.clone()),
            usual_sort: StoredValue::new(usual_sort),
        };
        listing.take(&state, sorts);
        listing.follow_address(search, sorts);
        listing.settle();
        listing
    }

    /// The state as it stands; tracks.
    pub fn now(self) -> ListState {
        let sort = self.sort.get();
        let usual = self.usual_sort.with_value(|usual| *usual == sort);
        let first =
            |names: RwSignal<Vec<String>>| names.with(|names| names.first().cloned().unwrap_or_default());
        ListState {
            q: self.q.get(),
            severities: self.severities.with(|names| list::severities(&names.join(","))),
            sort: if usual { String::new() } else { sort.query() },
            limit: self.paging.size.get(),
            range: first(self.range),
            from: self.from.get(),
            to: self.to.get(),
            state: first(self.state),
            source: self.source.get(),
            filters: self.filters.map(|filter| filter.get()),
        }
    }

    /// The order to ask for; tracks. It changes together with the way back to the first page: a cursor belongs to its order.
    pub fn sort_query(self) -> String {
        let chosen = self.settled.with(|state| state.sort.clone());
        if chosen.is_empty() { self.usual_sort.with_value(Sort::query) } else { chosen }
    }

    /// Shows one of [`list::RANGES`] instead of a stretch of one's own.
    pub fn choose_range(self, range: &str) {
        self.range.set(vec![range.to_owned()]);
        self.from.set(String::new());
        self.to.set(String::new());
    }

    /// Shows everything again.
    pub fn clear(self) {
        self.q.set(String::new());
        self.severities.set(Vec::new());
        self.range.set(Vec::new());
        self.from.set(String::new());
        self.to.set(String::new());
        self.source.set(String::new());
        self.filters.into_iter().for_each(|filter| filter.set(String::new()));
    }

    /// One of [`FILTERS`].
    pub fn filter(self, name: &str) -> RwSignal<String> {
        let at = FILTERS.iter().position(|other| *other == name).expect("the name is one of the list");
        self.filters[at]
    }

    fn take(self, state: &ListState, sorts: &[&'static str]) {
        let list = |name: &str| if name.is_empty() { Vec::new() } else { vec![name.to_owned()] };
        let key = state.sort.trim_start_matches('-');
        let known = sorts.iter().find(|known| **known == key);
        let sort = known.map(|key| Sort { key, descending: state.sort.starts_with('-') });
        self.q.set(state.q.clone());
        self.severities.set(state.severities.iter().map(|severity| severity.name().to_owned()).collect());
        self.sort.set(sort.unwrap_or_else(|| self.usual_sort.get_value()));
        self.range.set(list(&state.range));
        self.from.set(state.from.clone());
        self.to.set(state.to.clone());
        self.state.set(list(&state.state));
        self.source.set(state.source.clone());
        self.filters.iter().zip(&state.filters).for_each(|(filter, text)| filter.set(text.clone()));
        self.paging.size.set(state.limit);
    }

    fn follow_address(self, search: Memo<String>, sorts: &'static [&'static str]) {
        watch(
            move || search.get(),
            move |search| {
                let there = ListState::from_query(search);
                if there != untrack(move || self.now()) {
                    self.take(&there, sorts);
                }
            },
        );
    }

    /// Asks and writes the address: at once, but for what is typed only when typing rests.
    fn settle(self) {
        let write = use_write_address();
        let settle = move || {
            let state = untrack(move || self.now());
            if self.settled.with_untracked(|settled| *settled != state) {
                write(&state.to_query());
                self.paging.restart();
                self.settled.set(state);
            }
        };
        let chosen = move || ListState { q: String::new(), ..self.now() };
        let at_once = settle.clone();
        after_rest(chosen, 0, move |_| at_once());
        after_rest(move || self.q.get(), REST_MS, move |_| settle());
    }
}

/// Writes the query of the present address without a new step back.
pub fn use_write_address() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let pathname = use_location().pathname;
    let navigate = StoredValue::new_local(use_navigate());
    let base = dom::base_path();
    move |query: &str| {
        let Some(whole) = pathname.try_get_untracked() else { return };
        let path = whole.strip_prefix(base.as_str()).unwrap_or(&whole);
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        let _ = navigate.try_with_value(|navigate| navigate(&format!("{path}{query}"), options));
    }
}

/// Calls `act` with what `of` gives once it has not changed for `rest` ms; not at first.
pub fn after_rest<T: Clone + PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
    rest: u64,
    act: impl Fn(T) + Clone + 'static,
) {
    let waiting = StoredValue::new_local(None::<TimeoutHandle>);
    let value = memo(of);
    let forget = move || {
        waiting.try_update_value(|waiting| {
            if let Some(handle) = waiting.take() {
                handle.clear();
            }
        });
    };
    watch(
        move || value.get(),
        move |value| {
            forget();
            let (value, act) = (value.clone(), act.clone());
            let handle = set_timeout_with_handle(move || act(value), Duration::from_millis(rest));
            waiting.try_update_value(|waiting| *waiting = handle.ok());
        },
    );
    on_cleanup(forget);
}

/// Reads a view anew: every few seconds, and soon after something that `hears` told; not while nobody looks.
pub fn keep_fresh(hears: impl Fn(&LiveEvent) -> bool + 'static, refresh: impl Fn() + Send + Sync + 'static) {
    let live = use_live();
    let (last, due) = (StoredValue::new(dom::now_ms()), StoredValue::new(false));
    live.listen(move |event| {
        if matches!(event, LiveEvent::Reset) || hears(event) {
            due.try_set_value(true);
        }
    });
    watch(
        move || live.now.get(),
        move |now| {
            let waited = now - last.get_value();
            let wanted = (due.get_value() && waited >= SOONEST_MS) || waited >= AGAIN_MS;
            if wanted && !document().hidden() && live.is_fresh() {
                last.set_value(*now);
                due.set_value(false);
                refresh();
            }
        },
    );
}
