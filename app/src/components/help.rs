//! The keys, and what the shapes mean: behind `?` and the banner's "Help".

use atalaya_api::level::Standing;
use leptos::prelude::*;

use super::{Dialog, SeverityMark, SwitchField};
use crate::erase::drawn;
use crate::prefs::use_prefs;

#[component]
pub fn HelpDialog(open: RwSignal<bool>) -> impl IntoView {
    let prefs = use_prefs();
    let key = |keys: &'static [&'static str], words: TextProp| {
        view! {
            <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view()}</dt>
            <dd>{drawn(move || words.get())}</dd>
        }
    };
    let shapes = [Standing::Critical, Standing::Major, Standing::Unknown, Standing::Warning, Standing::Ok];
    view! {
        <Dialog open title=say!(prefs, app.help.title)>
            <h3>{say!(prefs, app.help.shapes)}</h3>
            <p class="shapes">{shapes.map(|standing| view! { <SeverityMark of=standing /> }).collect_view()}</p>
            <p>{say!(prefs, app.help.unknown)}</p>
            <h3>{say!(prefs, app.help.keys)}</h3>
            <dl class="keys">
                {key(&["/"], say!(prefs, app.help.search).into())}
                {key(&["?"], say!(prefs, app.help.open).into())}
                {key(&["j", "k"], say!(prefs, app.help.walk).into())}
                {key(&["x"], say!(prefs, app.help.select).into())}
                {key(&["Enter"], say!(prefs, app.help.enter).into())}
            </dl>
            <SwitchField name="shortcuts" label=say!(prefs, app.help.shortcuts) value=prefs.shortcuts />
        </Dialog>
    }
}
