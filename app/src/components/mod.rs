//! Views without fetching: they are given what to show.

pub mod alarms;
pub mod announce;
pub mod button;
pub mod causes;
pub mod chart;
pub mod chips;
pub mod dialog;
pub mod field;
pub mod frame;
pub mod help;
pub mod icon;
pub mod loaded;
pub mod login;
pub mod menu;
pub mod notices;
pub mod pager;
pub mod plain;
pub mod severity;
pub mod table;
mod table_row;
pub mod tiles;

pub use button::{Button, Kind};
pub use chart::Chart;
pub use chips::{Chip, Chips};
pub use dialog::Dialog;
pub use field::{SelectField, SwitchField, TextField};
pub use icon::Icon;
pub use loaded::{Empty, Loaded};
pub use pager::{Pager, Paging};
pub use plain::{PlainRow, PlainTable};
pub use severity::SeverityMark;
pub use table::{Column, Sort, Table};
