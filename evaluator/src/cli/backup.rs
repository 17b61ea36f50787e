//! `backup` and `restore`.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::bail;
use atalaya::api::load_settings;
use atalaya::backup::{self, Made, Places, Wish};
use atalaya::clock::{Clock, SystemClock};
use atalaya::config::Config;
use atalaya::store::SettingsStore;
use atalaya::store::sqlite::SqliteStore;
use serde_json::json;

use super::Place;
use super::people::by;

/// Makes a backup, also while the server runs, and prints its path.
pub fn make(place: Place, to: Option<PathBuf>, with_key: bool) -> anyhow::Result<()> {
    let config = place.load(None)?;
    require_owner(&config.data)?;
    let places = Places::of(&config);
    if !places.store.exists() {
        bail!("{}: there is no store; name the data directory with --data", places.store.display());
    }
    let clock = Arc::new(SystemClock::new());
    let store = SqliteStore::open_beside_server(&places.store, clock.clone())?;
    let settings = load_settings(&*store)?.backup;
    // Where somebody says, everything stays; in the server's folder it goes as the server does it.
    let wish = match to {
        Some(folder) => Wish { folder: Some(folder), with_key, ..Wish::default() },
        None => {
            let second = Some(settings.second_folder).filter(|folder| !folder.is_empty());
            let keep = Some(settings.keep.into());
            Wish { folder: None, with_key, keep, second: second.map(PathBuf::from) }
        }
    };
    let made = backup::make(&places, &wish, clock.now().wall, &AtomicBool::new(false))?;
    store.note(
        "backup made",
        &made.name(),
        &json!({"bytes": made.bytes, "with_key": made.with_key}),
        &by(),
    )?;
    tell_made(&config, &made);
    match made.trouble {
        Some(trouble) => Err(trouble.into()),
        None => Ok(()),
    }
}

fn tell_made(config: &Config, made: &Made) {
    println!("{}", made.file.display());
    eprintln!("made and verified: {} KiB; samples are not in it", made.bytes.div_ceil(1_024));
    let key = Places::of(config).key;
    if made.with_key {
        eprintln!(
            "whoever has this file can read the passwords of sources, Grafana and receivers: keep it locked away"
        );
    } else if key.exists() {
        eprintln!("{} is not in it: keep a copy of it apart, or say --with-key", key.display());
    }
}

/// What somebody else makes in the data folder, the server cannot write to: its next backup would fail.
fn require_owner(data: &Path) -> anyhow::Result<()> {
    // Where there is none yet it will be whoever's makes it.
    let Ok(folder) = std::fs::metadata(data) else { return Ok(()) };
    if folder.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = name_of(folder.uid(), &accounts).unwrap_or("NAME");
    bail!(
        "{} belongs to another user: run it as the user of the data directory: runuser -u {user} -- atalaya ...",
        data.display()
    )
}

/// The user's name, in the form of `/etc/passwd`.
fn name_of(user: u32, accounts: &str) -> Option<&str> {
    let user = user.to_string();
    let named = |line: &'_ str| line.split(':').nth(2) == Some(user.as_str());
    accounts.lines().find(|line| named(line))?.split(':').next()
}

/// Puts a backup back, and says what is left to be done by hand.
pub fn restore(place: Place, file: &Path, force: bool) -> anyhow::Result<()> {
    let config = place.load(None)?;
    require_owner(&config.data)?;
    let places = Places::of(&config);
    let now = SystemClock::new().now().wall;
    let done = backup::restore(file, &places, force, now, &by())?;
    let (manifest, held) = (&done.manifest, done.manifest.store);
    println!(
        "restored into {}: {} rules, {} alarms, {} users, as of {}",
        config.data.display(),
        held.rules,
        held.alarms,
        held.users,
        manifest.made_at
    );
    if let Some(before) = &done.before {
        println!("what was there before is in {}", before.display());
    }
    if let Some(config) = &done.config {
        println!(
            "the configuration that was in it is {}: nothing reads it there; compare it with yours",
            config.display()
        );
    }
    if done.given_up > 0 {
        println!(
            "messages that were on their way when it was made, and are not sent: {}; they are among the deliveries, to be sent again by hand",
            done.given_up
        );
    }
    println!("samples are not in a backup: windows fill again; everybody logs in again");
    if !done.shut.is_empty() {
        println!(
            "the key that these secrets were encrypted with is not {}; type them again:",
            places.key.display()
        );
        for shut in &done.shut {
            println!("  {} {}", shut.kind, shut.name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_the_folder_is_named() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\natalaya:x:998:997::/var/lib/atalaya:/usr/sbin/nologin\n";
        assert_eq!(name_of(998, accounts), Some("atalaya"));
        assert_eq!(name_of(997, accounts), None);
    }
}
