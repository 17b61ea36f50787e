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

use super::config::Door;
use super::{CarbonConfig, Intake, PickleConfig, PickleIntake};
use crate::clock::Clock;
use crate::domain::Millis;
use crate::source::local::LocalStore;
use crate::source::{Input, Refusal, Refusals};

/// Between two attempts to listen, and after a failure to accept.
const RETRY: Duration = Duration::from_secs(2);
/// Most bytes that are read at a time.
const READ: usize = 64 * 1_024;

/// One connection, as its protocol understands it.
pub(super) trait Conversation: Send {
    /// Takes in what was read at `now`.
    fn take(&mut self, bytes: &[u8], now: Millis) -> Heard;
    /// The connection has ended.
    fn end(&mut self, now: Millis);
}

/// What was in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing whole yet.
    Nothing,
    Something,
    /// Nothing that follows can be understood: the connection is closed.
    Gibberish,
}

/// Listens for lines until it is dropped (abort its task); connections end with it. A port that is taken is tried again
/// every 2 s.
pub async fn run(config: CarbonConfig, store: Arc<LocalStore>, input: Arc<Input>, clock: Arc<dyn Clock>) {
    let (stored, counted) = (store.clone(), input.clone());
    let converse = move || Box::new(Intake::new(stored.clone(), counted.clone())) as Box<dyn Conversation>;
    listen(Server { door: (&config).into(), converse: Arc::new(converse), input, clock }).await;
}

/// The same for pickled batches.
pub async fn run_pickle(
    config: PickleConfig,
    store: Arc<LocalStore>,
    input: Arc<Input>,
    clock: Arc<dyn Clock>,
) {
    let (stored, counted) = (store.clone(), input.clone());
    let converse =
        move || Box::new(PickleIntake::new(stored.clone(), counted.clone())) as Box<dyn Conversation>;
    listen(Server { door: (&config).into(), converse: Arc::new(converse), input, clock }).await;
}

async fn listen(server: Server) {
    let listener = server.listen().await;
    server.accept(listener).await;
}

#[derive(Clone)]
struct Server {
    door: Door,
    /// Begins a conversation.
    converse: Arc<dyn Fn() -> Box<dyn Conversation> + Send + Sync>,
    input: Arc<Input>,
    clock: Arc<dyn Clock>,
}

impl Server {
    async fn listen(&self) -> TcpListener {
        let wanted = self.door.listen;
        let mut told = String::new();
        loop {
            match TcpListener::bind(wanted).await {
                Ok(listener) => {
                    let address = listener.local_addr().unwrap_or(wanted);
                    tracing::info!("{} are taken in on {address}", self.door.name);
                    self.input.open(Some(address.to_string()));
                    return listener;
                }
                Err(error) => {
                    let words = words_of(wanted, &error);
                    if words != told {
                        tracing::warn!(
                            "{}: {words}; tried again every {} s",
                            self.door.name,
                            RETRY.as_secs()
                        );
                        told.clone_from(&words);
                    }
                    self.input.trouble(SourceStatus::Down, Some(wanted.to_string()), words);
                    sleep(RETRY).await;
                }
            }
        }
    }

    async fn accept(&self, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(self.door.max_connections));
        let mut connections = JoinSet::new();
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => match room.clone().try_acquire_owned() {
                    Ok(place) => drop(connections.spawn(self.clone().connection(stream, place))),
                    Err(_) => self.refuse(Refusal::TooManyConnections, peer.to_string().as_bytes()),
                },
                Err(error) => {
                    tracing::warn!("{}: a connection could not be accepted: {error}", self.door.name);
                    sleep(RETRY).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }

    async fn connection(self, mut stream: TcpStream, _place: OwnedSemaphorePermit) {
        let mut conversation = (self.converse)();
        if self.read(&mut stream, &mut *conversation).await == Ended::Idle {
            let peer = stream.peer_addr().map(|peer| peer.to_string()).unwrap_or_default();
            self.refuse(Refusal::Idle, peer.as_bytes());
        }
        conversation.end(self.clock.now().wall);
    }

    async fn read(&self, stream: &mut TcpStream, conversation: &mut dyn Conversation) -> Ended {
        let idle = Duration::from_secs(self.door.idle_timeout.seconds().into());
        // Starts small: most clients send little.
        let mut buffer = Vec::with_capacity(4_096);
        let mut last_heard = self.clock.now().mono;
        loop {
            let left = (last_heard + idle).saturating_sub(self.clock.now().mono);
            match timeout(left, stream.read_buf(&mut buffer)).await {
                Err(_) => return Ended::Idle,
                Ok(Ok(0) | Err(_)) => return Ended::ByPeer,
                Ok(Ok(_)) => {}
            }
            let now = self.clock.now();
            match conversation.take(&buffer, now.wall) {
                Heard::Something => last_heard = now.mono,
                Heard::Nothing => {}
                Heard::Gibberish => return Ended::ByUs,
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
    ByUs,
    Idle,
}

fn words_of(wanted: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {} is taken", wanted.port()),
        _ => format!("cannot listen on {wanted}: {error}"),
    }
}
