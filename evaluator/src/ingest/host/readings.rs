//! From readings to samples. Pure.

use std::time::Duration;

/// What was read at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    /// Monotonic, when it was read.
    pub at: Duration,
    /// Of all cores together since the reading before, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// Bytes.
    pub memory_total: u64,
    pub memory_used: u64,
    pub load_1m: Option<f64>,
    pub disks: Vec<Disk>,
    pub interfaces: Vec<Interface>,
}

/// A mounted file system.
#[derive(Clone, Debug, PartialEq)]
pub struct Disk {
    pub mount: String,
    /// Bytes.
    pub total: u64,
    /// Bytes that users can still write.
    pub free: u64,
}

/// A network interface's counters, bytes since it came up.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    pub name: String,
    pub received: u64,
    pub sent: u64,
}

/// What the names of this host's metrics begin with.
pub fn prefix(host: &str) -> String {
    format!("host.{}.", safe(host))
}

/// Names and values, e.g. `host.<host>.disk.root.percent`.
pub fn samples(host: &str, now: &Readings, before: &Readings) -> Vec<(String, f64)> {
    let mut samples = Vec::new();
    let prefix = prefix(host);
    let mut add = |measure: &str, value: f64| samples.push((format!("{prefix}{measure}"), value));
    if let Some(cpu) = now.cpu_percent {
        add("cpu.percent", cpu);
    }
    if now.memory_total > 0 {
        add("memory.percent", percent(now.memory_used, now.memory_total));
        add("memory.used_bytes", now.memory_used as f64);
    }
    if let Some(load) = now.load_1m {
        add("load.1m", load);
    }
    for disk in now.disks.iter().filter(|disk| disk.total > 0) {
        let mount = mount_name(&disk.mount);
        add(&format!("disk.{mount}.percent"), percent(disk.total.saturating_sub(disk.free), disk.total));
        add(&format!("disk.{mount}.free_bytes"), disk.free as f64);
    }
    for (interface, earlier) in pairs(now, before) {
        let name = safe(&interface.name);
        let seconds = now.at.saturating_sub(before.at).as_secs_f64();
        let rate = |now, before| per_second(now, before, seconds);
        if let Some(rate) = rate(interface.received, earlier.received) {
            add(&format!("network.{name}.received_bytes_per_second"), rate);
        }
        if let Some(rate) = rate(interface.sent, earlier.sent) {
            add(&format!("network.{name}.sent_bytes_per_second"), rate);
        }
    }
    samples
}

/// Interfaces that were there before.
fn pairs<'a>(
    now: &'a Readings,
    before: &'a Readings,
) -> impl Iterator<Item = (&'a Interface, &'a Interface)> {
    now.interfaces.iter().filter_map(|interface| {
        let earlier = before.interfaces.iter().find(|earlier| earlier.name == interface.name)?;
        Some((interface, earlier))
    })
}

/// None: the counter was set back, or no time has passed.
fn per_second(now: u64, before: u64, seconds: f64) -> Option<f64> {
    let bytes = now.checked_sub(before)?;
    (seconds > 0.0).then(|| bytes as f64 / seconds)
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64 * 100.0
}

/// `/` → `root`, `/var/lib` → `var_lib`.
fn mount_name(mount: &str) -> String {
    match mount.trim_matches('/') {
        "" => "root".to_owned(),
        path => safe(path),
    }
}

/// One part of a dotted name: letters, digits, `-` and `_`.
fn safe(text: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = text.chars().map(keep).take(100).collect();
    if name.is_empty() { "unknown".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Disk, Interface, Readings, samples};
    use crate::source::unit_of;

    fn interface(name: &str, received: u64, sent: u64) -> Interface {
        Interface { name: name.into(), received, sent }
    }

    #[test]
    fn readings_become_named_samples() {
        let before = Readings { interfaces: vec![interface("eth0", 1_000, 50)], ..Readings::default() };
        let now = Readings {
            at: Duration::from_secs(10),
            cpu_percent: Some(12.5),
            memory_total: 200,
            memory_used: 50,
            load_1m: Some(0.5),
            disks: vec![
                Disk { mount: "/".into(), total: 1_000, free: 100 },
                Disk { mount: "/var/lib.x".into(), total: 10, free: 10 },
                Disk { mount: "/proc".into(), total: 0, free: 0 },
            ],
            interfaces: vec![interface("eth0", 2_000, 40), interface("new", 1, 1)],
        };
        let found = samples("h1.example", &now, &before);
        let expected = [
            ("host.h1_example.cpu.percent", 12.5, Some("%")),
            ("host.h1_example.memory.percent", 25.0, Some("%")),
            ("host.h1_example.memory.used_bytes", 50.0, Some("B")),
            ("host.h1_example.load.1m", 0.5, None),
            ("host.h1_example.disk.root.percent", 90.0, Some("%")),
            ("host.h1_example.disk.root.free_bytes", 100.0, Some("B")),
            ("host.h1_example.disk.var_lib_x.percent", 0.0, Some("%")),
            ("host.h1_example.disk.var_lib_x.free_bytes", 10.0, Some("B")),
            ("host.h1_example.network.eth0.received_bytes_per_second", 100.0, Some("B/s")),
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((name, value), (expected, number, unit)) in found.iter().zip(expected) {
            assert_eq!((name.as_str(), *value, unit_of(name)), (expected, number, unit));
        }
    }
}
