//! The listener and its connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atalaya_api::source::SourceStatus;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{CarbonConfig, Intake};
use crate::clock::Clock;
use crate::source::local::LocalStore;
use crate::source::{Input, Refusal, Refusals};

/// Between two attempts to listen, and after a failure to accept.
const RETRY: Duration = Duration::from_secs(2);
/// Most bytes that are read at a time.
const READ: usize = 64 * 1_024;

/// Listens until it is dropped (abort its task); connections end with it. A port that is taken is tried again every 2 s.
pub async fn run(config: CarbonConfig, store: Arc<LocalStore>, input: Arc<Input>, clock: Arc<dyn Clock>) {
    let server = Server { config, store, input, clock };
    let listener = server.listen().await;
    server.accept(listener).await
}

#[derive(Clone)]
struct Server {
    config: CarbonConfig,
    store: Arc<LocalStore>,
    input: Arc<Input>,
    clock: Arc<dyn Clock>,
}

impl Server {
    async fn listen(&self) -> TcpListener {
        let wanted = self.config.listen;
        let mut told = String::new();
        loop {
            match TcpListener::bind(wanted).await {
                Ok(listener) => {
                    let address = listener.local_addr().unwrap_or(wanted);
                    tracing::info!("carbon lines are taken in on {address}");
                    self.input.open(Some(address.to_string()));
                    return listener;
                }
                Err(error) => {
                    let words = words_of(wanted, &error);
                    if words != told {
                        tracing::warn!("carbon: {words}; tried again every {} s", RETRY.as_secs());
                        told.clone_from(&words);
                    }
                    self.input.trouble(SourceStatus::Down, Some(wanted.to_string()), words);
                    sleep(RETRY).await;
                }
            }
        }
    }

    async fn accept(&self, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(self.config.max_connections));
        let mut connections = JoinSet::new();
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => match room.clone().try_acquire_owned() {
                    Ok(place) => drop(connections.spawn(self.clone().connection(stream, place))),
                    Err(_) => self.refuse(Refusal::TooManyConnections, peer.to_string().as_bytes()),
                },
                Err(error) => {
                    tracing::warn!("carbon: a connection could not be accepted: {error}");
                    sleep(RETRY).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }

    async fn connection(self, mut stream: TcpStream, _place: OwnedSemaphorePermit) {
        let mut intake = Intake::new(self.store.clone(), self.input.clone());
        if self.read(&mut stream, &mut intake).await == Ended::Idle {
            let peer = stream.peer_addr().map(|peer| peer.to_string()).unwrap_or_default();
            self.refuse(Refusal::Idle, peer.as_bytes());
        }
        intake.end(self.clock.now().wall);
    }

    async fn read(&self, stream: &mut TcpStream, intake: &mut Intake) -> Ended {
        let idle = Duration::from_secs(self.config.idle_timeout.seconds().into());
        // Starts small: most clients send little.
        let mut buffer = Vec::with_capacity(4_096);
        let mut last_line = self.clock.now().mono;
        loop {
            let left = (last_line + idle).saturating_sub(self.clock.now().mono);
            match timeout(left, stream.read_buf(&mut buffer)).await {
                Err(_) => return Ended::Idle,
                Ok(Ok(0) | Err(_)) => return Ended::ByPeer,
                Ok(Ok(_)) => {}
            }
            let now = self.clock.now();
            if intake.take(&buffer, now.wall) {
                last_line = now.mono;
            }
            let grow = buffer.len() == buffer.capacity() && buffer.capacity() < READ;
            buffer.clear();
            if grow {
                buffer.reserve_exact(READ);
            }
        }
    }

    fn refuse(&self, why: Refusal, example: &[u8]) {
        let mut refusals = Refusals::default();
        refusals.add(why, example);
        self.input.refused(&mut refusals);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    ByPeer,
    Idle,
}

fn words_of(wanted: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {} is taken", wanted.port()),
        _ => format!("cannot listen on {wanted}: {error}"),
    }
}
