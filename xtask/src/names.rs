//! File names by content, so that a browser may keep a file for ever.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files;

/// Trunk names the app's files after the bytes that cargo left; wasm-bindgen and wasm-opt change them afterwards. This names
/// the JavaScript, the wasm and the snippets anew, after what is really in them, and corrects `index.html`.
///
/// # Errors
/// When `dist` does not hold exactly one app, or cannot be changed.
pub fn by_content(dist: &Path) -> Result<()> {
    let app = App::find(dist)?;
    let hash = app.hash()?;
    let old = app.stem();
    let new = format!("atalaya-app-{hash}");
    let script = String::from_utf8(files::read(&app.script)?).context("the app's JavaScript is UTF-8")?;
    let script = renamed(&script, &old, &new, &hash);
    fs::remove_file(&app.script)?;
    files::write(&dist.join(format!("{new}.js")), script.as_bytes())?;
    fs::rename(&app.wasm, dist.join(format!("{new}_bg.wasm")))?;
    if app.snippets.is_dir() {
        fs::rename(&app.snippets, dist.join(format!("snippets-{hash}")))?;
    }
    let index = dist.join("index.html");
    let page = String::from_utf8(files::read(&index)?).context("index.html is UTF-8")?;
    files::write(&index, renamed(&page, &old, &new, &hash).as_bytes())
}

/// The app's own wasm, as Trunk left it.
///
/// # Errors
/// When there is not exactly one.
pub fn wasm(dist: &Path) -> Result<PathBuf> {
    App::find(dist).map(|app| app.wasm)
}

fn renamed(text: &str, old: &str, new: &str, hash: &str) -> String {
    text.replace(old, new).replace("./snippets/", &format!("./snippets-{hash}/"))
}

/// The files that Trunk made from the crate.
struct App {
    script: PathBuf,
    wasm: PathBuf,
    snippets: PathBuf,
}

impl App {
    fn find(dist: &Path) -> Result<Self> {
        let names: Vec<_> = fs::read_dir(dist)
            .with_context(|| format!("cannot read {}", dist.display()))?
            .flatten()
            .collect();
        let stem = names
            .iter()
            .find_map(|entry| entry.file_name().to_string_lossy().strip_suffix("_bg.wasm").map(String::from));
        let stem =
            stem.context("Trunk left no app: is there a <link data-trunk rel=\"rust\"> in app/index.html?")?;
        Ok(Self {
            script: dist.join(format!("{stem}.js")),
            wasm: dist.join(format!("{stem}_bg.wasm")),
            snippets: dist.join("snippets"),
        })
    }

    fn stem(&self) -> String {
        self.script.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Over the bytes of all of them, without the old name that the script may hold.
    fn hash(&self) -> Result<String> {
        let script = String::from_utf8_lossy(&files::read(&self.script)?).replace(&self.stem(), "");
        let mut hasher = DefaultHasher::new();
        hasher.write(script.as_bytes());
        hasher.write(&files::read(&self.wasm)?);
        for snippet in files::walk(&self.snippets)? {
            let name = snippet.strip_prefix(&self.snippets).unwrap_or(&snippet);
            hasher.write(name.to_string_lossy().as_bytes());
            hasher.write(&files::read(&snippet)?);
        }
        Ok(format!("{:016x}", hasher.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dist as Trunk leaves it, with `snippet` as the one changing part.
    fn dist(name: &str, snippet: &str) -> PathBuf {
        let dist = std::env::temp_dir().join(format!("atalaya-xtask-names-{name}-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            files::write(&dist.join(name), text.as_bytes()).expect("the temporary folder can be written")
        };
        write("app-0123_bg.wasm", "wasm");
        write("app-0123.js", "import './snippets/app-1/inline0.js'");
        write("snippets/app-1/inline0.js", snippet);
        write("index.html", "<script data-module=\"./app-0123.js\" data-wasm=\"./app-0123_bg.wasm\">");
        dist
    }

    fn named(dist: &Path) -> String {
        by_content(dist).expect("the dist is complete");
        let page = fs::read_to_string(dist.join("index.html")).expect("index.html was written");
        let wasm = page
            .split("data-wasm=\"./")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("the page names the wasm");
        assert!(dist.join(wasm).is_file(), "the page names a file that exists: {wasm}");
        wasm.to_string()
    }

    #[test]
    fn a_change_in_any_of_the_apps_files_changes_all_their_names() {
        let (one, same, other) = (dist("one", "a"), dist("same", "a"), dist("other", "b"));
        let [first, again, changed] = [&one, &same, &other].map(|dist| named(dist));
        assert_eq!(first, again);
        assert_ne!(first, changed);
        for dist in [one, same, other] {
            fs::remove_dir_all(dist).expect("the folder was just made");
        }
    }

    #[test]
    fn the_script_finds_its_snippets_under_their_new_name() {
        let dist = dist("snippets", "a");
        let hash = named(&dist).replace("atalaya-app-", "").replace("_bg.wasm", "");
        let script =
            fs::read_to_string(dist.join(format!("atalaya-app-{hash}.js"))).expect("the script was renamed");
        assert!(script.contains(&format!("./snippets-{hash}/app-1/inline0.js")), "{script}");
        assert!(dist.join(format!("snippets-{hash}/app-1/inline0.js")).is_file());
        fs::remove_dir_all(dist).expect("the folder was just made");
    }
}
