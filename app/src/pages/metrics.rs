//! Configured metrics: what is watched, with what levels, and how it stands.

mod bulk;
mod cells;
mod linked;

use atalaya_api::level::{Severity, Standing};
use atalaya_api::rule::Rule;
use leptos::prelude::*;

use self::bulk::BulkTools;
use self::cells::{KindCell, LevelsCell, NameCell, StateCell};
pub use self::cells::{LevelsShort, check_word, shown_of, side_word};
pub use self::linked::{Linked, field_word};
use super::many::{Chosen, Deed, Deeds, Filters, Many, ManyTable, place_cell, place_column};
use super::{Heading, use_go};
use crate::account::use_account;
use crate::api::use_api;
use crate::components::severity::word_of;
use crate::components::{Button, Chip, Column, Icon, Kind, Sort};
use crate::erase::{Show, drawn, memo};
use crate::logic::list::ListState;
use crate::prefs::{Prefs, use_prefs};

#[component]
pub fn MetricsPage() -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let many = Many::new(Sort::up("name"));
    let add = {
        let go = go.clone();
        move |()| go("add")
    };
    let open = Callback::new(move |id: String| go(&format!("configured/{id}")));
    view! {
        <Heading text=say!(prefs, pages.metrics.title)>
            <Moving many />
            <Show when=move || account.may_configure()>
                <Button kind=Kind::Primary icon="add" press=add.clone()>{say!(prefs, pages.metrics.add)}</Button>
            </Show>
        </Heading>
        <Filters listing=many.listing />
        <ManyTable many caption=say!(prefs, pages.metrics.list) columns=columns(prefs, many) open>
            <BulkTools many />
        </ManyTable>
    }
}

/// Out as a file, what the filters show; in from a file.
#[component]
fn Moving(many: Many) -> impl IntoView {
    let (prefs, account, api) = (use_prefs(), use_account(), use_api());
    let href = move |format: &str| {
        let filter = many.listing.settled.with(|state| {
            let unordered = ListState { sort: String::new(), ..state.clone() };
            unordered.to_request("", "")
        });
        let path = format!("rules/export?format={format}&{}", filter.trim_start_matches('?'));
        api.address(path.trim_end_matches('&'))
    };
    // The browser saves it: not a page of the app.
    let link = move |format: &'static str, name: &'static str| {
        view! {
            <a class="button quiet" href=move || href(format) download=format!("atalaya.{format}") rel="external">
                <Icon name="down" />
                {drawn(move || said!(prefs, tables.moving.export, format = name).to_string())}
            </a>
        }
    };
    view! {
        {link("csv", "CSV")}
        {link("yaml", "YAML")}
        <Show when=move || account.may_configure()>
            <a class="button quiet" href="import"><Icon name="up" />{say!(prefs, tables.moving.import)}</a>
        </Show>
    }
}

/// One chip per severity, the worst first.
pub fn severity_chips(prefs: Prefs) -> Vec<Chip> {
    let chip = |severity: Severity| {
        Chip::new(severity.name(), move || word_of(prefs, Standing::from(Some(severity))).to_owned())
    };
    Severity::ALL.map(chip).into()
}

fn columns(prefs: Prefs, many: Many) -> Vec<Column<Rule>> {
    let deeds = many.deeds;
    let may_configure = use_account().may_configure();
    let mut columns = vec![
        Column::new(say!(prefs, pages.history.dashboard), move |rule| place_cell(rule, many.listing))
            .sorted_by("dashboard")
            .class("place"),
        place_column(say!(prefs, tables.many.panel), "panel", |query| &query.panel),
        Column::new(say!(prefs, pages.history.metric), move |rule| {
            view! { <NameCell rule deeds may_configure /> }
        })
        .sorted_by("name")
        .class("wide"),
        Column::new(
            say!(prefs, tables.many.kind),
            move |rule| view! { <KindCell rule deeds may_configure /> },
        )
        .sorted_by("check"),
        Column::new(say!(prefs, pages.metrics.thresholds), move |rule| view! { <LevelsCell rule /> }),
        Column::new(say!(prefs, pages.metrics.state), move |rule| view! { <StateCell rule /> })
            .sorted_by("severity"),
    ];
    if may_configure {
        let actions = move |rule| view! { <Actions rule deeds /> };
        columns.push(Column::new(say!(prefs, pages.metrics.actions), actions).class("actions"));
    }
    columns
}

/// Edit, clone, pause or resume, delete: icon and word.
#[component]
fn Actions(rule: Signal<Rule>, deeds: Deeds) -> impl IntoView {
    let (prefs, go) = (use_prefs(), use_go());
    let go = StoredValue::new(go);
    let name = move || rule.with(|rule| rule.draft.name.clone());
    let run = move |deed: Deed| deeds.run(deed, rule.with_untracked(Chosen::rule));
    let visit = move |folder: &'static str| {
        let id = rule.with_untracked(|rule| rule.id.clone());
        go.with_value(|go| go(&format!("{folder}/{id}")));
    };
    let enabled = memo(move || rule.with(|rule| rule.draft.enabled));
    view! {
        <div class="row-actions four">
            <Button
                kind=Kind::Quiet
                icon="edit"
                press=move |()| visit("configured")
                label=move || said!(prefs, pages.metrics.edit_this, name = name()).to_string()
            >
                {say!(prefs, pages.common.edit)}
            </Button>
            <Button
                kind=Kind::Quiet
                icon="clone"
                press=move |()| visit("clone")
                label=move || said!(prefs, tables.many.clone_this, name = name()).to_string()
            >
                {say!(prefs, tables.many.clone)}
            </Button>
            {drawn(move || if enabled.get() {
                view! {
                    <Button
                        kind=Kind::Quiet
                        icon="pause"
                        press=move |()| run(Deed::Pause)
                        label=move || said!(prefs, pages.metrics.pause_this, name = name()).to_string()
                    >
                        {say!(prefs, pages.common.pause)}
                    </Button>
                }.into_any()
            } else {
                view! {
                    <Button
                        kind=Kind::Quiet
                        icon="play"
                        press=move |()| run(Deed::Resume)
                        label=move || said!(prefs, pages.metrics.resume_this, name = name()).to_string()
                    >
                        {say!(prefs, pages.common.resume)}
                    </Button>
                }.into_any()
            })}
            <Button
                kind=Kind::Quiet
                icon="delete"
                press=move |()| run(Deed::Delete)
                label=move || said!(prefs, pages.metrics.delete_this, name = name()).to_string()
            >
                {say!(prefs, pages.common.delete)}
            </Button>
        </div>
    }
}
