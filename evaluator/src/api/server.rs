//! The server loop: plain HTTP, or TLS with a certificate from files.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

use crate::config::Tls;

/// How long open requests have to end when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Why the server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{key}: {}: cannot be read: {error}", path.display())]
    Unreadable { key: &'static str, path: PathBuf, error: std::io::Error },
    #[error("tls_cert, tls_key: {0}")]
    BadCertificate(String),
    #[error("the server failed: {0}")]
    Failed(#[from] std::io::Error),
}

/// Serves until `shutdown` resolves; then open requests have five seconds to end.
///
/// # Errors
/// TLS files that cannot be read or do not fit each other; the listener failed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Tls<'_>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    listener.set_nonblocking(true)?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        shutdown.await;
        stopping.graceful_shutdown(Some(GRACE));
    });
    match tls {
        None => axum_server::from_tcp(listener)?.handle(handle).serve(service).await?,
        Some(tls) => {
            let config = RustlsConfig::from_config(Arc::new(tls_config(tls)?));
            axum_server::from_tcp_rustls(listener, config)?.handle(handle).serve(service).await?;
        }
    }
    Ok(())
}

/// # Errors
/// Files that cannot be read, are no PEM, or do not fit each other.
fn tls_config(tls: Tls<'_>) -> Result<rustls::ServerConfig, ServeError> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let cert = read("tls_cert", tls.cert)?;
    let key = read("tls_key", tls.key)?;
    let bad = |key: &str, path: &Path, why: &dyn std::fmt::Display| {
        ServeError::BadCertificate(format!("{key}: {}: {why}", path.display()))
    };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&cert)
        .collect::<Result<_, _>>()
        .map_err(|error| bad("certificate", tls.cert, &error))?;
    if chain.is_empty() {
        return Err(bad("certificate", tls.cert, &"there is no certificate in PEM format in it"));
    }
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| bad("key", tls.key, &"there is no private key in PEM format in it"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ServeError::BadCertificate(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad("certificate and key", tls.cert, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, ServeError> {
    std::fs::read(path).map_err(|error| ServeError::Unreadable { key, path: path.to_owned(), error })
}

/// Whether certificate and key can be used: said at start, before anything else is done.
///
/// # Errors
/// As [`serve`].
pub fn check_tls(tls: Tls<'_>) -> Result<(), ServeError> {
    tls_config(tls).map(|_| ())
}
