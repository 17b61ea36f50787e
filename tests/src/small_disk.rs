//! A file system that is small enough to fill, for a test that asks for it.
//!
//! Only in a mount namespace of its own may a test mount what it likes, and what it mounted is gone with it: the test starts
//! itself again inside one.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set for the test that runs inside: how it got there.
const INSIDE: &str = "FAULTS_SMALL_DISK";

/// The ways in: for root, and for anybody whose system has user namespaces.
const WAYS: [&[&str]; 2] = [&["unshare", "-m"], &["unshare", "-Urm"]];

/// Runs `story` with a folder on a file system of so many MiB; `test` is the name of the calling test as its runner has it.
/// Where nobody may mount, the test says that it is skipped.
///
/// # Panics
/// The story does.
pub fn with_mib(mib: u32, test: &str, story: impl FnOnce(&Path)) {
    if let Ok(way) = std::env::var(INSIDE) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mounted = mount(mib, folder.path()).status().expect("there is a mount command");
        assert!(mounted.success(), "a tmpfs of {mib} MiB can be mounted by {way}");
        println!("{test}: on a tmpfs of {mib} MiB, by {way}");
        return story(folder.path());
    }
    let Some(way) = WAYS.into_iter().find(|way| works(way)) else {
        // Not by print!, which is captured while a test passes.
        let _shown = writeln!(std::io::stdout(), "skipped: {test}: nobody here may mount a file system");
        return;
    };
    let itself = std::env::current_exe().expect("a test knows its own path");
    let mut again = Command::new(way[0]);
    again.args(&way[1..]).arg(itself).args(["--exact", test, "--nocapture", "--test-threads=1"]);
    let output = again.env(INSIDE, way.join(" ")).output().expect("the test can be started again");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    // What its runner says would be counted a second time.
    let of_runner = |line: &&str| line.starts_with("test ") || line.starts_with("running ");
    let words = said.iter().flat_map(|text| text.lines());
    words.filter(|line| !of_runner(line)).for_each(|line| println!("{line}"));
    assert!(output.status.success(), "{test} failed inside: {}", output.status);
}

fn mount(mib: u32, folder: &Path) -> Command {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "none"]).arg(folder);
    mount
}

fn works(way: &[&str]) -> bool {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inner = mount(1, folder.path());
    let mut probe = Command::new(way[0]);
    probe.args(&way[1..]).arg(inner.get_program()).args(inner.get_args());
    probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// From now on the file system of this folder can only be read. Nobody may have a file of it open for writing.
///
/// # Panics
/// Somebody has.
pub fn make_read_only(folder: &Path) {
    let status = Command::new("mount").args(["-o", "remount,ro"]).arg(folder).status();
    assert!(status.expect("there is a mount command").success(), "it can be made read-only");
}

/// Takes all the room that there is, until it is dropped.
pub struct Filler(PathBuf);

impl Filler {
    /// # Panics
    /// It cannot even begin.
    pub fn fill(folder: &Path) -> Self {
        let path = folder.join("filler");
        let mut file = File::create(&path).expect("an empty file takes no room");
        for size in [1 << 20, 4_096, 1] {
            let chunk = vec![b'x'; size];
            while file.write_all(&chunk).is_ok() {}
        }
        Filler(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).expect("the filler is there until it is dropped");
    }
}
