//! File names by content, so that a browser may keep a file for ever.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{files, parts};

/// Trunk names the app's files after the bytes that cargo left; wasm-bindgen and wasm-opt change them afterwards. This names
/// the JavaScript, the wasm, its parts and the snippets anew, after what is really in them, and corrects `index.html`. All have
/// one hash, because a part fits only what it was split from.
///
/// # Errors
/// When `dist` does not hold exactly one app, or cannot be changed.
pub fn by_content(dist: &Path) -> Result<()> {
    let app = App::find(dist)?;
    let naming = Naming {
        old: app.stem(),
        hash: app.hash()?,
        parts: app.parts.iter().map(|part| name(part)).collect(),
    };
    rewrite(&app.script, &dist.join(format!("{}.js", naming.stem())), &naming)?;
    fs::rename(&app.wasm, dist.join(format!("{}_bg.wasm", naming.stem())))?;
    if app.snippets.is_dir() {
        fs::rename(&app.snippets, dist.join(format!("snippets-{}", naming.hash)))?;
    }
    for part in &app.parts {
        fs::rename(part, dist.join(naming.part(&name(part))))?;
    }
    if app.loader.is_file() {
        rewrite(&app.loader, &dist.join(naming.part(parts::SCRIPT)), &naming)?;
    }
    let index = dist.join("index.html");
    rewrite(&index, &index, &naming)
}

/// Moves a text to its new name, with the new names in it.
fn rewrite(from: &Path, to: &Path, naming: &Naming) -> Result<()> {
    let text =
        String::from_utf8(files::read(from)?).with_context(|| format!("{} is UTF-8", from.display()))?;
    fs::remove_file(from)?;
    files::write(to, naming.applied(&text).as_bytes())
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How the files are called from now on.
struct Naming {
    /// The stem that Trunk gave.
    old: String,
    hash: String,
    parts: Vec<String>,
}

impl Naming {
    fn stem(&self) -> String {
        format!("atalaya-app-{}", self.hash)
    }

    fn part(&self, name: &str) -> String {
        format!("{}_{}", self.stem(), name.trim_start_matches("split_"))
    }

    fn applied(&self, text: &str) -> String {
        let mut text = text.replace(&self.old, &self.stem());
        text = text.replace("./snippets/", &format!("./snippets-{}/", self.hash));
        for part in &self.parts {
            text = text.replace(&format!("\"./{part}\""), &format!("\"./{}\"", self.part(part)));
        }
        // Not everywhere: the wasm knows it by the name that it had when they were bound, and the script has to say that name.
        let (old, new) = (parts::SCRIPT, self.part(parts::SCRIPT));
        for before in ["from ", "href="] {
            text = text.replace(&format!("{before}\"./{old}\""), &format!("{before}\"./{new}\""));
        }
        text
    }
}

/// The files that Trunk made from the crate, and those that it was split into.
pub struct App {
    pub script: PathBuf,
    /// What loads first.
    pub wasm: PathBuf,
    snippets: PathBuf,
    /// Loads the parts.
    loader: PathBuf,
    pub parts: Vec<PathBuf>,
}

impl App {
    /// # Errors
    /// When there is none.
    pub fn find(dist: &Path) -> Result<Self> {
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
            loader: dist.join(parts::SCRIPT),
            parts: parts::later(dist)?,
        })
    }

    /// The name of script and wasm, without their endings.
    pub fn stem(&self) -> String {
        self.script.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Over the bytes of all of them, without the old name that the scripts may hold.
    fn hash(&self) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        for script in [&self.script, &self.loader].into_iter().filter(|script| script.is_file()) {
            let text = String::from_utf8_lossy(&files::read(script)?).replace(&self.stem(), "");
            hasher.write(text.as_bytes());
        }
        for wasm in self.parts.iter().chain([&self.wasm]) {
            hasher.write(&files::read(wasm)?);
        }
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
        write(
            "app-0123.js",
            "import './snippets/app-1/inline0.js'; import * as a from \"./parts.js\"; {\"./parts.js\": a}",
        );
        write("split_forms.wasm", "part");
        write("parts.js", "import \"./app-0123.js\"; new URL(\"./split_forms.wasm\", import.meta.url)");
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
    fn the_scripts_find_each_other_and_the_parts_under_their_new_names() {
        let dist = dist("parts", "a");
        let stem = named(&dist).replace("_bg.wasm", "");
        let text = |name: &str| {
            fs::read_to_string(dist.join(name)).unwrap_or_else(|error| panic!("{name} is there: {error}"))
        };
        let script = text(&format!("{stem}.js"));
        assert!(script.contains(&format!("from \"./{stem}_parts.js\"")), "{script}");
        assert!(script.contains("{\"./parts.js\": a}"), "the wasm asks for it by its old name: {script}");
        let loader = text(&format!("{stem}_parts.js"));
        assert!(loader.contains(&format!("\"./{stem}.js\"")), "{loader}");
        assert!(loader.contains(&format!("\"./{stem}_forms.wasm\"")), "{loader}");
        assert_eq!(text(&format!("{stem}_forms.wasm")), "part");
        fs::remove_dir_all(dist).expect("the folder was just made");
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
