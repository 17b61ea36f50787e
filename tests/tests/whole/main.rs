//! The whole against its promises: the real server as a process of its own, samples over TCP, the API from outside.

mod accounts;
mod backup;
mod catalog;
mod edits;
mod grafana;
mod heartbeat;
mod outlaw;
mod outside;
mod package;
mod quiet;
mod receivers;
mod refusals;
mod restart;
mod series;
mod silence;
mod sources;
mod story;
mod upgrade;

use atalaya_tests::stage;
