//! Receivers that write down what they get, and fail as a story wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use atalaya::clock::Clock;
use atalaya::domain::{Message, Millis, ReceiverConfig, Texts};
use atalaya::notify::words::title;
use atalaya::notify::{Failure, Hush, Ports, Quieting, Way};
use atalaya::plan::quiet::Target;
use atalaya::store;
use atalaya_api::receiver::ReceiverDraft;
use atalaya_api::settings::Settings;

/// Something that a receiver got, or should have got.
#[derive(Clone, Debug)]
pub struct Letter {
    pub receiver: String,
    pub at: Millis,
    /// False: it was not taken.
    pub is_taken: bool,
    pub message: Message,
}

/// What a receiver does with a message.
#[derive(Clone, Debug)]
pub enum Manner {
    Fails(Failure),
    Panics,
}

/// All receivers of a story, and what they got.
pub struct Post {
    clock: Arc<dyn Clock>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    letters: Vec<Letter>,
    receivers: Vec<ReceiverConfig>,
    manners: BTreeMap<String, Manner>,
    settings: Settings,
    hush: Option<(Millis, Texts)>,
    hush_ended: Option<Millis>,
    dead: u64,
}

impl Post {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Post { clock, inside: Mutex::default() })
    }

    /// What the telling works with.
    pub fn ports(self: &Arc<Self>) -> Ports {
        let (listed, connecting, settings, dead) = (self.clone(), self.clone(), self.clone(), self.clone());
        Ports {
            receivers: Arc::new(move || Ok(listed.lock().receivers.clone())),
            connect: Arc::new(move |receiver| {
                Ok(Box::new(Slot { post: connecting.clone(), receiver: receiver.receiver.id.clone() }))
            }),
            quieting: Arc::new(Hushed(self.clone())),
            settings: Arc::new(move || Ok(settings.lock().settings.clone())),
            title: Arc::new(title),
            dead: Arc::new(move |count| dead.lock().dead = count),
        }
    }

    /// There is such a receiver, or it is changed.
    pub fn receiver(&self, id: &str, change: impl FnOnce(&mut ReceiverDraft)) {
        let mut inside = self.lock();
        let place = inside.receivers.iter().position(|one| one.receiver.id == id);
        let mut draft = match place {
            Some(place) => inside.receivers.remove(place).receiver,
            None => ReceiverDraft { id: id.to_owned(), name: id.to_uppercase(), ..ReceiverDraft::default() },
        };
        change(&mut draft);
        draft.version += 1;
        let (updated_at, updated_by) = (self.clock.now().wall, "story".to_owned());
        inside.receivers.push(ReceiverConfig { receiver: draft, updated_at, updated_by, deleted_at: None });
    }

    pub fn delete(&self, id: &str) {
        self.lock().receivers.retain(|one| one.receiver.id != id);
    }

    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock().settings);
    }

    /// From now on a receiver does this; none: it takes what it gets.
    pub fn behave(&self, id: &str, manner: Option<Manner>) {
        let mut inside = self.lock();
        match manner {
            Some(manner) => drop(inside.manners.insert(id.to_owned(), manner)),
            None => drop(inside.manners.remove(id)),
        }
    }

    /// Everything is muted until then.
    pub fn mute(&self, until: Millis) {
        let words = Texts { en: "muted by ana".to_owned(), es: "silenciada por ana".to_owned() };
        self.lock().hush = Some((until, words));
    }

    pub fn dead(&self) -> u64 {
        self.lock().dead
    }

    /// Everything, in order.
    pub fn letters(&self) -> Vec<Letter> {
        self.lock().letters.clone()
    }

    /// What a receiver took, as `kind severity subject` or `kind severity count`.
    pub fn heard(&self, id: &str) -> Vec<String> {
        let letters = self.letters();
        letters.iter().filter(|letter| letter.receiver == id && letter.is_taken).map(line).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn line(letter: &Letter) -> String {
    let message = &letter.message;
    let kind = format!("{:?}", message.kind).to_lowercase();
    let severity = message.severity.map_or("cleared", |severity| severity.name());
    match &message.alarms[..] {
        [only] => format!("{kind} {severity} {}", only.subject),
        many => format!("{kind} {severity} {}", many.len()),
    }
}

/// One receiver's door.
struct Slot {
    post: Arc<Post>,
    receiver: String,
}

impl Way for Slot {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        let at = self.post.clock.now().wall;
        let manner = self.post.lock().manners.get(&self.receiver).cloned();
        let (receiver, is_taken) = (self.receiver.clone(), manner.is_none());
        self.post.lock().letters.push(Letter { receiver, at, is_taken, message: message.clone() });
        match manner {
            None => Ok("thank you".to_owned()),
            Some(Manner::Fails(failure)) => Err(failure),
            Some(Manner::Panics) => panic!("this way breaks off"),
        }
    }
}

struct Hushed(Arc<Post>);

impl Quieting for Hushed {
    fn at(&self, now: Millis) -> store::Result<Box<dyn Hush>> {
        let mut inside = self.0.lock();
        if let Some((until, _)) = inside.hush.clone().filter(|(until, _)| *until <= now) {
            (inside.hush, inside.hush_ended) = (None, Some(until));
        }
        Ok(Box::new(Hushing { hush: inside.hush.clone(), ended: inside.hush_ended }))
    }
}

struct Hushing {
    hush: Option<(Millis, Texts)>,
    ended: Option<Millis>,
}

impl Hush for Hushing {
    fn hush(&self, _target: &Target<'_>, _receiver: &str, _now: Millis) -> Option<(Millis, Texts)> {
        self.hush.clone()
    }

    fn last_end(&self, _target: &Target<'_>, _receiver: &str, _now: Millis) -> Option<Millis> {
        self.ended
    }
}

/// It may be taken later.
pub fn busy() -> Manner {
    let words = Texts { en: "busy".to_owned(), es: "ocupado".to_owned() };
    Manner::Fails(Failure::Retryable { words, answer: "503".to_owned(), after: None })
}

/// Some have it, and others may get it later.
pub fn partly() -> Manner {
    let words = Texts { en: "one mailbox is full".to_owned(), es: "un buzón está lleno".to_owned() };
    Manner::Fails(Failure::Partly { words, answer: "452".to_owned() })
}

/// It will never be taken.
pub fn refused() -> Manner {
    let words = Texts { en: "refused".to_owned(), es: "rechazado".to_owned() };
    Manner::Fails(Failure::Permanent { words, answer: "400".to_owned() })
}
