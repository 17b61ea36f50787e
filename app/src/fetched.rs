//! What a view knows of something it asked the server for.

use std::rc::Rc;

use leptos::prelude::*;
use serde_json::Value;

use crate::api::{Failure, read, use_api};
use crate::erase::{effect, memo};
use crate::reading::Read;

/// The state of something asked for. An empty list is a `Ready` one; the view says what to do then.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load<T> {
    #[default]
    Loading,
    Ready(T),
    /// It was read once; the latest attempt failed.
    Stale(T, Failure),
    Failed(Failure),
}

impl<T> Load<T> {
    /// What there is to show, fresh or not.
    pub fn value(&self) -> Option<&T> {
        match self {
            Load::Ready(value) | Load::Stale(value, _) => Some(value),
            Load::Loading | Load::Failed(_) => None,
        }
    }

    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Load::Stale(_, failure) | Load::Failed(failure) => Some(failure),
            Load::Loading | Load::Ready(_) => None,
        }
    }

    pub fn is_stale(&self) -> bool {
        matches!(self, Load::Stale(..))
    }

    /// What the answer of the latest attempt makes of it: a failure never throws away what was there.
    pub fn after(self, answer: Result<T, Failure>) -> Load<T> {
        match (answer, self) {
            (Ok(value), _) => Load::Ready(value),
            (Err(failure), Load::Ready(old) | Load::Stale(old, _)) => Load::Stale(old, failure),
            (Err(failure), Load::Loading | Load::Failed(_)) => Load::Failed(failure),
        }
    }
}

/// Something read with GET, kept fresh. Copy it into closures freely.
pub struct Fetched<T: Send + Sync + 'static> {
    pub state: RwSignal<Load<T>>,
    again: Trigger,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Clone + Send + Sync + 'static> Fetched<T> {
    /// Asks again; what is there stays until the answer comes.
    pub fn refresh(self) {
        self.again.notify();
    }

    /// What there is to show; tracks.
    pub fn value(self) -> Option<T> {
        self.state.with(|state| state.value().cloned())
    }
}

/// Reads the API path that `path` gives: now, whenever a signal that `path` reads changes, and upon `refresh`.
/// A path of another thing shows `Loading` first; `None` asks for nothing. Late answers of earlier paths are dropped.
pub fn fetched<T>(path: impl Fn() -> Option<String> + Send + Sync + 'static) -> Fetched<T>
where
    T: Read + Clone + Send + Sync + 'static,
{
    fetched_at(path, Clone::clone)
}

/// The same for a question too long for an address: the path and what is posted to it.
pub fn asked<T>(question: impl Fn() -> Option<(String, Value)> + Send + Sync + 'static) -> Fetched<T>
where
    T: Read + Clone + Send + Sync + 'static,
{
    kept_by(memo(question), |(path, body)| Ask { path: path.clone(), body: Some(body.clone()) })
}

/// The same for a path that is another one at each request, such as "the last hour": `key` says what is asked for, and only
/// another key shows `Loading`; `path` makes the path of each request.
pub fn fetched_at<T, K>(
    key: impl Fn() -> Option<K> + Send + Sync + 'static,
    path: impl Fn(&K) -> String + 'static,
) -> Fetched<T>
where
    T: Read + Clone + Send + Sync + 'static,
    K: Clone + PartialEq + Send + Sync + 'static,
{
    kept_by(memo(key), move |key| Ask { path: path(key), body: None })
}

fn kept_by<T, K>(key: Memo<Option<K>>, ask: impl Fn(&K) -> Ask + 'static) -> Fetched<T>
where
    T: Read + Clone + Send + Sync + 'static,
    K: Clone + PartialEq + Send + Sync + 'static,
{
    let state = RwSignal::new(Load::Loading);
    let again = Trigger::new();
    let asked = StoredValue::new(None);
    let next = move || {
        let key = key.get();
        let before = asked.try_update_value(|asked| asked.replace(key.clone())).flatten();
        Next { other: before.is_some_and(|before| before != key), ask: key.as_ref().map(&ask) }
    };
    let take = move |answer: Option<Result<String, Failure>>| {
        let _ = state.try_update(|state| match answer {
            None => *state = Load::Loading,
            Some(answer) => *state = std::mem::take(state).after(answer.and_then(read)),
        });
    };
    keep_fresh(again, Box::new(next), Rc::new(take));
    Fetched { state, again }
}

/// What to ask for now.
struct Next {
    /// It is another thing than before: what is shown is not it.
    other: bool,
    ask: Option<Ask>,
}

/// With a body it is posted.
struct Ask {
    path: String,
    body: Option<Value>,
}

/// Gets each answer's text, or none where there is nothing to show any more.
type Take = Rc<dyn Fn(Option<Result<String, Failure>>)>;

/// Asks whenever a signal that `next` reads changes, and upon `again`. The part of fetching that is the same for all types.
fn keep_fresh(again: Trigger, next: Box<dyn Fn() -> Next>, take: Take) {
    let api = use_api();
    let latest = StoredValue::new(0_u64);
    effect(move || {
        again.track();
        let next = next();
        let ticket = latest.with_value(|latest| latest + 1);
        latest.set_value(ticket);
        if next.other {
            take(None);
        }
        if let Some(Ask { path, body }) = next.ask {
            let take = take.clone();
            leptos::task::spawn_local(async move {
                let answer = match body {
                    Some(body) => api.post(&path, &body).await,
                    None => api.get(&path).await,
                };
                // The view may be gone, or ask for something else by now.
                if latest.try_get_value() == Some(ticket) {
                    take(Some(answer));
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_never_throws_away_what_was_there() {
        assert_eq!(Load::Ready(1).after(Err(Failure::Offline)), Load::Stale(1, Failure::Offline));
        assert_eq!(
            Load::Stale(1, Failure::Offline).after(Err(Failure::LoginNeeded)),
            Load::Stale(1, Failure::LoginNeeded)
        );
        assert_eq!(Load::<u8>::Loading.after(Err(Failure::Offline)), Load::Failed(Failure::Offline));
    }

    #[test]
    fn a_good_answer_is_fresh_again() {
        assert_eq!(Load::Stale(1, Failure::Offline).after(Ok(2)), Load::Ready(2));
    }
}
