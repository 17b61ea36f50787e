//! Templates: sets of checks with alarm settings, which metrics follow.

use atalaya_api::page::Page;
use atalaya_api::template::{Template, TemplateSet};
use leptos::prelude::*;
use serde_json::json;

use super::metrics::{LevelsShort, check_word, shown_of};
use super::{Heading, use_go};
use crate::account::use_account;
use crate::api::{Api, use_api};
use crate::base::encode;
use crate::components::notices::{Notices, use_notices};
use crate::components::{Button, Dialog, Empty, Kind, Loaded, Pager, Paging};
use crate::erase::{For, Show, derive, drawn, memo};
use crate::fetched::{Fetched, fetched};
use crate::format::use_format;
use crate::prefs::{Prefs, use_prefs};

/// Templates per page at first.
const SHOWN: u16 = 50;

#[component]
pub fn TemplatesPage() -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let paging = Paging::new(SHOWN);
    let templates = fetched::<Page<Template>>(move || Some(format!("templates?{}", paging.query())));
    let removal = Removal::new(templates);
    let add = Callback::new(move |()| go("templates/new"));
    view! {
        <Heading text=say!(prefs, tables.menu.templates)>
            <Show when=move || account.may_configure()>
                <Button kind=Kind::Primary icon="add" press=add>{say!(prefs, tables.templates.add)}</Button>
            </Show>
        </Heading>
        <p class="lead">{say!(prefs, tables.templates.lead)}</p>
        <Loaded from=templates let:page>
            {
                let total = derive(move || page.with(|page| page.total));
                let next = derive(move || page.with(|page| page.next.clone()));
                let shown = derive(move || page.with(|page| page.items.len()));
                let none = memo(move || shown.get() == 0);
                let many = memo(move || total.get() > u64::from(SHOWN));
                view! {
                    <Show when=move || !none.get() fallback=move || view! { <NoTemplates add /> }>
                        <div class="cards">
                            <For
                                each=move || page.with(|page| page.items.clone())
                                key=|template| format!("{} {} {}", template.id, template.version, template.rules)
                                children=move |template| view! { <Card template removal /> }.into_any()
                            />
                        </div>
                        <Show when=move || many.get()>
                            <Pager paging shown total next />
                        </Show>
                    </Show>
                }
            }
        </Loaded>
        <AskRemoval removal />
    }
}

#[component]
fn NoTemplates(add: Callback<()>) -> impl IntoView {
    let (prefs, account) = (use_prefs(), use_account());
    view! {
        <Empty title=say!(prefs, tables.templates.empty)>
            <Show when=move || account.may_configure()>
                <Button kind=Kind::Primary icon="add" press=add>{say!(prefs, tables.templates.first)}</Button>
            </Show>
        </Empty>
    }
}

#[component]
fn Card(template: Template, removal: Removal) -> impl IntoView {
    let (prefs, format, account, go) = (use_prefs(), use_format(), use_account(), use_go());
    let Template { id, draft, rules, .. } = template.clone();
    let name = draft.name.clone();
    let edit_path = format!("templates/{}", encode(&id));
    let href = edit_path.clone();
    let used = format!("configured?template={}", encode(&id));
    let count = move || match rules {
        0 => said!(prefs, tables.templates.no_rules).to_owned(),
        1 => said!(prefs, tables.templates.rule_one).to_owned(),
        _ => said!(prefs, tables.templates.rule_many, count = format.count(rules)).to_string(),
    };
    let users = (rules > 0).then(|| view! { <a href=used>{drawn(count)}</a> });
    let unused = (rules == 0).then(|| view! { <span class="muted">{drawn(count)}</span> });
    let template = StoredValue::new(template);
    let edit = Callback::new(move |()| go(&edit_path));
    let remove = Callback::new(move |()| removal.ask(template.get_value()));
    let (edit_label, remove_label) = (name.clone(), name.clone());
    view! {
        <section class="card">
            <div class="card-head">
                <h2><a href=href>{name}</a></h2>
                <Show when=move || account.may_configure()>
                    <span class="row-actions">
                        <Button kind=Kind::Quiet icon="edit" press=edit label={
                            let name = edit_label.clone();
                            move || said!(prefs, pages.metrics.edit_this, name = name.clone()).to_string()
                        }>
                            {say!(prefs, pages.common.edit)}
                        </Button>
                        <Button kind=Kind::Quiet icon="delete" press=remove label={
                            let name = remove_label.clone();
                            move || said!(prefs, pages.metrics.delete_this, name = name.clone()).to_string()
                        }>
                            {say!(prefs, pages.common.delete)}
                        </Button>
                    </span>
                </Show>
            </div>
            <p class="help">{draft.note}</p>
            <ul class="sets">{draft.sets.into_iter().map(|set| set_line(prefs, set)).collect_view()}</ul>
            <p>{users}{unused}</p>
        </section>
    }
}

/// "Level: Threshold > ▲ 70 ◆ 80 ⬢ 90".
fn set_line(prefs: Prefs, set: TemplateSet) -> impl IntoView {
    let shown = shown_of(&set.check.name, &set.check.params).ok();
    let levels = shown.map(|shown| view! { <LevelsShort shown unit=None /> });
    view! {
        <li>
            <strong>{set.name}</strong>
            <span class="muted">{drawn(move || check_word(prefs, &set.check.name))}</span>
            {levels}
        </li>
    }
}

/// Taking a template away; where metrics follow it, it is asked what becomes of them.
#[derive(Clone, Copy)]
struct Removal {
    asked: RwSignal<bool>,
    template: RwSignal<Option<Template>>,
    /// Made with the page: what is made while the question stands goes with it.
    refresh: Callback<()>,
    api: Api,
    notices: Notices,
    prefs: Prefs,
}

impl Removal {
    fn new(templates: Fetched<Page<Template>>) -> Self {
        Removal {
            asked: RwSignal::new(false),
            template: RwSignal::new(None),
            refresh: Callback::new(move |()| templates.refresh()),
            api: use_api(),
            notices: use_notices(),
            prefs: use_prefs(),
        }
    }

    fn ask(self, template: Template) {
        let linked = template.rules > 0;
        self.template.set(Some(template));
        if linked {
            self.asked.set(true);
        } else {
            self.remove("keep");
        }
    }

    /// `keep` or `delete` its metrics.
    fn remove(self, rules: &'static str) {
        self.asked.set(false);
        let Some(template) = self.template.get_untracked() else { return };
        let (api, prefs, refresh) = (self.api, self.prefs, self.refresh);
        leptos::task::spawn_local(async move {
            let path = format!("templates/{}", encode(&template.id));
            match api.delete(&format!("{path}?rules={rules}")).await {
                Ok(_) => {
                    let name = template.draft.name.clone();
                    let words = untrack(|| said!(prefs, tables.templates.removed, name = name).to_string());
                    let restore = move || api.post(&format!("{path}/restore"), &json!({}));
                    self.notices.offer_undo_by(words, false, restore, Some(refresh));
                }
                Err(failure) => self.notices.tell(untrack(|| failure.words(prefs))),
            }
            refresh.try_run(());
        });
    }
}

#[component]
fn AskRemoval(removal: Removal) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let of = move |get: fn(&Template) -> String| {
        removal.template.with(|template| template.as_ref().map(get).unwrap_or_default())
    };
    let title = move || {
        let name = of(|template| template.draft.name.clone());
        said!(prefs, tables.templates.remove_title, name = name).to_string()
    };
    let body = move || {
        let rules = removal.template.with(|template| template.as_ref().map_or(0, |template| template.rules));
        said!(prefs, tables.templates.remove_body, count = format.count(rules)).to_string()
    };
    view! {
        <Dialog open=removal.asked title>
            <p>{drawn(body)}</p>
            <div class="dialog-actions">
                <Button press=move |()| removal.asked.set(false)>{say!(prefs, pages.common.cancel)}</Button>
                <Button kind=Kind::Danger icon="delete" press=move |()| removal.remove("delete")>
                    {say!(prefs, tables.templates.remove_rules)}
                </Button>
                <Button kind=Kind::Primary press=move |()| removal.remove("keep")>
                    {say!(prefs, tables.templates.keep_rules)}
                </Button>
            </div>
        </Dialog>
    }
}
