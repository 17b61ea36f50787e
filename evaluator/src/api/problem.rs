//! What went wrong, as RFC 9457 problem details in the language of the request.
//!
//! A handler returns a [`Fault`]; it travels as an extension of the response until [`speak`], the one place that
//! knows which language the request asked for, writes it out. Whatever else ends in an error without a document
//! of its own (no such route, wrong method, a panic) gets one there, too.

use std::sync::Arc;

use atalaya_api::problem::{FieldError, Problem};
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::domain::{Texts, Wrong};
use crate::store::StoreError;

use super::ports::SourceError;
use super::secrets::lost_secret;

/// The same sentence in both languages.
pub fn words(en: impl Into<String>, es: impl Into<String>) -> Texts {
    Texts { en: en.into(), es: es.into() }
}

/// One field at fault, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    pub field: String,
    pub message: Texts,
}

impl FieldFault {
    pub fn new(field: impl Into<String>, en: impl Into<String>, es: impl Into<String>) -> Self {
        FieldFault { field: field.into(), message: words(en, es) }
    }
}

impl From<Wrong> for FieldFault {
    fn from(wrong: Wrong) -> Self {
        FieldFault { field: wrong.field, message: wrong.words }
    }
}

/// The kinds of problem, each with a stable name in its `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    MalformedJson,
    InvalidField,
    LoginNeeded,
    WrongCredentials,
    Forbidden,
    CrossSite,
    NotFound,
    NoRoute,
    WrongMethod,
    Conflict,
    TooLarge,
    TooManyAttempts,
    SourceFailed,
    Unavailable,
    Internal,
    MediaType,
    BadSamples,
}

impl Kind {
    pub fn status(self) -> StatusCode {
        match self {
            Kind::MalformedJson | Kind::BadSamples => StatusCode::BAD_REQUEST,
            Kind::InvalidField => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::LoginNeeded | Kind::WrongCredentials => StatusCode::UNAUTHORIZED,
            Kind::Forbidden | Kind::CrossSite => StatusCode::FORBIDDEN,
            Kind::NotFound | Kind::NoRoute => StatusCode::NOT_FOUND,
            Kind::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Kind::SourceFailed => StatusCode::BAD_GATEWAY,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Kind::MalformedJson => "malformed-json",
            Kind::InvalidField => "invalid-field",
            Kind::LoginNeeded => "login-needed",
            Kind::WrongCredentials => "wrong-credentials",
            Kind::Forbidden => "forbidden",
            Kind::CrossSite => "cross-site",
            Kind::NotFound => "not-found",
            Kind::NoRoute => "no-route",
            Kind::WrongMethod => "wrong-method",
            Kind::Conflict => "conflict",
            Kind::TooLarge => "too-large",
            Kind::TooManyAttempts => "too-many-attempts",
            Kind::SourceFailed => "source-failed",
            Kind::Unavailable => "unavailable",
            Kind::Internal => "internal",
            Kind::MediaType => "media-type",
            Kind::BadSamples => "bad-samples",
        }
    }

    fn title(self) -> (&'static str, &'static str) {
        match self {
            Kind::MalformedJson => ("This is not JSON", "Esto no es JSON"),
            Kind::InvalidField => ("A field is wrong", "Hay un campo incorrecto"),
            Kind::LoginNeeded => ("Login needed", "Hay que iniciar sesión"),
            Kind::WrongCredentials => ("Wrong user or password", "Usuario o contraseña incorrectos"),
            Kind::Forbidden => ("Not allowed", "No permitido"),
            Kind::CrossSite => ("Request from another site", "Petición desde otro sitio"),
            Kind::NotFound => ("Not found", "No encontrado"),
            Kind::NoRoute => ("No such address", "No existe esa dirección"),
            Kind::WrongMethod => ("Wrong method", "Método incorrecto"),
            Kind::Conflict => ("Conflict", "Conflicto"),
            Kind::TooLarge => ("Too large", "Demasiado grande"),
            Kind::TooManyAttempts => ("Too many attempts", "Demasiados intentos"),
            Kind::SourceFailed => ("The source failed", "La fuente falló"),
            Kind::Unavailable => ("Not available", "No disponible"),
            Kind::Internal => ("Internal error", "Error interno"),
            Kind::MediaType => ("Not in this format", "No en este formato"),
            Kind::BadSamples => ("Samples were refused", "Se rechazaron muestras"),
        }
    }

    /// What an answer without a document of its own means.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Kind::LoginNeeded,
            StatusCode::FORBIDDEN => Kind::Forbidden,
            StatusCode::NOT_FOUND => Kind::NoRoute,
            StatusCode::METHOD_NOT_ALLOWED => Kind::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
            status if status.is_client_error() => Kind::InvalidField,
            _ => Kind::Internal,
        }
    }
}

/// A request that could not be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub detail: Texts,
    pub fields: Vec<FieldFault>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Fault {
    pub fn new(kind: Kind, en: impl Into<String>, es: impl Into<String>) -> Self {
        Fault { kind, detail: words(en, es), fields: Vec::new(), headers: Vec::new() }
    }

    /// Fields at fault; the detail repeats them for those who read only that.
    pub fn invalid(fields: Vec<FieldFault>) -> Self {
        let told = |pick: fn(&Texts) -> &str| {
            let lines: Vec<String> =
                fields.iter().map(|one| format!("{}: {}", one.field, pick(&one.message))).collect();
            lines.join("; ")
        };
        let detail = words(told(|texts| &texts.en), told(|texts| &texts.es));
        Fault { kind: Kind::InvalidField, detail, fields, headers: Vec::new() }
    }

    pub fn field(field: impl Into<String>, en: impl Into<String>, es: impl Into<String>) -> Self {
        Self::invalid(vec![FieldFault::new(field, en, es)])
    }

    pub fn not_found(en: impl Into<String>, es: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, en, es)
    }

    pub fn no_route(path: &str) -> Self {
        let path = clipped(path);
        Self::new(
            Kind::NoRoute,
            format!("There is nothing at {path}; /api/v1/openapi.json lists what there is."),
            format!("No hay nada en {path}; /api/v1/openapi.json dice lo que hay."),
        )
    }

    /// Something that is no caller's doing; the log has the rest.
    pub fn internal() -> Self {
        Self::new(
            Kind::Internal,
            "Something failed inside the server; its log says what.",
            "Algo falló dentro del servidor; su registro dice qué.",
        )
    }

    pub fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn problem(&self, language: Language) -> Problem {
        let (en, es) = self.kind.title();
        let pick = |texts: &Texts| texts.in_language(language.tag()).to_owned();
        let error = |one: &FieldFault| FieldError::new(one.field.clone(), pick(&one.message));
        Problem {
            kind: format!("/problems/{}", self.kind.slug()),
            title: if language == Language::Es { es } else { en }.to_owned(),
            status: self.kind.status().as_u16(),
            detail: pick(&self.detail),
            errors: self.fields.iter().map(error).collect(),
        }
    }
}

/// What a stranger sent, short enough to be repeated to them.
pub fn clipped(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control());
    clean.take(100).collect()
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::VersionMoved => Fault::new(
                Kind::Conflict,
                "Somebody else changed it in the meantime; read it again.",
                "Alguien lo cambió entretanto; léalo de nuevo.",
            ),
            StoreError::Taken(what) => {
                Fault::new(Kind::Conflict, format!("{what} is taken."), "Ese nombre ya está en uso.")
            }
            StoreError::NotFound => Fault::not_found("It is not there.", "No está."),
            StoreError::BadCursor => Fault::field(
                "cursor",
                "must be the `next` of a page of this list, with the same sort",
                "debe ser el `next` de una página de esta lista, con el mismo orden",
            ),
            StoreError::LastAdmin => Fault::new(
                Kind::Conflict,
                "Nobody would be left who is an administrator: make somebody else one first.",
                "No quedaría ningún administrador: nombre antes a otro.",
            ),
            StoreError::InUse(rules) => Fault::new(
                Kind::Conflict,
                format!("Enabled rules use it: {rules}. Pause, change or delete them first."),
                format!("Hay métricas activas que la usan: {rules}. Páuselas, cámbielas o bórrelas antes."),
            ),
            StoreError::Secret(error) => {
                tracing::error!(%error, "a secret cannot be encrypted or read");
                let words = lost_secret(&error);
                Fault::new(Kind::Unavailable, words.en, words.es)
            }
            StoreError::Backend(error) => {
                tracing::error!(%error, "the store failed");
                Fault::new(
                    Kind::Unavailable,
                    "The store cannot be read or written now; the log says why.",
                    "Ahora no se puede leer o escribir el almacén; el registro dice por qué.",
                )
            }
        }
    }
}

impl From<SourceError> for Fault {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NoSuchSource(id) => {
                let id = clipped(&id);
                Fault::not_found(
                    format!("There is no source {id:?}."),
                    format!("No hay ninguna fuente {id:?}."),
                )
            }
            SourceError::BadExpression(why) => Fault::field("expr", why.clone(), why),
            SourceError::Failed(why) => Fault::new(Kind::SourceFailed, why.en, why.es),
            SourceError::Busy => Fault::new(
                Kind::Unavailable,
                "Too many questions to sources wait for an answer right now; try again in a moment.",
                "Ahora mismo hay demasiadas consultas a fuentes sin contestar; inténtelo de nuevo en un momento.",
            ),
        }
    }
}

/// A language that answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    En,
    Es,
}

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Es => "es",
        }
    }

    /// What `Accept-Language` prefers among ours; English when it prefers neither.
    pub fn of_header(value: Option<&HeaderValue>) -> Self {
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Language::En, 0.0_f32);
        for part in text.split(',') {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let quality = quality.trim().parse().unwrap_or(0.0);
            let language = match tag.trim().get(..2) {
                Some(two) if two.eq_ignore_ascii_case("es") => Language::Es,
                Some(two) if two.eq_ignore_ascii_case("en") => Language::En,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

/// Writes every error out as a problem document, in the language of the request.
pub async fn speak(mut request: Request, next: Next) -> Response {
    let language = Language::of_header(request.headers().get(header::ACCEPT_LANGUAGE));
    let asked = format!("{} {}", request.method(), clipped(request.uri().path()));
    request.extensions_mut().insert(language);
    let response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    match response.extensions().get::<Arc<Fault>>().cloned() {
        Some(fault) => written(&fault, response, language),
        None if has_document(&response) => response,
        None => written(&plain(&response, &asked), response, language),
    }
}

/// A JSON answer of its own, as `/readyz` gives with 503, or the page for people.
fn has_document(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json") || kind.starts_with("text/html"))
}

fn plain(response: &Response, asked: &str) -> Fault {
    if response.extensions().get::<tower_http::csrf::ProtectionError>().is_some() {
        return Fault::new(
            Kind::CrossSite,
            "A page of another site sent this; changes are taken from Atalaya's own pages only.",
            "Lo envió una página de otro sitio; solo se aceptan cambios desde las páginas de Atalaya.",
        );
    }
    match Kind::of_status(response.status()) {
        Kind::WrongMethod => {
            let allowed = response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok());
            let allowed = allowed.unwrap_or_default();
            Fault::new(
                Kind::WrongMethod,
                format!("{asked} is not possible; allowed: {allowed}."),
                format!("{asked} no es posible; permitido: {allowed}."),
            )
        }
        Kind::Internal => Fault::internal(),
        kind => Fault::new(kind, format!("{asked} was refused."), format!("{asked} fue rechazado.")),
    }
}

fn written(fault: &Fault, from: Response, language: Language) -> Response {
    let (parts, _) = from.into_parts();
    let mut response = Json(fault.problem(language)).into_response();
    *response.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    response
}
