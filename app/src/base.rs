//! Where the app is mounted: everything is relative to `document.baseURI`, which the server sets at run time.

/// The path of a base URI without its trailing slash: `http://h:8420/ops/` gives `/ops`, a root gives the empty text.
pub fn path_of(base_uri: &str) -> &str {
    let after_scheme = base_uri.find("://").map_or(base_uri, |at| &base_uri[at + 3..]);
    let path = after_scheme.find('/').map_or("", |at| &after_scheme[at..]);
    let path = path.split(['?', '#']).next().unwrap_or("");
    // What follows the last slash names a document, not a folder.
    path.rfind('/').map_or("", |at| &path[..at])
}

/// The address of an API path, e.g. `alarms?state=active`, under a base path.
pub fn api(base: &str, path: &str) -> String {
    format!("{base}/api/v1/{path}")
}

/// Percent-encodes a text for use as a query value or a path segment.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{api, encode, path_of};

    #[test]
    fn the_base_path_is_the_folder_of_the_base_uri() {
        assert_eq!(path_of("http://127.0.0.1:8420/"), "");
        assert_eq!(path_of("https://ops.example/atalaya/"), "/atalaya");
        assert_eq!(path_of("https://ops.example/a/b/index.html?x=/1#y"), "/a/b");
        assert_eq!(path_of("https://ops.example"), "");
    }

    #[test]
    fn the_api_lies_below_the_base() {
        assert_eq!(api("/atalaya", "alarms"), "/atalaya/api/v1/alarms");
        assert_eq!(api("", "alarms"), "/api/v1/alarms");
    }

    #[test]
    fn a_glob_survives_a_query_string() {
        assert_eq!(encode("host.*.cpu {a&b}"), "host.%2A.cpu%20%7Ba%26b%7D");
        assert_eq!(encode("ñ"), "%C3%B1");
    }
}
