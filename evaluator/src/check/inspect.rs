//! `atalaya check inspect`: what a component is, for people.

use std::fmt::Write;

use crate::domain::Sha256;

use super::host::{Host, LoadError};
use super::loaded::Check;

impl Host {
    /// What is in these bytes and whether this host takes them, as lines of plain text.
    pub fn inspect(&self, wasm: &[u8]) -> String {
        let mut text = format!("sha256   {}\nsize     {} bytes\n", Sha256::of(wasm), wasm.len());
        match self.load(wasm) {
            Ok(check) => {
                text.push_str("imports  none\n");
                describe(&check, &mut text);
            }
            Err(LoadError::Imports(names)) => {
                let _ = writeln!(text, "imports  {}\nrefused  a check imports nothing", names.join(", "));
            }
            Err(error) => {
                let _ = writeln!(text, "refused  {error}");
            }
        }
        text
    }
}

/// Writing to a string cannot fail.
fn describe(check: &Check, text: &mut String) {
    let descriptor = &check.descriptor;
    let _ = writeln!(text, "name     {}\nversion  {}", descriptor.name, descriptor.version);
    for (language, title) in &descriptor.title {
        let _ = writeln!(text, "title    {language}: {title}");
    }
    for (language, summary) in &descriptor.summary {
        let _ = writeln!(text, "summary  {language}: {summary}");
    }
    let traits = descriptor.traits;
    let named = [
        (traits.uses_held, "the held level"),
        (traits.uses_minute, "the time of day"),
        (traits.keeps_memory, "its memory"),
    ];
    let uses: Vec<&str> = named.iter().filter(|(used, _)| *used).map(|(_, name)| *name).collect();
    let _ = writeln!(
        text,
        "uses     {}",
        if uses.is_empty() { "samples only".to_owned() } else { uses.join(", ") }
    );
    let _ = writeln!(text, "params\n{:#}", descriptor.params_schema);
}
