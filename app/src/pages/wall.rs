//! The dashboard for a screen on a wall.

use leptos::prelude::*;

use super::Heading;
use crate::prefs::use_prefs;

#[component]
pub fn WallPage() -> impl IntoView {
    let prefs = use_prefs();
    view! {
        <Heading text=say!(prefs, app.menu.dashboard) />
    }
}
