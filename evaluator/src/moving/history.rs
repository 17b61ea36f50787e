//! Gralarmas' history of alarms: Dashboard, Panel, Métrica, Último dato, Estado, Inicio de alarma, Fin de alarma.

use jiff::tz::TimeZone;

use super::table::{Row, Table};
use super::{Unreadable, number, plain, when, words};
use crate::domain::{Millis, PastAlarm, Severity, Texts, Wrong};
use crate::nearest::nearest;

/// Rows of one file.
pub const MOST_ROWS: usize = 200_000;

const DASHBOARD: usize = 0;
const PANEL: usize = 1;
const METRIC: usize = 2;
const VALUE: usize = 3;
const STATE: usize = 4;
const START: usize = 5;
const END: usize = 6;

/// Each column's heading, and others that mean the same, in plain letters.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("Dashboard", &["dashboard"]),
    ("Panel", &["panel"]),
    ("Métrica", &["metrica", "metric"]),
    ("Último dato", &["ultimodato", "valor", "lastvalue", "value"]),
    ("Estado", &["estado", "severidad", "state", "severity"]),
    ("Inicio de alarma", &["iniciodealarma", "inicioalarma", "inicio", "start", "raisedat", "raised"]),
    ("Fin de alarma", &["findealarma", "finalarma", "fin", "end", "clearedat", "cleared"]),
];

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub alarms: Vec<PastAlarm>,
    pub refused: Vec<Refused>,
    pub read: u64,
    pub notes: Vec<Texts>,
}

/// A row that tells of no alarm.
#[derive(Clone, Debug)]
pub struct Refused {
    pub line: u64,
    pub text: String,
    pub wrong: Vec<Wrong>,
}

/// Reads a history; times without an offset are in `zone`, and none may be after `now`.
///
/// An alarm without an end was active when the file was written. Here it is over: nothing watches its metric under this name, so that it
/// would stand for ever. It ends at the latest instant that the file names.
///
/// # Errors
/// The file is no text, or columns that it needs are missing.
pub fn read(bytes: &[u8], zone: &TimeZone, now: Millis) -> Result<History, Unreadable> {
    let table = Table::read(bytes, MOST_ROWS)?;
    let (places, notes) = places(&table.headings)?;
    let mut history = History { notes: table.notes, ..History::default() };
    history.notes.extend(notes);
    for row in &table.rows {
        history.read += 1;
        match alarm(row, &places, zone, now) {
            Ok(alarm) => history.alarms.push(alarm),
            Err(wrong) => history.refused.push(Refused { line: row.line, text: row.start(), wrong }),
        }
    }
    end_all(&mut history);
    Ok(history)
}

fn end_all(history: &mut History) {
    let latest = |alarm: &PastAlarm| if alarm.is_open { alarm.raised_at } else { alarm.cleared_at };
    let Some(end) = history.alarms.iter().map(latest).max() else { return };
    let mut open = 0;
    for alarm in history.alarms.iter_mut().filter(|alarm| alarm.is_open) {
        alarm.cleared_at = end;
        open += 1;
    }
    if open > 0 {
        history.notes.push(words(
            format!(
                "Alarms without an end: {open}. They count as cleared at {end}, the latest time in the file."
            ),
            format!(
                "Alarmas sin fin: {open}. Cuentan como cesadas en {end}, la hora más reciente del archivo."
            ),
        ));
    }
}

fn places(headings: &[String]) -> Result<([Option<usize>; 7], Vec<Texts>), Unreadable> {
    let (mut places, mut notes) = ([None; 7], Vec::new());
    for (place, heading) in headings.iter().enumerate().filter(|(_, heading)| !heading.is_empty()) {
        let bare = plain(heading);
        match COLUMNS.iter().position(|(_, names)| names.contains(&bare.as_str())) {
            Some(column) if places[column].is_none() => places[column] = Some(place),
            _ => {
                let shown: String = heading.chars().filter(|c| !c.is_control()).take(60).collect();
                let meant = nearest(heading, COLUMNS.iter().map(|(name, _)| *name)).unwrap_or_default();
                let (en, es) = match meant {
                    "" => (String::new(), String::new()),
                    meant => (format!("; did you mean {meant:?}?"), format!("; ¿quería decir {meant:?}?")),
                };
                notes.push(words(
                    format!("The column {shown:?} was not used{en}"),
                    format!("La columna {shown:?} no se usó{es}"),
                ));
            }
        }
    }
    let missing: Vec<&str> = [METRIC, STATE, START]
        .into_iter()
        .filter(|column| places[*column].is_none())
        .map(|column| COLUMNS[column].0)
        .collect();
    if missing.is_empty() {
        return Ok((places, notes));
    }
    let (missing, all) = (missing.join(", "), COLUMNS.map(|(name, _)| name).join(", "));
    let hints =
        |pick: fn(&Texts) -> &str| notes.iter().map(pick).map(|note| format!(" {note}.")).collect::<String>();
    Err(Unreadable::new(
        format!("These columns are missing: {missing}. A history has: {all}.{}", hints(|note| &note.en)),
        format!("Faltan estas columnas: {missing}. Un histórico tiene: {all}.{}", hints(|note| &note.es)),
    ))
}

fn alarm(
    row: &Row,
    places: &[Option<usize>; 7],
    zone: &TimeZone,
    now: Millis,
) -> Result<PastAlarm, Vec<Wrong>> {
    let cell = |column: usize| places[column].and_then(|place| row.cells.get(place)).map_or("", str::trim);
    let mut wrong = Vec::new();
    let mut fault = |column: usize, en: &str, es: &str| wrong.push(Wrong::new(COLUMNS[column].0, en, es));
    if cell(METRIC).is_empty() {
        fault(METRIC, "is empty", "está vacía");
    }
    let severity = severity(cell(STATE));
    if severity.is_none() {
        let (en, es) = (
            "must be Warning, Mayor, Crítica or Desconocida",
            "debe ser Warning, Mayor, Crítica o Desconocida",
        );
        fault(STATE, en, es);
    }
    let raised = when::instant(cell(START), zone, false).map(Millis::from);
    let cleared = match is_none(cell(END)) {
        true => Some(None),
        // In the hour that comes twice an end before the beginning is one of the second time.
        false => [false, true]
            .into_iter()
            .filter_map(|late| when::instant(cell(END), zone, late).map(Millis::from))
            .max_by_key(|end| (raised.is_none_or(|raised| *end >= raised), std::cmp::Reverse(*end)))
            .map(Some),
    };
    let like = ("must be a time such as 31/12/2026 23:59:00", "debe ser una hora como 31/12/2026 23:59:00");
    match raised {
        None => fault(START, like.0, like.1),
        Some(raised) if raised > now => fault(START, "lies in the future", "está en el futuro"),
        Some(_) => {}
    }
    match cleared {
        None => fault(END, like.0, like.1),
        Some(Some(end)) if raised.is_some_and(|raised| end < raised) => {
            fault(END, "lies before the beginning", "es anterior al inicio");
        }
        Some(Some(end)) if end > now => fault(END, "lies in the future", "está en el futuro"),
        Some(_) => {}
    }
    let value = value(cell(VALUE));
    if value.is_none() {
        fault(VALUE, "must be a number, or empty", "debe ser un número, o estar vacío");
    }
    let (Some(severity), Some(raised_at), Some(cleared), Some(value), true) =
        (severity, raised, cleared, value, wrong.is_empty())
    else {
        return Err(wrong);
    };
    let text = |column| Some(cell(column)).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(PastAlarm {
        metric: cell(METRIC).into(),
        dashboard: text(DASHBOARD),
        panel: text(PANEL),
        value,
        severity,
        raised_at,
        cleared_at: cleared.unwrap_or(raised_at),
        is_open: cleared.is_none(),
    })
}

fn is_none(text: &str) -> bool {
    matches!(plain(text).as_str(), "" | "activa" | "active" | "encurso" | "null" | "na")
}

fn severity(text: &str) -> Option<Severity> {
    match plain(text).as_str() {
        "warning" | "aviso" | "advertencia" => Some(Severity::Warning),
        "mayor" | "major" => Some(Severity::Major),
        "critica" | "critico" | "critical" => Some(Severity::Critical),
        "desconocida" | "desconocido" | "unknown" | "sindatos" | "nodata" => Some(Severity::Unknown),
        _ => None,
    }
}

/// The number, with a unit behind it or not. None: it is none.
fn value(text: &str) -> Option<Option<f64>> {
    if is_none(text) || plain(text) == "sindatos" {
        return Some(None);
    }
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let read = number::number(text).or_else(|| number::number(digits));
    read.and_then(|number| number.as_f64()).map(Some)
}
