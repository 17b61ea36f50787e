//! What the status of an answer says is wrong.

use std::time::Duration;

use ureq::http::header;

use crate::domain::TroubleKind;
use crate::source::remote::Trouble;

use super::{Quoter, Received, said};

/// No source is left alone for longer because it asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// In English and Spanish; None: not the server's fault.
fn meaning(status: u16) -> Option<(TroubleKind, &'static str, &'static str)> {
    Some(match status {
        401 | 407 => (
            TroubleKind::Refused,
            "wants to know who asks: name, password or token are missing or wrong",
            "quiere saber quién pregunta: falta o no vale el usuario, la contraseña o el token",
        ),
        403 => (
            TroubleKind::Refused,
            "does not allow this to whom we say we are",
            "no permite esto a quien decimos ser",
        ),
        404 | 405 | 410 => (
            TroubleKind::Nonsense,
            "is nothing that answers; does the address need another path?",
            "no es nada que responda; ¿necesita la dirección otra ruta?",
        ),
        408 => {
            (TroubleKind::Slow, "gave up before it had an answer", "se rindió antes de tener una respuesta")
        }
        429 | 503 => (TroubleKind::Overloaded, "asks to be asked less", "pide que se le pregunte menos"),
        500.. => (TroubleKind::Failing, "fails", "falla"),
        _ => return None,
    })
}

impl Received {
    /// None for 2xx and for those 4xx that are about the question.
    pub fn trouble(&self, shown: &str, quoter: &Quoter) -> Option<Trouble> {
        let code = self.status;
        if (300..=399).contains(&code) {
            return Some(self.redirect(shown, quoter));
        }
        let (kind, en, es) = meaning(code)?;
        let quote = match kind {
            TroubleKind::Overloaded | TroubleKind::Failing => self.quote(quoter),
            _ => String::new(),
        };
        let trouble = said(kind, shown, format!("{en} ({code}){quote}"), format!("{es} ({code}){quote}"));
        let retry_after = self.retry_after(LONGEST_WAIT).filter(|_| kind == TroubleKind::Overloaded);
        Some(Trouble { retry_after, ..trouble })
    }

    /// Its own words, after a colon; empty when it has none.
    fn quote(&self, quoter: &Quoter) -> String {
        let quote = quoter.body(&self.body);
        let none = quote.is_empty() || self.content_type().starts_with("image/");
        if none { String::new() } else { format!(": {quote}") }
    }

    /// What came instead of a document. `half`: it ends in the middle.
    pub fn nonsense(&self, shown: &str, half: bool, quoter: &Quoter) -> Trouble {
        if half && self.ends_with_its_connection() {
            return super::trouble::half(shown, self.body.len(), None);
        }
        let words = self.came(half).words();
        said(
            TroubleKind::Nonsense,
            shown,
            quoter.text(&format!("answered with {}", words.en)),
            quoter.text(&format!("respondió con {}", words.es)),
        )
    }

    /// Where it points, so that the address can be corrected; nobody goes there by himself.
    fn redirect(&self, shown: &str, quoter: &Quoter) -> Trouble {
        let target = self.header(header::LOCATION);
        let place = target.split(['?', '#']).next().unwrap_or_default();
        let place = match (place.find("://"), place.find('@')) {
            (Some(scheme), Some(at)) if scheme < at => {
                format!("{}{}", &place[..scheme + 3], &place[at + 1..])
            }
            _ => place.to_owned(),
        };
        let place = quoter.text(&place);
        let code = self.status;
        said(
            TroubleKind::Nonsense,
            shown,
            format!("sends elsewhere ({code}), to \"{place}\": if that is right, the address must say so"),
            format!("remite a otro sitio ({code}), a «{place}»: si es correcto, la dirección debe decirlo"),
        )
    }
}
