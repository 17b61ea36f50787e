//! Messages that some of their recipients have and others are still to get.

use std::cell::RefCell;
use std::collections::VecDeque;

/// Of so many messages it is known who lacks them; of the oldest beyond it is forgotten, and all are asked again.
const MOST: usize = 1_000;

/// By a message's key, whom a server did not take it for yet.
#[derive(Default)]
pub struct Left(RefCell<VecDeque<(String, Vec<String>)>>);

impl Left {
    /// Whom a message still lacks; none: it was taken for nobody yet.
    pub fn of(&self, key: &str) -> Option<Vec<String>> {
        self.0.borrow().iter().find(|(known, _)| known == key).map(|(_, to)| to.clone())
    }

    pub fn keep(&self, key: &str, to: Vec<String>) {
        self.forget(key);
        let mut all = self.0.borrow_mut();
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back((key.to_owned(), to));
    }

    /// Nobody is waited for any more. Whether somebody was.
    pub fn forget(&self, key: &str) -> bool {
        let mut all = self.0.borrow_mut();
        let place = all.iter().position(|(known, _)| known == key);
        place.and_then(|place| all.remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_message_is_known_who_lacks_it_and_of_no_more_than_there_is_room_for() {
        let left = Left::default();
        for key in 0..=MOST {
            left.keep(&key.to_string(), vec!["bea".to_owned(), "eva".to_owned()]);
        }
        left.keep("1", vec!["eva".to_owned()]);
        assert_eq!(left.of("1"), Some(vec!["eva".to_owned()]));
        assert_eq!((left.of("0"), left.0.borrow().len()), (None, MOST));
        assert!(left.forget("1") && !left.forget("1"));
    }
}
