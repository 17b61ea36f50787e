//! The secrets of receivers: they go in, stay where they were, and never come out.

use atalaya_api::receiver::{ReceiverDraft, ReceiverKind};

use crate::domain::Secret;
use crate::store::StoreError;

use super::problem::Fault;
use super::{Services, source_check};

/// What the stored secret gives to a draft that leaves it out; none when it cannot be read and need not be.
///
/// # Errors
/// The address leads to another server than it was entered for, or it is needed and cannot be read any more.
pub fn kept_secret(
    services: &Services,
    wanted: &ReceiverDraft,
    saved: &ReceiverDraft,
    is_needed: bool,
) -> Result<Option<Secret>, Fault> {
    if wanted.secret.is_some() || !saved.has_secret {
        return Ok(None);
    }
    if leads_to(wanted) != leads_to(saved) {
        return Err(Fault::field(
            "secret",
            "enter it anew, or empty it: the address leads to another server than the one it was entered for",
            "introdúzcalo de nuevo o vacíelo: la dirección lleva a otro servidor que aquel para el que se introdujo",
        ));
    }
    match services.store.receiver_secret(&saved.id) {
        Ok(secret) => Ok(Some(secret)),
        Err(StoreError::Secret(error)) => {
            tracing::warn!(%error, receiver = saved.id, "its secret cannot be read");
            if is_needed {
                return Err(Fault::field(
                    "secret",
                    "enter it anew, or empty it: the stored one cannot be read any more",
                    "introdúzcalo de nuevo o vacíelo: lo guardado ya no se puede leer",
                ));
            }
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Who hears the secret. A signing key is heard by nobody.
fn leads_to(draft: &ReceiverDraft) -> String {
    let to = match draft.kind {
        ReceiverKind::Email => draft
            .email
            .as_ref()
            .map(|way| format!("{}:{} {:?}", way.host.to_lowercase(), way.port, way.security)),
        ReceiverKind::Sms => draft.sms.as_ref().map(|way| format!("{:?}", source_check::origin(&way.url))),
        ReceiverKind::Alertmanager => {
            draft.alertmanager.as_ref().map(|way| format!("{:?}", source_check::origin(&way.url)))
        }
        ReceiverKind::Ovo | ReceiverKind::Webhook => None,
    };
    format!("{} {}", draft.kind.name(), to.unwrap_or_default())
}

/// A draft without its secret but with what is said of it, and the secret: as entered, or the one that was there.
pub fn parted(
    mut wanted: ReceiverDraft,
    saved: Option<&ReceiverDraft>,
    kept: Option<Secret>,
) -> (ReceiverDraft, Secret) {
    match wanted.secret.take() {
        Some(entered) => {
            let password = Some(entered).filter(|entered| !entered.is_empty());
            wanted.has_secret = password.is_some();
            (wanted, Secret { password, token: None })
        }
        None => {
            wanted.has_secret = saved.is_some_and(|saved| saved.has_secret);
            (wanted, kept.unwrap_or_default())
        }
    }
}
