//! Views of few types. See "Why views are erased" in main.rs.

use std::fmt::Display;
use std::sync::Arc;

use leptos::children::{ChildrenFn, ViewFn};
use leptos::prelude::*;

/// A part of a view that follows the signals it reads.
pub type Part = Box<dyn Fn() -> AnyView + Send>;

/// `{drawn(move || …)}` instead of `{move || …}`.
pub fn drawn<V: IntoView + 'static>(draw: impl Fn() -> V + Send + 'static) -> Part {
    Box::new(move || draw().into_any())
}

/// Leptos' `<Show>`, which compiles anew for each of its uses, as one type: the children while `when` is true.
#[component]
pub fn Show(
    #[prop(into)] when: When,
    #[prop(optional, into)] fallback: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let when = ArcMemo::new(move |_| (when.0)());
    drawn(move || if when.get() { children() } else { fallback.run() })
}

/// A condition that follows signals.
pub struct When(Arc<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for When {
    fn from(when: F) -> Self {
        When(Arc::new(when))
    }
}

/// Leptos' `Memo::new` for what needs no value before.
pub fn memo<T: PartialEq + Send + Sync + 'static>(of: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    boxed_memo(Box::new(of))
}

fn boxed_memo<T: PartialEq + Send + Sync + 'static>(of: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| of())
}

/// Leptos' `Signal::derive`.
pub fn derive<T: Send + Sync + 'static>(of: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    boxed_derive(Box::new(of))
}

fn boxed_derive<T: Send + Sync + 'static>(of: Box<dyn Fn() -> T + Send + Sync>) -> Signal<T> {
    Signal::derive(of)
}

/// Leptos' `Effect::new` for what keeps nothing from run to run.
pub fn effect(run: impl Fn() + 'static) {
    boxed_effect(Box::new(run));
}

fn boxed_effect(run: Box<dyn Fn()>) {
    Effect::new(move |_| run());
}

/// Calls `act` with what `of` gives whenever that may have changed; not at first.
pub fn watch<T>(of: impl Fn() -> T + 'static, act: impl Fn(&T) + 'static) {
    let first = std::cell::Cell::new(true);
    effect(move || {
        let now = of();
        if !first.replace(false) {
            untrack(|| act(&now));
        }
    });
}

/// One of a list, not drawn yet.
struct One {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Leptos' `<For>` as one type: `children` draws each thing of `each` once for its `key`, which must be its own.
#[component]
pub fn For<T: Send + 'static, K: Display>(
    each: impl Fn() -> Vec<T> + Send + 'static,
    key: impl Fn(&T) -> K + Send + 'static,
    children: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let children = Arc::new(children);
    let one = move |thing: T| {
        let (key, children) = (key(&thing).to_string(), children.clone());
        One { key, draw: Box::new(move || children(thing)) }
    };
    list(Box::new(move || each().into_iter().map(&one).collect()))
}

fn list(each: Box<dyn Fn() -> Vec<One> + Send>) -> AnyView {
    leptos::control_flow::For(
        leptos::control_flow::ForProps::builder()
            .each(each)
            .key(|one: &One| one.key.clone())
            .children(|one: One| (one.draw)())
            .build(),
    )
    .into_any()
}
