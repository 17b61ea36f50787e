//! Embeds what is built for wasm32 before the server is.

#[path = "build/checks.rs"]
mod checks;
#[path = "build/ui.rs"]
mod ui;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    checks::embed()?;
    ui::embed()
}
