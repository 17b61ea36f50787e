//! From the settings of a source to the source.

use std::sync::Arc;

use atalaya_api::source::{SourceKind, SourceSettings};

use crate::domain::Secret;

use super::Remote;
use super::graphite::Graphite;
use super::http::{Outgoing, Place, Reach, Unusable};
use super::prometheus::Prometheus;

/// Asks nobody yet: whether it answers, [`Remote::probe`] tells.
///
/// # Errors
/// A setting cannot be used: its field, and what would be right, in both languages.
pub fn connect(settings: &SourceSettings, secret: &Secret) -> Result<Arc<dyn Remote>, Unusable> {
    let place = Place::parse(&settings.url, "url")?;
    let outgoing = Outgoing::new(&Reach::of(settings, secret))?;
    Ok(match settings.kind {
        SourceKind::Graphite => Arc::new(Graphite::new(place, outgoing)),
        SourceKind::Prometheus => Arc::new(Prometheus::new(place, outgoing, settings.scrape_interval)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: SourceSettings) -> Unusable {
        connect(&settings, &Secret::default()).err().expect("it cannot be used")
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_field() {
        let good = SourceSettings { url: "http://localhost:8080".into(), ..SourceSettings::default() };
        connect(&good, &Secret::default()).map(drop).expect("it can be used");
        assert_eq!(refused(SourceSettings { url: "localhost".into(), ..good.clone() }).field, "url");
        assert_eq!(refused(SourceSettings { ca_pem: "hello".into(), ..good.clone() }).field, "ca_pem");
        let headers = [("X A".to_owned(), "1".to_owned())].into();
        assert_eq!(refused(SourceSettings { headers, ..good.clone() }).field, "headers.X A");
        let username = Some("a:b".to_owned());
        assert_eq!(refused(SourceSettings { username, ..good }).field, "username");
    }
}
