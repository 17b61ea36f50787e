//! The checks that come with the server.

const COMPONENTS: &[&[u8]] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// The components of the built-in checks, by file name.
pub fn built_in() -> &'static [&'static [u8]] {
    COMPONENTS
}
