use std::io::Write;

use super::*;
use crate::config::LogFormat;

const SAMPLE: &str = include_str!("../../config/atalaya.sample.toml");

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("it can be written");
    file
}

fn loaded(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let file = file(text);
    let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let shown = file.path().display().to_string();
    let config = load(&flags, variables).map_err(|error| error.to_string().replace(&shown, "F"))?;
    assert_eq!(config.file.as_deref(), Some(file.path()));
    Ok(Config { file: None, ..config })
}

#[test]
fn the_environment_overrides_the_file_and_flags_override_both() {
    let file = file("listen = \"127.0.0.1:1\"\ndata = \"/file\"\n[session]\nidle = \"1h\"");
    let flags = Flags {
        config: Some(file.path().to_owned()),
        listen: Some("127.0.0.1:3".to_owned()),
        ..Flags::default()
    };
    let variables = [("ATALAYA_LISTEN", "127.0.0.1:2"), ("ATALAYA_DATA", "/variable"), ("HOME", "/")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = load(&flags, variables).expect("all of it is right");
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.data, Path::new("/variable"));
    assert_eq!(config.session.idle, atalaya_api::span::Span(3_600));
}

#[test]
fn a_variable_names_its_section_with_two_underscores() {
    let variables = [
        ("ATALAYA_INGEST__CARBON__LISTEN", "127.0.0.1:2103"),
        ("ATALAYA_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("ATALAYA_DATA", "12"),
        ("ATALAYA_LOG__FORMAT", "journal"),
        ("ATALAYA_ADMIN_PASSWORD", "is no key"),
    ];
    let config = loaded("", &variables).expect("all of it is right");
    assert_eq!(config.ingest.carbon.listen.port(), 2103);
    assert_eq!(config.trusted_proxies.len(), 1);
    assert_eq!(config.data, Path::new("12"), "a number where text is wanted is text");
    assert_eq!(config.log.format, LogFormat::Journal);
}

#[test]
fn the_command_of_the_operations_agent_is_named_by_file_or_variable() {
    let named = loaded("[notify]\nopcmsg = \"/opt/OV/bin/opcmsg\"", &[]).expect("it is right");
    assert_eq!(named.notify.opcmsg(), Some(Path::new("/opt/OV/bin/opcmsg")));
    let told = loaded("", &[("ATALAYA_NOTIFY__OPCMSG", "/usr/bin/opcmsg")]).expect("it is right");
    assert_eq!(told.notify.opcmsg(), Some(Path::new("/usr/bin/opcmsg")));
    assert_eq!(Config::default().notify.opcmsg(), None, "nothing is run that nobody named");
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one() {
    let cases = [
        ("listn = \"x\"", "F: listn: there is no such key; did you mean listen?"),
        ("[session]\nidel = \"1h\"", "F: session.idel: there is no such key; did you mean idle?"),
        ("[ingest.carbn]", "F: ingest.carbn: there is no such key; did you mean carbon?"),
        ("[sesion]\nidle = \"1h\"", "F: sesion: there is no such key; did you mean session?"),
    ];
    for (text, wanted) in cases {
        assert_eq!(loaded(text, &[]).expect_err("the key is unknown"), wanted);
    }
    let told = loaded("", &[("ATALAYA_SESSION__IDEL", "1h")]).expect_err("the key is unknown");
    assert_eq!(
        told,
        "environment variable ATALAYA_SESSION__IDEL: session.idel: there is no such key; did you mean idle?"
    );
}

#[test]
fn a_wrong_value_says_where_and_what_would_be_right() {
    let cases = [
        ("listen = 8420", "F: listen: must be an address with a port, e.g. \"127.0.0.1:8420\""),
        ("listen = \"here\"", "F: listen: must be an address with a port, e.g. \"127.0.0.1:8420\""),
        ("base_path = \"atalaya/\"", "F: base_path: must be empty or start with a slash"),
        ("tls_cert = \"a.pem\"", "F: tls_key: is missing: tls_cert is set"),
        ("trusted_proxies = [\"ten\"]", "F: trusted_proxies[0]: must be an address or a network"),
        ("[session]\nidle = \"soon\"", "F: session.idle: must be a duration such as"),
        ("[session]\nidle = \"2h\"\nabsolute = \"1h\"", "F: session.absolute: must be at least session.idle"),
        ("[log]\nformat = \"xml\"", "F: log.format: must be one of text, journal, not \"xml\""),
        ("[notify]\nopcmsg = \"opcmsg\"", "F: notify.opcmsg: must be empty or a path from the root"),
        ("[notify]\nopcmsg = true", "F: notify.opcmsg: must be text in quotes"),
        ("log = 3", "F: log: must be a section"),
        ("listen = \"127.0.0.1:1\"\nlisten = ", "F: line 2, column"),
    ];
    for (text, wanted) in cases {
        let told = loaded(text, &[]).expect_err("the value is wrong");
        assert!(told.starts_with(wanted), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn a_file_that_is_not_there_is_said_by_name() {
    let flags = Flags { config: Some(PathBuf::from("/nowhere/atalaya.toml")), ..Flags::default() };
    let told = load(&flags, []).expect_err("it is not there").to_string();
    assert!(told.starts_with("/nowhere/atalaya.toml: cannot be read: "), "{told}");
}

/// The sample with its `#key = value` lines in force.
fn sample_in_force() -> String {
    let key = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line.contains('=');
    SAMPLE.lines().map(|line| if key(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_can_be_used_as_it_is() {
    assert_eq!(loaded(SAMPLE, &[]), Ok(Config::default()));
}

#[test]
fn the_sample_names_every_key_with_its_default() {
    let text = sample_in_force();
    assert_eq!(loaded(&text, &[]), Ok(Config::default()));
    let table: Table = text.parse().expect("it is TOML");
    assert_named(&table, &mut Vec::new());
}

fn assert_named(table: &Table, section: &mut Vec<String>) {
    let path: Vec<&str> = section.iter().map(String::as_str).collect();
    let keys = keys_of(&path).unwrap_or_default();
    assert!(!keys.is_empty(), "{section:?} is a section");
    for key in keys {
        let value = table.get(&key).unwrap_or_else(|| panic!("the sample does not name {section:?} {key}"));
        if let Value::Table(inner) = value {
            section.push(key);
            assert_named(inner, section);
            section.pop();
        }
    }
}
