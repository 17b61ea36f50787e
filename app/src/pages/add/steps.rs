//! Dashboard, panel, metrics: what is chosen folds into a line that can be opened again.

use atalaya_api::catalog::{AskMetrics, CatalogMetric, Dashboard, Panel};
use leptos::prelude::*;

use super::boards::BoardStep;
use super::panels::PanelStep;
use super::targets::{PickedLine, TargetStep};
use crate::components::{Button, Kind};
use crate::erase::{drawn, effect, memo, watch};
use crate::fetched::{Fetched, asked, fetched};
use crate::logic::offer::offered;
use crate::logic::query::encode;
use crate::logic::threshold::{LevelTexts, Side};
use crate::logic::wizard::{Chosen, Step, Way, is_watchable, variables_of};
use crate::pages::form::Editor;
use crate::pages::wording::decimal;
use crate::prefs::{Prefs, use_prefs};
use crate::reading::value_of;

/// What is chosen of the catalog, and what that stands for; made in a stable owner (the page), copied into views.
#[derive(Clone, Copy)]
pub struct Steps {
    pub way: RwSignal<Way>,
    pub chosen: RwSignal<Chosen>,
    /// Open although something is chosen there.
    pub reopened: RwSignal<Option<Step>>,
    pub dashboard: Fetched<Dashboard>,
    pub panel: Memo<Option<Panel>>,
    /// All that the panel has, with the variables chosen so.
    pub metrics: Fetched<Vec<CatalogMetric>>,
    /// Those that were chosen and can be watched.
    pub picked: Memo<Vec<CatalogMetric>>,
    /// The letter of the one whose chart is shown.
    pub charted: RwSignal<String>,
    pub show_rows: bool,
    pub editor: Editor,
    /// The levels that the panel offered last.
    offer: StoredValue<LevelTexts>,
    /// Source and expression of the other way, while this one is gone.
    typed: StoredValue<(String, String)>,
    prefs: Prefs,
}

impl Steps {
    pub fn new(editor: Editor, way: RwSignal<Way>, chosen: Chosen, show_rows: bool) -> Self {
        let reopened = RwSignal::new(None);
        let chosen = RwSignal::new(chosen);
        let uid = memo(move || chosen.with(|chosen| chosen.dashboard.clone()));
        let wanted = move || way.get() == Way::Dashboard && uid.with(|uid| !uid.is_empty());
        let dashboard = fetched::<Dashboard>(move || {
            wanted().then(|| format!("catalog/dashboards/{}", encode(&uid.get())))
        });
        let panel = memo(move || {
            let id = chosen.with(|chosen| chosen.panel)?;
            dashboard.state.with(|state| state.value()?.panels.iter().find(|panel| panel.id == id).cloned())
        });
        let metrics = asked::<Vec<CatalogMetric>>(move || question(chosen, dashboard, panel));
        let picked = memo(move || {
            let metrics = metrics.value().unwrap_or_default();
            let is_picked =
                |metric: &CatalogMetric| chosen.with(|chosen| chosen.refs.contains(&metric.ref_id));
            metrics
                .into_iter()
                .filter(|one| is_picked(one) && one.problem.is_none() && one.expr.is_some())
                .collect()
        });
        let steps = Steps {
            way,
            chosen,
            reopened,
            dashboard,
            panel,
            metrics,
            picked,
            charted: RwSignal::new(String::new()),
            show_rows,
            editor,
            offer: StoredValue::default(),
            typed: StoredValue::default(),
            prefs: use_prefs(),
        };
        watch(move || way.get(), move |way| steps.turn(*way));
        effect(move || steps.chart());
        steps
    }

    /// Another way: what was typed for a source is there again when the operator comes back to it.
    fn turn(self, way: Way) {
        let fields = self.editor.fields;
        let now = untrack(|| (fields.source.get(), fields.expr.get()));
        if way == Way::Dashboard {
            self.typed.set_value(now);
            return fields.expr.set(String::new());
        }
        self.editor.several.set(false);
        self.editor.usual_name.set(String::new());
        let (source, expr) = self.typed.get_value();
        if !expr.is_empty() {
            fields.source.set(source);
            fields.choose(expr);
        }
    }

    /// The step that is open; none: the values are what is left.
    pub fn open(self) -> Step {
        self.reopened.get().unwrap_or_else(|| self.chosen.with(Chosen::step))
    }

    pub fn start_over(self) {
        self.reopened.set(None);
        self.chosen.set(Chosen::default());
    }

    pub fn choose_dashboard(self, uid: &str) {
        self.reopened.set(None);
        self.chosen.update(|chosen| chosen.choose_dashboard(uid));
    }

    /// Its levels and unit are offered; where there is a choice among metrics or values, that comes next.
    pub fn choose_panel(self, panel: &Panel) {
        self.chosen.update(|chosen| chosen.choose_panel(panel));
        self.offer(panel);
        let choice = self.dashboard.state.with_untracked(|state| {
            state.value().is_some_and(|dashboard| !variables_of(dashboard, panel).is_empty())
        });
        let several = panel.targets.iter().filter(|target| is_watchable(target)).count() > 1;
        self.reopened.set((choice || several).then_some(Step::Metrics));
    }

    /// The panel's own thresholds, unless other levels were typed.
    fn offer(self, panel: &Panel) {
        let now = untrack(|| self.editor.fields.threshold.levels.texts());
        let before = self.offer.get_value();
        let untouched = now == LevelTexts::default() || now == before;
        if !untouched {
            return;
        }
        let mark = untrack(|| decimal(self.prefs));
        match offered(&panel.thresholds) {
            Some((side, limits)) => {
                let texts = LevelTexts::from_limits(&limits, mark);
                self.offer.set_value(texts.clone());
                self.editor.offer(side, texts);
            }
            // The samples propose some.
            None if now == before => self.editor.offer(Side::default(), LevelTexts::default()),
            None => {}
        }
    }

    /// Shows one of the chosen metrics in the chart; tracks.
    fn chart(self) {
        if self.way.get() != Way::Dashboard {
            return;
        }
        let none = self.chosen.with(|chosen| chosen.refs.is_empty());
        let picked = self.picked.get();
        let charted = self.charted.get();
        let one = picked.iter().find(|metric| metric.ref_id == charted).or(picked.first());
        let editor = self.editor;
        editor.several.set(picked.len() > 1);
        match one {
            Some(metric) => untrack(|| self.watch(metric)),
            None if none => {
                editor.fields.expr.set(String::new());
                editor.fields.unit.set(String::new());
            }
            // Until the answer is there the chart stays.
            None => {}
        }
    }

    fn watch(self, metric: &CatalogMetric) {
        let fields = self.editor.fields;
        let source = metric.source.clone().unwrap_or_default();
        if fields.source.with_untracked(|before| *before != source) {
            fields.source.set(source);
        }
        // What the address brought was typed.
        let typed = untrack(|| fields.expr.with(String::is_empty).then(|| fields.unit.get()));
        fields.choose(metric.expr.clone().unwrap_or_default());
        let unit = typed.filter(|unit| !unit.is_empty()).or_else(|| metric.unit.clone());
        if let Some(unit) = unit.filter(|_| fields.unit.with_untracked(String::is_empty)) {
            fields.unit.set(unit);
        }
        self.editor.usual_name.set(metric.name.clone());
    }
}

/// What a panel's targets ask with the variables chosen so.
fn question(
    chosen: RwSignal<Chosen>,
    dashboard: Fetched<Dashboard>,
    panel: Memo<Option<Panel>>,
) -> Option<(String, serde_json::Value)> {
    let panel = panel.get()?;
    let dashboard = dashboard.value()?;
    let ask = AskMetrics {
        panel: panel.id,
        ref_ids: panel.targets.iter().map(|target| target.ref_id.clone()).collect(),
        chosen: chosen.with(|chosen| chosen.all(&dashboard)),
    };
    Some((format!("catalog/dashboards/{}/metrics", encode(&dashboard.uid)), value_of(&ask)))
}

#[component]
pub fn StepsView(steps: Steps) -> impl IntoView {
    let open = memo(move || steps.open());
    // Open, or folded since something is chosen; the view of an open step is not made anew by what is chosen in it.
    let place = move |step: Step| {
        let is_open = open.get() == step;
        (is_open, !is_open && steps.chosen.with(|chosen| chosen.step() > step))
    };
    let boards = memo(move || place(Step::Dashboard));
    let panels = memo(move || place(Step::Panel));
    let targets = memo(move || place(Step::Metrics));
    view! {
        <div class="wizard">
            {drawn(move || match boards.get() {
                (true, _) => view! { <BoardStep steps /> }.into_any(),
                (false, true) => board_line(steps),
                _ => ().into_any(),
            })}
            {drawn(move || match panels.get() {
                (true, _) => view! { <PanelStep steps /> }.into_any(),
                (false, true) => panel_line(steps),
                _ => ().into_any(),
            })}
            {drawn(move || match targets.get() {
                (true, _) => view! { <TargetStep steps /> }.into_any(),
                (false, true) => view! { <PickedLine steps /> }.into_any(),
                _ => ().into_any(),
            })}
        </div>
    }
}

fn board_line(steps: Steps) -> AnyView {
    let prefs = use_prefs();
    let title = move || {
        let found = steps.dashboard.state.with(|state| {
            state.value().map(|board| (board.title.clone(), board.folder.clone().unwrap_or_default()))
        });
        found.unwrap_or_else(|| (steps.chosen.with(|chosen| chosen.dashboard.clone()), String::new()))
    };
    // The next step says it itself.
    let failure = move || {
        let failure =
            || steps.dashboard.state.with(|state| state.failure().map(|failure| failure.words(prefs)));
        (steps.open() != Step::Panel).then(failure).flatten()
    };
    view! {
        {folded(steps, Step::Dashboard, Box::new(title))}
        <p class="error" role="status">{drawn(failure)}</p>
    }
    .into_any()
}

fn panel_line(steps: Steps) -> AnyView {
    let prefs = use_prefs();
    let title = move || {
        let panel = steps.panel.get();
        let row = panel.as_ref().and_then(|panel| panel.row.clone()).filter(|_| steps.show_rows);
        let title = panel.map(|panel| panel.title).filter(|title| !title.is_empty());
        (title.unwrap_or_else(|| said!(prefs, pages.add.untitled).to_owned()), row.unwrap_or_default())
    };
    folded(steps, Step::Panel, Box::new(title))
}

/// The line that a step folds into: what was chosen and where it stands, with "Change".
pub fn folded(steps: Steps, step: Step, chosen: Box<dyn Fn() -> (String, String) + Send + Sync>) -> AnyView {
    let prefs = use_prefs();
    let text = memo(chosen);
    let word = move || match step {
        Step::Dashboard => said!(prefs, pages.add.dashboard),
        Step::Panel => said!(prefs, pages.add.panel),
        _ => said!(prefs, pages.add.metrics),
    };
    view! {
        <div class="chosen">
            <span class="muted">{drawn(word)}</span>
            <strong>{drawn(move || text.get().0)}</strong>
            <span class="muted">{drawn(move || text.get().1)}</span>
            <Button
                kind=Kind::Quiet
                icon="edit"
                press=move |()| steps.reopened.set(Some(step))
                label=move || format!("{}: {}", said!(prefs, pages.common.change), word())
            >
                {say!(prefs, pages.common.change)}
            </Button>
        </div>
    }
    .into_any()
}
