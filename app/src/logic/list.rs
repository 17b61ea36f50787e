//! What a list shows, as its address says it: `?q=cpu&severity=critical,major&sort=-raised_at&limit=50`.

use std::collections::BTreeMap;

use atalaya_api::level::Severity;

use super::query::{self, Pairs};

/// The page sizes on offer.
pub const LIMITS: [u16; 4] = [10, 25, 50, 100];
/// What a list starts with.
pub const LIMIT: u16 = 25;
/// Deleting more rows than this at once asks first.
pub const ASK_ABOVE: usize = 10;

/// The state of a list. [`Default`] is what an address without a query shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListState {
    pub q: String,
    /// In the order of their weight.
    pub severities: Vec<Severity>,
    /// As the API takes it, `name` or `-name`; empty: the view's own order.
    pub sort: String,
    pub limit: u16,
    /// One of [`RANGES`], or empty: `from` and `to` count.
    pub range: String,
    /// Local times, `2026-11-21T18:00`, days, `2026-11-21`, or empty.
    pub from: String,
    pub to: String,
    /// Which kind of rows, e.g. `active`; empty: the view's default.
    pub state: String,
    /// Only what hangs on this source; empty: on any.
    pub source: String,
    /// What [`FILTERS`] name, in their order; empty: any.
    pub filters: [String; FILTERS.len()],
}

/// Further filters of metrics, alarms, deliveries and the audit log, as address and API call them. The last two are `true` or empty.
pub const FILTERS: [&str; 9] =
    ["dashboard", "check", "template", "period", "receiver", "rule", "by", "drift", "short_interval"];

/// The stretches of time on offer: since yesterday, 24 hours, since Friday's evening, 7 and 30 days, all there is.
pub const RANGES: [&str; 6] = ["yesterday", "24h", "friday", "7d", "30d", "all"];
/// The stretch that leaves nothing out.
pub const ALL_TIME: &str = RANGES[5];
/// What the history opens on.
pub const USUAL_RANGE: &str = RANGES[0];
/// Friday's evening begins at this hour.
const EVENING: u32 = 18;

impl Default for ListState {
    fn default() -> Self {
        ListState {
            q: String::new(),
            severities: Vec::new(),
            sort: String::new(),
            limit: LIMIT,
            range: String::new(),
            from: String::new(),
            to: String::new(),
            state: String::new(),
            source: String::new(),
            filters: Default::default(),
        }
    }
}

impl ListState {
    /// Reads an address; what it cannot mean is as if it were not there.
    pub fn from_query(text: &str) -> Self {
        let pairs: Pairs = query::parse(text);
        let get = |name| query::get(&pairs, name).unwrap_or_default().to_owned();
        let limit = query::get(&pairs, "limit").and_then(|text| text.parse().ok());
        ListState {
            q: get("q"),
            severities: severities(&get("severity")),
            sort: Some(get("sort")).filter(|sort| is_sort(sort)).unwrap_or_default(),
            limit: limit.filter(|limit| LIMITS.contains(limit)).unwrap_or(LIMIT),
            range: Some(get("range")).filter(|range| RANGES.contains(&range.as_str())).unwrap_or_default(),
            from: get("from"),
            to: get("to"),
            state: get("state"),
            source: get("source"),
            filters: FILTERS.map(get),
        }
    }

    /// Writes the address, starting with `?`, or nothing where everything is as usual.
    pub fn to_query(&self) -> String {
        let limit = if self.limit == LIMIT { String::new() } else { self.limit.to_string() };
        let mut pairs = vec![
            ("q", self.q.clone()),
            ("severity", self.severity_text()),
            ("state", self.state.clone()),
            ("source", self.source.clone()),
            ("range", self.range.clone()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("sort", self.sort.clone()),
            ("limit", limit),
        ];
        pairs.extend(FILTERS.into_iter().zip(self.filters.clone()));
        query::write(&pairs)
    }

    /// What is asked of the server, without paging; `from` and `to` already as instants, empty for none.
    pub fn to_request(&self, from: &str, to: &str) -> String {
        let mut pairs = vec![
            ("q", self.q.trim().to_owned()),
            ("severity", self.severity_text()),
            ("state", self.state.clone()),
            ("source", self.source.clone()),
            ("from", from.to_owned()),
            ("to", to.to_owned()),
            ("sort", self.sort.clone()),
        ];
        pairs.extend(FILTERS.into_iter().zip(self.filters.clone()));
        query::write(&pairs)
    }

    /// What narrows a list of metrics, name by name as the API takes it, whatever its order.
    pub fn filter(&self) -> BTreeMap<String, String> {
        let unordered = ListState { sort: String::new(), ..self.clone() };
        query::parse(&unordered.to_request("", "")).into_iter().collect()
    }

    /// One of [`FILTERS`], as it is.
    pub fn filter_named(&self, name: &str) -> String {
        let at = FILTERS.iter().position(|other| *other == name);
        at.map(|at| self.filters[at].clone()).unwrap_or_default()
    }

    /// The range that the history shows: the usual one unless another, or a stretch of one's own, is chosen.
    pub fn history_range(&self) -> &str {
        match self.range.is_empty() && self.from.is_empty() && self.to.is_empty() {
            true => USUAL_RANGE,
            false => &self.range,
        }
    }

    fn severity_text(&self) -> String {
        self.severities.iter().map(|severity| severity.name()).collect::<Vec<_>>().join(",")
    }

    /// Whether anything narrows the list, whatever its stretch of time.
    pub fn is_filtered_within(&self) -> bool {
        let (range, from, to) = Default::default();
        ListState { range, from, to, ..self.clone() }.is_filtered()
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        !(self.q.trim().is_empty()
            && self.severities.is_empty()
            && self.source.is_empty()
            && self.range.is_empty()
            && self.from.is_empty()
            && self.to.is_empty()
            && self.filters.iter().all(String::is_empty))
    }
}

/// The severities named, in the order of their weight.
pub fn severities(text: &str) -> Vec<Severity> {
    Severity::ALL.into_iter().filter(|severity| text.split(',').any(|name| name == severity.name())).collect()
}

/// Where a range begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// So many seconds ago.
    Ago(u32),
    /// On the day so many days ago, at this hour, local time.
    Day {
        ago: u32,
        hour: u32,
    },
    Never,
}

/// Where a range begins; `weekday` (0 Sunday to 6 Saturday) and `hour` are now's.
pub fn start_of(range: &str, weekday: u32, hour: u32) -> Start {
    match range {
        "24h" => Start::Ago(86_400),
        "7d" => Start::Ago(604_800),
        "30d" => Start::Ago(2_592_000),
        "friday" => {
            let since = (weekday + 7 - 5) % 7;
            // On a Friday before the evening it is last week's.
            Start::Day { ago: if since == 0 && hour < EVENING { 7 } else { since }, hour: EVENING }
        }
        "yesterday" => Start::Day { ago: 1, hour: 0 },
        _ => Start::Never,
    }
}

fn is_sort(text: &str) -> bool {
    let key = text.strip_prefix('-').unwrap_or(text);
    !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// Year, month (1 to 12) and day of `2026-11-21`; None for what no calendar has.
pub fn day(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.trim().splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((1970..=9999).contains(&year) && (1..=longest).contains(&day)).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> ListState {
        ListState {
            q: "router 1".to_owned(),
            severities: vec![Severity::Critical, Severity::Unknown],
            sort: "-raised_at".to_owned(),
            limit: 100,
            range: "7d".to_owned(),
            from: "2026-11-01".to_owned(),
            to: "2026-11-21".to_owned(),
            state: "history".to_owned(),
            source: "core".to_owned(),
            filters: ["Core & edge", "threshold", "t1", "daytime", "mail", "r1", "ana", "true", ""]
                .map(str::to_owned),
        }
    }

    #[test]
    fn an_address_can_be_shared() {
        assert_eq!(ListState::from_query(&full().to_query()), full());
    }

    #[test]
    fn a_stretch_of_time_alone_is_no_filter_within_it() {
        let stretch = ListState { range: "7d".to_owned(), ..ListState::default() };
        assert!(stretch.is_filtered() && !stretch.is_filtered_within());
        assert!(ListState { q: "cpu".to_owned(), ..stretch }.is_filtered_within());
    }

    #[test]
    fn the_usual_list_has_a_bare_address() {
        assert_eq!(ListState::default().to_query(), "");
        assert_eq!(ListState::from_query(""), ListState::default());
    }

    #[test]
    fn an_address_that_makes_no_sense_shows_the_usual_list() {
        let state = ListState::from_query("?limit=7&severity=purple&sort=-;drop&range=9y&x=1");
        assert_eq!(state, ListState::default());
    }

    #[test]
    fn the_history_opens_on_yesterday_unless_something_is_chosen() {
        assert_eq!(ListState::default().history_range(), "yesterday");
        assert_eq!(full().history_range(), "7d");
        let own = ListState { from: "2026-11-01T18:00".to_owned(), ..ListState::default() };
        assert_eq!(own.history_range(), "");
    }

    #[test]
    fn since_friday_evening_is_last_week_until_that_evening() {
        let friday = |weekday, hour| match start_of("friday", weekday, hour) {
            Start::Day { ago, hour: 18 } => ago,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            [friday(5, 17), friday(5, 18), friday(6, 3), friday(1, 9), friday(4, 23)],
            [7, 0, 1, 3, 6]
        );
        assert_eq!(start_of("yesterday", 1, 9), Start::Day { ago: 1, hour: 0 });
        assert_eq!(start_of("all", 1, 9), Start::Never);
    }

    #[test]
    fn severities_stay_in_the_order_of_their_weight() {
        assert_eq!(severities("warning,critical"), [Severity::Critical, Severity::Warning]);
    }

    #[test]
    fn the_request_has_instants_instead_of_days() {
        let state =
            ListState { from: "2026-11-01".to_owned(), range: "7d".to_owned(), ..ListState::default() };
        assert_eq!(state.to_request("2026-10-31T23:00:00Z", ""), "?from=2026-10-31T23:00:00Z");
    }

    #[test]
    fn all_that_match_are_named_by_what_narrows_the_list_and_not_by_its_order() {
        let filter = ListState { range: String::new(), ..full() }.filter();
        assert_eq!(filter.get("dashboard").map(String::as_str), Some("Core & edge"));
        assert_eq!(filter.get("drift").map(String::as_str), Some("true"));
        assert!(!filter.contains_key("sort") && !filter.contains_key("limit"));
        assert!(ListState::default().filter().is_empty());
    }

    #[test]
    fn only_days_of_the_calendar_are_days() {
        assert_eq!(day("2026-11-21"), Some((2026, 11, 21)));
        assert_eq!(day("2024-02-29"), Some((2024, 2, 29)));
        for text in ["2026-02-29", "2026-13-01", "2026-11-31", "21/11/2026", "", "2026-11", "0026-11-21"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
