//! The second step: which panel, under the rows of its dashboard.

use atalaya_api::catalog::Panel;
use leptos::prelude::*;

use super::steps::Steps;
use crate::components::{Empty, Loaded, TextField};
use crate::erase::{Show, drawn, memo};
use crate::format::use_format;
use crate::logic::wizard::{by_row, is_watchable};
use crate::prefs::use_prefs;

#[component]
pub fn PanelStep(steps: Steps) -> impl IntoView {
    let prefs = use_prefs();
    let q = RwSignal::new(String::new());
    view! {
        <section class="step" aria-label=say!(prefs, pages.add.panel)>
            <h2>{say!(prefs, pages.add.which_panel)}</h2>
            <div class="filters">
                <TextField
                    name="panel-search"
                    kind="search"
                    focused=true
                    label=say!(prefs, pages.add.search_panel)
                    value=q
                />
            </div>
            <Loaded from=steps.dashboard let:dashboard>
                {
                    let rows = memo(move || {
                        dashboard.with(|dashboard| by_row(&dashboard.panels, &q.get(), steps.show_rows))
                    });
                    let none = memo(move || rows.with(Vec::is_empty));
                    let nothing = move || match dashboard.with(|dashboard| dashboard.problems.first().cloned()) {
                        Some(problem) if q.with(String::is_empty) => problem.words,
                        _ => said!(prefs, pages.common.nothing_matches).to_owned(),
                    };
                    view! {
                        {drawn(move || rows.get().into_iter().map(|(row, panels)| row_view(steps, row, panels)).collect_view())}
                        <Show when=move || none.get()><Empty title=nothing /></Show>
                    }
                }
            </Loaded>
        </section>
    }
}

fn row_view(steps: Steps, row: Option<String>, panels: Vec<Panel>) -> AnyView {
    view! {
        {row.map(|row| view! { <h3 class="row-title">{row}</h3> })}
        <ul class="picks">{panels.into_iter().map(|panel| panel_view(steps, panel)).collect_view()}</ul>
    }
    .into_any()
}

fn panel_view(steps: Steps, panel: Panel) -> AnyView {
    let (prefs, format) = (use_prefs(), use_format());
    let title = panel.title.clone();
    let untitled = title.is_empty();
    let name = move || if untitled { said!(prefs, pages.add.untitled).to_owned() } else { title.clone() };
    let watchable = panel.targets.iter().filter(|target| is_watchable(target)).count() as u64;
    let configured = panel.targets.iter().filter(|target| !target.configured.is_empty()).count() as u64;
    let unit = panel.unit.clone().unwrap_or_default();
    let facts = move || {
        let metrics = match watchable {
            0 => said!(prefs, pages.add.none_watchable).to_owned(),
            1 => said!(prefs, pages.add.metric_one).to_owned(),
            count => said!(prefs, pages.add.metric_many, count = format.count(count)).to_string(),
        };
        let watched = (configured > 0)
            .then(|| said!(prefs, pages.add.watched, count = format.count(configured)).to_string());
        let parts = [unit.clone(), metrics, watched.unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    };
    view! {
        <li>
            <button type="button" class="pick" on:click=move |_| steps.choose_panel(&panel)>
                <strong>{drawn(name)}</strong>
                <span class="muted number">{drawn(facts)}</span>
            </button>
        </li>
    }
    .into_any()
}
