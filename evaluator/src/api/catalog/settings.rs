//! How Grafana is reached. Its token goes in and never comes out.

use atalaya_api::catalog::{GrafanaSettings, GrafanaTest};
use axum::extract::State;
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::auth::Identity;
use crate::api::body::Body;
use crate::api::faults::Faults;
use crate::api::problem::{Fault, Kind, Language, words};
use crate::api::query::Params;
use crate::api::secrets::lost_secret;
use crate::api::{Services, source_check};
use crate::domain::Texts;
use crate::grafana::{Grafana, address};
use crate::source::remote::Unusable;
use crate::store::StoreError;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(read, write)).routes(routes!(test))
}

/// How Grafana is reached; without its token.
#[utoipa::path(get, path = "/api/v1/catalog/grafana", tag = "catalog", responses((status = 200, body = GrafanaSettings)))]
async fn read(State(services): State<Services>, params: Params) -> Result<Json<GrafanaSettings>, Fault> {
    params.finish()?;
    services.blocking(|services| Ok(services.store.grafana()?)).await.map(Json)
}

/// Say how Grafana is reached. A token that is left out stays, as long as the address leads to the same server; an empty one is removed.
#[utoipa::path(put, path = "/api/v1/catalog/grafana", tag = "catalog", request_body = GrafanaSettings,
    responses((status = 200, body = GrafanaSettings), (status = 422, description = "names the fields at fault")))]
async fn write(
    State(services): State<Services>,
    Extension(identity): Extension<Identity>,
    Body(wanted): Body<GrafanaSettings>,
) -> Result<Json<GrafanaSettings>, Fault> {
    let saved = services.blocking(move |services| {
        let (settings, entered) = checked(services, wanted)?;
        services.store.put_grafana(&settings, entered.as_deref(), &identity.actor())?;
        Ok(services.store.grafana()?)
    });
    saved.await.map(Json)
}

/// Try settings before they are saved: whether Grafana answers, and shows its dashboards.
#[utoipa::path(post, path = "/api/v1/catalog/grafana/test", tag = "catalog", request_body = GrafanaSettings,
    responses((status = 200, body = GrafanaTest), (status = 422)))]
async fn test(
    State(services): State<Services>,
    Extension(language): Extension<Language>,
    Body(wanted): Body<GrafanaSettings>,
) -> Result<Json<GrafanaTest>, Fault> {
    let tried = services.blocking(move |services| {
        let (settings, entered) = checked(services, wanted)?;
        if settings.url.is_empty() {
            return Err(Fault::field("url", "is missing", "falta"));
        }
        let token = match entered {
            Some(entered) => Some(entered).filter(|token| !token.is_empty()),
            None => services.store.grafana_token()?,
        };
        let grafana = Grafana::new(&settings, token.as_deref()).map_err(unusable)?;
        let (ok, message) = match found(&grafana) {
            Ok(message) => (true, message),
            Err(message) => (false, message),
        };
        Ok(GrafanaTest { ok, message: message.in_language(language.tag()).to_owned() })
    });
    tried.await.map(Json)
}

/// What is there, in words.
fn found(grafana: &Grafana) -> Result<Texts, Texts> {
    let dashboards = grafana.search(|_| false).map_err(|failure| failure.words().clone())?.len();
    let name = match grafana.version() {
        Some(version) => format!("Grafana {version}"),
        None => "Grafana".to_owned(),
    };
    let (en, es) = match grafana.organisation() {
        Some(name) => (format!(" of \"{name}\""), format!(" de «{name}»")),
        None => (String::new(), String::new()),
    };
    Ok(match dashboards {
        0 => words(
            format!(
                "{name} answers, but shows no dashboard{en}: does the token see this organisation and its folders?"
            ),
            format!(
                "{name} contesta, pero no muestra ningún panel de control{es}: ¿ve el token esta organización y sus carpetas?"
            ),
        ),
        1 => words(
            format!("{name} answers: 1 dashboard{en}."),
            format!("{name} contesta: 1 panel de control{es}."),
        ),
        many => words(
            format!("{name} answers: {many} dashboards{en}."),
            format!("{name} contesta: {many} paneles de control{es}."),
        ),
    })
}

/// What is to be stored, and the token as it was entered, if it was.
fn checked(
    services: &Services,
    mut wanted: GrafanaSettings,
) -> Result<(GrafanaSettings, Option<String>), Fault> {
    let entered = wanted.token.take().map(|token| token.trim().to_owned());
    wanted.url = address(&wanted.url);
    let mut faults = Faults::default();
    faults.within("timeout_s", wanted.timeout_s, 1..=120);
    if wanted.organisation == Some(0) {
        faults.add(
            "organisation",
            "is a number from 1 on; left out: the token's own",
            "es un número desde 1; si se omite, la del token",
        );
    }
    let saved = services.store.grafana()?;
    let moved = source_check::origin(&wanted.url) != source_check::origin(&saved.url);
    if saved.has_token && entered.is_none() && moved && !wanted.url.is_empty() {
        faults.add(
            "token",
            "enter it anew, or empty it: the address leads to another server than the one it was entered for",
            "introdúzcalo de nuevo o vacíelo: la dirección lleva a otro servidor que aquel para el que se introdujo",
        );
    }
    faults.done()?;
    if !wanted.url.is_empty() {
        Grafana::new(&wanted, entered.as_deref()).map_err(unusable)?;
    }
    Ok((wanted, entered))
}

fn unusable(Unusable { field, words }: Unusable) -> Fault {
    // The organisation travels as a header.
    let field = if field.starts_with("headers.") { "organisation".to_owned() } else { field };
    Fault::field(field, words.en, words.es)
}

/// Grafana as it is set up. Blocks.
///
/// # Errors
/// It is not set up, or cannot be used so.
pub fn connect(services: &Services) -> Result<Grafana, Fault> {
    let settings = services.store.grafana()?;
    if settings.url.is_empty() {
        return Err(Fault::new(
            Kind::Conflict,
            "No Grafana is set up: enter its address and token in Settings, or put in exported dashboards.",
            "No hay ningún Grafana configurado: introduzca su dirección y su token en Ajustes, o suba paneles exportados.",
        ));
    }
    let token = match services.store.grafana_token() {
        Err(StoreError::Secret(error)) => {
            let why = lost_secret(&error);
            return Err(Fault::field("token", why.en, why.es));
        }
        token => token?,
    };
    Grafana::new(&settings, token.as_deref()).map_err(unusable)
}
