//! The warm instance of a check on one thread, and the slots in it.

use super::instance::Instance;
use super::limits::HostLimits;
use super::loaded::Check;
use super::records::RecordId;
use crate::domain::Unknown;

/// No slot.
const NONE: u32 = u32::MAX;

/// What one thread keeps of one check.
#[derive(Default)]
pub(super) struct Warm {
    live: Option<Live>,
    /// Fuel that a series takes, a moving average; 0: not known yet.
    typical_fuel: u64,
}

/// An instance and the records prepared in it.
pub(super) struct Live {
    pub(super) instance: Instance,
    slot_of: Vec<u32>,
    free: Vec<u32>,
    next: u32,
    evaluated: u64,
}

impl Warm {
    /// The instance, made if there is none.
    pub(super) fn live_or_new(&mut self, check: &Check) -> Result<&mut Live, Unknown> {
        if self.live.is_none() {
            let instance = Instance::new(check)?;
            self.live = Some(Live { instance, slot_of: Vec::new(), free: Vec::new(), next: 0, evaluated: 0 });
        }
        Ok(self.live.as_mut().expect("it was just made"))
    }

    /// Ends the instance and with it everything prepared in it.
    pub(super) fn drop_instance(&mut self) {
        self.live = None;
    }

    /// Whether there was an instance without room for one more record; it is gone then, in bulk and cheaply.
    pub(super) fn drop_if_full(&mut self, limits: &HostLimits) -> bool {
        let most = limits.slots_per_instance.max(super::evaluate::TOGETHER as u32);
        let full = self.live.as_ref().is_some_and(|live| live.free.is_empty() && live.next >= most);
        if full {
            self.live = None;
        }
        full
    }

    /// Ends an instance that has worked long enough: instances never give memory back.
    pub(super) fn drop_if_old(&mut self, limits: &HostLimits) {
        if self.live.as_ref().is_some_and(|live| live.evaluated >= limits.evaluations_per_instance) {
            self.live = None;
        }
    }

    pub(super) fn slot_of(&self, id: RecordId) -> Option<u32> {
        let slot = *self.live.as_ref()?.slot_of.get(id.index())?;
        (slot != NONE).then_some(slot)
    }

    /// The record is no longer used; its slot may be prepared for another.
    pub(super) fn forget(&mut self, id: RecordId) {
        let Some(live) = &mut self.live else { return };
        if let Some(slot) = live.slot_of.get_mut(id.index()).filter(|slot| **slot != NONE) {
            live.free.push(std::mem::replace(slot, NONE));
        }
    }

    /// Learns from a good call. Failures teach nothing: they took what there was.
    pub(super) fn learn_fuel(&mut self, used: u64, series: usize) {
        let each = used / series.max(1) as u64;
        self.typical_fuel =
            if self.typical_fuel == 0 { each } else { (7 * self.typical_fuel + each) / 8 }.max(1);
    }

    /// Fuel for series evaluated together: enough for one that takes all it may and for the others many times over what is
    /// typical. So a loop in a batch costs a moment, not every series' fuel; and whoever needs more gets it alone.
    pub(super) fn batch_fuel(&self, series: usize, limits: &HostLimits) -> u64 {
        let most = limits.fuel_per_series;
        let each = (8 * self.typical_fuel).max(most / 64).min(most);
        most.saturating_add(each.saturating_mul(series as u64))
    }
}

impl Live {
    /// A slot that nothing is prepared in.
    pub(super) fn take_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }

    pub(super) fn give_back(&mut self, slot: u32) {
        self.free.push(slot);
    }

    pub(super) fn set(&mut self, id: RecordId, slot: u32) {
        if self.slot_of.len() <= id.index() {
            self.slot_of.resize(id.index() + 1, NONE);
        }
        self.slot_of[id.index()] = slot;
    }

    pub(super) fn count(&mut self, series: usize) {
        self.evaluated += series as u64;
    }
}
