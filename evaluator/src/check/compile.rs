//! Compilation, in a child process that can be killed: a few kilobytes of wasm can keep a compiler busy for minutes and
//! take gigabytes, and no limit inside a process would hold.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::engine::compiling_engine;
use super::limits::HostLimits;
use super::text::clean;

/// How to start the compiling child: an `atalaya` binary and the arguments that lead it to [`child_main`].
#[derive(Clone, Debug)]
pub struct CompilerCommand {
    pub program: PathBuf,
    pub args: Vec<String>,
}

impl CompilerCommand {
    /// This program's hidden subcommand `compile-check`.
    ///
    /// # Errors
    /// The system does not say where the running program is.
    pub fn of_this_program() -> std::io::Result<Self> {
        Ok(Self::of(std::env::current_exe()?))
    }

    /// The hidden subcommand `compile-check` of an `atalaya` binary.
    pub fn of(program: PathBuf) -> Self {
        CompilerCommand { program, args: vec!["compile-check".to_owned()] }
    }
}

/// The component could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error("the compiler could not be started: {0}")]
    NotStarted(std::io::Error),
    #[error("it takes longer than {0} s to compile")]
    TooSlow(u64),
    #[error("compiled it is larger than {0} MiB")]
    TooLarge(usize),
    /// It crashed at its limits of memory and CPU, or could not read its input.
    #[error("compiling it took more memory or CPU than allowed, or crashed the compiler")]
    Crashed,
    #[error("{0}")]
    Refused(String),
}

/// Ends the child whatever happens to the parent's attention.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Compiles a component in a child process.
///
/// # Errors
/// The component is not valid, or it was too much for the limits; in words for an operator.
pub(super) fn compile(
    command: &CompilerCommand,
    limits: &HostLimits,
    wasm: &[u8],
) -> Result<Vec<u8>, CompileError> {
    let mut child = start(command, limits).map_err(CompileError::NotStarted)?;
    let answer = feed_and_read(&mut child.0, wasm.to_vec(), limits.artefact_bytes);
    let wall = Duration::from_secs(limits.compile_wall_seconds);
    let Ok((artefact, words)) = answer.recv_timeout(wall) else {
        return Err(CompileError::TooSlow(limits.compile_wall_seconds));
    };
    if artefact.len() > limits.artefact_bytes {
        return Err(CompileError::TooLarge(limits.artefact_bytes >> 20));
    }
    let status = child.0.wait().map_err(CompileError::NotStarted)?;
    match status.code() {
        Some(0) => Ok(artefact),
        Some(REFUSED) => Err(CompileError::Refused(clean(&words, 400))),
        _ => Err(CompileError::Crashed),
    }
}

fn start(command: &CompilerCommand, limits: &HostLimits) -> std::io::Result<Killed> {
    let mut start = Command::new(&command.program);
    start
        .args(&command.args)
        .arg(limits.compile_memory_bytes.to_string())
        .arg(limits.compile_cpu_seconds.to_string())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    start.spawn().map(Killed)
}

/// Writes the component and reads the answer on threads of their own, so that a child that neither reads nor writes blocks
/// nobody. They end when the child does.
fn feed_and_read(child: &mut Child, wasm: Vec<u8>, most: usize) -> mpsc::Receiver<(Vec<u8>, String)> {
    const PIPED: &str = "the child was started with this end piped";
    let mut stdin = child.stdin.take().expect(PIPED);
    let stdout = child.stdout.take().expect(PIPED);
    let stderr = child.stderr.take().expect(PIPED);
    let (send, receive) = mpsc::channel();
    // A child that ends early closes its end; what it said counts, not the failed write.
    thread::spawn(move || drop(stdin.write_all(&wasm)));
    let words = thread::spawn(move || read_capped(stderr, 16 << 10));
    thread::spawn(move || {
        let artefact = read_capped(stdout, most);
        let words = words.join().unwrap_or_default();
        // Nobody listens any more once the time is up.
        drop(send.send((artefact, String::from_utf8_lossy(&words).into_owned())));
    });
    receive
}

/// At most one byte more than `most`: enough to see that it is too much.
fn read_capped(from: impl Read, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A broken pipe ends the answer; the exit status tells the rest.
    let _ = from.take(most as u64 + 1).read_to_end(&mut bytes);
    bytes
}

/// The child's exit code for a component that cannot be compiled, with the reason on stderr.
const REFUSED: i32 = 3;

/// The compiling child: limits itself, reads a component on stdin, writes the artefact to stdout.
///
/// `args` are what follows the subcommand: bytes of address space, seconds of CPU.
pub fn child_main(args: impl Iterator<Item = String>) -> ExitCode {
    match child(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::from(REFUSED as u8)
        }
    }
}

fn child(mut args: impl Iterator<Item = String>) -> Result<(), String> {
    let mut number = || {
        args.next().and_then(|arg| arg.parse::<u64>().ok()).ok_or("compile-check MEMORY_BYTES CPU_SECONDS")
    };
    let (memory, cpu) = (number()?, number()?);
    limit(Resource::As, memory)?;
    limit(Resource::Cpu, cpu)?;
    limit(Resource::Core, 0)?;
    let mut wasm = Vec::new();
    std::io::stdin().read_to_end(&mut wasm).map_err(|error| error.to_string())?;
    let engine = compiling_engine().map_err(|error| error.to_string())?;
    let artefact = engine.precompile_component(&wasm).map_err(|error| format!("{error:#}"))?;
    std::io::stdout().write_all(&artefact).map_err(|error| error.to_string())
}

fn limit(resource: Resource, most: u64) -> Result<(), String> {
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
        .map_err(|error| error.to_string())
}
