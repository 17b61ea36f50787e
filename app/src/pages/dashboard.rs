//! The dashboard.

use leptos::prelude::*;

use super::Heading;
use crate::prefs::use_prefs;

#[component]
pub fn DashboardPage() -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Heading text=say!(prefs, app.menu.dashboard) />
    }
}
