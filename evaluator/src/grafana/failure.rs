//! Why Grafana gave no answer.

use crate::domain::{Texts, TroubleKind};
use crate::source::remote::Trouble;
use crate::source::remote::http::Received;

/// What is wrong, and whether it would be the same with everything that is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It is not there (404).
    Missing(Texts),
    /// The token lets in, but not to this (403).
    Forbidden(Texts),
    /// No token, or one that is not good (401).
    Unknown(Texts),
    /// Grafana, or what lies between.
    Trouble(Trouble),
}

impl Failure {
    pub fn words(&self) -> &Texts {
        match self {
            Failure::Missing(words) | Failure::Forbidden(words) | Failure::Unknown(words) => words,
            Failure::Trouble(trouble) => &trouble.words,
        }
    }

    /// Whether nothing else will be answered either.
    pub fn is_of_all(&self) -> bool {
        match self {
            Failure::Unknown(_) => true,
            Failure::Trouble(trouble) => {
                matches!(trouble.kind, TroubleKind::Unreachable | TroubleKind::Slow)
            }
            Failure::Missing(_) | Failure::Forbidden(_) => false,
        }
    }
}

/// What a status says; none: it is about something else.
pub(super) fn of_status(received: &Received, shown: &str) -> Option<Failure> {
    let words = |en: String, es: String| Texts { en: format!("{shown} {en}"), es: format!("{shown} {es}") };
    // What answers a stranger with a page is a login in front of Grafana, whatever its status.
    let is_page = received.content_type() == "text/html";
    match received.status {
        401 if !is_page => Some(Failure::Unknown(words(
            "does not accept the token (401): enter one of a service account, or an API key, that is still valid".to_owned(),
            "no acepta el token (401): introduzca el de una cuenta de servicio, o una clave de API, que siga vigente".to_owned(),
        ))),
        403 if !is_page => Some(Failure::Forbidden(words(
            "does not show this to the token (403): it needs at least the role Viewer, in this organisation".to_owned(),
            "no muestra esto al token (403): necesita al menos el rol Viewer, en esta organización".to_owned(),
        ))),
        404 if !is_page => Some(Failure::Missing(words(
            "is not there (404)".to_owned(),
            "no está (404)".to_owned(),
        ))),
        _ => None,
    }
}
