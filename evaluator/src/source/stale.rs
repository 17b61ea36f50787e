//! Prometheus' stale marker: the sample that says "this series ended here".

/// Its bits (Prometheus, `model/value/value.go`, `StaleNaN`): a NaN that no calculation makes.
const STALE: u64 = 0x7ff0_0000_0000_0002;

/// The marker. It must only be moved, never calculated with: that changes its bits.
pub fn stale_marker() -> f64 {
    f64::from_bits(STALE)
}

/// Whether a value is the marker. Every other NaN is a sample that is not a number.
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE
}
