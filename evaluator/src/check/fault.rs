//! From the ways a call can break to the closed list of reasons.

use wasmtime::Trap;

use crate::domain::{Unknown, UnknownKind};

use super::text::{WORDS, clean};

/// Why a call gave no answer. `starved`: memory was asked for during it and denied.
pub(super) fn of_call(error: &wasmtime::Error, starved: bool) -> Unknown {
    use UnknownKind::{OutOfFuel, OutOfMemory, OutOfTime, Trapped, WrongAnswer};
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Unknown::of(OutOfFuel),
        Some(Trap::Interrupt) => Unknown::of(OutOfTime),
        _ if starved => Unknown::of(OutOfMemory),
        Some(trap) if breaks_the_contract(*trap) => with(WrongAnswer, trap.to_string()),
        Some(trap) => with(Trapped, trap.to_string()),
        // Not a trap: what came back could not be read.
        None => with(WrongAnswer, error.root_cause().to_string()),
    }
}

/// Traps that the host raises while it reads an answer.
fn breaks_the_contract(trap: Trap) -> bool {
    use Trap::{InvalidChar, InvalidDiscriminant, ListOutOfBounds, StringOutOfBounds, UnalignedPointer};
    matches!(trap, InvalidChar | InvalidDiscriminant | ListOutOfBounds | StringOutOfBounds | UnalignedPointer)
}

fn with(kind: UnknownKind, words: String) -> Unknown {
    let words = words.trim_start_matches("wasm trap: ");
    Unknown::with_words(kind, clean(words, WORDS))
}

/// Whether the check (not the host, not its own considered words) is to blame.
pub(super) fn is_guilt(kind: UnknownKind) -> bool {
    !matches!(kind, UnknownKind::NotEnoughData | UnknownKind::Failed | UnknownKind::QueryFailed)
}
