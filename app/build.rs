//! Turns `locales/` into the module `i18n`: keys and their arguments are checked at compile time.

use std::error::Error;
use std::path::PathBuf;

use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    if std::env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        // What tells which function needs which: without it nothing can be split.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let home = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    // Attributes and Intl's texts need strings, not only views.
    let options = ParseOptions::new().interpolate_display(true);
    let config = Config::new("en")?
        .add_locale("es")?
        .add_namespaces(["app", "pages", "tables", "telling", "quiet", "people", "guide"])?
        .parse_options(options);
    let parsed = leptos_i18n_parser::parse_locales::parse_locales(Some(home), config)?;
    let code = leptos_i18n_codegen::gen_code(&parsed, None, true, None, false)?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("i18n.rs");
    std::fs::write(out, code.to_string())?;
    Ok(())
}
