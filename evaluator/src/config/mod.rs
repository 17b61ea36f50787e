//! The configuration: `atalaya.toml`, overridden by the environment, overridden by flags.
//!
//! What an operator may change at run time is in the store and on the Settings page instead. Adding a key: a field
//! with a documented unit and a default in its section's struct, a line in `config/atalaya.sample.toml` (a test
//! says when it is forgotten), a check in `Config::check` where not every value makes sense.

mod cidr;
mod load;
mod sections;

pub use cidr::Cidr;
pub use load::{ConfigError, Flags, Origin, load};
pub use sections::{Config, LogConfig, LogFormat, SessionConfig, Tls};
