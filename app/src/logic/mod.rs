//! What the pages decide without a browser: pure, tested on the host.

pub mod around;
pub mod audit;
pub mod calendar;
pub mod conflict;
pub mod form;
pub mod grafana;
pub mod hours;
pub mod lines;
pub mod list;
pub mod many;
pub mod number;
pub mod offer;
pub mod params;
pub mod phones;
pub mod propose;
pub mod query;
pub mod quiet;
pub mod receiver;
pub mod settings;
pub mod source;
pub mod suggest;
pub mod telling;
pub mod template;
pub mod threshold;
pub mod wizard;
pub mod wrong;
