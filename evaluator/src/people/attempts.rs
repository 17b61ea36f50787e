//! Limits attempts to log in. Pure: time comes in as a value.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Wrong passwords of one user from one address before it has to wait.
const PER_USER: u32 = 5;
/// Wrong passwords of any users from one address before it has to wait.
const PER_ADDRESS: u32 = 100;
/// How long a count lasts after its last attempt.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// The first wait; it doubles with each further attempt, up to `MEMORY`.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// Most counts kept: an attacker with many addresses takes at most a few MiB.
const MOST: usize = 20_000;

#[derive(Clone, Copy, Debug)]
struct Count {
    attempts: u32,
    /// Since the clock's start.
    last: Duration,
}

/// Who tried how often. An attempt counts when it begins, so that trying in parallel gains nothing.
#[derive(Debug, Default)]
pub struct Attempts {
    counts: HashMap<(IpAddr, Option<String>), Count>,
}

impl Attempts {
    /// Counts an attempt. `now` is monotonic.
    ///
    /// # Errors
    /// How long to wait: it was not counted and must not be made.
    pub fn begin(&mut self, address: IpAddr, user: &str, now: Duration) -> Result<(), Duration> {
        self.forget_old(now);
        let user = (address, Some(user.to_lowercase()));
        let all = (address, None);
        let wait = self.wait(&user, PER_USER, now).max(self.wait(&all, PER_ADDRESS, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        for key in [user, all] {
            let count = self.counts.entry(key).or_insert(Count { attempts: 0, last: now });
            *count = Count { attempts: count.attempts.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// The password was right: the user's count from this address is forgotten.
    pub fn succeeded(&mut self, address: IpAddr, user: &str) {
        self.counts.remove(&(address, Some(user.to_lowercase())));
        if let Some(all) = self.counts.get_mut(&(address, None)) {
            all.attempts = all.attempts.saturating_sub(1);
        }
    }

    fn wait(&self, key: &(IpAddr, Option<String>), allowed: u32, now: Duration) -> Duration {
        let Some(count) = self.counts.get(key) else { return Duration::ZERO };
        let Some(beyond) = count.attempts.checked_sub(allowed) else { return Duration::ZERO };
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(beyond)).min(MEMORY);
        (count.last + wait).saturating_sub(now)
    }

    fn forget_old(&mut self, now: Duration) {
        if self.counts.len() >= MOST {
            self.counts.retain(|_, count| now.saturating_sub(count.last) < MEMORY);
        }
        if self.counts.len() >= MOST {
            // A flood of addresses: those that tried once are let go, those that insist stay.
            self.counts.retain(|_, count| count.attempts >= PER_USER);
        }
        if self.counts.len() >= MOST {
            self.counts.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn after_five_wrong_passwords_a_user_waits_at_that_address_only() {
        let mut attempts = Attempts::default();
        for _ in 0..5 {
            assert_eq!(attempts.begin(HERE, "ana", at(0)), Ok(()));
        }
        assert_eq!(attempts.begin(HERE, "Ana", at(10)), Err(at(20)));
        assert_eq!(attempts.begin(THERE, "ana", at(10)), Ok(()));
        assert_eq!(attempts.begin(HERE, "luis", at(10)), Ok(()));
        assert_eq!(attempts.begin(HERE, "ana", at(30)), Ok(()), "the wait is over");
        assert_eq!(attempts.begin(HERE, "ana", at(31)), Err(at(59)), "the next one is longer");
    }

    #[test]
    fn a_right_password_forgets_the_wrong_ones() {
        let mut attempts = Attempts::default();
        for _ in 0..20 {
            assert_eq!(attempts.begin(HERE, "ana", at(0)), Ok(()));
            attempts.succeeded(HERE, "ana");
        }
    }

    #[test]
    fn an_address_that_tries_many_users_waits_for_all_of_them() {
        let mut attempts = Attempts::default();
        for n in 0..100 {
            assert_eq!(attempts.begin(HERE, &format!("user{n}"), at(0)), Ok(()));
        }
        assert!(attempts.begin(HERE, "another", at(0)).is_err());
    }

    #[test]
    fn a_flood_of_addresses_takes_bounded_memory() {
        let mut attempts = Attempts::default();
        for n in 0..100_000_u32 {
            let _ = attempts.begin(IpAddr::V4(n.into()), "ana", at(0));
        }
        assert!(attempts.counts.len() <= MOST + 2);
    }
}
