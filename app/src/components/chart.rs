//! A chart of series with the levels that judge them: uPlot behind `public/chart.js`.

use atalaya_api::alarm::TransitionView;
use atalaya_api::level::{Level, Standing};
use atalaya_api::rule::{Direction, Line};
use atalaya_api::source::SeriesData;
use js_sys::{Array, Float64Array, Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use super::severity::word_of;
use crate::erase::{Show, drawn, effect, memo};
use crate::format::{Format, ms, use_format};
use crate::prefs::{Prefs, use_prefs};

/// Rows of the data table that stands for the picture; older samples are in the range picker's reach.
const TABLE_ROWS: usize = 120;

#[wasm_bindgen(raw_module = "./chart.js")]
extern "C" {
    type JsChart;
    #[wasm_bindgen(js_name = createChart)]
    fn create_chart(element: &web_sys::HtmlElement, options: &Object) -> JsChart;
    #[wasm_bindgen(method)]
    fn update(this: &JsChart, data: &Object, lines: &Array, marks: &Array);
    #[wasm_bindgen(method)]
    fn restyle(this: &JsChart, options: &Object);
    #[wasm_bindgen(method)]
    fn destroy(this: &JsChart);
}

/// What to draw. Times are Unix ms; `from` and `to` bound the time axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartData {
    pub series: Vec<SeriesData>,
    pub lines: Vec<Line>,
    pub marks: Vec<TransitionView>,
    pub from: f64,
    pub to: f64,
}

impl ChartData {
    /// Of the values drawn.
    pub fn unit(&self) -> Option<String> {
        self.series.first().and_then(|series| series.unit.clone())
    }
}

/// How far back a chart looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    #[default]
    Hour,
    SixHours,
    Day,
    Week,
}

impl Range {
    pub const ALL: [Range; 4] = [Range::Hour, Range::SixHours, Range::Day, Range::Week];

    pub fn millis(self) -> f64 {
        3_600_000.0
            * match self {
                Range::Hour => 1.0,
                Range::SixHours => 6.0,
                Range::Day => 24.0,
                Range::Week => 168.0,
            }
    }

    /// The same in both languages.
    fn words(self) -> &'static str {
        match self {
            Range::Hour => "1 h",
            Range::SixHours => "6 h",
            Range::Day => "24 h",
            Range::Week => "7 d",
        }
    }
}

/// 1 h, 6 h, 24 h, 7 d.
#[component]
pub fn RangePicker(range: RwSignal<Range>) -> impl IntoView {
    let prefs = use_prefs();
    let choice = move |choice: Range| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || (range.get() == choice).to_string()
                on:click=move |_| range.set(choice)
            >
                {choice.words()}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=say!(prefs, app.chart.range)>
            {Range::ALL.map(choice).collect_view()}
        </div>
    }
}

/// The picture, the value under the pointer, a summary in words and the samples as a table.
///
/// `<Chart title=name unit=unit data=data/>`; `data` may change as often as it likes, the plot is kept.
#[component]
pub fn Chart(
    /// What the chart is of: the metric's name.
    #[prop(into)]
    title: Signal<String>,
    #[prop(into)] unit: Signal<Option<String>>,
    #[prop(into)] data: Signal<ChartData>,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let node = NodeRef::<html::Div>::new();
    let point = RwSignal::new(None::<(f64, f64)>);
    let chart = StoredValue::new_local(None::<JsChart>);
    let on_point = StoredValue::new_local(Closure::<dyn Fn(f64, f64)>::new(move |at: f64, value: f64| {
        let _ = point.try_set((!at.is_nan()).then_some((at, value)));
    }));
    let options = move || {
        let language = prefs.language();
        on_point.with_value(|on_point| {
            object(&[("language", language.into()), ("onPoint", on_point.as_ref().clone())])
        })
    };
    Effect::new(move |made: Option<bool>| {
        let Some(element) = node.get() else { return false };
        // Colours come from the page's tokens: a change of theme draws anew.
        prefs.theme.track();
        let options = options();
        chart.update_value(|chart| match chart {
            Some(chart) if made == Some(true) => chart.restyle(&options),
            _ => *chart = Some(create_chart(&element, &options)),
        });
        true
    });
    effect(move || {
        let picture = data.with(|data| Picture::of(prefs, data));
        if node.get().is_some() {
            chart.with_value(|chart| chart.iter().for_each(|chart| picture.give(chart)));
        }
    });
    on_cleanup(move || {
        // A plot left behind keeps its canvas and its listeners for ever.
        chart.try_with_value(|chart| chart.iter().for_each(JsChart::destroy));
    });
    let under_pointer = move || {
        point.get().map(|(at, value)| {
            format!("{}  {}", format.seconds_ms(at), format.value(Some(value), unit.get().as_deref()))
        })
    };
    let summary = memo(move || data.with(|data| summary_of(prefs, format, data, unit.get().as_deref())));
    let samples = RwSignal::new(false);
    let toggled = move |_| {
        let _ = samples.try_update(|open| *open = !*open);
    };
    view! {
        <figure class="chart">
            <div class="plot" role="img" aria-label=move || format!("{}. {}", title.get(), summary.get()) node_ref=node></div>
            <figcaption>
                <span class="number">{drawn(move || under_pointer().unwrap_or_else(|| summary.get()))}</span>
                <span class="zone">{drawn(move || format.zone())}</span>
            </figcaption>
            <details on:toggle=toggled>
                <summary>{say!(prefs, app.chart.samples)}</summary>
                <Show when=move || samples.get()>
                    <SampleTable data unit title />
                </Show>
            </details>
        </figure>
    }
}

/// The latest samples, newest first: the picture for those who cannot see it.
#[component]
fn SampleTable(
    data: Signal<ChartData>,
    unit: Signal<Option<String>>,
    title: Signal<String>,
) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let rows = move || {
        data.with(|data| {
            let Some(series) = data.series.first() else { return Vec::new() };
            let pairs = series.times.iter().zip(&series.values).rev().take(TABLE_ROWS);
            pairs.map(|(at, value)| (*at, value.0)).collect::<Vec<_>>()
        })
    };
    let row = move |(at, value): (f64, f64)| {
        view! {
            <tr>
                <td class="number">{format.seconds_ms(at)}</td>
                <td class="number">{format.value(Some(value), unit.get().as_deref())}</td>
            </tr>
        }
    };
    view! {
        <div class="samples" tabindex="0" role="region" aria-label=move || title.get()>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{say!(prefs, app.chart.time)} " (" {drawn(move || format.zone())} ")"</th>
                        <th scope="col">{say!(prefs, app.chart.value)}</th>
                    </tr>
                </thead>
                <tbody>{drawn(move || rows().into_iter().map(row).collect_view())}</tbody>
            </table>
        </div>
    }
}

/// "Now 95 %, lowest 40 %, highest 97 %", or that there is nothing; tracks.
fn summary_of(prefs: Prefs, format: Format, data: &ChartData, unit: Option<&str>) -> String {
    match extent(data) {
        None => said!(prefs, app.chart.nothing).to_owned(),
        Some((low, high, last)) => {
            let words = |value: f64| format.value(Some(value), unit);
            said!(prefs, app.chart.summary, last = words(last), low = words(low), high = words(high))
                .to_string()
        }
    }
}

/// Lowest, highest and latest finite value of all that is drawn.
fn extent(data: &ChartData) -> Option<(f64, f64, f64)> {
    let finite = || {
        data.series
            .iter()
            .flat_map(|series| &series.values)
            .map(|value| value.0)
            .filter(|value| value.is_finite())
    };
    let last = finite().next_back()?;
    Some((finite().fold(last, f64::min), finite().fold(last, f64::max), last))
}

/// The same as plain JavaScript values.
struct Picture {
    data: Object,
    lines: Array,
    marks: Array,
}

impl Picture {
    fn of(prefs: Prefs, data: &ChartData) -> Self {
        let series = data.series.iter().map(|series| {
            let values: Vec<f64> = series.values.iter().map(|value| value.0).collect();
            object(&[
                ("name", series.name.as_str().into()),
                ("times", Float64Array::from(series.times.as_slice()).into()),
                ("values", Float64Array::from(values.as_slice()).into()),
            ])
        });
        let series: Array = series.collect();
        let lines = data.lines.iter().map(|line| line_object(prefs, line)).collect();
        let marks = data.marks.iter().map(|mark| mark_object(prefs, mark)).collect();
        let data = object(&[("series", series.into()), ("from", data.from.into()), ("to", data.to.into())]);
        Picture { data, lines, marks }
    }

    fn give(&self, chart: &JsChart) {
        chart.update(&self.data, &self.lines, &self.marks);
    }
}

fn line_object(prefs: Prefs, line: &Line) -> Object {
    let direction = match line.direction {
        Direction::Above => "above",
        Direction::Below => "below",
    };
    object(&[
        ("level", line.level.name().into()),
        ("word", word_of(prefs, level_standing(line.level)).into()),
        ("value", line.value.0.into()),
        ("direction", direction.into()),
        ("start", line.start.into()),
        ("end", line.end.into()),
    ])
}

fn mark_object(prefs: Prefs, mark: &TransitionView) -> Object {
    let (level, word) = match mark.after {
        Some(severity) => (severity.name(), word_of(prefs, Standing::from(Some(severity)))),
        None => ("ok", said!(prefs, app.alarm.cleared)),
    };
    object(&[("at", ms(mark.at).into()), ("level", level.into()), ("word", word.into())])
}

fn level_standing(level: Level) -> Standing {
    match level {
        Level::Ok => Standing::Ok,
        Level::Warning => Standing::Warning,
        Level::Major => Standing::Major,
        Level::Critical => Standing::Critical,
    }
}

fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a plain property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object
}

#[cfg(test)]
mod tests {
    use atalaya_api::float::Float;

    use super::*;

    fn data(values: &[f64]) -> ChartData {
        let series = SeriesData {
            name: "a".into(),
            unit: None,
            step_ms: 1_000.0,
            times: (0..values.len()).map(|at| at as f64).collect(),
            values: values.iter().map(|value| Float(*value)).collect(),
        };
        ChartData { series: vec![series], ..ChartData::default() }
    }

    #[test]
    fn gaps_and_infinities_are_no_part_of_the_extent() {
        assert_eq!(extent(&data(&[5.0, f64::NAN, 1.0, f64::INFINITY, 3.0, f64::NAN])), Some((1.0, 5.0, 3.0)));
        assert_eq!(extent(&data(&[f64::NAN])), None);
    }
}
