//! `POST /api/v1/rules/import`: rules from a file.
//!
//! What is right is written, in one transaction; what is not is told line by line and can be corrected and imported again: rules that are
//! there as the file has them do not change. A rule is known by its id, else by source, expression, check and name.

use std::collections::{HashMap, HashSet};

use atalaya_api::bulk::{ImportReport, RefusedLine};
use atalaya_api::event::RuleAction;
use atalaya_api::problem::FieldError;
use atalaya_api::rule::{CheckUse, Query, RuleDraft};
use atalaya_api::source::SourceKind;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::{Rule, RuleId, Texts};
use crate::moving::Unreadable;
use crate::source::LOCAL;
use crate::store::Actor;

use super::auth::Identity;
use super::body::file;
use super::changes::Changes;
use super::import_read::{Entry, entries};
use super::problem::{Fault, FieldFault, Language, words};
use super::query::Params;
use super::rule_export::{FORMATS, Format};
use super::{Services, rule_link, settings};

/// Bytes of a file.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// Refused lines that are listed.
pub const MOST_LISTED: usize = 1_000;
/// Queries that sources elsewhere are asked about for one file; it would take long to ask about all of tens of thousands.
const MOST_ASKED: usize = 500;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(LARGEST))
}

impl From<Unreadable> for Fault {
    fn from(Unreadable(words): Unreadable) -> Self {
        Fault::field("file", words.en, words.es)
    }
}

/// What the address says of the file.
struct Wanted {
    format: Format,
    dry_run: bool,
    source: Option<String>,
}

/// Take over rules from a file: CSV with our headings or Gralarmas', or YAML as it was exported. Lines that make no rule are listed, all
/// others are taken. With `dry_run=true` nothing is written.
#[utoipa::path(post, path = "/api/v1/rules/import", tag = "rules",
    params(("format" = Option<String>, Query, description = "csv (default) or yaml"),
        ("dry_run" = Option<bool>, Query, description = "true: only tell what would become of it"),
        ("source" = Option<String>, Query, description = "of lines that name none; left out: the only Graphite")),
    request_body(content_type = "text/csv", description = "the file, or application/yaml"),
    responses((status = 200, body = ImportReport), (status = 413), (status = 422, description = "nothing can be read from the file")))]
async fn import(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Extension(language): Extension<Language>,
    mut params: Params,
    request: Request,
) -> Result<Json<ImportReport>, Fault> {
    let wanted = Wanted {
        format: params.choice("format", &FORMATS).unwrap_or(Format::Csv),
        dry_run: params.flag("dry_run"),
        source: params.text("source"),
    };
    params.finish()?;
    let bytes = file(request, LARGEST).await?;
    let report = services.blocking(move |services| {
        let usual = usual(services, wanted.source)?;
        let read = entries(services, wanted.format, &bytes, usual)?;
        drop(bytes);
        let mut import = Import::new(services, identity.actor(), language);
        import.report.notes = read.notes.iter().map(|note| import.say(note)).collect();
        import.take(read.entries)?;
        import.finish(wanted.dry_run)
    });
    report.await.map(Json)
}

/// What a new rule has where a file says nothing.
fn usual(services: &Services, source: Option<String>) -> Result<RuleDraft, Fault> {
    let defaults = settings::load(&*services.store)?.defaults;
    let source = source.or_else(|| only_graphite(services)).unwrap_or_default();
    Ok(RuleDraft {
        name: String::new(),
        query: Query { source, expr: String::new(), unit: None, dashboard: None, panel: None },
        check: CheckUse { name: "threshold".to_owned(), params: serde_json::json!({}) },
        interval: None,
        checks_to_alert: defaults.checks_to_alert,
        checks_to_ok: defaults.checks_to_ok,
        ok_margin: defaults.ok_margin,
        period: defaults.period,
        no_data: Default::default(),
        time_zone: None,
        notify: Default::default(),
        enabled: true,
        labels: Default::default(),
        note: String::new(),
        runbook_url: None,
        origin: None,
        template: None,
    })
}

fn only_graphite(services: &Services) -> Option<String> {
    let is_graphite = |source: &atalaya_api::source::Source| {
        source.settings.as_ref().is_some_and(|it| it.kind == SourceKind::Graphite)
    };
    let mut found = services.sources.list("en").into_iter().filter(is_graphite);
    found.next().filter(|_| found.next().is_none()).map(|source| source.id)
}

/// By what a rule without an id is known.
type Identity4 = (String, String, String, String);

fn identity_of(draft: &RuleDraft) -> Identity4 {
    let RuleDraft { query, check, name, .. } = draft;
    (query.source.clone(), query.expr.clone(), check.name.clone(), name.clone())
}

/// An import under way.
struct Import<'a> {
    changes: Changes<'a>,
    language: Language,
    report: ImportReport,
    /// Rules that a line has spoken for, with the line.
    taken: HashMap<RuleId, u64>,
    new: HashMap<Identity4, u64>,
}

impl<'a> Import<'a> {
    fn new(services: &'a Services, by: Actor, language: Language) -> Self {
        let (report, taken, new) = Default::default();
        Import { changes: Changes::new(services, by), language, report, taken, new }
    }

    fn say(&self, texts: &Texts) -> String {
        texts.in_language(self.language.tag()).to_owned()
    }

    fn take(&mut self, entries: Vec<Entry>) -> Result<(), Fault> {
        let known = Known::find(self.changes.memo.services, &entries)?;
        self.ask_ahead(&entries, &known);
        for entry in entries {
            self.report.read += 1;
            let (line, text) = (entry.line, entry.text.clone());
            match self.take_one(entry, &known) {
                Ok(()) => {}
                Err(fault) if fault.fields.is_empty() => return Err(fault),
                Err(fault) => self.refuse(line, text, &fault.fields),
            }
        }
        Ok(())
    }

    /// Sources elsewhere are asked a few questions at a time, and not about everything.
    fn ask_ahead(&mut self, entries: &[Entry], known: &Known) {
        let new_query = |entry: &Entry| {
            let before = known.of(entry).ok()?;
            let query = entry.made.draft(before.as_ref().map(|rule| &rule.draft)).ok()?.query;
            let known = before.is_some_and(|rule| {
                (&rule.draft.query.source, &rule.draft.query.expr) == (&query.source, &query.expr)
            });
            (!known && query.source != LOCAL).then_some(query)
        };
        let queries: Vec<Query> = entries.iter().filter_map(new_query).collect();
        let different: HashSet<(&str, &str)> =
            queries.iter().map(|query| (query.source.as_str(), query.expr.as_str())).collect();
        if different.len() <= MOST_ASKED {
            self.changes.memo.ask_ahead(queries.iter());
            return;
        }
        self.changes.memo.ask_nobody = true;
        self.report.notes.push(self.say(&words(
            format!("Sources were not asked about so many new queries (over {MOST_ASKED}); without an interval they are checked every minute."),
            format!("No se preguntó a las fuentes por tantas consultas nuevas (más de {MOST_ASKED}); sin intervalo se comprueban cada minuto."),
        )));
    }

    fn take_one(&mut self, entry: Entry, known: &Known) -> Result<(), Fault> {
        let before = known.of(&entry)?;
        let mut draft = entry.made.draft(before.as_ref().map(|rule| &rule.draft)).map_err(Fault::invalid)?;
        self.first_of_its_kind(before.as_ref(), &draft, entry.line)?;
        let Some(before) = before else {
            rule_link::settle(&mut self.changes.memo, &mut draft, None)?;
            self.changes.create_as(entry.id.unwrap_or_else(RuleId::generate), draft)?;
            return Ok(());
        };
        if draft == before.draft && before.deleted_at.is_none() {
            self.report.unchanged += 1;
            return Ok(());
        }
        rule_link::settle(&mut self.changes.memo, &mut draft, Some(&before.draft))?;
        match before.deleted_at {
            Some(_) => self.changes.restore_as(before, draft),
            None => self.changes.update(before, draft),
        }
    }

    /// No two lines speak of one rule.
    fn first_of_its_kind(
        &mut self,
        before: Option<&Rule>,
        draft: &RuleDraft,
        line: u64,
    ) -> Result<(), Fault> {
        let other = match before {
            Some(rule) => self.taken.insert(rule.id, line),
            None => self.new.insert(identity_of(draft), line),
        };
        let Some(other) = other else { return Ok(()) };
        Err(Fault::field(
            "name",
            format!("is the same rule as line {other}: name, source, expression and check are equal"),
            format!(
                "es la misma métrica que la línea {other}: coinciden nombre, fuente, expresión y comprobación"
            ),
        ))
    }

    fn refuse(&mut self, line: u64, text: String, fields: &[FieldFault]) {
        self.report.refused_total += 1;
        if self.report.refused.len() < MOST_LISTED {
            let error = |one: &FieldFault| FieldError::new(one.field.clone(), self.say(&one.message));
            let errors = fields.iter().map(error).collect();
            self.report.refused.push(RefusedLine { line, text, errors });
        }
    }

    fn finish(mut self, dry_run: bool) -> Result<ImportReport, Fault> {
        for write in self.changes.writes() {
            match write.action {
                RuleAction::Created => self.report.created += 1,
                _ => self.report.updated += 1,
            }
        }
        if !dry_run {
            self.report.undo = self.changes.carry_out()?.undo;
        }
        Ok(self.report)
    }
}

/// The rules that the file may speak of.
struct Known {
    by_id: HashMap<RuleId, Rule>,
    /// More than one: the file must say which.
    alike: HashMap<Identity4, Vec<Rule>>,
}

impl Known {
    fn find(services: &Services, entries: &[Entry]) -> Result<Self, Fault> {
        let ids: Vec<RuleId> = entries.iter().filter_map(|entry| entry.id).collect();
        let by_id: HashMap<RuleId, Rule> =
            services.store.rules_by_id(&ids)?.into_iter().map(|rule| (rule.id, rule)).collect();
        let without = entries.iter().filter(|entry| entry.id.is_none_or(|id| !by_id.contains_key(&id)));
        let wanted: HashSet<Identity4> = without
            .filter_map(|entry| entry.made.draft(None).ok())
            .map(|draft| identity_of(&draft))
            .collect();
        let mut alike: HashMap<Identity4, Vec<Rule>> = HashMap::new();
        if !wanted.is_empty() {
            services.store.each_rule(&mut |rule| {
                let identity = identity_of(&rule.draft);
                if wanted.contains(&identity) {
                    alike.entry(identity).or_default().push(rule);
                }
            })?;
        }
        Ok(Known { by_id, alike })
    }

    /// The rule that a line speaks of; none: a new one.
    fn of(&self, entry: &Entry) -> Result<Option<Rule>, Fault> {
        if let Some(rule) = entry.id.and_then(|id| self.by_id.get(&id)) {
            return Ok(Some(rule.clone()));
        }
        // What is wrong with the line itself is told later.
        let Ok(draft) = entry.made.draft(None) else { return Ok(None) };
        match self.alike.get(&identity_of(&draft)).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([rule]) => Ok(Some(rule.clone())),
            Some(_) => Err(Fault::field(
                "id",
                "several rules have this name, source, expression and check: say which",
                "varias métricas tienen este nombre, fuente, expresión y comprobación: diga cuál",
            )),
        }
    }
}
