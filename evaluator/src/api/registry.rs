//! The configured sources, as the API sees them.

use std::sync::{Arc, Mutex, PoisonError};

use atalaya_api::page::Page;
use atalaya_api::source::{
    QueryAnswer, SeriesHit, Source, SourceInput, SourceSettings, SourceStatus, SourceTest,
};

use super::ports::{Foreknown, Range, SourceError, Sources};
use super::remotes::Remotes;
use crate::domain::{Secret, SourceConfig, Texts};
use crate::source::local::{Draw, LocalStore};
use crate::source::remote::Unusable;
use crate::source::{GlobError, Input, LOCAL};

/// Every source by its id: the built-in one, and those elsewhere.
pub struct Registry {
    local: Arc<LocalStore>,
    inputs: Mutex<Vec<Arc<Input>>>,
    remotes: Remotes,
}

impl Registry {
    pub fn new(local: Arc<LocalStore>, remotes: Remotes) -> Self {
        Registry { local, inputs: Mutex::default(), remotes }
    }

    /// A further door of the local store, listed in this order.
    pub fn add_input(&self, input: Arc<Input>) {
        self.inputs.lock().unwrap_or_else(PoisonError::into_inner).push(input);
    }

    fn inputs(&self) -> Vec<SourceInput> {
        let inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
        inputs.iter().map(|input| input.view()).collect()
    }
}

impl Sources for Registry {
    fn list(&self, language: &str) -> Vec<Source> {
        let inputs = self.inputs();
        let troubles: Vec<String> = self.local.troubles().into_iter().chain(unwell(&inputs)).collect();
        let status = if troubles.is_empty() { SourceStatus::Ok } else { SourceStatus::Degraded };
        let local = Source {
            id: LOCAL.to_owned(),
            kind: LOCAL.to_owned(),
            name: "Local store".to_owned(),
            status,
            detail: (!troubles.is_empty()).then(|| troubles.join("; ")),
            series: self.local.len() as u64,
            rules: 0,
            last_answer: None,
            inputs,
            settings: None,
            version: 0,
        };
        std::iter::once(local).chain(self.remotes.list(language)).collect()
    }

    fn search(
        &self,
        source: &str,
        q: &str,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<SeriesHit>, SourceError> {
        match source {
            LOCAL => self.local.search(q, limit, after).map_err(bad_expression),
            source => self.remotes.search(source, q, limit, after),
        }
    }

    fn query(
        &self,
        source: &str,
        expr: &str,
        range: Range,
        max_series: usize,
    ) -> Result<QueryAnswer, SourceError> {
        if source != LOCAL {
            return self.remotes.query(source, expr, range, max_series);
        }
        let draw = Draw { from: range.from, to: range.to, max_points: range.max_points, max_series };
        self.local.query(expr, draw).map_err(bad_expression)
    }

    fn foreknown(&self, source: &str, expr: &str) -> Result<Foreknown, SourceError> {
        if source != LOCAL {
            return self.remotes.foreknown(source, expr);
        }
        let step = self.local.step_of(expr).map_err(bad_expression)?;
        Ok(Foreknown { kind: None, step })
    }

    fn names(&self, source: &str, query: &str) -> Result<Vec<String>, SourceError> {
        match source {
            LOCAL => Err(SourceError::BadExpression("the built-in store answers no variables".to_owned())),
            source => self.remotes.names(source, query),
        }
    }

    fn usable(&self, settings: &SourceSettings, secret: &Secret) -> Result<(), Unusable> {
        self.remotes.usable(settings, secret)
    }

    fn stored(&self, source: &SourceConfig, secret: Result<Secret, Texts>) {
        self.remotes.stored(source, secret);
    }

    fn test(
        &self,
        settings: &SourceSettings,
        secret: &Secret,
        language: &str,
    ) -> Result<SourceTest, SourceError> {
        self.remotes.test(settings, secret, language)
    }
}

fn bad_expression(error: GlobError) -> SourceError {
    SourceError::BadExpression(error.to_string())
}

/// What is wrong with the doors, in words.
fn unwell(inputs: &[SourceInput]) -> impl Iterator<Item = String> {
    let troubled = inputs.iter().filter(|input| input.status != SourceStatus::Ok);
    troubled.map(|input| format!("{}: {}", input.name, input.detail.as_deref().unwrap_or("not open")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use atalaya_api::source::SourceStatus;

    use super::Registry;
    use crate::api::ports::{SourceError, Sources};
    use crate::api::tests::far::Far;
    use crate::source::Input;
    use crate::source::local::{LocalConfig, LocalStore};

    fn registry() -> Registry {
        let local = Arc::new(LocalStore::in_memory(LocalConfig::default()));
        Registry::new(local, Far::default().remotes())
    }

    #[test]
    fn a_door_that_cannot_open_degrades_the_source_and_says_why() {
        let registry = registry();
        let carbon = Arc::new(Input::new("carbon"));
        registry.add_input(carbon.clone());
        assert_eq!(registry.list("en")[0].status, SourceStatus::Ok);
        let address = Some("127.0.0.1:2003".to_owned());
        carbon.trouble(SourceStatus::Down, address, "port 2003 is taken".to_owned());
        let source = &registry.list("en")[0];
        assert_eq!(source.status, SourceStatus::Degraded);
        assert_eq!(source.detail.as_deref(), Some("carbon: port 2003 is taken"));
        assert_eq!(source.inputs[0].status, SourceStatus::Down);
    }

    #[test]
    fn an_unknown_source_and_a_bad_glob_are_told_apart() {
        let registry = registry();
        let unknown = registry.search("nowhere", "", 10, None);
        assert!(matches!(unknown, Err(SourceError::NoSuchSource(id)) if id == "nowhere"));
        assert!(matches!(registry.search("local", "a.[b", 10, None), Err(SourceError::BadExpression(_))));
    }
}
