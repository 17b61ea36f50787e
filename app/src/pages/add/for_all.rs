//! That what is typed holds for several metrics.

use leptos::prelude::*;

use super::steps::Steps;
use crate::erase::drawn;
use crate::format::use_format;
use crate::prefs::use_prefs;

#[component]
pub fn ForAll(steps: Steps) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let several = move || {
        let count = steps.picked.with(Vec::len);
        (count > 1 && steps.editor.several.get())
            .then(|| said!(prefs, pages.add.for_all, count = format.count(count as u64)).to_string())
    };
    view! { <p class="sentence" aria-live="polite" hidden=move || several().is_none()>{drawn(several)}</p> }
}
