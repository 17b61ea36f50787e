//! The lines of the table that the long run ends with.

use std::io::Write;
use std::time::Duration;

/// What doing a fault some times came to.
pub struct Tally {
    fault: &'static str,
    times: usize,
    recovered: Vec<Duration>,
}

impl Tally {
    pub fn of(fault: &'static str) -> Self {
        Tally { fault, times: 0, recovered: Vec::new() }
    }

    /// Once more; it took so long until all was as it should be.
    pub fn add(&mut self, recovered: Duration) {
        self.times += 1;
        self.recovered.push(recovered);
    }

    /// Says it, and writes it to the file that `ATALAYA_FAULTS_TABLE` names: fault, times, lost, recovered after.
    ///
    /// # Panics
    /// Something was lost.
    pub fn close(mut self, lost: usize) {
        self.recovered.sort_unstable();
        let middle = self.recovered.get(self.recovered.len() / 2).copied().unwrap_or_default();
        let longest = self.recovered.last().copied().unwrap_or_default();
        let recovered = match self.times {
            0 => "-".to_owned(),
            1 => format!("{:.1} s", longest.as_secs_f64()),
            _ => format!("{:.1} s, at most {:.1} s", middle.as_secs_f64(), longest.as_secs_f64()),
        };
        let line = format!("{}\t{}\t{lost}\t{recovered}\n", self.fault, self.times);
        println!("{}", line.trim_end().replace('\t', " | "));
        if let Some(path) = std::env::var_os("ATALAYA_FAULTS_TABLE") {
            let file = std::fs::File::options().create(true).append(true).open(path);
            file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the table can be written");
        }
        assert_eq!(lost, 0, "{} lost something", self.fault);
    }
}
