use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("compile-check") => atalaya::check::compile::child_main(args),
        _ => ExitCode::SUCCESS,
    }
}
