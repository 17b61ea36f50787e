//! Add metrics: choose them on a dashboard or of a source, see, save.

mod boards;
mod for_all;
mod panels;
mod save;
mod steps;
mod targets;
mod templates;
mod variables;

use atalaya_api::catalog::DashboardItem;
use atalaya_api::page::Page;
use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use leptos::children::ViewFn;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use self::for_all::ForAll;
pub use self::save::tell_added;
use self::save::{Saving, save};
use self::steps::{Steps, StepsView};
use self::templates::{KindChoice, Templates};
use super::form::{Editor, MetricForm, usual_notify};
use super::listing::{after_rest, use_write_address};
use super::wording::decimal;
use super::{Heading, use_go};
use crate::account::use_account;
use crate::components::{Button, Kind, Loaded};
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Load, fetched};
use crate::logic::form::Form;
use crate::logic::query::{self, Pairs, parse};
use crate::logic::telling;
use crate::logic::wizard::{Chosen, Way, way_of};
use crate::prefs::use_prefs;

/// Typing rests this long before it is written into the address, ms.
const REST_MS: u64 = 400;

#[component]
pub fn AddPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    let catalog = fetched::<Page<DashboardItem>>(|| Some("catalog/dashboards?limit=1".to_owned()));
    // Whatever is the matter with the catalog, a source can be searched.
    let known = memo(move || catalog.state.with(|state| !matches!(state, Load::Loading)));
    let some = move || catalog.value().is_some_and(|page| page.total > 0);
    view! {
        <Heading text=say!(prefs, pages.add.title) />
        <Show
            when=move || account.may_configure()
            fallback=move || view! { <p class="note">{say!(prefs, pages.common.read_only)}</p> }
        >
            <Loaded from=settings let:settings>
                <Show
                    when=move || known.get()
                    fallback=move || view! { <p class="loading" role="status">{say!(prefs, app.state.loading)}</p> }
                >
                    <AddForm settings=settings.get_untracked() catalog=untrack(some) />
                </Show>
            </Loaded>
        </Show>
    }
}

/// The form, resumed from the address; what is chosen and typed is written there, so that "Back" and a shared link find it.
#[component]
fn AddForm(
    settings: Settings,
    /// Dashboards are loaded.
    catalog: bool,
) -> impl IntoView {
    let (prefs, go) = (use_prefs(), use_go());
    let mark = untrack(|| decimal(prefs));
    let usual = StoredValue::new(Form::new(&settings.defaults, mark));
    let search = use_location().search.get_untracked();
    let pairs = parse(&search);
    let form = usual.with_value(|usual| Form::from_query(&search, usual));
    let editor = Editor::new(&form, None, &settings);
    let usual_way = if catalog { Way::Dashboard } else { Way::Source };
    let way = RwSignal::new(way_of(&pairs).unwrap_or(usual_way));
    let steps = Steps::new(editor, way, Chosen::from_pairs(&pairs), settings.show_rows);
    let usual_told = StoredValue::new(usual_notify(&settings));
    editor.telling.set(&usual_told.with_value(|usual| telling::from_pairs(&pairs, usual)));
    let templates = Templates::new(&pairs);
    let write = use_write_address();
    let address = move || {
        let mut pairs = Pairs::new();
        if way.get() != usual_way {
            pairs.push(("from".to_owned(), way_name(way.get()).to_owned()));
        }
        let mut form = editor.form.get();
        if way.get() == Way::Dashboard {
            // The dashboard says it, whenever the address is followed.
            form.expr = String::new();
            form.source = usual.with_value(|usual| usual.source.clone());
            pairs.extend(steps.chosen.with(Chosen::to_pairs));
        }
        let told = editor.telling.get();
        pairs.extend(usual_told.with_value(|usual| telling::to_pairs(&told, usual)));
        pairs.extend(templates.pairs());
        let rest = usual.with_value(|usual| form.to_query(usual));
        pairs.extend(parse(&rest));
        query::write(&pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect::<Vec<_>>())
    };
    after_rest(address, REST_MS, move |query| write(&query));
    let saving = Saving::new(editor, steps, templates);
    let saved = Callback::new(move |marks: String| go(&format!("configured?mark={marks}")));
    let start_over = move |()| {
        usual.with_value(|usual| editor.fields.set(usual));
        usual_told.with_value(|usual| editor.telling.set(usual));
        steps.start_over();
        templates.chosen.set(String::new());
    };
    let started = memo(move || editor.fields.expr.with(|expr| !expr.is_empty()));
    let searches = memo(move || way.get() == Way::Source);
    let form = move |what: Option<ViewFn>| {
        let kind = ViewFn::from(move || view! { <KindChoice templates /> });
        let more = ViewFn::from(move || view! { <ForAll steps /> });
        let own_values = derive(move || templates.chosen.with(String::is_empty));
        let save = Callback::new(move |()| save(saving, saved));
        let over = move || {
            view! { <Button kind=Kind::Quiet icon="undo" press=start_over>{say!(prefs, pages.add.start_over)}</Button> }
        };
        match what {
            None => view! { <MetricForm editor save kind own_values more>{over()}</MetricForm> }.into_any(),
            Some(what) => {
                view! { <MetricForm editor save what kind own_values more>{over()}</MetricForm> }.into_any()
            }
        }
    };
    view! {
        <Show when=move || !started.get() && searches.get()>
            <p class="lead">{say!(prefs, pages.add.start)}</p>
        </Show>
        <Show when=move || catalog fallback=move || view! { <NoCatalog /> }>
            <Ways way />
        </Show>
        {drawn(move || {
            let boards = || ViewFn::from(move || view! { <StepsView steps /> });
            form((!searches.get()).then(boards))
        })}
    }
}

fn way_name(way: Way) -> &'static str {
    match way {
        Way::Dashboard => "dashboard",
        Way::Source => "source",
    }
}

/// From a dashboard, or from a source.
#[component]
fn Ways(way: RwSignal<Way>) -> impl IntoView {
    let prefs = use_prefs();
    let choice = move |choice: Way| {
        let words = move || match choice {
            Way::Dashboard => said!(prefs, pages.add.from_dashboard),
            Way::Source => said!(prefs, pages.add.from_source),
        };
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || (way.get() == choice).to_string()
                on:click=move |_| way.set(choice)
            >
                {drawn(words)}
            </button>
        }
    };
    view! {
        <div class="chips ways" role="group" aria-label=say!(prefs, pages.add.from)>
            {choice(Way::Dashboard)} {choice(Way::Source)}
        </div>
    }
}

/// Where dashboards would come from.
#[component]
fn NoCatalog() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    view! {
        <Show when=move || account.may(Role::Admin)>
            <p class="help"><a href="settings/grafana">{say!(prefs, pages.add.no_catalog)}</a></p>
        </Show>
    }
}
