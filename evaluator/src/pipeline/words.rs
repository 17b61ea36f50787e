//! What a transition says when no check explains it, in the languages of the browser.

use crate::domain::{Reason, Texts, TroubleKind, Unknown, UnknownKind};

fn texts(en: impl Into<String>, es: impl Into<String>) -> Texts {
    Texts { en: en.into(), es: es.into() }
}

/// Why there is no verdict.
pub fn of_unknown(unknown: &Unknown) -> Texts {
    let (en, es) = match unknown.kind {
        UnknownKind::OutOfFuel => {
            ("the check used more computing than it may", "la comprobación gastó más cálculo del permitido")
        }
        UnknownKind::OutOfTime => {
            ("the check took longer than it may", "la comprobación tardó más de lo permitido")
        }
        UnknownKind::OutOfMemory => (
            "the check wanted more memory than it may have",
            "la comprobación pidió más memoria de la permitida",
        ),
        UnknownKind::Trapped => ("the check broke off", "la comprobación se interrumpió"),
        UnknownKind::WrongAnswer => {
            ("the check gave an answer that makes no sense", "la comprobación dio una respuesta sin sentido")
        }
        UnknownKind::NotEnoughData => ("not enough data", "faltan datos"),
        UnknownKind::QueryFailed => {
            ("the source did not answer this query", "la fuente no respondió a esta consulta")
        }
        UnknownKind::Failed => ("the check could not judge", "la comprobación no pudo decidir"),
    };
    match &unknown.words {
        Some(words) => texts(format!("{en}: {words}"), format!("{es}: {words}")),
        None => texts(en, es),
    }
}

fn of_trouble(kind: TroubleKind) -> Texts {
    match kind {
        TroubleKind::Unreachable => texts("the source cannot be reached", "no se llega a la fuente"),
        TroubleKind::Slow => {
            texts("the source takes longer than it may", "la fuente tarda más de lo permitido")
        }
        TroubleKind::Refused => texts("the source lets nobody in", "la fuente no deja entrar"),
        TroubleKind::Overloaded => texts("the source is overloaded", "la fuente está sobrecargada"),
        TroubleKind::Failing => texts("the source fails", "la fuente falla"),
        TroubleKind::Nonsense => {
            texts("the source's answers make no sense", "las respuestas de la fuente no tienen sentido")
        }
        TroubleKind::TooLarge => {
            texts("the source's answers are too large", "las respuestas de la fuente son demasiado grandes")
        }
    }
}

/// What happened when it was not a verdict.
pub fn of_reason(reason: Reason) -> Texts {
    match reason {
        Reason::ChecksToAlert => texts("raised", "activada"),
        Reason::ChecksToOk => texts("back to normal", "vuelve a la normalidad"),
        Reason::Unknown(kind) => of_unknown(&Unknown::of(kind)),
        Reason::DataBack => texts("data is back", "vuelven a llegar datos"),
        Reason::NoDataIsOk => texts("no data, which counts as OK here", "sin datos, que aquí cuenta como OK"),
        Reason::SeriesGone => texts("the series is gone", "la serie ya no existe"),
        Reason::Forgotten => texts("forgotten by an operator", "olvidada por un operador"),
        Reason::QueryChanged => {
            texts("the metric's query was changed", "se cambió la consulta de la métrica")
        }
        Reason::RulePaused => texts("the metric was paused", "la métrica se pausó"),
        Reason::RuleDeleted => texts("the metric was deleted", "la métrica se eliminó"),
        Reason::Restored => texts("restored by an undo", "restaurada al deshacer"),
        Reason::CheckImpure => texts(
            "the check is quarantined: judged again, the same data gave another answer",
            "tipo de comprobación en cuarentena: con los mismos datos dio otra respuesta",
        ),
        Reason::CheckFailing => texts(
            "the check is quarantined: it fails for every metric that uses it",
            "tipo de comprobación en cuarentena: falla con todas las métricas que lo usan",
        ),
        Reason::CheckReleased => texts("the check was released", "el tipo de comprobación se liberó"),
        Reason::Source(kind) => of_trouble(kind),
        Reason::SourceBack => texts("the source answers again", "la fuente vuelve a responder"),
        Reason::SourceRemoved => texts("the source was removed", "la fuente se quitó"),
        Reason::StoreFailing => {
            texts("what is decided cannot be written down", "no se puede guardar lo que se decide")
        }
        Reason::DiskFull => {
            texts("the disk of the data is nearly full", "el disco de los datos está casi lleno")
        }
        Reason::ClockJumped => texts("the clock was set", "se cambió la hora del reloj"),
        Reason::HeartbeatFailing => texts("the heartbeat fails", "falla el latido"),
        Reason::BackupFailing => texts("the backup fails", "falla la copia de seguridad"),
        Reason::DeadLetters => texts("messages could not be sent", "hay mensajes que no se pudieron enviar"),
        Reason::SystemWell => texts("all is well again", "todo vuelve a estar bien"),
        Reason::Imported => texts("taken over from another system", "traída de otro sistema"),
    }
}
