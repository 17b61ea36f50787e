//! Hand-picked line icons, 24 by 24; decorative, so a word always stands beside them.

use leptos::prelude::*;

fn path_of(name: &str) -> &'static str {
    match name {
        "dashboard" => "M4 13h7V4H4Zm0 7h7v-4H4Zm9 0h7v-9h-7Zm0-16v4h7V4Z",
        "add" => "M12 5v14M5 12h14",
        "metrics" => "M3 17l5-6 4 4 5-8 4 5",
        "history" => "M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2",
        "checks" => "M4 6h10M4 12h10M4 18h10M17 6l1.5 1.5L21 5M17 12l1.5 1.5L21 11M17 18l1.5 1.5L21 17",
        "settings" => "M4 7h8M18 7h2M4 17h2M12 17h8M15 4.5v5M9 14.5v5",
        "more" => "M5 12h.1M12 12h.1M19 12h.1",
        "search" => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5",
        "close" => "M6 6l12 12M18 6 6 18",
        "edit" => "M4 20h4L19 9l-4-4L4 16ZM13 7l4 4",
        "delete" => "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
        "undo" => "M9 6 4 11l5 5M4 11h10a6 6 0 0 1 0 12h-2",
        "pause" => "M8 5v14M16 5v14",
        "play" => "M7 4.5v15l12-7.5Z",
        "left" => "M15 5l-7 7 7 7",
        "right" => "M9 5l7 7-7 7",
        "up" => "M12 20V5M6 11l6-6 6 6",
        "down" => "M12 4v15M6 13l6 6 6-6",
        "theme" => "M12 20a8 8 0 1 0 0-16Zm0 0a8 8 0 0 1 0-16",
        "user" => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21a8 8 0 0 1 16 0",
        "lock-open" => "M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2",
        "sound" => "M4 10v4h4l5 4V6L8 10ZM16.5 9a4 4 0 0 1 0 6",
        "silent" => "M4 10v4h4l5 4V6L8 10ZM17 10l4 4M21 10l-4 4",
        "wall" => "M3 5h18v11H3ZM9 20h6M12 16v4",
        "help" => {
            "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.6v.1"
        }
        "clone" => "M8 8h12v12H8ZM16 8V4H4v12h4",
        "templates" => "M4 5h16v5H4ZM4 14h7v5H4ZM15 14h5v5h-5Z",
        "alarm-settings" => "M6 16V11a6 6 0 0 1 12 0v5l2 2H4ZM10 21h4",
        "lock" => "M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
        "calendar" => "M4 6h16v14H4ZM4 10h16M8 3v5M16 3v5",
        "seen" => "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
        "people" => {
            "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2 20a7 7 0 0 1 14 0M16 3.5a4 4 0 0 1 0 7M18 13.5a7 7 0 0 1 4 6.5"
        }
        "source" => "M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0ZM4 6c0 3 16 3 16 0M4 12c0 3 16 3 16 0",
        _ => "",
    }
}

/// Names: add, alarm-settings, calendar, checks, clone, close, dashboard, delete, down, edit, help, history, left, lock, lock-open, metrics, more, pause, people, play,
/// right, search, seen, settings, silent, sound, source, templates, theme, undo, up, user, wall.
#[component]
pub fn Icon(#[prop(into)] name: Signal<&'static str>) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=move || path_of(name.get()) />
        </svg>
    }
}

/// The watchtower. It uses none of the severities' shapes.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M6 3h2.4v1.6h2.4V3h2.4v1.6h2.4V3H18v5.2H6ZM7.4 9.4h9.2l1.2 12H6.2ZM10.4 21.4v-4.2a1.6 1.6 0 0 1 3.2 0v4.2M11 12h2" />
        </svg>
    }
}
