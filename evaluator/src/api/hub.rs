//! Tells the open event streams that something was committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// What the streams wait for. Cheap to clone.
#[derive(Clone)]
pub struct EventHub {
    news: Arc<watch::Sender<News>>,
    clients: Arc<AtomicUsize>,
}

/// The state of things, as streams watch it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The id of the last committed event.
    pub last: u64,
    /// The server is stopping: streams end.
    pub closing: bool,
}

impl EventHub {
    /// `last`: the id of the last event that is stored.
    pub fn new(last: u64) -> Self {
        let (news, _) = watch::channel(News { last, closing: false });
        EventHub { news: Arc::new(news), clients: Arc::default() }
    }

    /// Events up to this id can be read from the store. Call it after each commit that wrote some.
    pub fn committed(&self, last: u64) {
        self.news.send_if_modified(|news| {
            let newer = last > news.last;
            news.last = news.last.max(last);
            newer
        });
    }

    /// Ends all streams: the server is stopping.
    pub fn close(&self) {
        self.news.send_modify(|news| news.closing = true);
    }

    /// How many streams are open.
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }

    pub(super) fn watch(&self) -> watch::Receiver<News> {
        self.news.subscribe()
    }

    /// Counts a stream for as long as the guard lives. None: there are `most` already.
    pub(super) fn enter(&self, most: usize) -> Option<Entered> {
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        let entered = Entered(self.clients.clone());
        (before < most).then_some(entered)
    }
}

/// An open stream.
pub(super) struct Entered(Arc<AtomicUsize>);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
