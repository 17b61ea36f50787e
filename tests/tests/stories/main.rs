//! Section 4 of the design as stories: what an operator sees, second by second, on a manual clock.

mod alarms;
mod causes;
mod edits;
mod elsewhere;
mod errors;
mod evidence;
mod floods;
mod heartbeat;
mod many;
mod silence;
mod telling;
mod trends;
