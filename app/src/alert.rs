//! What reaches an operator who looks elsewhere: what is read out, and the sound for a new critical alarm.

use atalaya_api::event::AlarmEvent;
use atalaya_api::level::Severity;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::components::alarms::title_of;
use crate::components::announce::use_announcer;
use crate::components::severity::{standing, word_of};
use crate::erase::watch;
use crate::live::{LiveEvent, use_live};
use crate::prefs::use_prefs;

#[wasm_bindgen(raw_module = "./sound.js")]
extern "C" {
    /// Two short tones.
    pub fn beep();
}

/// What an event is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    /// It just became critical: interrupts, and sounds if switched on.
    Critical,
    Raised(Severity),
    Cleared,
    /// The severity fell, or nothing that one would say.
    Nothing,
}

impl Worth {
    fn of(before: Option<Severity>, after: Option<Severity>) -> Self {
        match (before, after) {
            (Some(Severity::Critical), Some(Severity::Critical)) => Worth::Nothing,
            (_, Some(Severity::Critical)) => Worth::Critical,
            (before, Some(after)) if before.is_none_or(|before| before < after) => Worth::Raised(after),
            (Some(_), None) => Worth::Cleared,
            _ => Worth::Nothing,
        }
    }
}

/// Listens for the life of the calling view.
pub fn listen() {
    let (prefs, announcer) = (use_prefs(), use_announcer());
    let live = use_live();
    watch(
        move || live.is_fresh(),
        move |fresh| {
            let words = if *fresh { said!(prefs, app.banner.live) } else { said!(prefs, app.banner.lost) };
            announcer.say(words);
        },
    );
    live.listen(move |event| {
        let LiveEvent::Alarm(event) = event else { return };
        let AlarmEvent { alarm, transition } = &**event;
        let name = untrack(|| title_of(prefs, alarm));
        let worth = Worth::of(transition.before, transition.after);
        let with_severity = |severity| untrack(|| format!("{name}: {}", word_of(prefs, standing(severity))));
        match worth {
            Worth::Critical => {
                announcer.interrupt(with_severity(Severity::Critical));
                if prefs.sound.get_untracked() {
                    beep();
                }
            }
            Worth::Raised(severity) => announcer.say(with_severity(severity)),
            Worth::Cleared => {
                announcer.say(untrack(|| format!("{name}: {}", said!(prefs, app.alarm.cleared))))
            }
            Worth::Nothing => {}
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_becomes_critical_interrupts() {
        assert_eq!(Worth::of(None, Some(Severity::Critical)), Worth::Critical);
        assert_eq!(Worth::of(Some(Severity::Major), Some(Severity::Critical)), Worth::Critical);
        assert_eq!(Worth::of(Some(Severity::Critical), Some(Severity::Critical)), Worth::Nothing);
        assert_eq!(Worth::of(Some(Severity::Critical), Some(Severity::Major)), Worth::Nothing);
        assert_eq!(Worth::of(None, Some(Severity::Warning)), Worth::Raised(Severity::Warning));
        assert_eq!(Worth::of(Some(Severity::Major), None), Worth::Cleared);
    }
}
