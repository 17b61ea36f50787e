//! The secrets of sources elsewhere: they go in, stay where they were, and never come out.

use atalaya_api::source::SourceSettings;

use crate::domain::{Secret, Texts};
use crate::store::{CipherError, StoreError};

use super::faults::Faults;
use super::problem::{Fault, words};
use super::{Services, source_check};

/// A secret that was read, or why it cannot be; any other error of the store is one.
///
/// # Errors
/// The store's.
pub fn readable(secret: Result<Secret, StoreError>) -> Result<Result<Secret, Texts>, StoreError> {
    match secret {
        Ok(secret) => Ok(Ok(secret)),
        Err(StoreError::Secret(error)) => {
            let why = lost_secret(&error);
            Ok(Err(words(
                format!("its secret cannot be read: {}", why.en),
                format!("su secreto no se puede leer: {}", why.es),
            )))
        }
        Err(error) => Err(error),
    }
}

/// Why a secret cannot be encrypted or read, and what to do.
pub fn lost_secret(error: &CipherError) -> Texts {
    let es = match error {
        CipherError::NoKey(file) => format!(
            "falta {}, la clave con la que se cifran los secretos: repóngala o introduzca de nuevo los secretos",
            file.display()
        ),
        CipherError::OtherKey(file) => format!(
            "{} contiene otra clave que aquella con la que se cifró: reponga aquella o introduzca de nuevo el secreto",
            file.display()
        ),
        CipherError::NotAKey(file) => format!(
            "{} no contiene ninguna clave: reponga la que había, o apártelo e introduzca de nuevo los secretos",
            file.display()
        ),
        CipherError::File { file, error } => format!("{} no se puede usar: {error}", file.display()),
        CipherError::Random(error) => format!("el sistema no da números aleatorios: {error}"),
        CipherError::Damaged => "lo que se guardó del secreto está dañado: introdúzcalo de nuevo".to_owned(),
    };
    words(error.to_string(), es)
}

/// What the stored secret gives to settings that leave a secret out; none when it cannot be read and need not be.
///
/// # Errors
/// The address leads to another server than it was entered for, or it is needed and cannot be read any more.
pub fn kept_secret(
    services: &Services,
    wanted: &SourceSettings,
    saved: &SourceSettings,
    is_needed: bool,
) -> Result<Option<Secret>, Fault> {
    let fields = [
        ("password", saved.has_password && wanted.password.is_none()),
        ("token", saved.has_token && wanted.token.is_none()),
    ];
    let left_out = fields.into_iter().filter(|(_, left_out)| *left_out).map(|(field, _)| field);
    let anew = |en: &str, es: &str| {
        let mut faults = Faults::default();
        left_out.clone().for_each(|field| faults.add(field, en, es));
        faults.done()
    };
    if source_check::origin(&wanted.url) != source_check::origin(&saved.url) {
        anew(
            "enter it anew, or empty it: the address leads to another server than the one it was entered for",
            "introdúzcalo de nuevo o vacíelo: la dirección lleva a otro servidor que aquel para el que se introdujo",
        )?;
    }
    match services.store.source_secret(&saved.id) {
        Ok(secret) => Ok(Some(secret)),
        Err(StoreError::Secret(error)) => {
            tracing::warn!(%error, source = saved.id, "its secret cannot be read");
            if is_needed {
                anew(
                    "enter it anew, or empty it: the stored one cannot be read any more",
                    "introdúzcalo de nuevo o vacíelo: lo guardado ya no se puede leer",
                )?;
            }
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Settings without secrets but with what is said of them, and the secrets: as entered, or those that were there.
pub fn parted(
    mut wanted: SourceSettings,
    saved: Option<&SourceSettings>,
    kept: Option<Secret>,
) -> (SourceSettings, Secret) {
    let kept = kept.unwrap_or_default();
    let (password, token) = (wanted.password.take(), wanted.token.take());
    let is_set = |entered: &Option<String>, was_set: bool| {
        entered.as_ref().map_or(was_set, |entered| !entered.is_empty())
    };
    wanted.has_password = is_set(&password, saved.is_some_and(|saved| saved.has_password));
    wanted.has_token = is_set(&token, saved.is_some_and(|saved| saved.has_token));
    wanted.username = wanted.username.filter(|name| !name.is_empty());
    let one =
        |entered: Option<String>, kept| entered.map_or(kept, |new| Some(new).filter(|new| !new.is_empty()));
    let secret = Secret { password: one(password, kept.password), token: one(token, kept.token) };
    (wanted, secret)
}

/// The settings as they are checked.
pub fn with(settings: &SourceSettings, secret: &Secret) -> SourceSettings {
    SourceSettings { password: secret.password.clone(), token: secret.token.clone(), ..settings.clone() }
}
