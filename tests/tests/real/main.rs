//! The whole with what surrounds it at people's: a real Graphite, a real Prometheus. `cargo xtask test` installs them and says
//! where they are; without them these tests say that they are skipped.

mod clients;
mod components;
mod relay;
mod remote_write;
