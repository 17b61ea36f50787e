//! The only place that reads the machine's clocks. Everything else is handed a [`Now`].

use std::sync::Mutex;
use std::time::Duration;

use crate::domain::Millis;

/// One reading of both clocks.
///
/// What is due comes from `mono`, instants come from `wall`: a step of the wall clock moves no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the clock was made; never goes back.
    pub mono: Duration,
    /// Unix time.
    pub wall: Millis,
}

/// Measures what a piece of work costs: elapsed time and CPU time of the thread that does it.
pub struct Meter {
    start: std::time::Instant,
    cpu: Duration,
}

impl Meter {
    #[expect(clippy::disallowed_methods, reason = "this module is the one place that reads the clock")]
    pub fn start() -> Self {
        Meter { start: std::time::Instant::now(), cpu: thread_cpu() }
    }

    /// Since the start: elapsed time, and CPU time of this thread. Ask on the thread that started it.
    pub fn read(&self) -> (Duration, Duration) {
        (self.start.elapsed(), thread_cpu().saturating_sub(self.cpu))
    }
}

fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Now;
}

/// The machine's clocks.
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this module is the one place that reads the clock")]
    pub fn new() -> Self {
        SystemClock { start: std::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this module is the one place that reads the clock")]
    fn now(&self) -> Now {
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Now { mono: self.start.elapsed(), wall: Millis(wall.as_millis() as i64) }
    }
}

/// Whether the wall clock may be believed when something is to be deleted for its age: a clock that somebody set to next
/// year makes everything old.
#[derive(Debug)]
pub struct Trust {
    last: Now,
    /// Monotonic.
    doubted_until: Duration,
}

/// A step of the wall clock that casts doubt on it, ms: beside a retention of days less does no harm.
const STEP: i64 = 3_600_000;
/// For how long: time for somebody to see that the clock is wrong.
const DOUBT: Duration = Duration::from_secs(4 * 3_600);
/// A machine that just started may still be waiting for its time.
const FIRST_DOUBT: Duration = Duration::from_secs(900);

impl Trust {
    pub fn new(now: Now) -> Self {
        Trust { last: now, doubted_until: now.mono + FIRST_DOUBT }
    }

    /// Looks at the clocks, every few minutes at least; whether the wall clock is believed now.
    pub fn look(&mut self, now: Now) -> bool {
        let passed = now.mono.saturating_sub(self.last.mono).as_millis() as i64;
        if (now.wall.since(self.last.wall) - passed).abs() >= STEP {
            self.doubted_until = now.mono + DOUBT;
        }
        self.last = now;
        now.mono >= self.doubted_until
    }
}

/// A clock that stands still until it is told to move: for stories.
pub struct ManualClock {
    now: Mutex<Now>,
}

impl ManualClock {
    pub fn at(wall: Millis) -> Self {
        ManualClock { now: Mutex::new(Now { mono: Duration::ZERO, wall }) }
    }

    /// Time passes: both clocks move.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        now.mono += by;
        now.wall = Millis(now.wall.0 + by.as_millis() as i64);
    }

    /// Somebody sets the wall clock; no time passes.
    pub fn step_wall(&self, by_ms: i64) {
        let mut now = self.lock();
        now.wall = Millis(now.wall.0 + by_ms);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().expect("nothing panics while it holds the manual clock")
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_clock_that_was_set_by_hours_is_doubted_for_a_while() {
        let clock = ManualClock::at(Millis(1_800_000_000_000));
        let mut trust = Trust::new(clock.now());
        assert!(!trust.look(clock.now()), "just started");
        clock.advance(HOUR);
        assert!(trust.look(clock.now()));
        clock.step_wall(60_000);
        assert!(trust.look(clock.now()), "a minute does no harm");
        clock.step_wall(31_536_000_000);
        assert!(!trust.look(clock.now()));
        clock.advance(3 * HOUR);
        assert!(!trust.look(clock.now()));
        clock.advance(HOUR);
        assert!(trust.look(clock.now()), "nobody set it back: it is the time");
    }
}
