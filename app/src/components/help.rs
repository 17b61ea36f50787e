//! The keys, and what the shapes mean: behind `?` and the banner's "Help"; the page of the help has both, too.

use atalaya_api::level::Standing;
use leptos::prelude::*;

use super::{Dialog, SeverityMark, SwitchField};
use crate::erase::{drawn, watch};
use crate::prefs::use_prefs;

#[component]
pub fn HelpDialog(open: RwSignal<bool>) -> impl IntoView {
    let prefs = use_prefs();
    let path = crate::pages::use_path();
    // Whoever goes on to the page of the help has left this.
    watch(move || path.get(), move |_| open.set(false));
    view! {
        <Dialog open title=say!(prefs, app.help.title)>
            <h3>{say!(prefs, app.help.shapes)}</h3>
            <Shapes />
            <h3>{say!(prefs, app.help.keys)}</h3>
            <Keys />
            <SwitchField name="shortcuts" label=say!(prefs, app.help.shortcuts) value=prefs.shortcuts />
            <p><a class="button" href="help">{say!(prefs, guide.more)}</a></p>
        </Dialog>
    }
}

/// Shape, word and colour of each severity.
#[component]
pub fn Shapes() -> impl IntoView {
    let prefs = use_prefs();
    let shapes = [Standing::Critical, Standing::Major, Standing::Unknown, Standing::Warning, Standing::Ok];
    view! {
        <p class="shapes">{shapes.map(|standing| view! { <SeverityMark of=standing /> }).collect_view()}</p>
        <p>{say!(prefs, app.help.unknown)}</p>
    }
}

/// The single keys.
#[component]
pub fn Keys() -> impl IntoView {
    let prefs = use_prefs();
    let key = |keys: &'static [&'static str], words: TextProp| {
        view! {
            <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view()}</dt>
            <dd>{drawn(move || words.get())}</dd>
        }
    };
    view! {
        <dl class="keys">
            {key(&["/"], say!(prefs, app.help.search).into())}
            {key(&["?"], say!(prefs, app.help.open).into())}
            {key(&["j", "k"], say!(prefs, app.help.walk).into())}
            {key(&["x"], say!(prefs, app.help.select).into())}
            {key(&["Enter"], say!(prefs, app.help.enter).into())}
        </dl>
    }
}
