//! The samples behind the form's chart: read when another metric or range is chosen, and again every few seconds.

use atalaya_api::source::QueryAnswer;
use leptos::prelude::*;

use super::fields::Fields;
use crate::api::{read, use_api};
use crate::components::chart::Range;
use crate::dom;
use crate::erase::{memo, watch};
use crate::fetched::Load;
use crate::format::iso;
use crate::live::use_live;
use crate::logic::query::encode;
use crate::prefs::Prefs;

/// Between two readings, ms.
const AGAIN_MS: f64 = 5_000.0;
/// The same for a source elsewhere, which others ask, too, ms.
const ELSEWHERE_MS: f64 = 15_000.0;
/// As many points as a wide screen can show.
const MOST_POINTS: u32 = 800;

/// What was read, and for which stretch of time (Unix ms).
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    pub answer: QueryAnswer,
    pub from: f64,
    pub to: f64,
    /// The expression they answer.
    pub expr: String,
}

#[derive(Clone, Copy)]
pub struct Data {
    pub range: RwSignal<Range>,
    pub samples: RwSignal<Load<Samples>>,
    latest: StoredValue<u64>,
    read_at: StoredValue<f64>,
}

impl Data {
    pub fn new(fields: Fields) -> Self {
        let live = use_live();
        let data = Data {
            range: RwSignal::new(Range::Hour),
            samples: RwSignal::new(Load::Loading),
            latest: StoredValue::new(0),
            read_at: StoredValue::new(0.0),
        };
        let wanted = memo(move || (fields.source.get(), fields.expr.get(), data.range.get()));
        let read = data.reader();
        let again = read.clone();
        Effect::new(move |before: Option<(String, String, Range)>| {
            let now = wanted.get();
            if before.is_some_and(|before| (before.0, before.1) != (now.0.clone(), now.1.clone())) {
                data.samples.set(Load::Loading);
            }
            read(now.clone());
            now
        });
        watch(
            move || live.now.get(),
            move |now| {
                let local = fields.source.with_untracked(|source| source == "local");
                let rest = if local { AGAIN_MS } else { ELSEWHERE_MS };
                if now - data.read_at.get_value() >= rest && !document().hidden() {
                    again(wanted.get_untracked());
                }
            },
        );
        data
    }

    /// Reads the samples of (source, expression, range); late answers of earlier wishes are dropped.
    fn reader(self) -> impl Fn((String, String, Range)) + Clone + 'static {
        let api = use_api();
        move |(source, expr, range)| {
            if expr.is_empty() {
                return;
            }
            let to = dom::now_ms().floor();
            let from = to - range.millis();
            self.read_at.set_value(to);
            let ticket = self.latest.with_value(|latest| latest + 1);
            self.latest.set_value(ticket);
            let path = format!(
                "sources/{}/query?expr={}&from={}&to={}&max_points={MOST_POINTS}",
                encode(&source),
                encode(&expr),
                iso(from),
                iso(to)
            );
            leptos::task::spawn_local(async move {
                let answer = api.get(&path).await.and_then(read::<QueryAnswer>);
                if self.latest.try_get_value() == Some(ticket) {
                    let read = answer.map(|answer| Samples { answer, from, to, expr });
                    let _ = self.samples.try_update(|state| *state = std::mem::take(state).after(read));
                }
            });
        }
    }

    /// How many series match; tracks.
    pub fn total(self) -> Option<u64> {
        self.samples.with(|state| state.value().map(|samples| samples.answer.total))
    }

    /// (drawn, matching), where not all are drawn; tracks.
    pub fn cut(self) -> Option<(u64, u64)> {
        self.samples.with(|state| {
            let answer = &state.value()?.answer;
            let drawn = answer.series.len() as u64;
            (drawn < answer.total).then_some((drawn, answer.total))
        })
    }

    pub fn is_stale(self) -> bool {
        self.samples.with(Load::is_stale)
    }

    /// Why there is nothing, in words; tracks.
    pub fn failure(self, prefs: Prefs) -> Option<String> {
        self.samples.with(|state| {
            let nothing = || {
                let nothing = state.value()?.answer.total == 0;
                nothing.then(|| said!(prefs, pages.form.no_data_found).to_owned())
            };
            state.failure().map(|failure| failure.words(prefs)).or_else(nothing)
        })
    }

    /// What the source itself warns of; tracks.
    pub fn warnings(self) -> String {
        self.samples
            .with(|state| state.value().map(|samples| samples.answer.warnings.join(" ")).unwrap_or_default())
    }
}
