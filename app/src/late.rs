//! Pages that load when they are opened.
//!
//! A browser waits for every byte of what it loads first, so that holds the pages of everyday: dashboard, history, status. The
//! others lie in a few parts: `late!(forms, edit::EditPage)` puts a page, and what only this part needs, into the part
//! `forms`, and shows the page once the part is there. What several parts need becomes a part by itself, so few parts are better than
//! one a page; what the first pages need too stays with them. All that is found out after compiling (`xtask/src/parts.rs`).
//! Built for development or tests, everything is there from the start.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::loaded::loading;
use crate::components::{Button, Kind};
use crate::dom;
use crate::erase::drawn;
use crate::pages::Heading;
use crate::prefs::use_prefs;

/// Draws a page. A plain function, because a part gives it away as a number of the functions' table.
pub type Draw = fn() -> AnyView;

/// What asking for a part gives.
pub type Got = Result<Draw, Missing>;

/// What stands in a page's place until it is there; keeps the focus for it.
const WAITING: &str = "late";

/// Why a part is not there: the server is gone, or has another version by now.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for Missing {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Missing
    }
}

/// How long a part may take before it is said that it is loading.
const PATIENCE: Duration = Duration::from_millis(300);

/// The page of a component that lies in a part: `late!(forms, edit::EditPage)`, with properties as in a view.
macro_rules! late {
    ($part:ident, $($page:tt)+) => {{
        #[cfg_attr(
            feature = "split",
            leptos::wasm_split::wasm_split($part, wasm_split_path = leptos::wasm_split, fallible)
        )]
        fn part() -> $crate::late::Got {
            Ok(|| view! { <$($page)+ /> }.into_any())
        }
        #[cfg(feature = "split")]
        let part = Box::pin(part());
        #[cfg(not(feature = "split"))]
        let part = Box::pin(std::future::ready(part()));
        $crate::late::shown(part)
    }};
}
pub(crate) use late;

/// Draws the page once it is there; at once if it was needed before.
pub fn shown(mut part: Pin<Box<dyn Future<Output = Got>>>) -> AnyView {
    if let Poll::Ready(got) = part.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return page(got);
    }
    let (got, late) = (RwSignal::new(None), RwSignal::new(false));
    spawn_local(async move {
        let there = part.await;
        let focused = dom::focused().is_some_and(|element| element.class_name() == WAITING);
        // Nothing is to be done when the page has been left by then.
        if got.try_set(Some(there)).is_none() && focused {
            request_animation_frame(dom::focus_page);
        }
    });
    let say = move || {
        // Nor here.
        let _ = late.try_set(true);
    };
    set_timeout(say, PATIENCE);
    let prefs = use_prefs();
    let word = move || drawn(move || late.get().then(|| loading(prefs)));
    drawn(move || match got.get() {
        None => view! { <div class=WAITING tabindex="-1">{word()}</div> }.into_any(),
        Some(got) => page(got),
    })
    .into_any()
}

fn page(got: Got) -> AnyView {
    got.map_or_else(|Missing| view! { <Unreachable /> }.into_any(), |draw| draw())
}

/// What can be done without a part: another version has other parts, and the page that asks for those.
#[component]
fn Unreachable() -> impl IntoView {
    let prefs = use_prefs();
    // Only a page that is gone already refuses to be loaded again.
    let reload = move |()| drop(window().location().reload());
    view! {
        <Heading text=say!(prefs, app.late.title) />
        <div class="failed" role="alert">
            <p>{drawn(say!(prefs, app.late.why))}</p>
            <Button kind=Kind::Primary press=reload>{say!(prefs, app.late.reload)}</Button>
        </div>
    }
}
