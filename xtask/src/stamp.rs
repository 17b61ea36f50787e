//! A stamp remembers what a result was made from, so that nothing is made twice.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;

/// A file in `target/stamps` holding the fingerprint of the inputs a result was last made from.
pub struct Stamp {
    file: PathBuf,
    fingerprint: String,
}

impl Stamp {
    /// The stamp `name` for these inputs: files or folders relative to `root`, by name and content, and a `recipe`, which is
    /// whatever else decides the result (versions, flags).
    ///
    /// # Errors
    /// When an input cannot be read.
    pub fn of(name: &str, root: &Path, inputs: &[&str], recipe: &str) -> Result<Self> {
        let file = files::target().join("stamps").join(name);
        Ok(Self { file, fingerprint: fingerprint(root, inputs, recipe)? })
    }

    /// Was the result made from exactly these inputs?
    pub fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|old| old == self.fingerprint)
    }

    /// Remembers that it has been.
    ///
    /// # Errors
    /// When the stamp cannot be written.
    pub fn set(&self) -> Result<()> {
        files::write(&self.file, self.fingerprint.as_bytes())
    }
}

/// 64 bits over names and contents, in hexadecimal: enough to notice a change, no protection against malice.
fn fingerprint(root: &Path, inputs: &[&str], recipe: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hasher.write(recipe.as_bytes());
    for input in inputs {
        for path in files::walk(&root.join(input))? {
            let name = path.strip_prefix(root).unwrap_or(&path);
            let bytes = files::read(&path)?;
            hasher.write(name.to_string_lossy().as_bytes());
            hasher.write_usize(bytes.len());
            hasher.write(&bytes);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_content_names_and_recipe_only() {
        let root = std::env::temp_dir().join(format!("atalaya-xtask-stamp-{}", std::process::id()));
        let of =
            |recipe: &str| fingerprint(&root, &["in"], recipe).expect("the temporary folder can be read");
        files::write(&root.join("in/a"), b"1").expect("the temporary folder can be written");
        let first = of("r");
        assert_eq!(of("r"), first, "nothing changed");
        assert_ne!(of("other"), first, "another recipe");

        files::write(&root.join("in/a"), b"2").expect("the temporary folder can be written");
        assert_ne!(of("r"), first, "another content");
        files::write(&root.join("in/a"), b"1").expect("the temporary folder can be written");
        files::write(&root.join("in/node_modules/x"), b"1").expect("the temporary folder can be written");
        assert_eq!(of("r"), first, "what npm installed is no input");
        fs::rename(root.join("in/a"), root.join("in/b")).expect("the file was just written");
        assert_ne!(of("r"), first, "another name");
        fs::remove_dir_all(&root).expect("the folder was just made");
    }
}
