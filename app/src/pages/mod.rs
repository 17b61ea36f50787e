//! The pages, one file a route. A page is one `mod` line and one `Route` line.

pub mod add;
pub mod alarm;
pub mod checks;
mod clock;
pub mod dashboard;
pub mod edit;
mod form;
pub mod history;
mod listing;
pub mod login;
pub mod metrics;
pub mod settings;
pub mod setup;
pub mod sources;
pub mod trial;
pub mod wall;
mod wording;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::{Route, Routes};
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::path;

use crate::components::{Button, Empty, Kind};
use crate::dom;
use crate::erase::drawn;
use crate::prefs::use_prefs;

#[component]
pub fn PageRoutes() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view=|| view! { <dashboard::DashboardPage /> }.into_any() />
            <Route path=path!("/login") view=|| view! { <login::LoginPage /> }.into_any() />
            <Route path=path!("/add") view=|| view! { <add::AddPage /> }.into_any() />
            <Route path=path!("/configured/:id") view=|| view! { <edit::EditPage /> }.into_any() />
            <Route path=path!("/configured") view=|| view! { <metrics::MetricsPage /> }.into_any() />
            <Route path=path!("/history") view=|| view! { <history::HistoryPage /> }.into_any() />
            <Route path=path!("/history/:id") view=|| view! { <alarm::AlarmPage /> }.into_any() />
            <Route path=path!("/checks") view=|| view! { <checks::ChecksPage /> }.into_any() />
            <Route path=path!("/settings") view=|| view! { <settings::SettingsPage /> }.into_any() />
            <Route path=path!("/settings/sources") view=|| view! { <sources::SourcesPage /> }.into_any() />
            <Route path=path!("/wall") view=|| view! { <wall::WallPage /> }.into_any() />
        </Routes>
    }
}

/// The path below the base without slashes at its ends: `configured/123`, the empty text for the dashboard.
pub fn use_path() -> Memo<String> {
    let pathname = use_location().pathname;
    let base = dom::base_path();
    Memo::new(move |_| {
        let whole = pathname.get();
        whole.strip_prefix(base.as_str()).unwrap_or(&whole).trim_matches('/').to_owned()
    })
}

/// Goes to a page: `let go = use_go(); go("configured?mark=1")`. Links in views are plain `<a href="configured">`.
pub fn use_go() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let navigate = StoredValue::new_local(use_navigate());
    move |path: &str| {
        navigate.with_value(|navigate| navigate(&format!("/{path}"), NavigateOptions::default()))
    }
}

/// The heading of a page, which also gets the focus when the page opens, so that readers and keys start there.
#[component]
pub fn Heading(#[prop(into)] text: TextProp, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="page-head">
            <h1 tabindex="-1">{drawn(move || text.get())}</h1>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </div>
    }
}

/// An address that names nothing.
#[component]
fn NotFound() -> impl IntoView {
    let prefs = use_prefs();
    let go = use_go();
    view! {
        <Empty title=say!(prefs, app.not_found)>
            <Button kind=Kind::Primary press=move |()| go("")>{say!(prefs, app.menu.dashboard)}</Button>
        </Empty>
    }
}
