//! Says what is being done, how long that usually takes, and how long it took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Does `work` under a heading. `usually` is what a person should expect on two cores the first time, or empty.
///
/// # Errors
/// Those of the work.
pub fn step<T>(what: &str, usually: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    match usually {
        "" => println!("» {what}"),
        _ => println!("» {what} (usually {usually})"),
    }
    let start = Instant::now();
    let outcome = work();
    let word = if outcome.is_ok() { "done" } else { "failed" };
    println!("  {word}: {what}, {}", spoken(start.elapsed()));
    outcome
}

/// A duration as one would say it: `0.4 s`, `12 s`, `3 min 5 s`.
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else if seconds < 60.0 {
        format!("{seconds:.0} s")
    } else {
        let whole = duration.as_secs();
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_with_as_much_detail_as_matters() {
        assert_eq!(spoken(Duration::from_millis(420)), "0.4 s");
        assert_eq!(spoken(Duration::from_millis(12_300)), "12 s");
        assert_eq!(spoken(Duration::from_secs(185)), "3 min 5 s");
    }
}
