//! The four states that every view has: loading, there, stale, failed; and the empty one.

use leptos::prelude::*;

use super::{Button, Kind};
use crate::fetched::{Fetched, Load};
use crate::live::use_live;
use crate::prefs::use_prefs;

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Loading,
    There,
    Failed,
}

/// Shows what `from` holds: `<Loaded from=rules let:page> … page.get() … </Loaded>`.
///
/// The children are made once and given a signal, so that rows, focus and charts survive a refresh. While the latest
/// attempt failed or the live connection is lost, they carry the class `stale` (greyed numbers).
#[component]
pub fn Loaded<T, F, V>(from: Fetched<T>, children: F) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn(Signal<T>) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let prefs = use_prefs();
    let live = use_live();
    let latest = Memo::new(move |before: Option<&Option<T>>| {
        let now = from.state.with(|state| state.value().cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let phase = Memo::new(move |_| {
        from.state.with(|state| match state {
            Load::Loading => Phase::Loading,
            Load::Ready(_) | Load::Stale(..) => Phase::There,
            Load::Failed(_) => Phase::Failed,
        })
    });
    let stale = Memo::new(move |_| from.state.with(Load::is_stale) || !live.is_fresh());
    let value = Signal::derive(move || latest.get().expect("shown only once there is a value"));
    let words = move || from.state.with(|state| state.failure().map(|failure| failure.words(prefs)));
    move || {
        match phase.get() {
        Phase::Loading => view! { <p class="loading" role="status">{say!(prefs, app.state.loading)}</p> }.into_any(),
        Phase::Failed => view! {
            <div class="failed" role="alert">
                <p>{words}</p>
                <Button kind=Kind::Primary press=move |()| from.refresh()>{say!(prefs, app.state.again)}</Button>
            </div>
        }
        .into_any(),
        Phase::There => view! {
            <div class="loaded" class:stale=stale>
                <Show when=move || from.state.with(Load::is_stale)>
                    <p class="stale-note">
                        {words} " "
                        <Button kind=Kind::Quiet press=move |()| from.refresh()>{say!(prefs, app.state.again)}</Button>
                    </p>
                </Show>
                {children(value)}
            </div>
        }
        .into_any(),
    }
    }
}

/// A quiet page or list: what it means that nothing is here, and what to do.
#[component]
pub fn Empty(#[prop(into)] title: TextProp, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{move || title.get()}</p>
            {children.map(|children| children())}
        </div>
    }
}
