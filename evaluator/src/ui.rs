//! Serves the browser's app: embedded at build time, or from a folder while it is being developed.
//!
//! Files whose names carry a hash never change and are kept by browsers for good; `index.html` is asked for each
//! time, and is what every address of the app gives, with the base path written into it.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::api::{Fault, Services};
use crate::domain::Sha256;

include!(concat!(env!("OUT_DIR"), "/ui_files.rs"));

const INDEX: &str = "index.html";
/// Names a folder to serve the app from instead of the embedded files.
pub const FOLDER_VARIABLE: &str = "ATALAYA_UI_DIR";

/// Where the app's files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ui {
    Embedded,
    Folder(PathBuf),
}

impl Ui {
    /// The folder that `ATALAYA_UI_DIR` names, or the embedded files.
    pub fn from_environment() -> Self {
        match std::env::var_os(FOLDER_VARIABLE) {
            Some(folder) if !folder.is_empty() => Ui::Folder(folder.into()),
            _ => Ui::Embedded,
        }
    }

    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match self {
            Ui::Embedded => embedded(path).map(Cow::Borrowed),
            Ui::Folder(folder) => {
                let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
                let read = || std::fs::read(folder.join(path)).ok().map(Cow::Owned);
                if inside { read() } else { None }
            }
        }
    }
}

fn embedded(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes)
}

/// What no endpoint of the API answers.
pub(crate) async fn serve(
    State(services): State<Services>,
    OriginalUri(original): OriginalUri,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") || (method != Method::GET && method != Method::HEAD) {
        return Fault::no_route(original.path()).into_response();
    }
    if path != INDEX
        && let Some(response) = file(&services.ui, path, &headers)
    {
        return response;
    }
    if is_address(path, &headers) {
        return index(&services.ui, &services.config.base_path);
    }
    Fault::no_route(original.path()).into_response()
}

/// Whether this is an address of the app, and not a file that is missing.
fn is_address(path: &str, headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("text/html") || !path.rsplit('/').next().unwrap_or_default().contains('.')
}

fn file(ui: &Ui, path: &str, headers: &HeaderMap) -> Option<Response> {
    // The compressed copies are no files of their own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let (bytes, encoding) = encoded(ui, path, headers)?;
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, content_type(path))
        .header(header::VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        response = response.header(header::CONTENT_ENCODING, encoding);
    }
    if has_hash(path) {
        return finished(
            response.header(header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            bytes,
        );
    }
    let tag = format!("\"{:.16}\"", Sha256::of(&bytes).to_string());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let response = response.header(header::CACHE_CONTROL, "no-cache").header(header::ETAG, tag);
    if known {
        return finished(response.status(StatusCode::NOT_MODIFIED), Cow::Borrowed(&[]));
    }
    finished(response, bytes)
}

fn finished(response: axum::http::response::Builder, bytes: Cow<'static, [u8]>) -> Option<Response> {
    let body = match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    response.body(body).ok()
}

/// The file, in the smallest form that the browser takes and that there is.
fn encoded(ui: &Ui, path: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |encoding: &str| {
        let mut offers = accepted.split(',').map(|offer| offer.split(';').map(str::trim));
        offers.any(|mut offer| offer.next() == Some(encoding) && offer.next() != Some("q=0"))
    };
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if takes(encoding)
            && let Some(bytes) = ui.file(&format!("{path}.{ending}"))
        {
            return Some((bytes, Some(encoding)));
        }
    }
    ui.file(path).map(|bytes| (bytes, None))
}

/// Whether the name carries a hash: `app-0123456789abcdef.js`, `app-0123456789abcdef_bg.wasm`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(['-', '.', '_']).any(|part| part.len() >= 8 && part.chars().all(|c| c.is_ascii_hexdigit()))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn index(ui: &Ui, base_path: &str) -> Response {
    let page = match ui.file(INDEX) {
        Some(bytes) => with_base(&String::from_utf8_lossy(&bytes), base_path),
        None => NOT_BUILT.to_owned(),
    };
    let mut response = page.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The page with `<base href>`: relative addresses in it start at the base path, whatever the address of the page.
fn with_base(page: &str, base_path: &str) -> String {
    let base = format!("<base href=\"{base_path}/\">");
    if let Some(start) = page.find("<base ")
        && let Some(length) = page[start..].find('>')
    {
        return format!("{}{base}{}", &page[..start], &page[start + length + 1..]);
    }
    page.replacen("<head>", &format!("<head>{base}"), 1)
}

/// What is shown when the server was built without the app.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Atalaya</title></head>\
    <body><h1>Atalaya</h1><p>The server runs, but was built without the browser's app.</p>\
    <p>Build both with <code>cargo xtask build</code>, or start everything with <code>cargo xtask run</code>.</p>\
    <p>The API is described at <a href=\"api/v1/openapi.json\">api/v1/openapi.json</a>.</p></body></html>";

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = [
            ("index.html", "<html><head><base href=\"./\"></head></html>"),
            ("app-0123456789abcdef.js", "plain"),
            ("app-0123456789abcdef.js.br", "brotli"),
            ("app-0123456789abcdef_bg.wasm", "wasm"),
            ("boot.js", "boot"),
        ];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("it can be written");
        }
        folder
    }

    fn accepting(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    fn told<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[test]
    fn hashed_files_are_kept_for_good_and_come_compressed() {
        let folder = folder();
        let ui = Ui::Folder(folder.path().to_owned());
        let response = file(&ui, "app-0123456789abcdef.js", &accepting("gzip, br")).expect("it is there");
        assert_eq!(told(&response, "content-encoding"), "br");
        assert!(told(&response, "cache-control").contains("immutable"));
        let response = file(&ui, "app-0123456789abcdef_bg.wasm", &accepting("br")).expect("it is there");
        assert_eq!(told(&response, "content-type"), "application/wasm");
        assert_eq!(told(&response, "content-encoding"), "");
        let response = file(&ui, "app-0123456789abcdef.js", &accepting("br;q=0")).expect("it is there");
        assert_eq!(told(&response, "content-encoding"), "");
    }

    #[test]
    fn other_files_are_asked_for_each_time() {
        let folder = folder();
        let ui = Ui::Folder(folder.path().to_owned());
        let response = file(&ui, "boot.js", &HeaderMap::new()).expect("it is there");
        assert_eq!(told(&response, "cache-control"), "no-cache");
        let tag = response.headers().get("etag").expect("it has a tag").clone();
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
        let response = file(&ui, "boot.js", &known).expect("it is there");
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = folder();
        let ui = Ui::Folder(folder.path().join("inside"));
        for path in ["../boot.js", "/etc/hostname", "a/../../boot.js"] {
            assert!(file(&ui, path, &HeaderMap::new()).is_none(), "{path}");
        }
    }

    #[test]
    fn the_page_carries_the_base_path() {
        assert_eq!(with_base("<head><base href=\"./\"></head>", "/x"), "<head><base href=\"/x/\"></head>");
        assert_eq!(with_base("<head></head>", ""), "<head><base href=\"/\"></head>");
    }
}
