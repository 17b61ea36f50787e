//! Changes of many rules: put together, then carried out as one, all or none.

use atalaya_api::event::RuleAction;
use atalaya_api::rule::RuleDraft;

use crate::domain::{Millis, Rule, RuleId, Template};
use crate::store::{Actor, RuleWrite};

use super::problem::{Fault, FieldFault, words};
use super::rule_memo::Memo;
use super::undos::Step;
use super::{Services, calendars, rule_check};

/// Faults that are told at once.
const MOST_FAULTS: usize = 100;

/// What is to be written, and what stands in the way.
pub struct Changes<'a> {
    pub memo: Memo<'a>,
    by: Actor,
    /// One instant for all of it.
    now: Millis,
    writes: Vec<RuleWrite>,
    faults: Vec<FieldFault>,
    faulty: usize,
}

impl<'a> Changes<'a> {
    pub fn new(services: &'a Services, by: Actor) -> Self {
        Changes {
            memo: Memo::of_many(services),
            by,
            now: services.now().wall,
            writes: Vec::new(),
            faults: Vec::new(),
            faulty: 0,
        }
    }

    /// A new rule, if it makes sense.
    ///
    /// # Errors
    /// What is wrong with the rule itself; the store's.
    pub fn create(&mut self, draft: RuleDraft) -> Result<(), Fault> {
        self.create_as(RuleId::generate(), draft)
    }

    /// A new rule that had this id elsewhere.
    ///
    /// # Errors
    /// As [`Changes::create`].
    pub fn create_as(&mut self, id: RuleId, draft: RuleDraft) -> Result<(), Fault> {
        let (interval, time_zone) = rule_check::check_with(&mut self.memo, &draft, None)?;
        let now = self.now;
        let rule = Rule {
            id,
            version: 1,
            draft,
            interval,
            time_zone,
            created_at: now,
            updated_at: now,
            updated_by: self.by.name.clone(),
            deleted_at: None,
        };
        self.writes.push(RuleWrite { before: None, rule, action: RuleAction::Created });
        Ok(())
    }

    /// A rule becomes this, if it makes sense and is another than before.
    ///
    /// # Errors
    /// As [`Changes::create`].
    pub fn update(&mut self, before: Rule, draft: RuleDraft) -> Result<(), Fault> {
        if draft == before.draft {
            return Ok(());
        }
        let (interval, time_zone) = rule_check::check_with(&mut self.memo, &draft, Some(&before))?;
        let rule = Rule { draft, interval, time_zone, ..before.clone() };
        self.write(before, rule, RuleAction::Updated);
        Ok(())
    }

    /// Only what a rule is linked to changes, and nothing that could be wrong.
    pub fn relabel(&mut self, before: Rule, draft: RuleDraft) {
        let rule = Rule { draft, ..before.clone() };
        self.write(before, rule, RuleAction::Updated);
    }

    pub fn delete(&mut self, before: Rule) {
        if before.deleted_at.is_none() {
            let rule = Rule { deleted_at: Some(self.now), ..before.clone() };
            self.write(before, rule, RuleAction::Deleted);
        }
    }

    /// A deleted rule comes back as this.
    ///
    /// # Errors
    /// Its source or its period is not there any more.
    pub fn restore(&mut self, before: Rule, draft: RuleDraft) -> Result<(), Fault> {
        self.require_source(&draft)?;
        self.require_period(&draft)?;
        let rule = Rule { deleted_at: None, draft, ..before.clone() };
        self.write(before, rule, RuleAction::Restored);
        Ok(())
    }

    /// A rule is as it was once, whatever it is now.
    ///
    /// # Errors
    /// As [`Changes::restore`].
    pub fn put_back(&mut self, now: Rule, then: Rule) -> Result<(), Fault> {
        let action = match (now.deleted_at, then.deleted_at) {
            (Some(_), None) => RuleAction::Restored,
            (None, Some(_)) => RuleAction::Deleted,
            _ => RuleAction::Updated,
        };
        if then.is_active() && !now.is_active() {
            self.require_source(&then.draft)?;
        }
        if then.deleted_at.is_none() {
            self.require_period(&then.draft)?;
        }
        self.write(now, then, action);
        Ok(())
    }

    fn require_source(&mut self, draft: &RuleDraft) -> Result<(), Fault> {
        let source = &draft.query.source;
        if !draft.enabled || self.memo.source(source).is_some() {
            return Ok(());
        }
        let (en, es) = ("its source was removed; restore that first", "su fuente se quitó; restáurela antes");
        Err(Fault::field("query.source", en, es))
    }

    fn require_period(&mut self, draft: &RuleDraft) -> Result<(), Fault> {
        let unknown = calendars::unknown_period("period", &draft.period, self.memo.periods()?);
        unknown.map_or(Ok(()), |fault| Err(Fault::invalid(vec![fault])))
    }

    fn write(&mut self, before: Rule, rule: Rule, action: RuleAction) {
        let rule = Rule {
            version: before.version + 1,
            updated_at: self.now,
            updated_by: self.by.name.clone(),
            ..rule
        };
        self.writes.push(RuleWrite { before: Some(before), rule, action });
    }

    /// Keeps what is wrong with one of them: `place` comes before its fields, `name` before its words. What is not a rule's own fault
    /// ends it all.
    ///
    /// # Errors
    /// The fault, when it is nobody's field.
    pub fn note(&mut self, outcome: Result<(), Fault>, place: &str, name: Option<&str>) -> Result<(), Fault> {
        let Err(fault) = outcome else { return Ok(()) };
        if fault.fields.is_empty() {
            return Err(fault);
        }
        self.faulty += 1;
        for one in fault.fields {
            let said = |text: String| name.map_or_else(|| text.clone(), |name| format!("{name}: {text}"));
            let message = words(said(one.message.en), said(one.message.es));
            self.faults.push(FieldFault { field: format!("{place}{}", one.field), message });
        }
        Ok(())
    }

    /// A deleted rule comes back as this, if that makes sense.
    ///
    /// # Errors
    /// As [`Changes::create`].
    pub fn restore_as(&mut self, before: Rule, draft: RuleDraft) -> Result<(), Fault> {
        let (interval, time_zone) = rule_check::check_with(&mut self.memo, &draft, Some(&before))?;
        self.require_source(&draft)?;
        let rule = Rule { deleted_at: None, draft, interval, time_zone, ..before.clone() };
        self.write(before, rule, RuleAction::Restored);
        Ok(())
    }

    /// When all of it happens.
    pub fn now(&self) -> Millis {
        self.now
    }

    pub fn writes(&self) -> &[RuleWrite] {
        &self.writes
    }

    /// What stands in the way, in the order in which it was found.
    pub fn faults(&self) -> &[FieldFault] {
        &self.faults
    }

    /// Writes all of it, tells those who must know, and keeps how to take it back.
    ///
    /// # Errors
    /// What stands in the way: at most so much of it as can be read; the store's.
    pub fn carry_out(self) -> Result<Done, Fault> {
        self.refuse_faulty()?;
        let Changes { memo, by, writes, .. } = self;
        let services = memo.services;
        if writes.is_empty() {
            return Ok(Done::default());
        }
        services.store.write_rules(&writes, &by)?;
        tell(services, &writes)?;
        let step = |write: &RuleWrite| Step {
            id: write.rule.id,
            version: write.rule.version,
            before: write.before.clone(),
        };
        let undo = services.undos.keep(writes.iter().map(step).collect(), services.now().mono);
        Ok(Done { rules: writes.into_iter().map(|write| write.rule).collect(), undo })
    }

    /// The same, together with a template. Nothing is kept to take it back by: that would leave the template as it is.
    ///
    /// # Errors
    /// As [`Changes::carry_out`].
    pub fn carry_out_for(self, before: Option<&Template>, template: &Template) -> Result<(), Fault> {
        self.refuse_faulty()?;
        let Changes { memo, by, writes, .. } = self;
        memo.services.store.write_template(before, template, &writes, &by)?;
        tell(memo.services, &writes)
    }

    fn refuse_faulty(&self) -> Result<(), Fault> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let mut faults: Vec<FieldFault> = self.faults.iter().take(MOST_FAULTS).cloned().collect();
        if self.faults.len() > MOST_FAULTS {
            let faulty = self.faulty;
            let en = format!("and more: {faulty} metrics in all cannot be so; nothing was changed");
            let es = format!("y más: {faulty} métricas en total no pueden quedar así; no se cambió nada");
            faults.push(FieldFault::new("rules", en, es));
        }
        Err(Fault::invalid(faults))
    }
}

/// What was written.
#[derive(Default)]
pub struct Done {
    pub rules: Vec<Rule>,
    pub undo: Option<String>,
}

fn tell(services: &Services, writes: &[RuleWrite]) -> Result<(), Fault> {
    let changed = writes.iter().map(|write| (write.rule.clone(), write.action));
    services.evaluation.rules_changed(changed.collect());
    services.events.committed(services.store.last_event()?);
    Ok(())
}
