//! What a client may do to the door, over a real socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use atalaya_api::source::SourceStatus;
use atalaya_api::span::Span;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::{CarbonConfig, Intake, LARGEST_FRAME, PickleConfig, run, run_pickle};
use crate::clock::ManualClock;
use crate::domain::Millis;
use crate::source::local::{LocalConfig, LocalStore};
use crate::source::{Input, Refusal};

const NOW: Millis = Millis(1_800_000_000_000);

struct Door {
    store: Arc<LocalStore>,
    input: Arc<Input>,
    task: JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn open(config: CarbonConfig, max_series: u32) -> Door {
    let store = Arc::new(LocalStore::in_memory(LocalConfig { max_series, ..LocalConfig::default() }));
    let input = Arc::new(Input::new("carbon"));
    let clock = Arc::new(ManualClock::at(NOW));
    let task = tokio::spawn(run(config, store.clone(), input.clone(), clock));
    Door { store, input, task }
}

fn open_pickle() -> Door {
    let store = Arc::new(LocalStore::in_memory(LocalConfig { max_series: 10, ..LocalConfig::default() }));
    let input = Arc::new(Input::new("carbon pickle"));
    let clock = Arc::new(ManualClock::at(NOW));
    let config = PickleConfig { listen: ([127, 0, 0, 1], 0).into(), ..PickleConfig::default() };
    let task = tokio::spawn(run_pickle(config, store.clone(), input.clone(), clock));
    Door { store, input, task }
}

/// A batch as it travels.
fn framed(pickle: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(pickle.len()).expect("it is small").to_be_bytes().to_vec();
    bytes.extend_from_slice(pickle);
    bytes
}

fn any_port() -> CarbonConfig {
    CarbonConfig { listen: ([127, 0, 0, 1], 0).into(), ..CarbonConfig::default() }
}

/// Polls until it holds; a test that waits for more than 20 s has failed.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let polling = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), polling).await.unwrap_or_else(|_| panic!("never: {what}"));
}

impl Door {
    async fn address(&self) -> SocketAddr {
        until("the door opens", || self.input.view().address.is_some()).await;
        let address = self.input.view().address.expect("it has just been there");
        address.parse().expect("an address")
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address().await).await.expect("the door is open")
    }

    fn last(&self, name: &str) -> Option<f64> {
        let id = self.store.lookup(name.as_bytes())?;
        self.store.reader().last(id).map(|(_, value)| value)
    }

    fn refused(&self, why: Refusal) -> u64 {
        self.input.refused_for(why)
    }
}

#[tokio::test]
async fn bad_lines_are_counted_and_the_connection_stays() {
    let door = open(any_port(), 3);
    let mut client = door.connect().await;
    let lines = "a 1 -1\nrubbish\nb NaN -1\nb inf N\r\n\nc 1 1900000000\nc 1 1\na\x07 1 -1\n\
        a 2 1800000000.5\nc 3 -1\nd 4 -1\n";
    client.write_all(lines.as_bytes()).await.expect("sent");
    until("the last line is counted", || door.refused(Refusal::TooManySeries) == 1).await;
    assert_eq!((door.last("a"), door.last("b"), door.last("c")), (Some(2.0), Some(f64::INFINITY), Some(3.0)));
    let once =
        [Refusal::Malformed, Refusal::NotANumber, Refusal::FarFuture, Refusal::TooOld, Refusal::BadName];
    once.iter().for_each(|why| assert_eq!(door.refused(*why), 1, "{why:?}"));
    assert_eq!(door.input.samples(), 4);
    client.write_all(b"a 9 1800000001\n").await.expect("sent");
    until("the connection stays", || door.last("a") == Some(9.0)).await;
}

#[tokio::test]
async fn a_line_over_4_kib_is_counted_once_and_skipped_to_its_end() {
    let door = open(any_port(), 10);
    let mut client = door.connect().await;
    client.write_all(&vec![b'x'; 1_000_000]).await.expect("sent");
    client.write_all(b" 1 -1\na 1 -1\n").await.expect("sent");
    until("the next line is taken in", || door.last("a") == Some(1.0)).await;
    assert_eq!(door.refused(Refusal::LineTooLong), 1);
    assert_eq!(door.refused(Refusal::Malformed), 0);
}

#[tokio::test]
async fn who_never_ends_a_line_is_let_go() {
    let door = open(CarbonConfig { idle_timeout: Span(1), ..any_port() }, 10);
    let mut client = door.connect().await;
    client.write_all(b"no end").await.expect("sent");
    let read = tokio::time::timeout(Duration::from_secs(20), client.read(&mut [0; 1])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "closed by the door");
    until("it is counted", || door.refused(Refusal::Idle) == 1 && door.refused(Refusal::Unfinished) == 1)
        .await;
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_a_free_place_is_given_again() {
    let door = open(CarbonConfig { max_connections: 1, ..any_port() }, 10);
    let mut first = door.connect().await;
    first.write_all(b"a 1 -1\n").await.expect("sent");
    until("the first is in", || door.last("a") == Some(1.0)).await;
    let mut second = door.connect().await;
    assert!(matches!(second.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    assert_eq!(door.refused(Refusal::TooManyConnections), 1);
    drop(first);
    let again = async {
        while door.last("b").is_none() {
            let mut third = door.connect().await;
            let _ = third.write_all(b"b 1 -1\n").await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again).await.expect("a place became free");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_tried_again() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = other.local_addr().expect("its address");
    let door = open(CarbonConfig { listen, ..any_port() }, 10);
    until("it is said", || door.input.view().status == SourceStatus::Down).await;
    assert_eq!(door.input.view().detail, Some(format!("port {} is taken", listen.port())));
    drop(other);
    until("it opens", || door.input.view().status == SourceStatus::Ok).await;
    let mut client = door.connect().await;
    client.write_all(b"a 1 -1\n").await.expect("sent");
    until("it takes lines in", || door.last("a") == Some(1.0)).await;
}

#[tokio::test]
async fn a_batch_that_is_no_pickle_is_counted_and_the_next_one_is_taken() {
    let door = open_pickle();
    let mut client = door.connect().await;
    let good = framed(b"\x80\x02](U\x01aJ\xff\xff\xff\xffK\x07\x86\x86U\x01bK\x01K\x02\x86\x86U\x01cN\x86e.");
    for bytes in [framed(b"cos\nsystem\n(S'true'\ntR."), framed(b""), framed(b"garbage")] {
        client.write_all(&bytes).await.expect("sent");
    }
    for byte in &good {
        client.write_all(&[*byte]).await.expect("sent, byte after byte");
        client.flush().await.expect("sent");
    }
    until("it arrives", || door.last("a") == Some(7.0)).await;
    assert_eq!((door.refused(Refusal::Malformed), door.refused(Refusal::TooOld)), (4, 1));
    client.write_all(&good[..9]).await.expect("sent");
    drop(client);
    until("half a batch is counted", || door.refused(Refusal::UnfinishedFrame) == 1).await;
}

#[tokio::test]
async fn a_batch_that_is_too_large_ends_the_connection() {
    let door = open_pickle();
    let mut client = door.connect().await;
    client.write_all(b"lab.router1.cpu 95 1800000000\n").await.expect("sent");
    assert!(matches!(client.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    assert_eq!(door.refused(Refusal::FrameTooLarge), 1);
    let mut next = door.connect().await;
    let largest = framed(&vec![b'N'; LARGEST_FRAME]);
    next.write_all(&largest).await.expect("sent");
    until("the largest is read", || door.refused(Refusal::Malformed) == 1).await;
}

/// The real thing, in every protocol that this Python knows.
#[tokio::test]
async fn what_python_pickles_is_taken() {
    let door = open_pickle();
    let port = door.address().await.port();
    let program = format!(
        r#"
import pickle, socket, struct
to = socket.create_connection(("127.0.0.1", {port}))
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    point = (1_800_000_000, 0.1 + protocol)
    batch = [("py.%d" % protocol, point), ["py.list", [1_800_000_000.25, protocol]], ("py.same", point)]
    batch += [("py.many", (1_799_990_000 + n, n)) for n in range(2_000)]
    data = pickle.dumps(batch, protocol=protocol)
    to.sendall(struct.pack("!L", len(data)) + data)
to.close()
"#
    );
    let python = tokio::task::spawn_blocking(move || {
        std::process::Command::new("python3").args(["-c", &program]).output().expect("there is a python3")
    });
    let output = python.await.expect("it ends");
    assert!(output.status.success(), "{output:?}");
    until("all is in", || door.last("py.same") == Some(5.1) && door.last("py.many") == Some(1_999.0)).await;
    for protocol in 0..=5u8 {
        assert_eq!(door.last(&format!("py.{protocol}")), Some(0.1 + f64::from(protocol)));
    }
    assert!(door.input.view().refused.is_empty(), "{:?}", door.input.view().refused);
}

fn intake() -> (Intake, Arc<LocalStore>, Arc<Input>) {
    let store = Arc::new(LocalStore::in_memory(LocalConfig { max_series: 50, ..LocalConfig::default() }));
    let input = Arc::new(Input::new("carbon"));
    (Intake::new(store.clone(), input.clone()), store, input)
}

proptest! {
    #[test]
    fn where_the_network_cuts_makes_no_difference(
        lines in proptest::collection::vec("[ab]\\.[cd] [0-9]{1,3} (-1|18000000[0-9]{2})\r?|x{4000,4200}|[ -~]{0,20}", 0..20),
        cuts in proptest::collection::vec(1..5_000usize, 1..20),
    ) {
        let bytes: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
        let (mut whole, _, of_whole) = intake();
        whole.take(&bytes, NOW);
        let (mut cut, store, of_cut) = intake();
        let (mut rest, mut sizes) = (&bytes[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let size = *sizes.next().expect("cycles").min(&rest.len());
            cut.take(&rest[..size], NOW);
            rest = &rest[size..];
        }
        cut.end(NOW);
        let counts = |input: &Input| {
            let view = input.view();
            (view.samples, view.refused.iter().map(|refused| (refused.reason.clone(), refused.count)).collect::<Vec<_>>())
        };
        prop_assert_eq!(counts(&of_cut), counts(&of_whole));
        prop_assert!(store.len() <= 50);
    }

    #[test]
    fn no_bytes_make_it_panic(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6_000), 0..8)) {
        let (mut intake, _, _) = intake();
        for chunk in chunks {
            intake.take(&chunk, NOW);
        }
        intake.end(NOW);
    }
}
