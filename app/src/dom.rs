//! The few things asked of the browser directly.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Storage};

/// The element to draw into: the page's `#atalaya`, else its body.
pub fn mount_point() -> Option<HtmlElement> {
    let marked = document().get_element_by_id("atalaya").and_then(|found| found.dyn_into().ok());
    marked.or_else(|| document().body())
}

/// Title and language of a page that is ours; inside of another page both stay as they are.
pub fn name_page(title: &str, language: &str) {
    if document().get_element_by_id("atalaya").is_none() {
        return;
    }
    document().set_title(title);
    if let Some(root) = document().document_element() {
        // Only a malformed attribute name is refused.
        let _ = root.set_attribute("lang", language);
    }
}

/// Says that the page has stopped: one that stands still must not look healthy. In both languages, because nothing of the
/// app can be asked any more.
pub fn say_stopped() {
    let Some(element) = mount_point() else { return };
    let words = "Esta página se ha detenido; recárgala. This page has stopped; reload it.";
    if let Ok(notice) = document().create_element("p") {
        notice.set_class_name("stopped");
        notice.set_text_content(Some(words));
        // Nothing is left to do about a failure here.
        let _ = notice.set_attribute("role", "alert");
        let _ = element.insert_before(&notice, element.first_child().as_ref());
    }
}

/// The base path, see [`crate::base::path_of`].
pub fn base_path() -> String {
    let uri = document().base_uri().ok().flatten().unwrap_or_default();
    crate::base::path_of(&uri).to_owned()
}

/// The browser's wall clock, Unix ms.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// The languages that the browser prefers, best first.
pub fn browser_languages() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|language| language.as_string()).collect()
}

/// Preferences are lost without storage (private windows), nothing else.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// True where the dashboard's list and chart stand below each other; the styles use the same width.
pub fn is_narrow() -> bool {
    window().match_media("(max-width: 1099px)").ok().flatten().is_some_and(|query| query.matches())
}

pub fn focused() -> Option<Element> {
    document().active_element()
}

/// Moves the focus to the first element that matches.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Focusing what just left the page is not an error worth a word.
        let _ = element.focus();
    }
}

/// Readers and keys go on at the new page's heading, unless the focus is within the page already. What stands in the place of a
/// page that loads (`late.rs`) keeps the focus for the heading.
pub fn focus_page() {
    let inside = focused().and_then(|element| element.closest("main").ok().flatten()).is_some();
    if !inside {
        focus("main h1, main .late");
    }
}

/// True while the operator is typing, so that single keys must not act.
pub fn typing() -> bool {
    focused().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.has_attribute("contenteditable")
    })
}
