//! What was found out while rules are checked: among many each question is asked once.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use atalaya_api::rule::{Query, RuleDraft};
use atalaya_api::source::SourceKind;

use crate::domain::{Rule, RuleRecord, Template};
use crate::source::LOCAL;
use crate::store::StoreError;

use super::ports::{Foreknown, SourceError};
use super::problem::{Fault, FieldFault, words};
use super::{Services, calendars, rule_check, settings};

/// Questions to sources at a time; others want to ask as well.
const AT_ONCE: usize = 3;

/// What a check says of a record; none: there is no such check.
type Said = Option<Rc<[FieldFault]>>;

/// Answers so far.
pub struct Memo<'a> {
    pub services: &'a Services,
    /// Nothing is asked of a source about a query that a rule had before: thousands of rules are changed together.
    pub many: bool,
    /// Sources elsewhere are asked nothing more: there are too many questions.
    pub ask_nobody: bool,
    usual_zone: Option<String>,
    periods: Option<Vec<String>>,
    receivers: Option<Vec<String>>,
    zones: HashMap<String, Option<FieldFault>>,
    params: HashMap<(String, String), Said>,
    foreknown: HashMap<(String, String), Result<Foreknown, SourceError>>,
    /// Sources that did not answer a moment ago: they are not asked a thousand times more.
    silent: HashMap<String, SourceError>,
    sources: Option<Vec<(String, Option<SourceKind>)>>,
    templates: HashMap<String, Option<Rc<Template>>>,
}

impl<'a> Memo<'a> {
    pub fn new(services: &'a Services) -> Self {
        Memo {
            services,
            many: false,
            ask_nobody: false,
            usual_zone: None,
            periods: None,
            receivers: None,
            zones: HashMap::new(),
            params: HashMap::new(),
            foreknown: HashMap::new(),
            silent: HashMap::new(),
            sources: None,
            templates: HashMap::new(),
        }
    }

    /// For changes of many.
    pub fn of_many(services: &'a Services) -> Self {
        Memo { many: true, ..Memo::new(services) }
    }

    /// Whether a query is as it was and need not be asked about again.
    pub fn knows(&self, draft: &RuleDraft, before: &Rule) -> bool {
        let (query, known) = (&draft.query, &before.draft.query);
        self.many && (&query.source, &query.expr) == (&known.source, &known.expr)
    }

    /// The zone of rules that name none.
    ///
    /// # Errors
    /// The store's.
    pub fn usual_zone(&mut self) -> Result<String, StoreError> {
        if self.usual_zone.is_none() {
            self.usual_zone = Some(settings::load(&*self.services.store)?.time_zone);
        }
        Ok(self.usual_zone.clone().unwrap_or_default())
    }

    /// The periods that there are.
    ///
    /// # Errors
    /// The store's.
    pub fn periods(&mut self) -> Result<&[String], StoreError> {
        if self.periods.is_none() {
            self.periods = Some(calendars::names(self.services)?);
        }
        Ok(self.periods.as_deref().unwrap_or_default())
    }

    /// The ids of the receivers that there are.
    ///
    /// # Errors
    /// The store's.
    pub fn receivers(&mut self) -> Result<&[String], StoreError> {
        if self.receivers.is_none() {
            let known = self.services.store.receivers()?.into_iter().map(|known| known.receiver.id);
            self.receivers = Some(known.collect());
        }
        Ok(self.receivers.as_deref().unwrap_or_default())
    }

    /// What is wrong with a zone.
    pub fn zone(&mut self, zone: &str) -> Option<FieldFault> {
        if !self.zones.contains_key(zone) {
            self.zones.insert(zone.to_owned(), rule_check::check_zone("time_zone", zone));
        }
        self.zones[zone].clone()
    }

    /// What a check says of a record, in both languages.
    pub fn params(&mut self, check: &str, record: &RuleRecord) -> Said {
        let checks = &self.services.checks;
        let ask = || {
            let said = |language| checks.validate(check, record, language);
            let (en, es) = said("en").zip(said("es"))?;
            let fault = |(en, es): (atalaya_api::problem::FieldError, atalaya_api::problem::FieldError)| {
                FieldFault { field: en.field, message: words(en.message, es.message) }
            };
            Some(en.into_iter().zip(es).map(fault).collect())
        };
        self.params.entry((check.to_owned(), record.canonical_json())).or_insert_with(ask).clone()
    }

    /// What is known of what a query gives; of one that a rule had before what the evaluation knows.
    ///
    /// # Errors
    /// As [`super::ports::Sources::foreknown`].
    pub fn foreknown(&mut self, draft: &RuleDraft, before: Option<&Rule>) -> Result<Foreknown, SourceError> {
        let query = &draft.query;
        if let Some(before) = before.filter(|before| self.knows(draft, before)) {
            let kind = match self.source(&query.source) {
                Some(kind) => kind,
                None if draft.enabled => return Err(SourceError::NoSuchSource(query.source.clone())),
                None => None,
            };
            return Ok(Foreknown { kind, step: self.services.evaluation.rule_state(before.id).step });
        }
        let key = (query.source.clone(), query.expr.clone());
        if let Some(known) = self.foreknown.get(&key) {
            return known.clone();
        }
        if let Some(silent) = self.silent.get(&query.source) {
            return Err(silent.clone());
        }
        if self.ask_nobody && query.source != LOCAL {
            let kind = self.source(&query.source);
            let kind = kind.ok_or_else(|| SourceError::NoSuchSource(query.source.clone()))?;
            return Ok(Foreknown { kind, step: None });
        }
        let answer = self.services.sources.foreknown(&query.source, &query.expr);
        self.learn(key, answer.clone());
        answer
    }

    fn learn(&mut self, key: (String, String), answer: Result<Foreknown, SourceError>) {
        if let Err(error @ (SourceError::Failed(_) | SourceError::Busy)) = &answer {
            self.silent.insert(key.0.clone(), error.clone());
        }
        self.foreknown.insert(key, answer);
    }

    /// Asks the sources elsewhere about these queries, a few at a time: one after the other would take long.
    pub fn ask_ahead<'q>(&mut self, queries: impl Iterator<Item = &'q Query>) {
        let far = queries.filter(|query| query.source != LOCAL);
        let keys: BTreeSet<(String, String)> =
            far.map(|query| (query.source.clone(), query.expr.clone())).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let sources = &*self.services.sources;
        for some in keys.chunks(AT_ONCE) {
            let open = some.iter().filter(|(source, _)| !self.silent.contains_key(source));
            let answers: Vec<_> = std::thread::scope(|scope| {
                let ask = |(source, expr)| scope.spawn(move || sources.foreknown(source, expr));
                let asked: Vec<_> = open.map(|key: &(String, String)| (key, ask((&key.0, &key.1)))).collect();
                // One that panicked is asked again in its turn.
                asked.into_iter().filter_map(|(key, thread)| Some((key, thread.join().ok()?))).collect()
            });
            answers.into_iter().for_each(|(key, answer)| self.learn(key.clone(), answer));
        }
    }

    /// Whether there is a source with this id, and what kind of server it is; none of the built-in one.
    pub fn source(&mut self, id: &str) -> Option<Option<SourceKind>> {
        self.sources().iter().find(|(known, _)| known == id).map(|(_, kind)| *kind)
    }

    pub fn source_ids(&mut self) -> Vec<String> {
        self.sources().iter().map(|(id, _)| id.clone()).collect()
    }

    fn sources(&mut self) -> &[(String, Option<SourceKind>)] {
        let services = self.services;
        self.sources.get_or_insert_with(|| {
            let kind = |source: &atalaya_api::source::Source| match (source.id.as_str(), &source.settings) {
                (LOCAL, _) | (_, None) => None,
                (_, Some(settings)) => Some(settings.kind),
            };
            services.sources.list("en").iter().map(|source| (source.id.clone(), kind(source))).collect()
        })
    }

    /// The template with this id; none when there is none or it is deleted.
    ///
    /// # Errors
    /// The store's.
    pub fn template(&mut self, id: &str) -> Result<Option<Rc<Template>>, Fault> {
        if let Some(known) = self.templates.get(id) {
            return Ok(known.clone());
        }
        let found = match id.parse() {
            Ok(id) => self.services.store.template(id)?,
            Err(_) => None,
        };
        let found = found.filter(|template| template.deleted_at.is_none()).map(Rc::new);
        self.templates.insert(id.to_owned(), found.clone());
        Ok(found)
    }

    /// From here on this is how a template is: the one that is about to be written.
    pub fn put_template(&mut self, template: Rc<Template>) {
        self.templates.insert(template.id.to_string(), Some(template));
    }
}
