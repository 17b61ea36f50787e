//! What backups promise, against the real store.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::archive::{self, Content, Manifest};
use super::restore::RestoreError;
use super::*;
use crate::clock::{Clock, ManualClock};
use crate::domain::{Millis, Secret, Severity, SourceConfig};
use crate::people::{accounts, system};
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::snapshot::Census;
use crate::store::{LoginStore, PeopleStore, SessionRow, SettingsStore, Slice, SourceStore};

mod restored;

const START: Millis = Millis(1_700_000_000_000);
static GO_ON: AtomicBool = AtomicBool::new(false);

/// A data folder with a store that is in use, one check and a source with a password.
struct Stage {
    folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    clock: Arc<ManualClock>,
}

fn config(data: &Path) -> Config {
    Config { data: data.to_owned(), file: Some(data.join("its.toml")), ..Config::default() }
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::at(START));
        let store = SqliteStore::open(&folder.path().join("atalaya.db"), clock.clone()).expect("a new store");
        let ana = accounts::new_user("ana".to_owned(), "$argon2id$x".to_owned(), Role::Admin, START);
        store.create_user(&ana, &system()).expect("the name is free");
        let session = SessionRow {
            token_hash: crate::people::secret::hash("s"),
            user: ana.id,
            created_at: START,
            used_at: START,
            expires_at: START.plus(1_000_000),
        };
        assert!(store.create_session(&session, &ana.password_hash).expect("it is written"), "she is there");
        let settings =
            serde_json::json!({"id": "far", "kind": "graphite", "name": "Far Ñ", "url": "https://g.example"});
        let source = SourceConfig {
            version: 1,
            settings: serde_json::from_value(settings).expect("settings"),
            created_at: START,
            updated_at: START,
            updated_by: "ana".to_owned(),
            deleted_at: None,
        };
        let secret = Secret { password: Some("hush".to_owned()), token: None };
        store.create_source(&source, &secret, &system()).expect("the id is free");
        fs::create_dir(folder.path().join("checks")).expect("a folder");
        fs::write(folder.path().join("checks/mine.wasm"), b"wasm").expect("a file");
        fs::write(folder.path().join("its.toml"), "listen = \"127.0.0.1:1\"\n").expect("a file");
        Stage { folder, store, clock }
    }

    fn places(&self) -> Places {
        Places::of(&config(self.folder.path()))
    }

    fn make(&self, wish: &Wish) -> Result<Made, BackupError> {
        self.clock.advance(Duration::from_secs(1));
        make(&self.places(), wish, self.clock.now().wall, &GO_ON)
    }

    fn made(&self) -> Made {
        self.make(&Wish::default()).expect("nothing is in the way")
    }
}

fn names(file: &Path) -> Vec<String> {
    let manifest = archive::manifest(file).expect("a manifest");
    manifest.members.into_iter().map(|member| member.name).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn empty() -> (tempfile::TempDir, Places) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let places = Places::of(&config(&folder.path().join("data")));
    (folder, places)
}

#[test]
fn a_backup_holds_store_checks_and_configuration_and_the_key_only_when_asked_for() {
    let stage = Stage::new();
    let made = stage.made();
    assert_eq!(made.name(), "atalaya-backup-20231114T221321Z.tar.gz");
    assert!(made.trouble.is_none());
    assert_eq!(names(&made.file), ["atalaya.db", "checks/mine.wasm", "atalaya.toml"]);
    assert_eq!(fs::metadata(&made.file).expect("it is there").permissions().mode() & 0o777, 0o600);
    let backups = stage.places().backups;
    assert_eq!(files(&backups), [made.name()], "nothing else is left");
    let manifest = archive::manifest(&made.file).expect("a manifest");
    let census =
        Census { schema: crate::store::sqlite::snapshot::newest_schema(), rules: 0, alarms: 0, users: 1 };
    assert_eq!((manifest.store, manifest.with_key), (census, false));

    let wish = Wish { with_key: true, ..Wish::default() };
    let with_key = stage.make(&wish).expect("nothing is in the way");
    assert_eq!(names(&with_key.file).last().map(String::as_str), Some("secret.key"));
    let found = list(&backups);
    assert_eq!(found.iter().map(|one| one.with_key).collect::<Vec<_>>(), [true, false], "the newest first");
    assert_eq!(verified_at(&backups), Some(found[0].made_at));
}

#[test]
fn a_backup_put_back_on_an_empty_folder_is_the_same_store_without_logins() {
    let stage = Stage::new();
    let wish = Wish { with_key: true, ..Wish::default() };
    let made = stage.make(&wish).expect("nothing is in the way");
    let (_folder, places) = empty();
    let done = restore(&made.file, &places, false, START, &system()).expect("the folder is empty");
    assert!(done.before.is_none() && done.shut.is_empty(), "{done:?}");
    assert_eq!(fs::read(places.checks.join("mine.wasm")).expect("it is there"), b"wasm");
    let config = done.config.expect("it had a configuration");
    assert!(fs::read_to_string(config).expect("it is there").contains("listen"));
    for (file, mode) in [(&places.store, 0o600), (&places.key, 0o600), (&places.checks, 0o700)] {
        assert_eq!(fs::metadata(file).expect("it is there").permissions().mode() & 0o777, mode);
    }
    let store = SqliteStore::open(&places.store, stage.clock.clone()).expect("a store");
    assert_eq!(store.source_secret("far").expect("the key is there").password.as_deref(), Some("hush"));
    let (ours, theirs) = (stage.store.users().expect("users"), store.users().expect("users"));
    assert_eq!(ours, theirs);
    assert!(store.sessions(None).expect("sessions").is_empty());
}

#[test]
fn a_file_that_is_damaged_cut_off_or_something_else_is_refused_before_anything_is_changed() {
    let stage = Stage::new();
    let made = stage.made();
    let whole = fs::read(&made.file).expect("it is there");
    let (folder, places) = empty();
    let bad = folder.path().join("bad.tar.gz");
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    for bytes in [&flipped[..], &whole[..whole.len() / 2], &whole[..10], b"", b"a letter"] {
        fs::write(&bad, bytes).expect("the folder can be written to");
        let refused = restore(&bad, &places, true, START, &system()).expect_err("it is not sound");
        assert!(matches!(refused, RestoreError::NotSound { .. }), "{refused}");
        assert!(!places.store.exists() && !places.checks.exists());
        assert!(!places.store.with_file_name("restoring.tmp").exists());
    }
}

/// The members of an archive, unzipped and untarred, to be packed in another way.
fn repacked(file: &Path, change: impl Fn(&mut Manifest, &mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut manifest = archive::manifest(file).expect("a manifest");
    let mut tar = tar::Archive::new(GzDecoder::new(File::open(file).expect("it is there")));
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in tar.entries().expect("entries").skip(1) {
        let mut entry = entry.expect("an entry");
        let (name, mut bytes) = (entry.path().expect("a path").to_string_lossy().into_owned(), Vec::new());
        entry.read_to_end(&mut bytes).expect("its bytes");
        members.push((name, bytes));
    }
    change(&mut manifest, &mut members);
    members.insert(0, (archive::MANIFEST.to_owned(), serde_json::to_vec(&manifest).expect("JSON")));
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        // As somebody who means harm would: the crate's own way refuses such names.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, &bytes[..]).expect("memory");
    }
    tar.into_inner().expect("memory").finish().expect("memory")
}

#[test]
fn members_that_the_manifest_does_not_name_or_that_lead_elsewhere_are_refused() {
    let stage = Stage::new();
    let made = stage.made();
    let (folder, places) = empty();
    let bad = folder.path().join("bad.tar.gz");
    let refused = |bytes: Vec<u8>| {
        fs::write(&bad, bytes).expect("the folder can be written to");
        restore(&bad, &places, false, START, &system()).expect_err("it is not sound").to_string()
    };
    let named = |name: &'static str| {
        move |manifest: &mut Manifest, members: &mut Vec<(String, Vec<u8>)>| {
            manifest.members[1].name = name.to_owned();
            members[1].0 = name.to_owned();
        }
    };
    for name in ["../evil.wasm", "checks/../../evil", "/tmp/evil", "checks/.hidden", "checks/a/b.wasm"] {
        let said = refused(repacked(&made.file, named(name)));
        assert!(said.contains("does not belong"), "{name}: {said}");
    }
    let extra = repacked(&made.file, |_, members| members.push(("checks/more.wasm".to_owned(), vec![1])));
    assert!(refused(extra).contains("does not belong"));
    let missing = repacked(&made.file, |_, members| drop(members.remove(1)));
    assert!(refused(missing).contains("checks/mine.wasm is missing"));
    let other = repacked(&made.file, |_, members| members[1].1 = b"evil".to_vec());
    assert!(refused(other).contains("checks/mine.wasm is not what the manifest says"));
    let counted = repacked(&made.file, |manifest, _| manifest.store.users = 7);
    assert!(refused(counted).contains("does not hold what its manifest says"));
    let newer = repacked(&made.file, |manifest, _| manifest.format = 99);
    assert!(refused(newer).contains("newer Atalaya"));
    fs::write(&bad, repacked(&made.file, |_, _| {})).expect("the folder can be written to");
    restore(&bad, &places, false, START, &system()).expect("packed again as it was, it is sound");
}

#[test]
fn old_ones_go_only_after_a_good_one_and_likewise_in_the_second_folder() {
    let stage = Stage::new();
    let second = tempfile::tempdir().expect("a temporary folder");
    let others = second.path().join("atalaya-backup-20200101T000000Z.tar.gz");
    fs::write(&others, "another server's").expect("the folder can be written to");
    let wish = Wish { keep: Some(2), second: Some(second.path().to_owned()), ..Wish::default() };
    let made: Vec<Made> = (0..3).map(|_| stage.make(&wish).expect("nothing is in the way")).collect();
    assert!(made.iter().all(|made| made.trouble.is_none()), "{made:?}");
    let kept = [made[1].name(), made[2].name()];
    assert_eq!(files(&stage.places().backups), kept);
    assert_eq!(files(second.path()), ["atalaya-backup-20200101T000000Z.tar.gz", &kept[0], &kept[1]]);
    let copy = second.path().join(&kept[1]);
    assert_eq!(fs::read(&copy).expect("it is there"), fs::read(&made[2].file).expect("it is there"));
    assert_eq!(fs::metadata(&copy).expect("it is there").permissions().mode() & 0o777, 0o600);

    // What could not be removed while the folder was away goes the next time.
    let away = second.path().with_extension("away");
    fs::rename(second.path(), &away).expect("it can be moved");
    let failed = stage.make(&wish).expect("the backup itself is good");
    assert!(matches!(failed.trouble, Some(BackupError::Second { .. })), "{failed:?}");
    fs::rename(&away, second.path()).expect("it can be moved back");
    let last = stage.make(&wish).expect("nothing is in the way");
    let kept = [failed.name(), last.name()];
    assert_eq!(files(second.path()), ["atalaya-backup-20200101T000000Z.tar.gz", &kept[1]]);

    // A store that cannot be read: nothing new, and nothing goes.
    let places = Places { store: stage.folder.path().join("its.toml"), ..stage.places() };
    let wish = Wish { keep: Some(1), ..wish };
    make(&places, &wish, stage.clock.now().wall, &GO_ON).expect_err("that is no store");
    assert_eq!(files(&stage.places().backups), kept);
}

#[test]
fn a_second_folder_that_is_away_is_told_and_the_backup_is_there() {
    let stage = Stage::new();
    let second = Some(PathBuf::from("/nonexistent/folder"));
    let made = stage.make(&Wish { second, ..Wish::default() }).expect("the backup itself is good");
    let told = made.trouble.as_ref().expect("the copy failed").texts();
    assert!(told.en.contains("/nonexistent/folder") && told.es.contains("no se pudo llevar"), "{told:?}");
    assert_eq!(files(&stage.places().backups), [made.name()]);
}

#[test]
fn what_another_server_is_making_in_the_same_folder_is_left_alone() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let others = "atalaya-backup-20200101T000000Z.tar.gz.tmp".to_owned();
    fs::write(folder.path().join(&others), "half").expect("a file");
    let wish = Wish { folder: Some(folder.path().to_owned()), with_key: true, ..Wish::default() };
    fs::remove_file(stage.places().key).expect("there is a key");
    let made = stage.make(&wish).expect("nothing is in the way");
    assert_eq!(files(folder.path()), [others, made.name()]);
    assert!(!made.with_key, "there is none");
}

#[test]
fn one_is_made_at_a_time_and_what_a_killed_one_left_goes() {
    let stage = Stage::new();
    let backups = stage.places().backups;
    fs::create_dir(&backups).expect("a folder");
    fs::write(backups.join("atalaya-backup-20200101T000000Z.tar.gz.tmp"), "half").expect("a file");
    fs::write(backups.join("atalaya-schema-3-20200101T000000Z.tmp"), "not ours").expect("a file");
    let lock = File::create(stage.folder.path().join("backup.lock")).expect("a file");
    lock.lock().expect("nobody holds it");
    assert!(matches!(stage.make(&Wish::default()), Err(BackupError::Busy)));
    drop(lock);
    let made = stage.made();
    assert_eq!(files(&backups), [made.name(), "atalaya-schema-3-20200101T000000Z.tmp".to_owned()]);
}

#[test]
fn whoever_stops_the_server_waits_for_no_backup() {
    let stage = Stage::new();
    let stopped = make(&stage.places(), &Wish::default(), START, &AtomicBool::new(true));
    assert!(matches!(stopped, Err(BackupError::Stopping)), "{stopped:?}");
    assert_eq!(files(&stage.places().backups), [""; 0]);
}

#[test]
fn the_thread_makes_what_is_asked_for_tells_a_failure_once_and_that_it_is_over() {
    let stage = Stage::new();
    let backups = Backups::new(stage.places());
    let (tell, told) = mpsc::channel();
    let _keeper = Keeper::start(
        backups.clone(),
        stage.store.clone(),
        stage.clock.clone(),
        |_| Some(Settings::default()),
        move |trouble| drop(tell.send(trouble)),
    )
    .expect("a thread");
    let next = || told.recv_timeout(Duration::from_secs(60)).expect("it tells how it went");

    let obstacle = stage.places().backups;
    fs::write(&obstacle, "no folder").expect("the folder can be written to");
    assert!(backups.ask(system()));
    let (severity, words) = next().expect("it fails");
    assert_eq!(severity, Severity::Major);
    assert!(words.en.contains("backups"), "{words:?}");

    fs::remove_file(&obstacle).expect("it is there");
    // The state is settled right after it was told.
    while !backups.ask(system()) {
        std::thread::yield_now();
    }
    assert_eq!(next(), None);
    while backups.status().running {
        std::thread::yield_now();
    }
    let status = backups.status();
    assert!(status.trouble.is_none() && status.items.len() == 1 && status.next_at.is_some(), "{status:?}");
    let audit = stage.store.audit(&Slice { limit: 1, cursor: None }).expect("the audit log").items;
    assert_eq!((&*audit[0].what, &audit[0].subject), ("backup made", &status.items[0].name));
}

#[test]
fn a_backup_is_made_while_others_write() {
    let stage = Stage::new();
    let stop = Arc::new(AtomicBool::new(false));
    let (store, told) = (stage.store.clone(), stop.clone());
    let writer = std::thread::spawn(move || {
        let mut written = 0_u64;
        while !told.load(std::sync::atomic::Ordering::Relaxed) {
            store.put_setting("n", &written.into(), &system()).expect("it is written");
            written += 1;
        }
        written
    });
    for _ in 0..3 {
        let made = stage.made();
        let read = archive::read(&made.file, |_| Ok(None), &GO_ON).expect("it is sound");
        assert_eq!(read.store.users, 1);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(writer.join().expect("it wrote") > 0);
}

#[test]
fn an_archive_that_was_not_written_whole_is_not_taken_for_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("x.tar.gz");
    let mut target = File::create(&place).expect("a file");
    let manifest = Manifest::new(START.timestamp(), Census::default());
    let members = [("atalaya.db".to_owned(), Content::Bytes(vec![7; 100_000]))];
    archive::write(&target, manifest, &members, &GO_ON).expect("it is written");
    archive::read(&place, |_| Ok(None), &GO_ON).expect("it is whole");
    target.set_len(target.metadata().expect("it is there").len() - 20).expect("it can be cut");
    target.flush().expect("it is written");
    archive::read(&place, |_| Ok(None), &GO_ON).expect_err("its end is missing");
}
