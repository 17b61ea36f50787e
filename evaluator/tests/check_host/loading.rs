//! From bytes to a check: compiled once in a child process that can be killed, kept, and refused with words.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atalaya::check::{CompileError, CompilerCommand, Host, HostLimits, LoadError};
use atalaya::domain::Sha256;

use crate::support::{compiler, component, host, limits, wat};

fn host_in(dir: &Path, limits: HostLimits, compiler: CompilerCommand) -> Arc<Host> {
    Host::new(limits, dir.to_owned(), compiler).expect("the host starts")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

fn no_compiler() -> CompilerCommand {
    CompilerCommand::of(PathBuf::from("/nonexistent/compiler"))
}

fn load_error(host: &Host, wasm: &[u8]) -> LoadError {
    host.load(wasm).err().expect("it must be refused")
}

#[test]
fn a_check_is_its_bytes_and_what_it_says_of_itself() {
    let wasm = component("threshold");
    let check = host().load(&wasm).expect("the built-in check loads");
    assert_eq!((check.sha256, check.size), (Sha256::of(&wasm), wasm.len()));
    assert_eq!(check.descriptor.name, "threshold");
    assert_eq!(check.descriptor.params_schema["type"], "object");
    assert!(check.descriptor.traits.uses_held);
}

#[test]
fn an_artefact_is_compiled_once_and_loaded_without_the_compiler_from_then_on() {
    let dir = folder();
    let wasm = component("counts");
    let cold = host_in(dir.path(), limits(), no_compiler());
    assert!(matches!(load_error(&cold, &wasm), LoadError::Compile(CompileError::NotStarted(_))));
    host_in(dir.path(), limits(), compiler()).load(&wasm).expect("it is compiled");
    host_in(dir.path(), limits(), no_compiler()).load(&wasm).expect("it is in the cache");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(dir.path()), 0o700);
    let files: Vec<PathBuf> =
        fs::read_dir(dir.path()).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(files.len(), 1, "no temporary file is left: {files:?}");
    assert_eq!(mode(&files[0]), 0o600);
}

#[test]
fn a_damaged_artefact_is_never_run_and_is_compiled_again() {
    let dir = folder();
    let wasm = component("counts");
    host_in(dir.path(), limits(), compiler()).load(&wasm).expect("it is compiled");
    let file =
        fs::read_dir(dir.path()).expect("a folder").next().expect("an artefact").expect("an entry").path();
    let good = fs::read(&file).expect("it can be read");
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for damaged in [&good[..good.len() / 2], &flipped, b""] {
        fs::write(&file, damaged).expect("it can be written");
        let cold = host_in(dir.path(), limits(), no_compiler());
        assert!(matches!(load_error(&cold, &wasm), LoadError::Compile(CompileError::NotStarted(_))));
    }
    host_in(dir.path(), limits(), compiler()).load(&wasm).expect("it is compiled again");
    assert_eq!(fs::read(&file).expect("it can be read").len(), good.len());
}

#[test]
fn what_is_no_component_is_refused_with_words() {
    let truncated = component("threshold");
    let cases = [
        b"hello".to_vec(),
        Vec::new(),
        truncated[..truncated.len() / 2].to_vec(),
        truncated[..truncated.len() - 1].to_vec(),
        wat("(module)"),
    ];
    for wasm in cases {
        let error = load_error(&host(), &wasm);
        let LoadError::Compile(CompileError::Refused(words)) = &error else { panic!("{error}") };
        assert!(!words.is_empty() && words.len() <= 400, "{words}");
    }
    let empty = load_error(&host(), &wat("(component)"));
    assert!(matches!(empty, LoadError::NotACheck(_)), "{empty}");
}

#[test]
fn a_component_over_the_size_limit_is_not_even_compiled() {
    let dir = folder();
    let host = host_in(dir.path(), HostLimits { component_bytes: 1_000, ..limits() }, no_compiler());
    assert!(matches!(load_error(&host, &component("threshold")), LoadError::TooLarge(1_000)));
}

/// Few bytes that take a compiler long: loops in loops, with many values that live through all of them.
fn bomb() -> Vec<u8> {
    let (locals, loops) = (600, 120);
    let touch: String = (0..locals)
        .map(|n| format!("(local.set {n} (i32.add (local.get {n}) (local.get {})))", (n + 1) % locals))
        .collect();
    let open: String =
        (0..loops).map(|n| format!("(loop $l{n} {}", if n % 4 == 0 { &touch } else { "" })).collect();
    let close: String = (0..loops).rev().map(|n| format!("(br_if $l{n} (local.get 0)))")).collect();
    let body = format!("(func (export \"f\") (local {}) {open}{close})", "i32 ".repeat(locals));
    wat(&format!("(component (core module {body}))"))
}

#[test]
fn a_compile_bomb_is_stopped_by_each_of_its_limits() {
    let dir = folder();
    let bomb = bomb();
    assert!(bomb.len() < 1 << 20);
    let stopped = |limits: HostLimits| load_error(&host_in(dir.path(), limits, compiler()), &bomb);
    let cpu = stopped(HostLimits { compile_cpu_seconds: 1, ..limits() });
    assert!(matches!(cpu, LoadError::Compile(CompileError::Crashed)), "{cpu}");
    let memory = stopped(HostLimits { compile_memory_bytes: 96 << 20, compile_cpu_seconds: 20, ..limits() });
    assert!(matches!(memory, LoadError::Compile(CompileError::Crashed)), "{memory}");
    let wall = stopped(HostLimits { compile_wall_seconds: 1, ..limits() });
    assert!(matches!(wall, LoadError::Compile(CompileError::TooSlow(1))), "{wall}");
}

#[test]
fn inspect_says_what_a_component_is_or_why_it_is_refused() {
    let text = host().inspect(&component("threshold"));
    for part in ["sha256   ", "name     threshold", "imports  none", "title    es: ", "\"properties\""] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    let import = wat("(component (import \"wasi:cli/run@0.2.0\" (instance)))");
    let text = host().inspect(&import);
    assert!(text.contains("imports  wasi:cli/run@0.2.0\nrefused  "), "{text}");
    assert!(host().inspect(b"x").contains("refused  "));
}
