//! What the columns of a file of rules are called, by us and by Gralarmas.

use super::{Unreadable, plain, words};
use crate::domain::Texts;
use crate::nearest::nearest;

/// A column of a file of rules, in the order in which they are written and taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Id,
    Name,
    Source,
    Expr,
    Unit,
    Dashboard,
    Panel,
    Check,
    Direction,
    Warning,
    Major,
    Critical,
    Params,
    Interval,
    ChecksToAlert,
    ChecksToOk,
    OkMargin,
    Period,
    NoData,
    TimeZone,
    Sms,
    Ovo,
    Receivers,
    Enabled,
    Labels,
    Note,
    RunbookUrl,
    Template,
    Origin,
}

/// The heading that is written, the field of a rule that errors name, and other headings that mean the same.
type Names = (Column, &'static str, &'static str, &'static [&'static str]);

const NAMES: [Names; 29] = [
    (Column::Id, "id", "id", &[]),
    (Column::Name, "name", "name", &["nombre"]),
    (Column::Source, "source", "query.source", &["fuente"]),
    (
        Column::Expr,
        "expr",
        "query.expr",
        &["métrica", "metric", "expression", "query", "target", "expresión", "consulta"],
    ),
    (Column::Unit, "unit", "query.unit", &["unidad", "unidades"]),
    (Column::Dashboard, "dashboard", "query.dashboard", &["cuadro de mando"]),
    (Column::Panel, "panel", "query.panel", &[]),
    (
        Column::Check,
        "check",
        "check.name",
        &["tipo", "tipo alarma", "tipo de alarma", "tipo de comprobación"],
    ),
    (Column::Direction, "direction", "check.params.direction", &["sentido", "dirección"]),
    (
        Column::Warning,
        "warning",
        "check.params.warning",
        &["umbral warning", "umbral aviso", "aviso", "warning threshold"],
    ),
    (
        Column::Major,
        "major",
        "check.params.major",
        &["mayor", "umbral mayor", "umbral major", "major threshold"],
    ),
    (
        Column::Critical,
        "critical",
        "check.params.critical",
        &["crítica", "crítico", "umbral crítica", "umbral crítico", "umbral critical", "critical threshold"],
    ),
    (Column::Params, "params", "check.params", &["parámetros"]),
    (Column::Interval, "interval", "interval", &["intervalo"]),
    (Column::ChecksToAlert, "checks_to_alert", "checks_to_alert", &["checks alerta"]),
    (Column::ChecksToOk, "checks_to_ok", "checks_to_ok", &["checks ok"]),
    (Column::OkMargin, "ok_margin", "ok_margin", &["margen OK (%)", "ok margin (%)"]),
    (Column::Period, "period", "period", &["periodo alerta", "periodo"]),
    (Column::NoData, "no_data", "no_data", &["sin datos"]),
    (Column::TimeZone, "time_zone", "time_zone", &["zona horaria"]),
    (Column::Sms, "sms", "notify.sms", &["envío SMS"]),
    (Column::Ovo, "ovo", "notify.ovo", &["envío OVO"]),
    (Column::Receivers, "receivers", "notify.receivers", &["destinos", "destinatarios"]),
    (Column::Enabled, "enabled", "enabled", &["activa", "activada", "habilitada"]),
    (Column::Labels, "labels", "labels", &["etiquetas"]),
    (Column::Note, "note", "note", &["nota", "notas", "comentario"]),
    (Column::RunbookUrl, "runbook_url", "runbook_url", &["procedimiento"]),
    (Column::Template, "template", "template", &["plantilla"]),
    (Column::Origin, "origin", "origin", &["origen"]),
];

impl Column {
    pub fn all() -> impl Iterator<Item = Column> {
        NAMES.iter().map(|(column, ..)| *column)
    }

    /// As it is written.
    pub fn heading(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The path of the rule's field.
    pub fn field(self) -> &'static str {
        NAMES[self as usize].2
    }

    fn named(heading: &str) -> Option<Self> {
        let heading = plain(heading);
        let means = |(_, own, _, others): &&Names| {
            plain(own) == heading || others.iter().any(|other| plain(other) == heading)
        };
        NAMES.iter().find(means).map(|(column, ..)| *column)
    }
}

/// Which cell of a row is what.
#[derive(Clone, Debug)]
pub struct Columns {
    /// In the order of [`Column`], with the place in the row.
    pub known: Vec<(Column, usize)>,
    pub width: usize,
    /// The columns that are not used.
    pub notes: Vec<Texts>,
}

impl Columns {
    /// Finds the columns by the headings.
    ///
    /// # Errors
    /// One is there twice, or none says what is measured.
    pub fn read(headings: &[String]) -> Result<Self, Unreadable> {
        let mut columns = Columns { known: Vec::new(), width: headings.len(), notes: Vec::new() };
        for (place, heading) in headings.iter().enumerate() {
            match Column::named(heading) {
                Some(column) => {
                    if let Some((_, other)) = columns.known.iter().find(|(known, _)| *known == column) {
                        let other = &headings[*other];
                        return Err(Unreadable::new(
                            format!("The columns {other:?} and {heading:?} mean the same: leave one."),
                            format!("Las columnas {other:?} y {heading:?} significan lo mismo: deje una."),
                        ));
                    }
                    columns.known.push((column, place));
                }
                None if heading.is_empty() => {}
                None => columns.notes.push(unknown(heading)),
            }
        }
        columns.known.sort_unstable();
        if columns.has(Column::Expr) || columns.has(Column::Id) {
            Ok(columns)
        } else {
            Err(no_metric(headings))
        }
    }

    pub fn has(&self, column: Column) -> bool {
        self.known.iter().any(|(known, _)| *known == column)
    }
}

fn clipped(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// The heading that may have been meant.
fn meant(heading: &str) -> Option<&'static str> {
    let all =
        || NAMES.iter().flat_map(|(_, own, _, others)| std::iter::once(own).chain(others.iter()).copied());
    let plains: Vec<String> = all().map(plain).collect();
    let found = nearest(&plain(heading), plains.iter().map(String::as_str))?;
    all().zip(&plains).find(|(_, plain)| plain.as_str() == found).map(|(name, _)| name)
}

fn unknown(heading: &str) -> Texts {
    let shown = clipped(heading);
    match meant(heading) {
        Some(meant) => words(
            format!("The column {shown:?} is not known and was not used; did you mean {meant:?}?"),
            format!("La columna {shown:?} no se conoce y no se usó; ¿quería decir {meant:?}?"),
        ),
        None => words(
            format!("The column {shown:?} is not known and was not used."),
            format!("La columna {shown:?} no se conoce y no se usó."),
        ),
    }
}

fn no_metric(headings: &[String]) -> Unreadable {
    let all: Vec<String> = headings.iter().take(40).map(|heading| clipped(heading)).collect();
    let all = all.join(", ");
    let hint = headings
        .iter()
        .find(|heading| meant(heading).is_some_and(|meant| Column::named(meant) == Some(Column::Expr)));
    let (en, es) = hint.map_or((String::new(), String::new()), |hint| {
        (format!(" Did you mean {:?}?", clipped(hint)), format!(" ¿Quería decir {:?}?", clipped(hint)))
    });
    Unreadable::new(
        format!("No column says what is measured (expr, Métrica or id); there are: {all}.{en}"),
        format!("Ninguna columna dice qué se mide (expr, Métrica o id); hay: {all}.{es}"),
    )
}
