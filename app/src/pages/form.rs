//! The form of a metric, shared by "Add" and "Edit": chart on screen from choosing to saving, every number drawn at once.

mod basics;
mod data;
mod editor;
mod fields;
mod hours;
mod inputs;
mod kind;
mod levels;
mod params;
mod search;
mod telling;
mod timing;

use leptos::children::ViewFn;
use leptos::prelude::*;

pub use self::editor::{Editor, usual_notify};
pub use self::fields::ThresholdFields;
pub use self::hours::{HoursWhen, day_word};
pub use self::inputs::{NoteField, ShortField};
pub use self::levels::{ThresholdInputs, Thresholds};
pub use self::params::ParamsForm;

use self::basics::Basics;
use self::kind::Alarm;
use self::search::SeriesSearch;
use self::telling::TellingStep;
use self::timing::Timing;
use crate::components::chart::RangePicker;
use crate::components::{Button, Chart, Kind};
use crate::erase::{Show, derive, drawn, memo};
use crate::format::use_format;
use crate::prefs::use_prefs;

/// All steps on one page; what is chosen folds into a line at the top. `save` is called with a draft that has no fault.
#[component]
pub fn MetricForm(
    editor: Editor,
    save: Callback<()>,
    /// What is watched, in place of the search.
    #[prop(optional)]
    what: Option<ViewFn>,
    /// Before the values: what they are for.
    #[prop(optional)]
    kind: Option<ViewFn>,
    /// False: the values stand elsewhere, e.g. in a template.
    #[prop(default = derive(|| true))]
    own_values: Signal<bool>,
    /// After the values, before "Save".
    #[prop(optional)]
    more: Option<ViewFn>,
    /// Beside "Save", e.g. "Start over".
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        save.run(());
    };
    let chosen = memo(move || editor.fields.expr.with(|expr| !expr.is_empty()));
    view! {
        <form class="metric-form" novalidate on:submit=submit>
            {what.map_or_else(|| view! { <Chosen editor /> }.into_any(), |what| what.run())}
            <Show when=move || chosen.get()>
                <div class="form-columns">
                    <div class="form-chart"><Preview editor /></div>
                    <div class="form-fields">
                        {part(&kind)}
                        <Show when=move || own_values.get()>
                        <Alarm editor />
                        <Timing editor />
                        <Basics editor />
                        <TellingStep editor />
                        </Show>
                        {part(&more)}
                        <div class="form-actions">
                            <p class="error" role="alert">{drawn(move || editor.faults.failure.get())}</p>
                            <SaveButton editor />
                            {children.as_ref().map(|children| children())}
                        </div>
                    </div>
                </div>
            </Show>
        </form>
    }
}

fn part(of: &Option<ViewFn>) -> AnyView {
    of.as_ref().map_or_else(|| ().into_any(), ViewFn::run)
}

#[component]
fn SaveButton(editor: Editor) -> impl IntoView {
    let prefs = use_prefs();
    let words = move || match editor.saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <Button kind=Kind::Primary submits=true disabled=editor.saving press=|()| ()>{drawn(words)}</Button>
    }
}

/// The first step: the search, or the line that it folds into.
#[component]
fn Chosen(editor: Editor) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let open = RwSignal::new(false);
    let searching = memo(move || open.get() || editor.fields.expr.with(String::is_empty));
    let choose = Callback::new(move |expr: String| {
        editor.fields.choose(expr);
        open.set(false);
    });
    let count = move || match editor.data.total() {
        None | Some(0) => String::new(),
        Some(1) => said!(prefs, pages.form.series_one).to_owned(),
        Some(count) => said!(prefs, pages.form.series_many, count = format.count(count)).to_string(),
    };
    let place = move || {
        let source = editor.fields.source.get();
        (source != "local").then(|| said!(prefs, pages.form.in_source, source = source).to_string())
    };
    view! {
        <Show
            when=move || searching.get()
            fallback=move || {
                view! {
                    <div class="chosen">
                        <span class="muted">{say!(prefs, pages.form.watching)}</span>
                        <strong class="expr">{editor.fields.expr}</strong>
                        <span class="muted">{drawn(place)}</span>
                        <span class="muted number">{drawn(count)}</span>
                        <Button kind=Kind::Quiet icon="edit" press=move |()| open.set(true)>
                            {say!(prefs, pages.common.change)}
                        </Button>
                    </div>
                }
            }
        >
            <SeriesSearch editor choose close=move |()| open.set(false) />
        </Show>
    }
}

/// The chart with the levels as they are typed, and its range.
#[component]
fn Preview(editor: Editor) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let title = derive(move || {
        let name = editor.form.with(|form| form.name_or_series());
        said!(prefs, pages.form.chart, name = name).to_string()
    });
    let unit =
        derive(move || editor.fields.unit.with(|unit| Some(unit.clone()).filter(|unit| !unit.is_empty())));
    let shown = move || {
        editor.data.cut().map(|(shown, total)| {
            let (shown, total) = (format.count(shown), format.count(total));
            said!(prefs, pages.form.series_shown, shown = shown, total = total).to_string()
        })
    };
    view! {
        <div class="chart-head">
            <RangePicker range=editor.data.range />
            <span class="muted number">{drawn(shown)}</span>
        </div>
        <div class:stale=move || editor.data.is_stale()>
            <Chart title unit data=editor.picture />
        </div>
        <p class="error" role="status">{drawn(move || editor.data.failure(prefs))}</p>
        <p class="note" hidden=move || editor.data.warnings().is_empty()>{drawn(move || editor.data.warnings())}</p>
    }
}
