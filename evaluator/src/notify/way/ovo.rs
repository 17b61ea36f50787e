//! Messages into HP / Micro Focus Operations Manager (OVO, OMi) by its agent's command:
//! `opcmsg [severity=…] application=… object=… msg_text=… [msg_grp=…] [node=…] [-option name=value]…`
//!
//! It knows normal, warning, minor, major and critical. Cleared is normal; unknown is minor, which stands between warning and
//! major as unknown does here.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atalaya_api::receiver::OvoWay;

use super::brief::TextOf;
use super::program::{self, Ended};
use crate::domain::{Message, Severity, Texts};
use crate::notify::{Failure, Way};
use crate::source::remote::Unusable;
use crate::source::remote::http::Quoter;

/// Bytes of application, object and message group.
const NAME: usize = 32;

/// Bytes of the text.
const TEXT: usize = 2_048;

/// Bytes of a node's name (RFC 1035, 2.3.4) and of an option's value.
const LONG_NAME: usize = 254;

/// Longer than this the agent is stuck.
const LIMIT: Duration = Duration::from_secs(30);

/// The agent's command, and how its messages are marked.
pub struct Ovo {
    program: PathBuf,
    way: OvoWay,
    text: TextOf,
    limit: Duration,
}

impl Ovo {
    /// `program`: as the configuration file names it, if it does.
    ///
    /// # Errors
    /// There is none, or a field is too long or missing: which, and what would be right.
    pub fn new(way: &OvoWay, program: Option<&Path>, text: TextOf) -> Result<Self, Unusable> {
        let program = program.ok_or_else(no_program)?.to_owned();
        if way.application.trim().is_empty() {
            let (en, es) = ("the name of the application is needed", "hace falta el nombre de la aplicación");
            return Err(Unusable::new("ovo.application", en, es));
        }
        let fields = [
            ("ovo.application", &way.application, NAME),
            ("ovo.object", &way.object, NAME),
            ("ovo.msg_group", &way.msg_group, NAME),
            ("ovo.node", &way.node, LONG_NAME),
        ];
        for (field, value, most) in fields {
            if value.len() > most {
                return Err(too_long(field, value.len(), most));
            }
        }
        Ok(Ovo { program, way: way.clone(), text, limit: LIMIT })
    }

    /// What follows the command, one argument each.
    fn arguments(&self, message: &Message) -> Vec<String> {
        let first = message.alarms.first();
        let object = match self.way.object.trim() {
            "" => first.map_or("Atalaya", |said| said.subject.as_str()),
            object => object,
        };
        let mut arguments = vec![
            format!("severity={}", severity(message)),
            argument("application", &self.way.application, NAME),
            argument("object", object, NAME),
            argument("msg_text", &(self.text)(message), TEXT),
        ];
        for (name, value, most) in
            [("msg_grp", &self.way.msg_group, NAME), ("node", &self.way.node, LONG_NAME)]
        {
            if !value.trim().is_empty() {
                arguments.push(argument(name, value, most));
            }
        }
        arguments.extend(["-option".to_owned(), argument("atalaya_key", &message.key, LONG_NAME)]);
        if let [one] = message.alarms.as_slice() {
            arguments.extend(["-option".to_owned(), format!("atalaya_alarm={}", one.alarm)]);
        }
        arguments
    }

    fn outcome(&self, ended: &Ended) -> Result<String, Failure> {
        let answer = Quoter::default().answer(&ended.words);
        let program = self.program.display();
        let said =
            if answer.is_empty() { String::new() } else { format!(": {}", Quoter::default().text(&answer)) };
        let Some(status) = ended.status else {
            let seconds = self.limit.as_secs();
            let words = Texts {
                en: format!("{program} did not end within {seconds} s and was stopped{said}"),
                es: format!("{program} no terminó en {seconds} s y se detuvo{said}"),
            };
            return Err(Failure::Retryable { words, answer, after: None });
        };
        let words = Texts {
            en: format!("{program} ended with {}{said}", code(status)),
            es: format!("{program} terminó con {}{said}", code(status)),
        };
        match status.code() {
            Some(0) => Ok(answer),
            // It did not understand what it was given, and will not the next time.
            Some(2) => Err(Failure::Permanent { words, answer }),
            _ => Err(Failure::Retryable { words, answer, after: None }),
        }
    }
}

impl Way for Ovo {
    fn send(&self, message: &Message) -> Result<String, Failure> {
        match program::run(&self.program, &self.arguments(message), self.limit) {
            Ok(ended) => self.outcome(&ended),
            Err(error) => Err(not_started(&self.program, &error)),
        }
    }
}

fn severity(message: &Message) -> &'static str {
    match message.severity {
        None => "normal",
        Some(Severity::Warning) => "warning",
        Some(Severity::Unknown) => "minor",
        Some(Severity::Major) => "major",
        Some(Severity::Critical) => "critical",
    }
}

/// `name=value`. What a script in the command's place could take for something else becomes harmless: line ends and other control
/// characters, quotes, dollar signs and backslashes. The name before it makes a leading dash one of the value.
fn argument(name: &str, value: &str, most: usize) -> String {
    let plain = |one: char| match one {
        '"' | '`' => '\'',
        '\\' => '/',
        '$' => 'S',
        one if one.is_control() || matches!(one, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}') => ' ',
        one => one,
    };
    let clean: String = value.trim().chars().map(plain).collect();
    format!("{name}={}", clean[..clean.floor_char_boundary(most)].trim_end())
}

fn code(status: std::process::ExitStatus) -> String {
    match status.code() {
        Some(code) => code.to_string(),
        None => status.to_string(),
    }
}

fn not_started(program: &Path, error: &std::io::Error) -> Failure {
    let program = program.display();
    let (en, es) = match error.kind() {
        ErrorKind::NotFound => ("there is no such program".to_owned(), "no existe ese programa".to_owned()),
        ErrorKind::PermissionDenied => {
            ("it may not be run".to_owned(), "no se tiene permiso para ejecutarlo".to_owned())
        }
        _ => (error.to_string(), error.to_string()),
    };
    let words = Texts {
        en: format!("{program} ([notify] opcmsg in the configuration file) cannot be started: {en}"),
        es: format!("{program} ([notify] opcmsg en el archivo de configuración) no se puede iniciar: {es}"),
    };
    Failure::Retryable { words, answer: String::new(), after: None }
}

fn no_program() -> Unusable {
    Unusable::new(
        "kind",
        "no opcmsg is known here: [notify] opcmsg in the configuration file names it, e.g. \"/opt/OV/bin/opcmsg\"",
        "aquí no se conoce ningún opcmsg: lo indica [notify] opcmsg en el archivo de configuración, p. ej. «/opt/OV/bin/opcmsg»",
    )
}

fn too_long(field: &str, had: usize, most: usize) -> Unusable {
    Unusable::new(
        field,
        format!("it takes {had} bytes, and opcmsg takes at most {most}"),
        format!("ocupa {had} bytes y opcmsg admite {most} como mucho"),
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use atalaya_api::delivery::DeliveryKind;

    use super::super::brief::tests::{brief, message, raised, said};
    use super::*;

    fn way() -> OvoWay {
        OvoWay {
            application: "Atalaya".into(),
            msg_group: "OSS".into(),
            node: "noc.example".into(),
            ..OvoWay::default()
        }
    }

    fn ovo(program: &Path) -> Ovo {
        Ovo::new(&way(), Some(program), brief("en").text_of()).expect("it can be used")
    }

    #[test]
    fn a_message_is_a_vector_of_arguments() {
        let arguments = ovo(Path::new("/bin/true")).arguments(&raised("router1.cpu"));
        let expected = [
            "severity=critical",
            "application=Atalaya",
            "object=router1.cpu",
            "msg_text=CRITICAL router1.cpu 95.25 % 09:49 - Routers - CPU",
            "msg_grp=OSS",
            "node=noc.example",
            "-option",
            "atalaya_key=k-1",
            "-option",
            "atalaya_alarm=01010101-0101-0101-0101-010101010101",
        ];
        assert_eq!(arguments, expected);
    }

    #[test]
    fn each_severity_has_its_own_and_cleared_is_normal() {
        let of = |severity| severity_of(severity);
        assert_eq!(of(None), "normal");
        assert_eq!(Severity::ALL.map(|one| of(Some(one))), ["critical", "major", "minor", "warning"]);
    }

    fn severity_of(one: Option<Severity>) -> &'static str {
        severity(&message(DeliveryKind::Changed, vec![said("a", one, 1.0)]))
    }

    #[test]
    fn fields_are_cut_at_their_bytes_between_two_characters() {
        let arguments = ovo(Path::new("/bin/true")).arguments(&raised(&"ñ".repeat(3_000)));
        assert_eq!(arguments[2].len(), "object=".len() + 32);
        let odd = ovo(Path::new("/bin/true")).arguments(&raised(&format!("x{}", "ñ".repeat(3_000))));
        assert_eq!(odd[2].len(), "object=".len() + 31, "half an ñ is none");
        assert!(odd[3].len() <= "msg_text=".len() + 2_048);
    }

    #[test]
    fn what_strangers_write_stays_within_its_argument() {
        let nasty = "-node=x\r\nseverity=normal\0 \"`id`\" $(id) \\ \u{202e}";
        let arguments = ovo(Path::new("/bin/true")).arguments(&raised(nasty));
        assert_eq!(arguments.len(), 10);
        assert_eq!(arguments[2], "object=-node=x  severity=normal  ''id''"[..7 + 32].trim_end());
        assert!(
            !arguments.iter().any(|one| one.contains(['\n', '\r', '\0', '"', '`', '$', '\\', '\u{202e}']))
        );
    }

    fn script(folder: &tempfile::TempDir, body: &str) -> PathBuf {
        let path = folder.path().join("opcmsg");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("the folder can be written to");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        path
    }

    fn told(body: &str) -> Result<String, Failure> {
        told_within(body, LIMIT)
    }

    fn told_within(body: &str, limit: Duration) -> Result<String, Failure> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Through a shell: a program that was only just written may still be open in a sibling that forks.
        let path = script(&folder, body);
        let ended = program::run(Path::new("/bin/sh"), &[path], limit).expect("it starts");
        Ovo { limit, ..ovo(Path::new("opcmsg")) }.outcome(&ended)
    }

    #[test]
    fn its_exit_code_says_whether_to_try_again() {
        assert_eq!(told("echo sent; exit 0"), Ok("sent".to_owned()));
        let failed = told("echo agent is not running >&2; exit 1");
        let Err(Failure::Retryable { words, answer, .. }) = failed else { panic!("{failed:?}") };
        assert_eq!(answer, "agent is not running");
        assert_eq!(words.en, "opcmsg ended with 1: agent is not running");
        assert!(matches!(told("exit 2"), Err(Failure::Permanent { .. })));
        assert!(matches!(told("exit 127"), Err(Failure::Retryable { .. })));
        assert!(matches!(told("kill -9 $$"), Err(Failure::Retryable { .. })));
        let stuck = told_within("sleep 1000", Duration::from_millis(200));
        assert!(stuck.as_ref().is_err_and(|failure| failure.words().en.contains("did not end")), "{stuck:?}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named_with_its_key() {
        let failure = ovo(Path::new("/nowhere/opcmsg")).send(&raised("a")).expect_err("it is not there");
        assert!(failure.words().en.contains("/nowhere/opcmsg ([notify] opcmsg"), "{failure:?}");
        assert!(matches!(failure, Failure::Retryable { .. }), "it may be installed again");
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_field() {
        let refused = |way: OvoWay, program: Option<&Path>| {
            Ovo::new(&way, program, brief("en").text_of()).err().expect("it cannot be used").field
        };
        let program = Some(Path::new("/bin/true"));
        assert_eq!(refused(way(), None), "kind");
        assert_eq!(refused(OvoWay { application: " ".into(), ..way() }, program), "ovo.application");
        assert_eq!(refused(OvoWay { object: "ñ".repeat(17), ..way() }, program), "ovo.object");
        assert_eq!(refused(OvoWay { msg_group: "x".repeat(33), ..way() }, program), "ovo.msg_group");
    }
}
