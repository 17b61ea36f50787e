//! The four states that every view has: loading, there, stale, failed; and the empty one.

use leptos::prelude::*;

use super::{Button, Kind};
use crate::api::Failure;
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, Load};
use crate::live::use_live;
use crate::prefs::{Prefs, use_prefs};

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
    let latest = Memo::new(move |before: Option<&Option<T>>| {
        let now = from.state.with(|state| state.value().cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let phase = move || {
        from.state.with(|state| match state {
            Load::Loading => Phase::Loading,
            Load::Ready(_) | Load::Stale(..) => Phase::There,
            Load::Failed(_) => Phase::Failed,
        })
    };
    let value = derive(move || latest.get().expect("shown only once there is a value"));
    four_states(States {
        phase: memo(phase),
        old: derive(move || from.state.with(Load::is_stale)),
        failure: derive(move || from.state.with(|state| state.failure().cloned())),
        again: Callback::new(move |()| from.refresh()),
        draw: Box::new(move || children(value).into_any()),
    })
}

/// What [`Loaded`] shows, whatever the type of what is loaded.
struct States {
    phase: Memo<Phase>,
    /// The latest attempt failed.
    old: Signal<bool>,
    failure: Signal<Option<Failure>>,
    again: Callback<()>,
    draw: Box<dyn Fn() -> AnyView + Send>,
}

fn four_states(States { phase, old, failure, again, draw }: States) -> AnyView {
    let prefs = use_prefs();
    let live = use_live();
    let stale = memo(move || old.get() || !live.is_fresh());
    let words =
        move || drawn(move || failure.with(|failure| failure.as_ref().map(|failure| failure.words(prefs))));
    let failed = move || {
        view! {
            <div class="failed" role="alert">
                <p>{words()}</p>
                <Button kind=Kind::Primary press=again>{say!(prefs, app.state.again)}</Button>
            </div>
        }
    };
    let there = move || {
        view! {
            <div class="loaded" class:stale=stale>
                <Show when=move || old.get()>
                    <p class="stale-note">
                        {words()} " " <Button kind=Kind::Quiet press=again>{say!(prefs, app.state.again)}</Button>
                    </p>
                </Show>
                {draw()}
            </div>
        }
    };
    drawn(move || match phase.get() {
        Phase::Loading => loading(prefs),
        Phase::Failed => failed().into_any(),
        Phase::There => there().into_any(),
    })
    .into_any()
}

/// That something is on its way.
pub fn loading(prefs: Prefs) -> AnyView {
    view! { <p class="loading" role="status">{say!(prefs, app.state.loading)}</p> }.into_any()
}

/// A quiet page or list: what it means that nothing is here, and what to do.
#[component]
pub fn Empty(#[prop(into)] title: TextProp, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{drawn(move || title.get())}</p>
            {children.map(|children| children())}
        </div>
    }
}
