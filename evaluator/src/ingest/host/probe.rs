//! Reads the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use sysinfo::{Disks, Networks, System};

use super::readings::{Disk, Interface, Readings};

/// What the operating system tells; what it refuses to tell is left out.
pub struct Probe {
    host: String,
    system: Option<System>,
    disks: Option<Disks>,
    networks: Option<Networks>,
}

/// Loopback, and the inner ends of containers, of which there may be thousands.
const SKIPPED_INTERFACES: [&str; 2] = ["lo", "veth"];

impl Probe {
    pub fn new() -> Self {
        Probe {
            host: System::host_name().unwrap_or_else(|_| "localhost".to_owned()),
            system: System::new().ok(),
            disks: Disks::new().ok(),
            networks: Networks::new().ok(),
        }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// The first reading knows no CPU yet.
    pub fn read(&mut self, at: Duration) -> Readings {
        let mut readings =
            Readings { at, disks: self.disks(), interfaces: self.interfaces(), ..Readings::default() };
        readings.load_1m = System::load_average().ok().map(|load| load.one);
        if let Some(system) = &mut self.system {
            system.refresh_memory();
            system.refresh_cpu_usage();
            readings.memory_total = system.total_memory();
            readings.memory_used = system.used_memory();
            readings.cpu_percent = Some(f64::from(system.global_cpu_usage()));
        }
        readings
    }

    /// One mount per device, the one with the shortest path: containers see the same disk many times.
    fn disks(&mut self) -> Vec<Disk> {
        let Some(disks) = &mut self.disks else { return Vec::new() };
        disks.refresh(true);
        let mut by_device: BTreeMap<String, Disk> = BTreeMap::new();
        for disk in disks.iter() {
            let device = disk.name().to_string_lossy().into_owned();
            let mount = disk.mount_point().to_string_lossy().into_owned();
            let shorter = by_device.get(&device).is_none_or(|held| mount.len() < held.mount.len());
            if shorter {
                by_device
                    .insert(device, Disk { mount, total: disk.total_space(), free: disk.available_space() });
            }
        }
        by_device.into_values().collect()
    }

    fn interfaces(&mut self) -> Vec<Interface> {
        let Some(networks) = &mut self.networks else { return Vec::new() };
        networks.refresh(true);
        let all = networks.iter().map(|(name, data)| Interface {
            name: name.to_string_lossy().into_owned(),
            received: data.total_received(),
            sent: data.total_transmitted(),
        });
        let skipped = |name: &str| name == SKIPPED_INTERFACES[0] || name.starts_with(SKIPPED_INTERFACES[1]);
        let mut found: Vec<Interface> = all.filter(|interface| !skipped(&interface.name)).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }
}
