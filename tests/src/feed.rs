//! Sends samples as people's agents do: carbon lines over TCP, each series at least once a second.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Twice a second, so that on a busy machine no second passes without a sample.
const EVERY: Duration = Duration::from_millis(500);

/// Feeds each series its value until it is told otherwise.
pub struct Feed {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// A series has this value from now on, or none any more.
type Order = (String, Option<f64>);

impl Feed {
    /// To the carbon port of a server on this machine. One that was killed is found again when it is back.
    pub fn start(port: u16) -> Self {
        Feed::every(port, EVERY)
    }

    /// The same, a sample of each series this often.
    pub fn every(port: u16, every: Duration) -> Self {
        let (orders, inbox) = mpsc::channel::<Order>();
        let thread = std::thread::spawn(move || {
            let mut values = BTreeMap::new();
            let mut line: Option<TcpStream> = None;
            loop {
                match inbox.recv_timeout(every) {
                    Ok(order) => std::iter::once(order)
                        .chain(inbox.try_iter())
                        .for_each(|order| take(&mut values, order)),
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {}
                }
                line = line.or_else(|| TcpStream::connect(("127.0.0.1", port)).ok());
                line = line.and_then(|stream| send(stream, &values));
            }
        });
        Feed { orders: Some(orders), thread: Some(thread) }
    }

    /// From now on this series has this value.
    pub fn set(&self, series: &str, value: f64) {
        self.order(series, Some(value));
    }

    /// From now on this series is silent.
    pub fn silence(&self, series: &str) {
        self.order(series, None);
    }

    fn order(&self, series: &str, value: Option<f64>) {
        let orders = self.orders.as_ref().expect("it is taken only when the feed is dropped");
        orders.send((series.to_owned(), value)).expect("the feeder listens until it is dropped");
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

fn take(values: &mut BTreeMap<String, f64>, (series, value): Order) {
    match value {
        Some(value) => values.insert(series, value),
        None => values.remove(&series),
    };
}

fn send(mut stream: TcpStream, values: &BTreeMap<String, f64>) -> Option<TcpStream> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    let lines: String = values.iter().map(|(series, value)| format!("{series} {value} {now:.3}\n")).collect();
    stream.write_all(lines.as_bytes()).ok().map(|()| stream)
}
