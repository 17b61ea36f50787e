//! Fewer points for a chart, without losing a peak.

/// At most `most` of the samples (oldest first): the first, the last, and of each of equal stretches of time
/// the lowest and the highest, as they came. NaN is drawn as a hole and, within a stretch, never chosen while there is a number.
pub fn thin(times: &mut Vec<f64>, values: &mut Vec<f64>, most: usize) {
    if times.len() <= most {
        return;
    }
    let keep = chosen(times, values, most);
    for (to, from) in keep.iter().enumerate() {
        times[to] = times[*from];
        values[to] = values[*from];
    }
    times.truncate(keep.len());
    values.truncate(keep.len());
}

/// Indices, ascending.
fn chosen(times: &[f64], values: &[f64], most: usize) -> Vec<usize> {
    let last = times.len() - 1;
    if most < 4 {
        return (times.len() - most..times.len()).collect();
    }
    let stretches = (most - 2) / 2;
    let (begin, width) = (times[0], (times[last] - times[0]) / stretches as f64);
    let mut keep = vec![0];
    let mut next = 1;
    for stretch in 1..=stretches {
        let end = begin + width * stretch as f64;
        let count = times[next..last].partition_point(|at| *at < end || stretch == stretches);
        keep.extend(extremes(&values[next..next + count]).into_iter().map(|index| next + index));
        next += count;
    }
    keep.push(last);
    keep
}

/// Where the lowest and the highest are; at most two, ascending. Where there is no number, one hole stands for all.
fn extremes(values: &[f64]) -> Vec<usize> {
    let order = |a: &usize, b: &usize| values[*a].total_cmp(&values[*b]);
    let numbers = || (0..values.len()).filter(|index| !values[*index].is_nan());
    let mut found: Vec<usize> =
        [numbers().min_by(order), numbers().max_by(order)].into_iter().flatten().collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() && !values.is_empty() { vec![0] } else { found }
}

#[cfg(test)]
mod tests {
    use super::thin;
    use proptest::prelude::*;

    #[test]
    fn a_single_peak_among_many_samples_is_drawn() {
        let mut times: Vec<f64> = (0..100_000).map(f64::from).collect();
        let mut values = vec![1.0; 100_000];
        values[54_321] = 99.0;
        values[12_345] = -5.0;
        thin(&mut times, &mut values, 500);
        assert!(times.len() <= 500);
        assert!(values.contains(&99.0) && values.contains(&-5.0));
        assert_eq!(times.first(), Some(&0.0));
        assert_eq!(times.last(), Some(&99_999.0));
    }

    #[test]
    fn a_hole_is_still_a_hole() {
        let mut times: Vec<f64> = (0..10_000).map(f64::from).collect();
        let mut values: Vec<f64> =
            (0..10_000).map(|n| if (4_000..6_000).contains(&n) { f64::NAN } else { 1.0 }).collect();
        thin(&mut times, &mut values, 100);
        assert!(times.len() <= 100);
        assert!(
            times.iter().zip(&values).any(|(at, value)| value.is_nan() && (4_000.0..6_000.0).contains(at))
        );
    }

    proptest! {
        #[test]
        fn thinning_keeps_order_and_extremes_and_never_more_than_asked(
            values in proptest::collection::vec(-1e3..1e3f64, 0..300), most in 0..120usize,
        ) {
            let times: Vec<f64> = (0..values.len()).map(|n| n as f64 * 10.0).collect();
            let (mut thin_times, mut thin_values) = (times.clone(), values.clone());
            thin(&mut thin_times, &mut thin_values, most);
            prop_assert!(thin_times.len() <= most);
            prop_assert_eq!(thin_times.len(), thin_values.len());
            prop_assert!(thin_times.windows(2).all(|pair| pair[0] < pair[1]));
            if most >= 4 {
                let highest = |of: &[f64]| of.iter().copied().fold(f64::MIN, f64::max);
                prop_assert_eq!(highest(&thin_values), highest(&values));
            }
        }
    }
}
