//! Which alarms are meant: the query of a list, the same in a body, or ids.

use std::collections::BTreeMap;

use atalaya_api::quiet::AlarmSelection;

use crate::domain::{AlarmId, AlarmRow, RuleId, Severity};
use crate::store::{AlarmFilter, AlarmSort, Slice};

use super::Services;
use super::problem::{Fault, Kind};
use super::query::Params;

/// Alarms that are changed in one request.
pub const MOST_CHANGED: u32 = 20_000;

const SEVERITIES: [(&str, Severity); 4] = [
    ("critical", Severity::Critical),
    ("major", Severity::Major),
    ("unknown", Severity::Unknown),
    ("warning", Severity::Warning),
];
const SORTS: [(&str, AlarmSort); 6] = [
    ("severity", AlarmSort::Severity),
    ("raised", AlarmSort::Raised),
    ("raised_at", AlarmSort::Raised),
    ("cleared_at", AlarmSort::Cleared),
    ("subject", AlarmSort::Subject),
    ("dashboard", AlarmSort::Dashboard),
];
const YES_OR_NO: [(&str, bool); 2] = [("true", true), ("false", false)];

/// What was asked for; [`Asked::filter`] adds what is muted now.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    stored: AlarmFilter,
    muted: Option<bool>,
}

impl Asked {
    /// Takes filter and order from the query. `usual`: whether only active ones are meant when it does not say.
    pub fn read(params: &mut Params, usual: Option<bool>) -> Self {
        let states = [("active", Some(true)), ("history", Some(false)), ("all", None)];
        let active = params.choice("state", &states).unwrap_or(usual);
        let usual =
            if active == Some(true) { (AlarmSort::Severity, false) } else { (AlarmSort::Raised, true) };
        let (sort, descending) = params.sort(&SORTS).unwrap_or(usual);
        let rule = params.text("rule");
        let stored = AlarmFilter {
            active,
            severities: params.choices("severity", &SEVERITIES),
            by_worst: params.choice("by", &[("shown", false), ("worst", true)]).unwrap_or_default(),
            rule: rule.and_then(|text| read_rule_id(params, &text)),
            dashboard: params.text("dashboard"),
            panel: params.text("panel"),
            q: params.text("q"),
            from: params.time("from"),
            to: params.time("to"),
            acknowledged: params.choice("acknowledged", &YES_OR_NO),
            muted: None,
            sort,
            descending,
        };
        Asked { stored, muted: params.choice("muted", &YES_OR_NO) }
    }

    /// For the store, as things stand right now.
    pub fn filter(&self, services: &Services) -> AlarmFilter {
        let covered = |muted| (muted, services.quiet.now(services).covered(services.now().wall));
        AlarmFilter { muted: self.muted.map(covered), ..self.stored.clone() }
    }
}

fn read_rule_id(params: &mut Params, text: &str) -> Option<RuleId> {
    let id = text.parse().ok();
    if id.is_none() {
        params.wrong("rule", "must be a rule's id", "debe ser el id de una métrica configurada");
    }
    id
}

/// The alarms that are meant, when they are as many as whoever asks has seen. Blocks.
///
/// # Errors
/// 409 when they are more or fewer; 422 for a wrong selection.
pub fn selected(services: &Services, select: AlarmSelection, expected: u64) -> Result<Vec<AlarmRow>, Fault> {
    let most = MOST_CHANGED;
    if expected > u64::from(most) {
        let en = format!("must be at most {most}: do it in parts, e.g. one dashboard after the other");
        let es = format!("debe ser como mucho {most}: hágalo por partes, p. ej. un dashboard tras otro");
        return Err(Fault::field("expected_total", en, es));
    }
    let (alarms, total) = match (select.ids.is_empty(), select.filter) {
        (false, _) => {
            let ids: Vec<AlarmId> = select.ids.iter().filter_map(|id| id.parse().ok()).collect();
            let alarms = services.store.alarms_by_id(&ids)?;
            let total = alarms.len() as u64;
            (alarms, total)
        }
        (true, Some(filter)) => {
            let filter = of_body(filter)?.filter(services);
            let page = services.store.alarms(&filter, &Slice { limit: most, cursor: None })?;
            (page.items, page.total)
        }
        (true, None) => {
            let (en, es) = ("must name ids or a filter", "debe indicar ids o un filtro");
            return Err(Fault::field("select", en, es));
        }
    };
    if total == expected {
        return Ok(alarms);
    }
    Err(Fault::new(
        Kind::Conflict,
        format!("They are {total} alarms now, not {expected}: look again, then repeat it."),
        format!("Ahora son {total} alarmas, no {expected}: revíselo y repítalo."),
    ))
}

fn of_body(filter: BTreeMap<String, String>) -> Result<Asked, Fault> {
    let mut params = Params::of(filter);
    let asked = Asked::read(&mut params, Some(true));
    params.finish().map_err(|mut fault| {
        for one in &mut fault.fields {
            one.field = format!("select.filter.{}", one.field);
        }
        Fault::invalid(fault.fields)
    })?;
    Ok(asked)
}
