//! How many are chosen, choosing all that match, and how far a change of many is.

use leptos::prelude::*;

use super::Many;
use crate::account::use_account;
use crate::components::{Button, Kind};
use crate::erase::{Show, drawn, memo};
use crate::format::use_format;
use crate::prefs::use_prefs;

/// Always there, so that choosing all is one press.
#[component]
pub fn Bar(many: Many, tools: Option<ChildrenFn>) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let count = memo(move || many.count());
    let words = move || match (count.get(), many.all.get()) {
        (0, _) => said!(prefs, tables.many.none).to_owned(),
        (count, true) => said!(prefs, tables.many.all, count = format.count(count)).to_string(),
        (count, false) => said!(prefs, pages.metrics.selected, count = format.count(count)).to_string(),
    };
    let every = move || said!(prefs, tables.many.select_all, count = format.count(many.total())).to_string();
    let more = memo(move || !many.all.get() && many.total() > 0);
    let some = memo(move || count.get() > 0);
    let tools = StoredValue::new(tools);
    let busy = move || {
        let count = many.deeds.busy.get();
        (count > 0).then(|| {
            let words = said!(prefs, tables.many.busy, count = format.count(count)).to_string();
            view! {
                <progress aria-hidden="true"></progress>
                <span>{words}</span>
            }
        })
    };
    view! {
        <Show when=move || account.may_configure()>
            <div class="bulk" role="group" aria-label=words>
                <span class="number">{drawn(words)}</span>
                <Show when=move || more.get()>
                    <Button press=move |()| many.choose_all()>{drawn(every)}</Button>
                </Show>
                <Show when=move || some.get()>
                    {tools.with_value(|tools| tools.as_ref().map(|tools| tools()))}
                    <Button kind=Kind::Quiet press=move |()| many.choose_none()>
                        {say!(prefs, pages.metrics.select_none)}
                    </Button>
                </Show>
            </div>
        </Show>
        <p class="busy" role="status">{drawn(busy)}</p>
    }
}
