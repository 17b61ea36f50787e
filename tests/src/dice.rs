//! Chance that can be repeated: the seed is printed, and `ATALAYA_SEED` sets it.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// A sequence of numbers that the seed decides.
pub struct Dice(u64);

impl Dice {
    /// With a seed of its own, or the one that `ATALAYA_SEED` names; `what` is said beside it.
    pub fn new(what: &str) -> Self {
        let set = std::env::var("ATALAYA_SEED").ok().and_then(|text| text.parse().ok());
        let seed = set.unwrap_or_else(|| RandomState::new().build_hasher().finish() >> 32);
        println!("{what}: ATALAYA_SEED={seed} repeats it");
        Dice(seed)
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `limit`, which is not included.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// Whole milliseconds from zero to `limit`, which is not included.
    pub fn within(&mut self, limit: Duration) -> Duration {
        Duration::from_millis(self.below(limit.as_millis() as u64))
    }
}
