//! The dashboard for a screen on a wall: no menu, large tiles.

use leptos::prelude::*;

use super::dashboard::DashboardView;
use crate::components::Icon;
use crate::components::frame::LiveState;
use crate::components::icon::Logo;
use crate::live::use_live;
use crate::prefs::use_prefs;

#[component]
pub fn WallPage() -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    view! {
        <div class="wall">
            <header class="wall-head" class:lost=move || !live.is_fresh()>
                <h1 class="brand"><Logo /><span>"Atalaya"</span></h1>
                <LiveState />
                <span class="banner-gap"></span>
                <a class="button quiet" href="./"><Icon name="close" />{say!(prefs, app.user.leave_wall)}</a>
            </header>
            <DashboardView wall=true />
        </div>
    }
}
