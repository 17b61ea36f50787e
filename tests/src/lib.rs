//! What the tests share: the real server as a child process, a client, a feeder of samples, a reader of the live
//! stream, the contract suites. Loopback and random ports only; everything started here is ended here.

pub mod alertmanager;
pub mod badsource;
pub mod client;
pub mod contract;
pub mod dice;
pub mod events;
pub mod far;
pub mod feed;
pub mod grafana;
pub mod graphite;
pub mod kannel;
pub mod nginx;
pub mod opcmsg;
pub mod past;
pub mod paths;
pub mod poll;
pub mod post;
pub mod process;
pub mod prometheus;
pub mod server;
pub mod skip;
pub mod small_disk;
pub mod smtp;
pub mod stage;
pub mod story;
pub mod unpacked;
