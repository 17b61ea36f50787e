//! Embeds what is built for wasm32 before the server is.

#[path = "build/ui.rs"]
mod ui;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    ui::embed()
}
