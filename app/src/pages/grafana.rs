//! Grafana: how it is reached, what is loaded from it, and which of our sources answers for its data sources.

mod connection;
mod datasources;
mod files;
mod load;
mod report;

use atalaya_api::catalog::{DashboardItem, Datasource, GrafanaSettings, ImportStatus};
use atalaya_api::page::Page;
use atalaya_api::people::Role;
use leptos::prelude::*;

use self::connection::Connection;
use self::datasources::Datasources;
use self::files::Files;
use self::load::LoadCard;
use super::Heading;
use super::settings::to_settings;
use crate::account::use_account;
use crate::components::Loaded;
use crate::erase::{Show, memo};
use crate::fetched::{Fetched, fetched};
use crate::prefs::use_prefs;

/// What the page shows, read anew together.
#[derive(Clone, Copy)]
struct Catalog {
    /// Of administrators only.
    settings: Fetched<GrafanaSettings>,
    import: Fetched<ImportStatus>,
    datasources: Fetched<Page<Datasource>>,
    /// Only how many there are.
    dashboards: Fetched<Page<DashboardItem>>,
}

impl Catalog {
    /// After something was loaded.
    fn refresh(self) {
        self.import.refresh();
        self.datasources.refresh();
        self.dashboards.refresh();
    }
}

#[component]
pub fn GrafanaPage() -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    let admin = memo(move || account.may(Role::Admin));
    let catalog = Catalog {
        settings: fetched(move || admin.get().then(|| "catalog/grafana".to_owned())),
        import: fetched(|| Some("catalog/import".to_owned())),
        datasources: fetched(|| Some("catalog/datasources".to_owned())),
        dashboards: fetched(|| Some("catalog/dashboards?limit=1".to_owned())),
    };
    view! {
        <Heading text=say!(prefs, pages.grafana.title)>
            {to_settings()}
        </Heading>
        <p class="lead">{say!(prefs, pages.grafana.lead)}</p>
        <div class="grafana">
            <Show
                when=move || admin.get()
                fallback=move || view! { <p class="note">{say!(prefs, pages.common.admins_only)}</p> }
            >
                <Loaded from=catalog.settings let:settings>
                    <Connection read=settings.get_untracked() settings=catalog.settings />
                </Loaded>
            </Show>
            <LoadCard catalog />
            <Datasources catalog />
            <Show when=move || account.may_configure()>
                <Files catalog />
            </Show>
        </div>
    }
}
