//! Receivers as they are shown.

use std::collections::HashMap;
use std::sync::Arc;

use atalaya_api::people::Role;
use atalaya_api::receiver::{Receiver, ReceiverDraft};

use crate::domain::{Millis, ReceiverConfig};
use crate::plan::quiet::Quiet;
use crate::source::remote::http::checked;
use crate::store::QueueRow;

use super::auth::Identity;
use super::problem::{Fault, Language};
use super::{Services, phones, settings};

/// What is known of all of them, and who looks.
pub struct View<'a> {
    services: &'a Services,
    language: Language,
    is_admin: bool,
    rules: HashMap<String, u64>,
    system: Vec<String>,
    queues: HashMap<String, QueueRow>,
    quiet: Arc<Quiet>,
}

impl<'a> View<'a> {
    /// # Errors
    /// The store's.
    pub fn new(services: &'a Services, to: &Identity, language: Language) -> Result<Self, Fault> {
        let queues = services.store.queues()?;
        Ok(View {
            queues: queues.into_iter().map(|row| (row.receiver.clone(), row)).collect(),
            quiet: services.quiet.now(services),
            services,
            language,
            is_admin: to.effective_role() == Role::Admin,
            rules: services.store.rules_by_receiver()?,
            system: settings::load(&*services.store)?.system_receivers,
        })
    }

    /// # Errors
    /// The store's.
    pub fn of(&self, one: ReceiverConfig) -> Result<Receiver, Fault> {
        let id = &one.receiver.id;
        let queue = self.queues.get(id).cloned().unwrap_or_default();
        let condition = self.services.conditions.of(id);
        let now = self.services.now().wall;
        Ok(Receiver {
            rules: self.rules.get(id).copied().unwrap_or_default(),
            system: self.system.contains(id),
            updated_at: one.updated_at.timestamp(),
            updated_by: one.updated_by,
            deleted_at: one.deleted_at.map(Millis::timestamp),
            muted_until: self.quiet.receiver_until(id, now).map(Millis::timestamp),
            queued: queue.queued,
            oldest_queued_at: queue.oldest_at.map(Millis::timestamp),
            dead: queue.dead,
            last_delivered_at: queue.last_delivered_at.map(Millis::timestamp),
            trouble: condition.trouble.map(|words| words.in_language(self.language.tag()).to_owned()),
            paused_until: condition.paused_until.map(Millis::timestamp),
            receiver: if self.is_admin { one.receiver } else { discreet(one.receiver) },
        })
    }
}

/// Without what may be all that lets in: the path of a webhook's address. Whoever may not change it does not see it.
fn discreet(mut draft: ReceiverDraft) -> ReceiverDraft {
    if let Some(webhook) = &mut draft.webhook {
        webhook.url =
            checked(&webhook.url, "url").map_or_else(|_| "…".to_owned(), |(_, shown)| format!("{shown}/…"));
    }
    draft
}

/// As it is kept: without spaces around, numbers as they are dialled.
pub fn normal(mut draft: ReceiverDraft) -> ReceiverDraft {
    let trim = |text: &mut String| *text = text.trim().to_owned();
    trim(&mut draft.name);
    if let Some(way) = &mut draft.email {
        [&mut way.host, &mut way.username, &mut way.from].into_iter().for_each(trim);
        way.to.iter_mut().for_each(trim);
    }
    if let Some(way) = &mut draft.sms {
        [&mut way.url, &mut way.username, &mut way.from, &mut way.smsc].into_iter().for_each(trim);
        for number in &mut way.numbers {
            if let Some(kept) = phones::number(number) {
                *number = kept;
            }
        }
    }
    if let Some(way) = &mut draft.ovo {
        [&mut way.application, &mut way.object, &mut way.msg_group, &mut way.node].into_iter().for_each(trim);
    }
    draft.webhook.iter_mut().for_each(|way| trim(&mut way.url));
    draft
        .alertmanager
        .iter_mut()
        .for_each(|way| [&mut way.url, &mut way.username].into_iter().for_each(trim));
    draft
}
