//! Variables filled in: what each can be, what is chosen, what a query asks then.

use std::cell::RefCell;
use std::collections::BTreeMap;

use atalaya_api::rule::Origin;
use atalaya_api::source::SourceKind;

use super::matching::{Asked, Matching};
use crate::api::ports::{SourceError, Sources};
use crate::api::problem::words;
use crate::catalog::{
    ALL, Choice, Choices, Dashboard, Datasource, Target, Variable, VariableKind, chosen_of, filtered,
    interpolate, mentioned, minutes_and_months, sorted,
};
use crate::domain::Texts;

/// By variable.
pub type Chosen = BTreeMap<String, Vec<String>>;

/// A choice, the values that "All" stands for, and what stands for "All" instead.
type Picked = (Choice, Vec<String>, Option<String>);

/// Grafana's own names in a target of Graphite's, and what they are for a rule that is evaluated once a minute over an hour.
const OWN: [(&str, &str); 6] = [
    ("__interval", "1min"),
    ("__interval_ms", "60000"),
    ("__rate_interval", "1min"),
    ("__range", "1h"),
    ("__range_s", "3600"),
    ("__range_ms", "3600000"),
];

/// One dashboard with its variables chosen. Asks each variable's source at most once. Blocks.
pub struct Resolver<'a> {
    sources: &'a dyn Sources,
    matching: &'a Matching,
    dashboard: &'a Dashboard,
    chosen: &'a Chosen,
    /// What was asked already.
    known: RefCell<BTreeMap<String, Result<Vec<String>, Texts>>>,
    /// Those whose values are being found out.
    path: RefCell<Vec<String>>,
}

/// What a target asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    pub asked: Asked,
    pub expr: String,
    /// What was chosen for each variable that has to do with it, and what "All" stood for.
    pub variables: Chosen,
    pub all: Chosen,
}

impl<'a> Resolver<'a> {
    pub fn new(
        sources: &'a dyn Sources,
        matching: &'a Matching,
        dashboard: &'a Dashboard,
        chosen: &'a Chosen,
    ) -> Self {
        let (known, path) = Default::default();
        Resolver { sources, matching, dashboard, chosen, known, path }
    }

    /// With the values of these variables known: their sources are not asked.
    pub fn knowing(self, values: &Chosen) -> Self {
        let known = values.iter().map(|(name, values)| (name.clone(), Ok(values.clone())));
        self.known.borrow_mut().extend(known);
        self
    }

    fn variable(&self, name: &str) -> Option<&'a Variable> {
        self.dashboard.variables.iter().find(|variable| variable.name == name)
    }

    /// What there is to choose from for a variable.
    ///
    /// # Errors
    /// In words: its source does not answer, it refers to itself, ...
    pub fn values(&self, name: &str) -> Result<Vec<String>, Texts> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        if self.path.borrow().iter().any(|one| one == name) {
            return Err(circle(&self.path.borrow(), name));
        }
        self.path.borrow_mut().push(name.to_owned());
        let values = self.find_values(name);
        self.path.borrow_mut().pop();
        self.known.borrow_mut().insert(name.to_owned(), values.clone());
        values
    }

    fn find_values(&self, name: &str) -> Result<Vec<String>, Texts> {
        let variable = self.variable(name).ok_or_else(|| {
            words(
                format!("the dashboard has no variable ${name}"),
                format!("el panel de control no tiene ninguna variable ${name}"),
            )
        })?;
        let values = match variable.kind {
            VariableKind::Query => self.asked_values(variable)?,
            VariableKind::Datasource => {
                let rows = self.matching.of_kind(&variable.query);
                rows.iter().map(|row| row.name.clone()).collect()
            }
            VariableKind::Adhoc => {
                return Err(words(
                    format!(
                        "${name} is a filter that Grafana adds by itself: it has no values to choose from"
                    ),
                    format!(
                        "${name} es un filtro que Grafana añade por su cuenta: no tiene valores que elegir"
                    ),
                ));
            }
            _ => return Ok(written(variable)),
        };
        let values = filtered(values, variable.regex.as_deref()).map_err(|error| {
            words(
                format!("the expression of ${name} cannot be used here: {error}"),
                format!("la expresión de ${name} no se puede usar aquí: {error}"),
            )
        })?;
        Ok(sorted(values, variable.sort))
    }

    fn asked_values(&self, variable: &Variable) -> Result<Vec<String>, Texts> {
        let name = &variable.name;
        let about = |why: Texts| words(format!("${name}: {}", why.en), format!("${name}: {}", why.es));
        let asked = self.source(&variable.datasource).map_err(about)?;
        let query = self.fill(&variable.query, asked.kind)?;
        let answer = self.sources.names(&asked.source, &query);
        answer.map_err(|error| about(words_of(error)))
    }

    /// The source that stands for a data source, whose name may be a variable.
    ///
    /// # Errors
    /// There is none, and what to do.
    pub fn source(&self, datasource: &Datasource) -> Result<Asked, Texts> {
        let Some(reference) = datasource.reference.as_deref() else {
            return self.matching.source(datasource, None);
        };
        let names = mentioned(reference);
        let named = names.first().and_then(|name| self.variable(name));
        let Some(variable) = named.filter(|variable| variable.kind == VariableKind::Datasource) else {
            return self.matching.source(datasource, Some(reference));
        };
        let kind = Some(variable.query.clone());
        let default = || self.matching.source(&Datasource { kind: kind.clone(), reference: None }, None);
        let named = |value: &str| {
            let named = Datasource { kind: kind.clone(), reference: Some(value.to_owned()) };
            self.matching.source(&named, Some(value))
        };
        let asked = self.chosen.get(&variable.name).map(Vec::as_slice);
        let value = match chosen_of(variable, asked) {
            Some(Choice::One(value)) => value,
            Some(Choice::Many(mut values)) if !values.is_empty() => values.swap_remove(0),
            _ => return default(),
        };
        // What was chosen where the dashboard was saved may be another Grafana's.
        if asked.is_some() { named(&value) } else { named(&value).or_else(|_| default()) }
    }

    /// The text with its variables filled in, as this kind of source writes several values.
    fn fill(&self, text: &str, kind: SourceKind) -> Result<String, Texts> {
        let mut choices = Choices::default();
        let names = mentioned(text);
        if kind == SourceKind::Graphite {
            for (name, value) in OWN {
                choices.choose(name, &Choice::One(value.to_owned()), &[], None);
            }
        }
        for input in &self.dashboard.inputs {
            if let Some(value) = &input.value {
                choices.choose(&input.name, &Choice::One(value.clone()), &[], None);
            }
        }
        for name in names.iter().filter_map(|name| self.variable(name)) {
            let (choice, values, all) = self.picked(name)?;
            choices.choose(&name.name, &choice, &values, all.as_deref());
        }
        let usual = if kind == SourceKind::Graphite { "glob" } else { "regex" };
        Ok(interpolate(text, &choices, usual))
    }

    /// What is chosen; with the values where "All" needs them.
    fn picked(&self, variable: &Variable) -> Result<Picked, Texts> {
        let asked = self.chosen.get(&variable.name).map(Vec::as_slice);
        let all = variable.all_value.clone();
        match chosen_of(variable, asked) {
            Some(Choice::All) if all.is_some() => Ok((Choice::All, Vec::new(), all)),
            Some(Choice::All) => Ok((Choice::All, self.some_values(variable)?, None)),
            Some(choice) => Ok((choice, Vec::new(), None)),
            None => {
                let first = self.some_values(variable)?.swap_remove(0);
                Ok((Choice::One(first), Vec::new(), None))
            }
        }
    }

    fn some_values(&self, variable: &Variable) -> Result<Vec<String>, Texts> {
        let values = self.values(&variable.name)?;
        if values.is_empty() {
            let name = &variable.name;
            return Err(words(
                format!("${name} has no values: its source gives none for {:?}", variable.query),
                format!("${name} no tiene valores: su fuente no da ninguno para {:?}", variable.query),
            ));
        }
        Ok(values)
    }

    /// What a target asks.
    ///
    /// # Errors
    /// Why it cannot be watched.
    pub fn target(&self, target: &Target) -> Result<Resolved, Texts> {
        if let Some(trouble) = &target.trouble {
            return Err(trouble.clone());
        }
        self.query_of(target, target.query.as_deref().unwrap_or_default())
    }

    /// What another query asks in the place of a target's, e.g. one that a rule still knows.
    ///
    /// # Errors
    /// Why it cannot be asked.
    pub fn query_of(&self, target: &Target, query: &str) -> Result<Resolved, Texts> {
        self.query(&told(target), query)
    }

    /// The source that a target asks.
    ///
    /// # Errors
    /// There is none, and what to do.
    pub fn source_of(&self, target: &Target) -> Result<Asked, Texts> {
        self.source(&told(target))
    }

    /// Whether the dashboard has this variable.
    pub fn knows(&self, name: &str) -> bool {
        self.variable(name).is_some()
    }

    fn query(&self, datasource: &Datasource, query: &str) -> Result<Resolved, Texts> {
        let asked = self.source(datasource)?;
        let filled = self.fill(query, asked.kind)?;
        let expr = match asked.kind {
            SourceKind::Graphite => minutes_and_months(&filled),
            SourceKind::Prometheus => filled,
        };
        if let Some(own) = mentioned(&expr).into_iter().find(|name| is_grafanas(name, asked.kind)) {
            return Err(words(
                format!("uses ${own}, which only Grafana can fill in"),
                format!("usa ${own}, que solo Grafana puede rellenar"),
            ));
        }
        let (variables, all) = self.concerned(datasource, query);
        Ok(Resolved { asked, expr, variables, all })
    }

    /// What is chosen for the variables that have to do with a query, those of their queries too; and what "All" stands for.
    fn concerned(&self, datasource: &Datasource, query: &str) -> (Chosen, Chosen) {
        let (mut variables, mut all) = (Chosen::new(), Chosen::new());
        let mut open = mentioned(query);
        open.extend(datasource.reference.as_deref().map(mentioned).unwrap_or_default());
        while let Some(name) = open.pop() {
            let Some(variable) = self.variable(&name).filter(|_| !variables.contains_key(&name)) else {
                continue;
            };
            let chosen = match self.picked(variable) {
                Ok((Choice::All, values, _)) => {
                    let values =
                        if values.is_empty() { self.values(&name).unwrap_or_default() } else { values };
                    all.insert(name.clone(), values);
                    vec![ALL.to_owned()]
                }
                Ok((Choice::One(value), ..)) => vec![value],
                Ok((Choice::Many(values), ..)) => values,
                Err(_) => continue,
            };
            variables.insert(name, chosen);
            if variable.kind == VariableKind::Query {
                open.extend(mentioned(&variable.query));
                open.extend(variable.datasource.reference.as_deref().map(mentioned).unwrap_or_default());
            }
        }
        (variables, all)
    }

    /// A legend or title, as far as it can be filled in.
    pub fn text(&self, text: &str) -> String {
        self.fill(text, SourceKind::Graphite).unwrap_or_else(|_| text.to_owned())
    }
}

/// What a target says of its data source, with the kind that its own fields tell: of two defaults it is the fitting one's.
fn told(target: &Target) -> Datasource {
    let kind = target.datasource.kind.clone().or_else(|| target.datasource_type.clone());
    Datasource { kind, reference: target.datasource.reference.clone() }
}

/// The values that a variable names itself.
fn written(variable: &Variable) -> Vec<String> {
    let auto = |value: &&String| !value.starts_with("$__auto");
    variable.options.iter().filter(auto).cloned().collect()
}

/// Names that begin with two underscores are Grafana's own; some of them sources fill in.
fn is_grafanas(name: &str, kind: SourceKind) -> bool {
    let known = name == "__rate_interval_ms" || OWN.iter().any(|(own, _)| *own == name);
    let filled_in = kind == SourceKind::Prometheus && known;
    (name.starts_with("__") || name == "timeFilter") && !filled_in
}

fn circle(path: &[String], name: &str) -> Texts {
    let from = path.iter().position(|one| one == name).unwrap_or_default();
    let mut circle: Vec<String> = path[from..].iter().map(|one| format!("${one}")).collect();
    circle.push(format!("${name}"));
    let circle = circle.join(" → ");
    words(
        format!("variables refer to themselves: {circle}"),
        format!("hay variables que se refieren a sí mismas: {circle}"),
    )
}

fn words_of(error: SourceError) -> Texts {
    match error {
        SourceError::Failed(why) => why,
        SourceError::BadExpression(why) => words(why.clone(), why),
        SourceError::NoSuchSource(id) => {
            words(format!("there is no source {id:?}"), format!("no hay ninguna fuente {id:?}"))
        }
        SourceError::Busy => words(
            "too many questions to sources wait for an answer right now; try again in a moment",
            "ahora mismo hay demasiadas consultas a fuentes sin contestar; inténtelo de nuevo en un momento",
        ),
    }
}

/// Whether a rule watches "All" of some variable.
pub fn watches_all(origin: &Origin) -> bool {
    origin.variables.values().any(|values| matches!(values.as_slice(), [only] if only == ALL))
}
