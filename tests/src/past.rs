//! What earlier versions left behind in their data folders, kept as SQL in `tests/fixtures`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use atalaya::domain::Sha256;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::paths;

/// The password of `admin` and the token in the fixtures.
pub const PASSWORD: &str = crate::server::PASSWORD;
pub const TOKEN: &str = "ata_2SHW0TtmKIQ-mcJ9W8ADQ5kBVxM4urxweCn4RXVunjY";

/// A data folder with the store of the version that knew schema 1, as if it had been stopped just now. It is in the fixture
/// what was there.
///
/// # Panics
/// The fixture cannot be read, or a temporary folder cannot be written to.
pub fn schema_1() -> TempDir {
    folder_with(include_str!("../fixtures/schema-1.sql"))
}

/// The token in the fixture of schema 2.
pub const TOKEN_2: &str = "ata_AsLkGCgxklmeCR22BvHcZhBegJCJmmYrU4xoZFcO1O4";

/// The same of the version that knew schema 2, with the key that the secret of its source `graphite` is encrypted with.
///
/// # Panics
/// As [`schema_1`].
pub fn schema_2() -> TempDir {
    let data = folder_with(include_str!("../fixtures/schema-2.sql"));
    std::fs::write(data.path().join("secret.key"), "scwIkgIE7BKJT41A1200IiCGkZ1T5poM/pG6Oz+gjw0=\n")
        .expect("the folder can be written to");
    data
}

/// The token in the fixture of schema 3.
pub const TOKEN_3: &str = "ata_nxQBr57qF3BBVZpJkEpHZ4AcoCX93rlaltijgB0SuAM";

/// The same of the version that knew schema 3, with the key that the secret of its source `graphite` is encrypted with.
///
/// # Panics
/// As [`schema_1`].
pub fn schema_3() -> TempDir {
    let data = folder_with(include_str!("../fixtures/schema-3.sql"));
    std::fs::write(data.path().join("secret.key"), "pPIE+jHj9G99NzWFaWqOb125qvH5g5T0n1xz9zTbsDU=\n")
        .expect("the folder can be written to");
    data
}

fn folder_with(sql: &str) -> TempDir {
    let data = tempfile::tempdir().expect("a temporary folder");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis();
    let check = Sha256::of(&paths::built_in("threshold")).to_string().to_uppercase();
    let sql = sql.replace("@now", &now.to_string()).replace("@check", &check);
    let store = Connection::open(store_of(data.path())).expect("the folder can be written to");
    store
        .execute_batch(&format!("BEGIN; {sql} COMMIT; PRAGMA journal_mode = WAL;"))
        .expect("the fixture is SQL");
    data
}

/// The store's file in a data folder.
pub fn store_of(data: &Path) -> std::path::PathBuf {
    data.join("atalaya.db")
}

/// The schema of a store's file.
///
/// # Panics
/// It is no store's file.
pub fn schema(file: &Path) -> i64 {
    let store = Connection::open(file).expect("the store opens");
    let newest = "SELECT max(version) FROM refinery_schema_history";
    store.query_row(newest, [], |row| row.get(0)).expect("it has a schema")
}

/// Writes down that a later version changed the schema.
///
/// # Panics
/// It is no store's file.
pub fn make_newer(file: &Path) {
    let store = Connection::open(file).expect("the store opens");
    let newer = "INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum \
                 FROM refinery_schema_history WHERE version = 1";
    store.execute(newer, []).expect("it has a schema");
}

/// The copies that were made before a change of the schema, by name.
///
/// # Panics
/// The folder cannot be read.
pub fn copies(data: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(data.join("backups")) else { return Vec::new() };
    let mut found: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    found.sort();
    found
}
