//! Addresses as people type them.

use ureq::http::Uri;

use super::address::{forbidden, literal};
use super::reach::SHORTEST_KEY;
use super::{Request, Unusable};

/// The address of a server, to which paths are appended. It holds no secret and can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// `field` is named in errors.
    ///
    /// # Errors
    /// It is no address that may be asked, or holds what does not belong into one; the words say what is right.
    pub fn parse(text: &str, field: &str) -> Result<Self, Unusable> {
        let (text, uri) = address(text, field)?;
        let wrong = |en: &str, es: &str| Unusable::new(field, en, es);
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong(
                "name and password have fields of their own: the address is shown to others",
                "el usuario y la contraseña tienen sus propios campos: la dirección la ven otros",
            ));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong(
                "the address ends with the path: leave out what follows ? or #",
                "la dirección termina con la ruta: quita lo que sigue a ? o #",
            ));
        }
        Ok(Place(text.trim_end_matches('/').to_owned()))
    }

    /// With a path that begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    pub fn get(&self, path: &str, query: &super::Form) -> Request {
        let query = query.as_str();
        let mark = if query.is_empty() { "" } else { "?" };
        Request::get(format!("{}{path}{mark}{query}", self.0), self.at(path))
    }

    pub fn post(&self, path: &str, form: super::Form) -> Request {
        Request::post(self.at(path), self.at(path), form)
    }
}

/// A whole address of a request, query and all, and what of it can be shown: the rest may be as good as a password.
///
/// # Errors
/// It is no address that may be asked; the words say what one looks like.
pub fn checked(text: &str, field: &str) -> Result<(String, String), Unusable> {
    let (text, uri) = address(text, field)?;
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    let shown =
        format!("{}://{}{port}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    Ok((text.to_owned(), shown))
}

/// What of a whole address is not shown, in each form in which a server may say it back: in a redirect, in a page about the path that
/// it does not know. Of a path that is changed on the way, its long parts are still known.
pub fn hidden(url: &str) -> Vec<String> {
    let Ok(uri) = url.trim().parse::<Uri>() else { return vec![url.trim().to_owned()] };
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let login = uri.authority().and_then(|all| all.as_str().rsplit_once('@')).map_or("", |(login, _)| login);
    let whole = uri.path_and_query().map_or("", |both| both.as_str());
    let parts = path.split('/').chain(query.split(['&', '='])).chain(login.split(':'));
    let parts = parts.filter(|part| part.len() >= SHORTEST_KEY);
    let all = [url.trim(), whole, path.trim_end_matches('/'), query, login].into_iter().chain(parts);
    let all = all.filter(|part| part.trim_matches('/').len() > 1);
    let forms = all.flat_map(|part| [part.to_owned(), decoded(part), part.replace('&', "&amp;")]);
    let mut forms: Vec<String> = forms.collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// With each `%XX` as what it stands for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Trimmed, and read.
fn address<'a>(text: &'a str, field: &str) -> Result<(&'a str, Uri), Unusable> {
    let text = text.trim();
    if !(has_scheme(text, "http") || has_scheme(text, "https")) {
        return Err(Unusable::new(
            field,
            "an address begins with http:// or https://, e.g. http://server.example:8080",
            "una dirección empieza por http:// o https://, p. ej. http://server.example:8080",
        ));
    }
    let uri = read(text).ok_or_else(|| {
        Unusable::new(
            field,
            "this is no address; one looks like http://server.example:8080/path",
            "esto no es una dirección; una es como http://server.example:8080/ruta",
        )
    })?;
    guard(&uri, field)?;
    Ok((text, uri))
}

fn has_scheme(text: &str, scheme: &str) -> bool {
    let start = text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    start && text[scheme.len()..].starts_with("://")
}

/// With a host and, if there is any, a port that exists.
fn read(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let host = authority.host();
    let after = authority.as_str().rsplit('@').next()?.strip_prefix(host)?;
    (!host.is_empty() && (after.is_empty() || authority.port_u16().is_some())).then_some(uri)
}

/// Addresses without a name are judged at once; names when they are resolved.
fn guard(uri: &Uri, field: &str) -> Result<(), Unusable> {
    match literal(uri).and_then(|address| forbidden(address.ip())) {
        Some((en, es)) => Err(Unusable::new(
            field,
            format!("this address is never asked: it is {en}"),
            format!("a esta dirección no se pregunta nunca: es {es}"),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_appended_whether_or_not_the_address_ends_in_a_slash() {
        for text in ["http://g:8080/graphite", " http://g:8080/graphite/ ", "http://g:8080/graphite//"] {
            let place = Place::parse(text, "url").expect("an address");
            assert_eq!(place.at("/render"), "http://g:8080/graphite/render");
        }
        assert_eq!(Place::parse("HTTPS://g/", "url").expect("an address").at("/a"), "HTTPS://g/a");
    }

    #[test]
    fn what_is_no_address_is_said_to_be_none() {
        for text in
            ["", "graphite", "graphite:8080", "ftp://g", "http://", "http://a b", "http://g:99999", "http:/g"]
        {
            let error = Place::parse(text, "url").expect_err(text);
            assert_eq!(error.field, "url");
            assert!(!error.words.en.is_empty() && !error.words.es.is_empty());
        }
    }

    #[test]
    fn secrets_do_not_belong_into_an_address() {
        let error = Place::parse("http://ana:s3cret@g/", "url").expect_err("a password");
        assert!(error.words.en.contains("fields of their own"), "{error}");
        assert!(!error.to_string().contains("s3cret"));
        Place::parse("http://g/?key=s3cret", "url").expect_err("a query");
    }

    #[test]
    fn of_a_whole_address_only_the_machine_is_shown() {
        let whole = "https://ana:s3cret@h.example:8443/ping/s3cret?key=s3cret";
        let (url, shown) = checked(&format!(" {whole} "), "url").expect("an address");
        assert_eq!((url.as_str(), shown.as_str()), (whole, "https://h.example:8443"));
        assert_eq!(checked("http://169.254.169.254/x?y", "heartbeat").expect_err("never").field, "heartbeat");
    }

    #[test]
    fn what_is_not_shown_of_an_address_is_known_in_each_of_its_forms() {
        let all = hidden(" https://ana:s3cret@h.example/services/T0/a%2Fb-s3cret?key=s3&x=1 ");
        for form in [
            "https://ana:s3cret@h.example/services/T0/a%2Fb-s3cret?key=s3&x=1",
            "/services/T0/a%2Fb-s3cret?key=s3&x=1",
            "/services/T0/a%2Fb-s3cret?key=s3&amp;x=1",
            "/services/T0/a/b-s3cret",
            "a/b-s3cret",
            "key=s3&x=1",
            "ana:s3cret",
        ] {
            assert!(all.iter().any(|known| known == form), "{form}: {all:?}");
        }
        assert!(all.iter().all(|form| form.len() > 2), "nothing that is in every sentence: {all:?}");
        assert_eq!(hidden("http://h.example/"), ["http://h.example/"]);
    }

    #[test]
    fn an_address_that_is_never_reached_is_refused_when_it_is_saved() {
        for text in [
            "http://169.254.169.254/",
            "http://[fe80::1]:80/",
            "http://0.0.0.0:8080",
            "http://[::ffff:169.254.169.254]",
        ] {
            let error = Place::parse(text, "url").expect_err(text);
            assert!(error.words.en.contains("never asked"), "{error}");
        }
        Place::parse("http://127.0.0.1:8080", "url").expect("the machine itself may be asked");
    }
}
