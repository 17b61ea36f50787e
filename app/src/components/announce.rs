//! What is read out: one polite live region, and one that interrupts, for critical alarms only.

use leptos::prelude::*;

/// In context.
#[derive(Clone, Copy)]
pub struct Announcer {
    polite: RwSignal<String>,
    assertive: RwSignal<String>,
}

impl Announcer {
    pub fn provide() -> Self {
        let announcer =
            Announcer { polite: RwSignal::new(String::new()), assertive: RwSignal::new(String::new()) };
        provide_context(announcer);
        announcer
    }

    /// Read out when the reader pauses.
    pub fn say(self, text: impl Into<String>) {
        let _ = self.polite.try_set(text.into());
    }

    /// Interrupts: a new critical alarm and nothing else.
    pub fn interrupt(self, text: impl Into<String>) {
        let _ = self.assertive.try_set(text.into());
    }
}

pub fn use_announcer() -> Announcer {
    expect_context()
}

/// The two regions; once in the app, always present, because readers miss regions that come with their text.
#[component]
pub fn LiveRegions() -> impl IntoView {
    let Announcer { polite, assertive } = use_announcer();
    view! {
        <div class="unseen" aria-live="polite" aria-atomic="true">{polite}</div>
        <div class="unseen" aria-live="assertive" aria-atomic="true">{assertive}</div>
    }
}
