//! The pages, one file a route. A page is one `mod` line and one line each in [`Page`], its `of` and its `view`. Pages of everyday load
//! first, all others with `late!` when they are opened: see [`crate::late`].

mod access;
pub mod add;
mod admin;
pub mod alarm;
mod alarm_settings;
mod attend;
mod calendar;
mod calendars;
pub mod checks;
mod clock;
mod clone;
pub mod dashboard;
mod deliveries;
pub mod edit;
mod faults;
mod form;
pub mod grafana;
mod guide;
pub mod history;
mod import;
mod listing;
pub mod login;
mod many;
pub mod metrics;
mod mine;
mod notify;
mod periods;
mod quiet;
mod receiver;
mod receivers;
pub mod settings;
pub mod setup;
pub mod source;
pub mod sources;
pub mod status;
mod template;
mod templates;
pub mod trial;
mod unsaved;
pub mod wall;
mod week;
mod wording;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::{BrowserUrl, LocationProvider};

use crate::components::{Button, Empty, Kind};
use crate::dom;
use crate::erase::{drawn, effect, memo};
use crate::format::use_format;
use crate::late::late;
use crate::logic::query::decode;
use crate::prefs::use_prefs;

/// What an address names. Leptos' `<Routes>` would also nest, load lazily and cross-fade, all of which is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Dashboard,
    Login,
    Add,
    Edit,
    Metrics,
    History,
    Alarm,
    Checks,
    Settings,
    Sources,
    AddSource,
    EditSource,
    Grafana,
    Receivers,
    AddReceiver,
    EditReceiver,
    Deliveries,
    Status,
    Wall,
    Clone,
    AlarmSettings,
    Templates,
    Template,
    Calendars,
    Calendar,
    Import,
    ImportHistory,
    Quiet,
    Window,
    Admin(admin::Part),
    MyAccount,
    Help,
    Nowhere,
}

impl Page {
    /// The page of a path below the base, without slashes at its ends.
    fn of(path: &str) -> Self {
        match path.split_once('/') {
            Some((EDIT, id)) if is_id(id) => Page::Edit,
            Some((ALARM, id)) if is_id(id) => Page::Alarm,
            Some(("settings", "sources")) => Page::Sources,
            Some((CLONE, id)) if is_id(id) => Page::Clone,
            Some((TEMPLATE, id)) if is_id(id) => Page::Template,
            Some(("settings", "calendars")) => Page::Calendars,
            Some(("settings", _)) if id_in(path, CALENDAR).is_some_and(|id| is_id(&id)) => Page::Calendar,
            Some((WINDOW, id)) if is_id(id) => Page::Window,
            Some(("settings", "add-source")) => Page::AddSource,
            Some(("settings", "grafana")) => Page::Grafana,
            Some(("settings", "receivers")) => Page::Receivers,
            Some(("settings", "add-receiver")) => Page::AddReceiver,
            Some(("settings", part)) if settings::is_part(part) => Page::Settings,
            Some(("settings", _)) if id_in(path, RECEIVER).is_some_and(|id| is_id(&id)) => Page::EditReceiver,
            Some(("settings", _)) if id_in(path, SOURCE).is_some_and(|id| is_id(&id)) => Page::EditSource,
            Some(("admin", part)) => admin::Part::of(part).map_or(Page::Nowhere, Page::Admin),
            Some(_) => Page::Nowhere,
            None => match path {
                "" => Page::Dashboard,
                "login" => Page::Login,
                "add" => Page::Add,
                EDIT => Page::Metrics,
                ALARM => Page::History,
                "alarm-settings" => Page::AlarmSettings,
                TEMPLATE => Page::Templates,
                "import" => Page::Import,
                "import-history" => Page::ImportHistory,
                WINDOW => Page::Quiet,
                "admin" => Page::Admin(admin::Part::Users),
                "help" => Page::Help,
                "account" => Page::MyAccount,
                "checks" => Page::Checks,
                "settings" => Page::Settings,
                "deliveries" => Page::Deliveries,
                "status" => Page::Status,
                "wall" => Page::Wall,
                _ => Page::Nowhere,
            },
        }
    }

    fn view(self) -> AnyView {
        match self {
            Page::Dashboard => view! { <dashboard::DashboardPage /> }.into_any(),
            Page::Login => view! { <login::LoginPage /> }.into_any(),
            Page::Add => late!(forms, add::AddPage),
            Page::Edit => late!(forms, edit::EditPage),
            Page::Metrics => late!(tables, metrics::MetricsPage),
            Page::History => view! { <history::HistoryPage /> }.into_any(),
            Page::Alarm => view! { <alarm::AlarmPage /> }.into_any(),
            Page::Checks => late!(settings, checks::ChecksPage),
            Page::Settings => settings::framed(late!(settings, settings::SettingsPage)),
            Page::Sources => settings::framed(late!(settings, sources::SourcesPage)),
            Page::AddSource => late!(settings, source::AddSourcePage),
            Page::EditSource => late!(settings, source::EditSourcePage),
            Page::Grafana => settings::framed(late!(settings, grafana::GrafanaPage)),
            Page::Receivers => settings::framed(late!(settings, receivers::ReceiversPage)),
            Page::AddReceiver => late!(settings, receiver::AddReceiverPage),
            Page::EditReceiver => late!(settings, receiver::EditReceiverPage),
            Page::Deliveries => late!(settings, deliveries::DeliveriesPage),
            Page::Status => view! { <status::StatusPage /> }.into_any(),
            Page::Wall => view! { <wall::WallPage /> }.into_any(),
            Page::Clone => late!(forms, clone::ClonePage),
            Page::AlarmSettings => late!(tables, alarm_settings::AlarmSettingsPage),
            Page::Templates => late!(tables, templates::TemplatesPage),
            Page::Template => late!(forms, template::TemplatePage),
            Page::Calendars => settings::framed(late!(settings, calendars::CalendarsPage)),
            Page::Calendar => late!(settings, calendar::CalendarPage),
            Page::Import => late!(settings, import::ImportPage what=import::What::Metrics),
            Page::ImportHistory => late!(settings, import::ImportPage what=import::What::History),
            Page::Quiet => late!(settings, quiet::QuietPage),
            Page::Window => late!(settings, quiet::WindowPage),
            Page::Admin(admin::Part::Users) => late!(settings, admin::AdminPage part=admin::Part::Users),
            Page::Admin(admin::Part::Groups) => late!(settings, admin::AdminPage part=admin::Part::Groups),
            Page::Admin(admin::Part::Tokens) => late!(settings, admin::AdminPage part=admin::Part::Tokens),
            Page::Admin(admin::Part::Sessions) => {
                late!(settings, admin::AdminPage part=admin::Part::Sessions)
            }
            Page::Admin(admin::Part::Audit) => late!(settings, admin::AdminPage part=admin::Part::Audit),
            Page::Admin(admin::Part::Deleted) => late!(settings, admin::AdminPage part=admin::Part::Deleted),
            Page::MyAccount => late!(settings, mine::MyAccountPage),
            Page::Help => late!(settings, guide::HelpPage),
            Page::Nowhere => view! { <NotFound /> }.into_any(),
        }
    }
}

/// The folder of each metric's page, and the list of them.
pub const EDIT: &str = "configured";
/// The folder of each alarm's page, and the list of them.
pub const ALARM: &str = "history";

/// The folder of each source's page, and the list of them.
pub const SOURCE: &str = "settings/sources";

/// The folder of each receiver's page, and the list of them.
const RECEIVER: &str = "settings/receivers";

/// The folder of the pages that clone a metric.
const CLONE: &str = "clone";
/// The folder of each template's page, and the list of them.
const TEMPLATE: &str = "templates";
/// The folder of each calendar's page, and the list of them.
const CALENDAR: &str = "settings/calendars";

/// The folder of each maintenance window's page, and the list of what is muted.
const WINDOW: &str = "quiet";

fn is_id(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

/// The page that the address names, made anew only when it names another page.
#[component]
pub fn PageRoutes() -> impl IntoView {
    let path = use_path();
    let page = memo(move || path.with(|path| Page::of(path)));
    let (pathname, browser) = (use_location().pathname, expect_context::<BrowserUrl>());
    effect(move || {
        pathname.track();
        // A link's address is written to the history once its page stands.
        browser.ready_to_complete();
    });
    drawn(move || page.get().view())
}

/// What follows the folder in the address: which metric or alarm a page is of. A page that is being left keeps its own.
pub fn use_id(folder: &'static str) -> Memo<String> {
    let path = use_path();
    Memo::new(move |before: Option<&String>| {
        let now = path.with(|path| id_in(path, folder));
        now.or_else(|| before.cloned()).unwrap_or_default()
    })
}

fn id_in(path: &str, folder: &str) -> Option<String> {
    path.strip_prefix(folder)?.strip_prefix('/').map(decode)
}

/// The path below the base without slashes at its ends: `configured/123`, the empty text for the dashboard.
pub fn use_path() -> Memo<String> {
    let pathname = use_location().pathname;
    let base = dom::base_path();
    memo(move || {
        let whole = pathname.get();
        whole.strip_prefix(base.as_str()).unwrap_or(&whole).trim_matches('/').to_owned()
    })
}

/// Goes to a page: `let go = use_go(); go("configured?mark=1")`. Links in views are plain `<a href="configured">`.
pub fn use_go() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let navigate = StoredValue::new_local(use_navigate());
    move |path: &str| {
        // Whoever left the page meanwhile stays where they are.
        let _ = navigate.try_with_value(|navigate| navigate(&format!("/{path}"), NavigateOptions::default()));
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

/// Whose time zone the times of a page are in.
#[component]
pub fn ZoneNote() -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    view! { <span class="muted">{drawn(move || said!(prefs, pages.common.time_zone_is, zone = format.zone()))}</span> }
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

#[cfg(test)]
mod tests {
    use super::{ALARM, EDIT, Page, id_in};

    #[test]
    fn each_address_names_its_page() {
        let pages = [
            ("", Page::Dashboard),
            ("configured", Page::Metrics),
            ("configured/0198", Page::Edit),
            ("configured/0198/more", Page::Nowhere),
            ("history", Page::History),
            ("history/0198", Page::Alarm),
            ("settings", Page::Settings),
            ("settings/sources", Page::Sources),
            ("settings/sources/graphite", Page::EditSource),
            ("settings/sources/a/b", Page::Nowhere),
            ("settings/add-source", Page::AddSource),
            ("settings/grafana", Page::Grafana),
            ("settings/else", Page::Nowhere),
            ("settings/daytime", Page::Settings),
            ("settings/receivers", Page::Receivers),
            ("settings/receivers/guardia", Page::EditReceiver),
            ("settings/add-receiver", Page::AddReceiver),
            ("deliveries", Page::Deliveries),
            ("clone/0198", Page::Clone),
            ("alarm-settings", Page::AlarmSettings),
            ("templates", Page::Templates),
            ("templates/new", Page::Template),
            ("settings/calendars", Page::Calendars),
            ("settings/calendars/night", Page::Calendar),
            ("import", Page::Import),
            ("import-history", Page::ImportHistory),
            ("quiet", Page::Quiet),
            ("quiet/new", Page::Window),
            ("admin", Page::Admin(super::admin::Part::Users)),
            ("admin/audit", Page::Admin(super::admin::Part::Audit)),
            ("admin/else", Page::Nowhere),
            ("account", Page::MyAccount),
            ("help", Page::Help),
            ("status", Page::Status),
            ("wall", Page::Wall),
            ("else", Page::Nowhere),
        ];
        for (path, page) in pages {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }

    #[test]
    fn an_id_is_what_follows_its_own_folder() {
        assert_eq!(id_in("configured/a%20b", EDIT).as_deref(), Some("a b"));
        assert_eq!(id_in("history/1", EDIT), None);
        assert_eq!(id_in("history", ALARM), None);
    }
}
