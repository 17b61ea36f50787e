//! The command line, by running it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use atalaya::clock::SystemClock;
use atalaya::domain::Millis;
use atalaya::people::accounts;
use atalaya::store::sqlite::SqliteStore;
use atalaya::store::{LoginStore, PeopleStore};

fn atalaya(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atalaya"));
    command.args(args).current_dir(folder).env_remove("ATALAYA_CONFIG");
    command
}

fn run(args: &[&str], folder: &Path) -> Output {
    atalaya(args, folder).output().expect("the command can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What went wrong: one line, no backtrace.
fn told(output: &Output) -> String {
    let words = text(&output.stderr);
    assert_eq!(words.lines().count(), 1, "{words}");
    words
}

/// A data directory with a running server's store.
fn server(folder: &Path) -> Arc<SqliteStore> {
    let file = folder.join("atalaya-data/atalaya.db");
    SqliteStore::open(&file, Arc::new(SystemClock::new())).expect("a new store")
}

#[test]
fn commands_for_people_work_beside_a_running_server() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = server(folder.path());

    let link = run(&["setup-link"], folder.path());
    assert!(text(&link.stdout).starts_with("http://127.0.0.1:8420/setup?key="), "{link:?}");

    assert!(accounts::first_admin(&*store, "first password", Millis(0)).expect("the store works"));
    let link = run(&["setup-link"], folder.path());
    assert_eq!(link.status.code(), Some(1));
    assert!(told(&link).contains("there is an account already"));

    let token = run(&["token", "create", "--user", "admin", "--expires", "90d"], folder.path());
    assert!(token.status.success(), "{token:?}");
    let token = text(&token.stdout).trim().to_owned();
    let row = store.token(atalaya::people::secret::hash(&token)).expect("the store works");
    assert!(token.starts_with("ata_") && row.is_some_and(|row| row.expires_at.is_some()));

    let sender = run(&["token", "create", "--user", "admin", "--scope", "ingest"], folder.path());
    assert!(text(&sender.stdout).starts_with("atain_"), "{sender:?}");

    let made = run(&["user", "reset-password", "admin"], folder.path());
    assert_eq!(text(&made.stdout).trim().len(), 22, "128 bits in base64: {made:?}");
    let unknown = run(&["user", "reset-password", "nobody"], folder.path());
    assert_eq!(
        (unknown.status.code(), told(&unknown).as_str()),
        (Some(1), "atalaya: there is no user \"nobody\"\n")
    );
}

#[test]
fn a_password_can_come_from_standard_input_and_must_be_long_enough() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = server(folder.path());
    accounts::first_admin(&*store, "first password", Millis(0)).expect("the store works");
    let before = store.user_by_name("admin").expect("the store works");
    for (password, code) in [("short\n", 1), ("long enough\n", 0)] {
        let mut command = atalaya(&["user", "reset-password", "admin", "--stdin"], folder.path());
        let mut child =
            command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
        child.stdin.take().expect("it is piped").write_all(password.as_bytes()).expect("it reads");
        assert_eq!(child.wait_with_output().expect("it ends").status.code(), Some(code));
    }
    assert_ne!(before, store.user_by_name("admin").expect("the store works"));
}

#[test]
fn what_is_wrong_is_said_in_one_line_with_a_code_of_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nothing = run(&["setup-link", "--data", "nowhere"], folder.path());
    assert_eq!(nothing.status.code(), Some(1));
    assert!(told(&nothing).contains("nowhere/atalaya.db: there is no store"));

    std::fs::write(folder.path().join("atalaya.toml"), "listn = \"x\"").expect("it can be written");
    let config = run(&["setup-link"], folder.path());
    assert_eq!(config.status.code(), Some(2));
    assert_eq!(told(&config), "atalaya: atalaya.toml: listn: there is no such key; did you mean listen?\n");

    assert_eq!(run(&["srve"], folder.path()).status.code(), Some(2));
}

#[test]
fn help_has_examples() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for args in [&["--help"][..], &["token", "create", "--help"], &["user", "reset-password", "--help"]] {
        let help = run(args, folder.path());
        assert!(help.status.success() && text(&help.stdout).contains("Example"), "{args:?}");
    }
}

#[test]
fn a_file_that_is_no_check_is_said_to_be_none() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("a.wasm"), "no wasm").expect("it can be written");
    let inspected = run(&["check", "inspect", "a.wasm"], folder.path());
    assert!(inspected.status.success(), "{inspected:?}");
    assert!(text(&inspected.stdout).contains("refused"), "{inspected:?}");
    let missing = run(&["check", "inspect", "b.wasm"], folder.path());
    assert!(told(&missing).contains("b.wasm: cannot be read"));
}
