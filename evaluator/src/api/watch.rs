//! The running evaluation, as the API asks it.

use std::sync::Arc;

use atalaya_api::event::RuleAction;
use atalaya_api::level::Standing as RuleStanding;
use atalaya_api::rule::RuleState;

use super::ports::{Evaluation, LiveSeries, Pulse, Standing, Totals};
use super::remotes::SourceWatch;
use crate::domain::{Rule, RuleId, SourceConfig};
use crate::pipeline::{Edit, SourceState, Terms, Watchtower};
use crate::store::RuleSet;

impl Evaluation for Watchtower {
    fn rules_changed(&self, rules: Vec<(Rule, RuleAction)>) {
        self.edit_all(rules.into_iter().map(|(rule, _)| Edit::Rule(Box::new(rule))));
    }

    fn forget(&self, rule: RuleId, series: &str) -> bool {
        let watched = Watchtower::live(self, rule, series).is_some();
        if watched {
            self.edit(Edit::Forget { rule, series: series.into() });
        }
        watched
    }

    fn rule_state(&self, rule: RuleId) -> RuleState {
        Watchtower::rule_state(self, rule)
    }

    fn rules_standing(&self, standing: RuleStanding) -> RuleSet {
        Watchtower::rules_standing(self, standing)
    }

    fn rules_too_fast(&self) -> RuleSet {
        Watchtower::rules_too_fast(self)
    }

    fn live(&self, rule: RuleId, series: &str) -> Option<LiveSeries> {
        Watchtower::live(self, rule, series)
    }

    fn series_of(&self, rule: RuleId, limit: usize) -> (Vec<Arc<str>>, u64) {
        Watchtower::series_of(self, rule, limit)
    }

    fn totals(&self) -> Totals {
        Watchtower::totals(self)
    }

    fn far_sources(&self) -> Vec<(Arc<str>, SourceState)> {
        Watchtower::sources(self)
    }

    fn pulse(&self) -> Pulse {
        Watchtower::pulse(self)
    }

    fn causes(&self) -> Vec<Standing> {
        Watchtower::causes(self)
    }
}

impl SourceWatch for Watchtower {
    fn source_changed(&self, source: &SourceConfig) {
        let terms = source.deleted_at.is_none().then(|| Terms::of(source));
        self.edit(Edit::Source { id: source.settings.id.as_str().into(), terms });
    }

    fn source_state(&self, id: &str) -> Option<SourceState> {
        Watchtower::source(self, id)
    }
}
