//! The kind of alarm: values of one's own, or those of a template.

use atalaya_api::page::Page;
use atalaya_api::template::Template;
use leptos::prelude::*;

use crate::components::SelectField;
use crate::erase::{Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::logic::query::{self, Pairs};
use crate::pages::wording::check_title;
use crate::prefs::use_prefs;

/// Made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Templates {
    /// Its id; empty: none.
    pub chosen: RwSignal<String>,
    list: Fetched<Page<Template>>,
}

impl Templates {
    pub fn new(pairs: &Pairs) -> Self {
        Templates {
            chosen: RwSignal::new(query::get(pairs, "template").unwrap_or_default().to_owned()),
            list: fetched(|| Some("templates?limit=100".to_owned())),
        }
    }

    /// For the address; tracks.
    pub fn pairs(self) -> Pairs {
        vec![("template".to_owned(), self.chosen.get())]
    }
}

/// Only where there are templates.
#[component]
pub fn KindChoice(templates: Templates) -> impl IntoView {
    let prefs = use_prefs();
    let list = memo(move || templates.list.value().map(|page| page.items).unwrap_or_default());
    let options = derive(move || {
        let own = (String::new(), said!(prefs, pages.add.own_values).to_owned());
        let one = |template: Template| {
            (template.id, said!(prefs, pages.add.template, name = template.draft.name).to_string())
        };
        std::iter::once(own).chain(list.get().into_iter().map(one)).collect::<Vec<_>>()
    });
    let sets = move || {
        let id = templates.chosen.get();
        let found = list.get().into_iter().find(|template| template.id == id)?;
        let set = |set: atalaya_api::template::TemplateSet| {
            let kind = check_title(prefs, &set.check.name);
            view! { <li><strong>{set.name}</strong> " " <span class="muted">{kind}</span></li> }
        };
        Some(view! {
            <p class="help">{said!(prefs, pages.add.template_help)}</p>
            <ul>{found.draft.sets.into_iter().map(set).collect_view()}</ul>
        })
    };
    view! {
        <Show when=move || !list.with(Vec::is_empty)>
            <div class="step">
                <SelectField name="template" label=say!(prefs, pages.add.kind) value=templates.chosen options />
                {drawn(sets)}
            </div>
        </Show>
    }
}
