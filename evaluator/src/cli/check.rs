//! `check inspect`.

use std::path::Path;

use anyhow::Context;
use atalaya::check::{CompilerCommand, Host};

use super::Place;

/// Says what a component is. It is compiled as the server would, under the configured limits, but in a folder of
/// its own that is gone afterwards: the data directory need not exist.
pub fn inspect(place: Place, file: &Path) -> anyhow::Result<()> {
    let config = place.load(None)?;
    let wasm = std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    let folder = std::env::temp_dir().join(format!("atalaya-inspect-{}", std::process::id()));
    let host = Host::new(config.checks, folder.clone(), CompilerCommand::of_this_program()?);
    let told = host.map(|host| host.inspect(&wasm));
    // The folder holds nothing but the compiled copy; a leftover is the system's to clear away.
    let _ = std::fs::remove_dir_all(&folder);
    print!("{}", told?);
    Ok(())
}
