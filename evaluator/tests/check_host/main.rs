//! The Wasm host's promises, with real components: whatever a check does, it concerns only its own rules.

mod evaluating;
mod hostile;
mod loading;
mod support;
mod trust;
