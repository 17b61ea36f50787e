//! How many are chosen, choosing all that match, and how far a change of many is.

use leptos::prelude::*;

use super::Choice;
use crate::account::use_account;
use crate::components::{Button, Kind};
use crate::erase::{Show, drawn, memo};
use crate::format::use_format;
use crate::prefs::use_prefs;

/// Always there, so that choosing all is one press.
#[component]
pub fn Bar(
    choice: Choice,
    /// How many are being changed right now.
    busy: RwSignal<u64>,
    tools: Option<ChildrenFn>,
) -> impl IntoView {
    let (prefs, format, account) = (use_prefs(), use_format(), use_account());
    let count = memo(move || choice.count());
    let words = move || match (count.get(), choice.all.get()) {
        (0, _) => said!(prefs, tables.many.none).to_owned(),
        (count, true) => said!(prefs, tables.many.all, count = format.count(count)).to_string(),
        (count, false) => said!(prefs, pages.metrics.selected, count = format.count(count)).to_string(),
    };
    let every =
        move || said!(prefs, tables.many.select_all, count = format.count(choice.total())).to_string();
    let more = memo(move || !choice.all.get() && choice.total() > 0);
    let some = memo(move || count.get() > 0);
    let tools = StoredValue::new(tools);
    let at_work = move || {
        let count = busy.get();
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
                    <Button press=move |()| choice.choose_all()>{drawn(every)}</Button>
                </Show>
                <Show when=move || some.get()>
                    {tools.with_value(|tools| tools.as_ref().map(|tools| tools()))}
                    <Button kind=Kind::Quiet press=move |()| choice.choose_none()>
                        {say!(prefs, pages.metrics.select_none)}
                    </Button>
                </Show>
            </div>
        </Show>
        <p class="busy" role="status">{drawn(at_work)}</p>
    }
}
