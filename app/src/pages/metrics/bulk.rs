//! What can be done with the chosen metrics; above ten, deleting asks.

use atalaya_api::page::Page;
use atalaya_api::template::Template;
use leptos::prelude::*;

use crate::components::{Button, Dialog, Empty, Kind, Loaded, SelectField};
use crate::erase::{derive, drawn};
use crate::fetched::fetched;
use crate::format::use_format;
use crate::logic::list::ASK_ABOVE;
use crate::pages::many::{ChangeFields, Deed, Many};
use crate::prefs::use_prefs;

#[component]
pub fn BulkTools(many: Many) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let (asking, changing, applying) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let count = move || format.count(many.count());
    let run = move |deed: Deed| many.deeds.run(deed, many.take());
    let delete = move |()| match many.count() {
        count if count > ASK_ABOVE as u64 => asking.set(true),
        _ => run(Deed::Delete),
    };
    let confirm = move |()| {
        asking.set(false);
        run(Deed::Delete);
    };
    view! {
        <Button icon="pause" press=move |()| run(Deed::Pause)>{say!(prefs, pages.common.pause)}</Button>
        <Button icon="play" press=move |()| run(Deed::Resume)>{say!(prefs, pages.common.resume)}</Button>
        <Button icon="templates" press=move |()| applying.set(true)>{say!(prefs, tables.many.apply_template)}</Button>
        <Button icon="settings" press=move |()| changing.set(true)>{say!(prefs, tables.many.change_settings)}</Button>
        <Button kind=Kind::Danger icon="delete" press=move |()| untrack(|| delete(()))>{say!(prefs, pages.common.delete)}</Button>
        <Dialog open=asking title=move || said!(prefs, pages.metrics.delete_title, count = count()).to_string()>
            <p>{say!(prefs, pages.metrics.delete_body)}</p>
            <div class="dialog-actions">
                <Button press=move |()| asking.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Danger icon="delete" press=confirm>{say!(prefs, pages.common.delete)}</Button>
            </div>
        </Dialog>
        <Dialog open=changing title=move || said!(prefs, tables.many.change_title, count = count()).to_string()>
            <ChangeFields many done=move |()| changing.set(false) />
        </Dialog>
        <Dialog open=applying title=move || said!(prefs, tables.many.apply_title, count = count()).to_string()>
            <ApplyTemplate many done=move |()| applying.set(false) />
        </Dialog>
    }
}

/// Which template, and what applying it does.
#[component]
fn ApplyTemplate(many: Many, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let templates = fetched::<Page<Template>>(|| Some("templates?limit=100".to_owned()));
    let chosen = RwSignal::new(String::new());
    view! {
        <Loaded from=templates let:page>
            {drawn(move || {
                if page.with(|page| page.items.is_empty()) {
                    return view! {
                        <Empty title=say!(prefs, tables.templates.empty)>
                            <a class="button" href="templates/new">{say!(prefs, tables.templates.first)}</a>
                        </Empty>
                    }
                    .into_any();
                }
                let options = derive(move || {
                    let named = |template: &Template| (template.id.clone(), template.draft.name.clone());
                    page.with(|page| page.items.iter().map(named).collect())
                });
                let found = move || {
                    let is = |template: &&Template| chosen.with(|id| id.is_empty() || *id == template.id);
                    page.with(|page| page.items.iter().find(is).cloned())
                };
                let help = move || {
                    let sets = found().map_or(0, |template| template.draft.sets.len() as u64);
                    let (metrics, made) = (format.count(many.count()), format.count(many.count() * sets));
                    said!(prefs, tables.many.apply_help, sets = sets, metrics = metrics, made = made).to_string()
                };
                let apply = move |()| {
                    if let Some(template) = untrack(found) {
                        many.deeds.apply(&template.id, template.draft.name, many.take());
                        done.run(());
                    }
                };
                view! {
                    <SelectField name="template" label=say!(prefs, tables.many.template) value=chosen options help />
                    <div class="dialog-actions">
                        <Button press=move |()| done.run(())>{say!(prefs, pages.common.cancel)}</Button>
                        <Button kind=Kind::Primary press=apply>{say!(prefs, tables.many.apply)}</Button>
                    </div>
                }
                .into_any()
            })}
        </Loaded>
    }
}
