//! Who is told when Atalaya itself, a source or a check is not well, and the address that messages link to.

use atalaya_api::settings::Settings;
use leptos::prelude::*;

use super::part::{Part, change};
use crate::components::TextField;
use crate::erase::drawn;
use crate::pages::notify::{nobody_yet, picks, use_receivers, with_gone};
use crate::prefs::use_prefs;

pub fn system(read: Settings, part: Part) -> AnyView {
    let (prefs, receivers) = (use_prefs(), use_receivers());
    let chosen = RwSignal::new(read.system_receivers);
    let url = RwSignal::new(read.public_url);
    let typed = move || {
        let (chosen, url) = (chosen.get(), url.get().trim().to_owned());
        change(Vec::new(), move |settings| {
            settings.system_receivers = chosen;
            settings.public_url = url;
        })
    };
    let error = part.error("system_receivers");
    // One that was deleted meanwhile is told nothing.
    let some = move || {
        chosen.with(|chosen| {
            receivers.state.with(|state| match state.value() {
                Some(page) => page.items.iter().any(|one| chosen.contains(&one.receiver.id)),
                None => !chosen.is_empty(),
            })
        })
    };
    let nobody =
        move || (!some()).then(|| view! { <p class="note">{said!(prefs, telling.system.nobody)}</p> });
    let fields = view! {
        <fieldset class="picked" id="system_receivers" tabindex="-1">
            <legend class="label">{say!(prefs, telling.system.who)}</legend>
            {drawn(move || receivers.value().map(|page| {
                let named = page.items.into_iter().map(|one| (one.receiver.id, one.receiver.name));
                picks(with_gone(prefs, named.collect(), &chosen.get_untracked()), chosen)
            }))}
            {nobody_yet(receivers)}
            {drawn(nobody)}
            <p class="error">{drawn(move || error.get())}</p>
        </fieldset>
        <TextField
            name="public_url"
            kind="url"
            label=say!(prefs, telling.system.public_url)
            value=url
            help=say!(prefs, telling.system.public_url_help)
            error=part.error("public_url")
        />
    };
    part.card(move || said!(prefs, telling.system.lead).to_owned(), typed, fields.into_any())
}
