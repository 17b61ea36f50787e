//! The Atalaya server. The way of a sample is one direction, each stage a module that knows only the
//! domain's words and never a later stage; see `ARCHITECTURE.md`.

pub mod api;
pub mod app;
pub mod backup;
pub mod catalog;
pub mod check;
pub mod clock;
pub mod config;
pub mod domain;
pub mod evaluating;
pub mod grafana;
pub mod housekeeping;
pub mod ingest;
pub mod installed;
pub mod moving;
pub mod nearest;
pub mod notify;
pub mod people;
pub mod period;
pub mod pipeline;
pub mod plan;
pub mod replay;
mod room;
pub mod schedule;
pub mod source;
pub mod state;
pub mod store;
pub mod telling;
pub mod template;
pub mod ui;
pub mod window;
