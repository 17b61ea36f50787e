//! Sends a file and tells how far it is: `fetch` cannot say that, so this is the browser's older way.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

use crate::api::{Failure, good};

/// How far a file is, 0 to 1.
pub type Progress = Rc<dyn Fn(f64)>;

/// Sends `file` to an address; messages come back in `language`.
///
/// # Errors
/// As of any other request.
pub async fn send(address: &str, language: &str, file: &File, progress: Progress) -> Result<String, Failure> {
    let request = XmlHttpRequest::new().map_err(|_| Failure::Offline)?;
    let opened = request.open("POST", address);
    let headers = [
        ("Accept", "application/json"),
        ("Accept-Language", language),
        ("Content-Type", content_type(&file.name())),
    ];
    let set = headers.iter().try_for_each(|(name, value)| request.set_request_header(name, value));
    opened.and(set).map_err(|_| Failure::Offline)?;
    let tell = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(tell.as_ref().unchecked_ref()));
    }
    let sent = Rc::new(RefCell::new(Ok(())));
    let outcome = sent.clone();
    let ended = Promise::new(&mut |resolve: Function, _| {
        request.set_onloadend(Some(&resolve));
        *outcome.borrow_mut() = request.send_with_opt_blob(Some(file));
    });
    sent.borrow().clone().map_err(|_| Failure::Offline)?;
    // The promise is never refused.
    let _ = JsFuture::from(ended).await;
    match request.status().unwrap_or(0) {
        0 => Err(Failure::Offline),
        status => good(status, request.response_text().ok().flatten().unwrap_or_default()),
    }
}

fn content_type(name: &str) -> &'static str {
    if is_yaml(name) { "application/yaml" } else { "text/csv" }
}

/// By the end of its name.
pub fn is_yaml(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

#[cfg(test)]
mod tests {
    use super::is_yaml;

    #[test]
    fn a_file_is_yaml_by_its_name_and_a_table_otherwise() {
        assert!(is_yaml("Rules.YML") && is_yaml("a.b.yaml"));
        assert!(!is_yaml("rules.csv") && !is_yaml("yaml"));
    }
}
