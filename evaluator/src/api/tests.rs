//! What the API promises, against the real store; evaluation, checks and sources are small fakes.

mod accounts;
mod alarms;
mod backups;
mod bulk;
mod calendars;
mod deliveries;
mod events;
mod fakes;
pub mod far;
mod input;
mod machines;
mod moving;
mod outside;
mod people;
mod quiet;
mod receivers;
mod remote_write;
mod roles;
mod rules;
mod sources;
mod stage;
mod templates;
