//! A program in the place of `opcmsg`, which nobody may hand on: it takes what the real one takes, refuses what it refuses with its
//! exit codes, and writes down each call.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// The program in a temporary folder, and what it was called with.
pub struct Opcmsg {
    folder: tempfile::TempDir,
}

/// Its syntax and limits: `opcmsg [severity=…] application=… object=… msg_text=… [msg_grp=…] [node=…] [service_id=…]
/// [-option name=value]…`; 0: sent, 1: the agent failed, 2: it was called wrongly.
const SCRIPT: &str = r#"#!/bin/sh
# Lengths are bytes.
LC_ALL=C
export LC_ALL
here=$(dirname "$0")
wrong() { echo "opcmsg: $1" >&2; exit 2; }
within() { test "${#2}" -le "$3" || wrong "$1 is longer than $3 bytes"; }
if test -e "$here/broken"; then
    echo "opcmsg: the agent is not running (OpC30-1)" >&2
    exit 1
fi
call=$(mktemp "$here/calls/new.XXXXXX") || exit 1
printf '%s\0' "$@" > "$call"
application= object= msg_text=
while test $# -gt 0; do
    case "$1" in
    *[[:cntrl:]]*) wrong "a control character in $1" ;;
    severity=normal | severity=warning | severity=minor | severity=major | severity=critical) ;;
    severity=*) wrong "no such severity: $1" ;;
    application=*) application=${1#*=}; within application "$application" 32 ;;
    object=*) object=${1#*=}; within object "$object" 32 ;;
    msg_text=*) msg_text=${1#*=}; within msg_text "$msg_text" 2048 ;;
    msg_grp=*) within msg_grp "${1#*=}" 32 ;;
    node=*) within node "${1#*=}" 254 ;;
    service_id=*) within service_id "${1#*=}" 254 ;;
    -option)
        shift
        case "$1" in
        [A-Za-z]*=*) ;;
        *) wrong "-option wants name=value, not $1" ;;
        esac
        ;;
    *) wrong "unknown argument $1" ;;
    esac
    shift
done
test -n "$application" || wrong "application is missing"
test -n "$object" || wrong "object is missing"
test -n "$msg_text" || wrong "msg_text is missing"
# In order, and whole or not at all.
mv "$call" "$here/calls/$(date +%s%N)"
"#;

impl Opcmsg {
    /// # Panics
    /// There is no temporary folder to write to.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let opcmsg = Opcmsg { folder };
        let writable = "the temporary folder can be written to";
        std::fs::create_dir(opcmsg.folder.path().join("calls")).expect(writable);
        std::fs::write(opcmsg.path(), SCRIPT).expect(writable);
        std::fs::set_permissions(opcmsg.path(), std::fs::Permissions::from_mode(0o755)).expect(writable);
        opcmsg
    }

    /// Where the program is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("opcmsg")
    }

    /// From now on the agent is not running, or runs again.
    ///
    /// # Panics
    /// The temporary folder is gone.
    pub fn set_broken(&self, broken: bool) {
        let mark = self.folder.path().join("broken");
        if broken {
            std::fs::write(mark, "").expect("the temporary folder can be written to");
        } else if mark.exists() {
            std::fs::remove_file(mark).expect("the temporary folder can be written to");
        }
    }

    /// The arguments of each call that it took, in order.
    ///
    /// # Panics
    /// The temporary folder is gone.
    pub fn calls(&self) -> Vec<Vec<String>> {
        let entries = std::fs::read_dir(self.folder.path().join("calls")).expect("the folder is there");
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_none());
        files.sort();
        files.iter().map(|file| arguments(&std::fs::read(file).expect("it was written"))).collect()
    }
}

impl Default for Opcmsg {
    fn default() -> Self {
        Opcmsg::new()
    }
}

fn arguments(bytes: &[u8]) -> Vec<String> {
    let each = bytes.strip_suffix(b"\0").unwrap_or(bytes).split(|byte| *byte == 0);
    each.map(|one| String::from_utf8_lossy(one).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(opcmsg: &Opcmsg, arguments: &[&str]) -> Option<i32> {
        // Through a shell: a program that was only just written may still be open in a sibling that forks.
        let mut command = std::process::Command::new("/bin/sh");
        command.arg(opcmsg.path()).args(arguments).output().expect("there is a shell").status.code()
    }

    #[test]
    fn what_the_real_one_refuses_is_refused() {
        let opcmsg = Opcmsg::new();
        let long = format!("object={}", "ñ".repeat(17));
        let good = ["severity=normal", "application=a", "object=b", "msg_text=c d", "-option", "x=1"];
        assert_eq!(code(&opcmsg, &good), Some(0));
        for (at, wrong) in [
            (0, "severity=cleared"),
            (0, "-node=x"),
            (1, "application="),
            (2, long.as_str()),
            (3, "msg_text=a\nb"),
            (5, "=1"),
        ] {
            let mut arguments = good;
            arguments[at] = wrong;
            assert_eq!(code(&opcmsg, &arguments), Some(2), "{wrong}");
        }
        opcmsg.set_broken(true);
        assert_eq!(code(&opcmsg, &good), Some(1));
        assert_eq!(opcmsg.calls(), [good.map(String::from).to_vec()], "only what it took is kept");
    }
}
