//! One request of a way, and what its answer means: taken, later, or never.

use crate::domain::Texts;
use crate::notify::Failure;
use crate::notify::backoff::LONGEST_ASKED;
use crate::source::remote::Trouble;
use crate::source::remote::http::{Outgoing, Quoter, Received, Request};

/// Sends it, and gives back the answer when it is a good one.
///
/// # Errors
/// There is none (later, and perhaps it was taken), or its status says no: later for 408, 425, 429 and what is the server's own fault, never for the rest.
pub fn ask(outgoing: &Outgoing, quoter: &Quoter, request: &Request) -> Result<Received, Failure> {
    let received = outgoing.send(request).map_err(without_answer)?;
    if received.is_good() { Ok(received) } else { Err(refusal(&request.shown, quoter, &received)) }
}

fn without_answer(trouble: Trouble) -> Failure {
    let Trouble { words, retry_after: after, handed_over, .. } = trouble;
    let answer = String::new();
    if handed_over { Failure::Unclear { words, answer } } else { Failure::Retryable { words, answer, after } }
}

fn refusal(shown: &str, quoter: &Quoter, received: &Received) -> Failure {
    let answer = quoter.answer(&received.body);
    let words = match received.trouble(shown, quoter) {
        Some(trouble) => trouble.words,
        None => not_taken(shown, received.status, &quoter.text(&answer)),
    };
    match received.status {
        // Whoever stands between gave up waiting.
        504 => Failure::Unclear { words, answer },
        408 | 425 | 429 | 500.. => {
            Failure::Retryable { words, answer, after: received.retry_after(LONGEST_ASKED) }
        }
        _ => Failure::Permanent { words, answer },
    }
}

fn not_taken(shown: &str, status: u16, quote: &str) -> Texts {
    let quote = if quote.is_empty() { String::new() } else { format!(": {quote}") };
    Texts {
        en: format!("{shown} does not take the message ({status}){quote}"),
        es: format!("{shown} no acepta el mensaje ({status}){quote}"),
    }
}
