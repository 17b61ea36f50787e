//! What is installed on a machine: the archive of `cargo xtask dist`, used as its guide has it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use atalaya_tests::client::Client;
use atalaya_tests::feed::Feed;
use atalaya_tests::poll;
use atalaya_tests::process::Process;
use atalaya_tests::server::{PASSWORD, free_port};
use atalaya_tests::skip;
use atalaya_tests::stage::{cpu_rule, post_rule, until_active};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(90);

/// The archive, unpacked in a temporary folder; none: the test says that it is skipped.
fn unpacked() -> Option<(tempfile::TempDir, PathBuf)> {
    let archive = skip::component("PACKAGE_ARCHIVE")?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tar = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder.path()).status();
    assert!(tar.expect("there is a tar").success());
    let entries = std::fs::read_dir(folder.path()).expect("it was unpacked there");
    let inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let [one] = inside.as_slice() else { panic!("one folder: {inside:?}") };
    let one = one.clone();
    Some((folder, one))
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The value of a key of the unit.
fn of_unit<'a>(unit: &'a str, key: &str) -> &'a str {
    let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("the unit has no {key}"))
}

#[test]
fn the_archive_holds_all_that_the_guide_installs() {
    let Some((_temporary, folder)) = unpacked() else { return };
    for file in ["INSTALL", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY", "nginx.conf"] {
        assert!(!read(&folder, file).is_empty(), "{file}");
    }
    let guide = read(&folder, "install.md");
    let installed =
        guide.lines().filter(|line| line.starts_with("install -m ") || line.starts_with("install -D "));
    let mut count = 0;
    for line in installed {
        let from = line.split(' ').rev().nth(1).expect("what is installed, and where");
        let from = from.strip_prefix("atalaya-0.1.0/").unwrap_or(from);
        assert!(folder.join(from).is_file(), "{line}");
        count += 1;
    }
    assert!(count >= 4, "{guide}");
    let said = Command::new(folder.join("bin/atalaya")).arg("--version").output().expect("it is a program");
    assert!(said.status.success(), "{said:?}");
}

#[test]
fn the_service_starts_as_installed_and_the_first_account_is_made_by_its_link() {
    let Some((temporary, folder)) = unpacked() else { return };
    let (unit, data) = (read(&folder, "atalaya.service"), temporary.path().join("data"));
    let (port, carbon) = (free_port(), free_port());
    let start = of_unit(&unit, "ExecStart");
    let arguments = start.strip_prefix("/usr/local/bin/atalaya ").expect("it starts what was installed");
    let place = |word: &str| match word {
        "/etc/atalaya/atalaya.toml" => folder.join("atalaya.toml"),
        "/var/lib/atalaya" => data.clone(),
        word => PathBuf::from(word),
    };
    let mut command = Command::new(folder.join("bin/atalaya"));
    command.args(arguments.split(' ').map(place)).env_clear().current_dir(&folder);
    let (name, value) = of_unit(&unit, "Environment").split_once('=').expect("a variable and its value");
    command.env(name, value).env("PATH", "/usr/bin:/bin");
    // Where other tests are not.
    command.env("ATALAYA_LISTEN", format!("127.0.0.1:{port}"));
    command.env("ATALAYA_INGEST__CARBON__LISTEN", format!("127.0.0.1:{carbon}"));
    let mut service = Process::start(command, &temporary.path().join("log"));

    let key = poll::until("the log shows the link", PATIENCE, || {
        assert_eq!(service.ended(), None, "{}", service.said());
        let said = service.said();
        let (_, rest) = said.split_once("/setup?key=")?;
        rest.split_whitespace().next().map(str::to_owned)
    });
    let stranger = Client::stranger(&format!("http://127.0.0.1:{port}"));
    poll::until("it is ready", PATIENCE, || {
        stranger.try_send("GET", "/readyz", None).ok().filter(|answer| answer.status == 200)
    });
    let account = json!({"key": key, "username": "ana", "password": PASSWORD});
    stranger.post("/api/v1/setup", &account).is(201);
    let admin = stranger.login("ana", PASSWORD);
    let feed = Feed::start(carbon);
    feed.set("lab.package", 95.0);
    post_rule(&admin, &cpu_rule("lab.package"));
    until_active(&admin, "it judges", |_| true);
    let page = admin.get("/").is(200).as_str().unwrap_or_default().to_owned();
    assert!(page.contains("<base href="), "the app is inside: {page}");
}

#[test]
fn systemd_understands_the_unit() {
    let Some((temporary, folder)) = unpacked() else { return };
    let unit = read(&folder, "atalaya.service")
        .replace("/usr/local/bin/atalaya", &folder.join("bin/atalaya").to_string_lossy());
    let file = temporary.path().join("atalaya.service");
    std::fs::write(&file, unit).expect("the temporary folder can be written to");
    let run = |arguments: &[&str]| -> Option<Output> {
        Command::new("systemd-analyze").args(arguments).arg(&file).output().ok()
    };
    let Some(verified) = run(&["verify", "--man=no"]) else {
        eprintln!("there is no systemd-analyze on this machine");
        return;
    };
    let words = String::from_utf8_lossy(&verified.stderr);
    let ours: Vec<&str> = words.lines().filter(|line| line.contains("atalaya")).collect();
    assert!(ours.is_empty(), "{words}");
}
