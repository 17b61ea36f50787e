//! The root: services in context, the frame, the routes.

use atalaya_api::people::{Session, SetupState};
use leptos::prelude::*;
use leptos_router::components::Router;

use crate::account::{Account, Who, use_account};
use crate::api::{Api, Failure, read, use_api};
use crate::components::announce::Announcer;
use crate::components::frame::{Frame, active};
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Empty, Kind};
use crate::erase::{Show, derive, drawn, effect, memo, watch};
use crate::format::Format;
use crate::live::{Live, use_live};
use crate::prefs::{Prefs, use_prefs};
use crate::{dom, pages};

/// How long to wait for the first answer before saying that it is late, ms.
const PATIENCE_MS: f64 = 2_000.0;

/// Everything, from services to routes; owns all state, so that unmounting it leaves nothing behind.
#[component]
pub fn App() -> impl IntoView {
    let prefs = Prefs::provide();
    Format::provide(prefs);
    let account = Account::provide();
    let api = Api::provide(account, prefs);
    Live::provide(api, account);
    Notices::provide(Announcer::provide(), prefs);
    ask_who(api, account);
    view! {
        <div class="atalaya" data-theme=move || prefs.theme.get().name() lang=move || prefs.language()>
            <Router base=dom::base_path()>
                <Shell />
            </Router>
        </div>
    }
}

/// Asks who is logged in and, if nobody, whether anybody has an account.
fn ask_who(api: Api, account: Account) {
    leptos::task::spawn_local(async move {
        let who = match api.get("session").await.and_then(read::<Session>) {
            Ok(session) => Who::In(session),
            Err(Failure::LoginNeeded) => match api.get("setup").await.and_then(read::<SetupState>) {
                Ok(SetupState { needed: true }) => Who::Nobody,
                _ => Who::Out,
            },
            // Without a server there is nothing to log in to; asked again while it is shown.
            Err(_) => Who::Asking,
        };
        let _ = account.who.try_set(who);
    });
}

#[component]
fn Shell() -> impl IntoView {
    let (account, live, notices) = (use_account(), use_live(), use_notices());
    crate::alert::listen();
    let path = pages::use_path();
    let turn_page = move || {
        notices.turn_page();
        // After the page is drawn; it may have put the focus into its first field itself.
        request_animation_frame(dom::focus_page);
    };
    watch(move || path.get(), move |_| turn_page());
    let title = move || match live.summary.with(|summary| summary.as_ref().map_or(0, active)) {
        0 => "Atalaya".to_owned(),
        count => format!("({count}) Atalaya"),
    };
    let prefs = use_prefs();
    effect(move || dom::name_page(&title(), prefs.language()));
    let inside = memo(move || account.who.with(|who| who.session().is_some()));
    let bare = derive(move || !inside.get() || matches!(path.get().as_str(), "wall" | "login" | "setup"));
    // A memo: the page is made anew only when another thing stands in its place.
    let gate = memo(move || account.who.with(|who| path.with(|path| Gate::of(who, path))));
    view! {
        <Frame bare>
            {drawn(move || match gate.get() {
                Gate::Page => view! { <pages::PageRoutes /> }.into_any(),
                Gate::Login => view! { <pages::login::LoginPage /> }.into_any(),
                Gate::Setup => view! { <pages::setup::SetupPage /> }.into_any(),
                Gate::Wait => view! { <Waiting /> }.into_any(),
            })}
        </Frame>
    }
}

/// What stands in the content: the address is kept while somebody logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Page,
    Login,
    Setup,
    Wait,
}

impl Gate {
    fn of(who: &Who, path: &str) -> Self {
        match who {
            _ if path == "setup" => Gate::Setup,
            Who::In(_) | Who::Expired(_) => Gate::Page,
            Who::Nobody => Gate::Setup,
            Who::Out => Gate::Login,
            Who::Asking => Gate::Wait,
        }
    }
}

/// While nothing is known: first a breath of patience, then what is wrong and a way to try again.
#[component]
fn Waiting() -> impl IntoView {
    let (prefs, live) = (use_prefs(), use_live());
    let (account, api) = (use_account(), use_api());
    let since = dom::now_ms();
    let late = memo(move || live.now.get() - since > PATIENCE_MS);
    view! {
        <Show when=move || late.get()>
            <Empty title=say!(prefs, app.failure.offline)>
                <Button kind=Kind::Primary press=move |()| ask_who(api, account)>{say!(prefs, app.state.again)}</Button>
            </Empty>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, Who};

    #[test]
    fn the_address_is_kept_while_somebody_logs_in() {
        assert_eq!(Gate::of(&Who::Out, "configured"), Gate::Login);
        assert_eq!(Gate::of(&Who::Nobody, "configured"), Gate::Setup);
        assert_eq!(Gate::of(&Who::Asking, "configured"), Gate::Wait);
    }
}
