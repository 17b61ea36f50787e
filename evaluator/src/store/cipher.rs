//! Secrets at rest: encrypted with a key that lies in a file of its own beside the store, so that a copy of the store
//! alone lets nobody in anywhere.
//!
//! ChaCha20-Poly1305 (RFC 8439) with a random nonce for each text. What is kept: a byte that says how it is written (1), the
//! first 8 bytes of the key's SHA-256 (so that another key is told from a damaged text), the 12 bytes of the nonce, the text
//! with its tag. What a secret belongs to is authenticated with it: it cannot be moved to something else.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::domain::Sha256;

const FILE: &str = "secret.key";
const KEY_LEN: usize = 32;
/// How it is written.
const FORMAT: u8 = 1;
const MARK_LEN: usize = 8;
const HEAD_LEN: usize = 1 + MARK_LEN + NONCE_LEN;

/// Why a secret cannot be encrypted or read. The words are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CipherError {
    #[error(
        "{}, the key that secrets are encrypted with, is gone: put it back, or enter the secrets anew",
        .0.display()
    )]
    NoKey(PathBuf),
    #[error("{} holds another key than the one it was encrypted with: put that back, or enter the secret anew", .0.display())]
    OtherKey(PathBuf),
    #[error("{} holds no key: put back the one that was there, or move it away and enter the secrets anew", .0.display())]
    NotAKey(PathBuf),
    #[error("{} cannot be used: {error}", file.display())]
    File { file: PathBuf, error: io::Error },
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    #[error("what is stored of the secret is damaged: enter it anew")]
    Damaged,
}

/// Encrypts and reads secrets. The key's file is read each time, so that one that is put back counts at once.
pub struct Cipher {
    file: PathBuf,
    /// Held while a key is made.
    making: Mutex<()>,
}

struct Key {
    aead: LessSafeKey,
    mark: [u8; MARK_LEN],
}

impl Cipher {
    /// With the key `secret.key` in this folder, which is made (mode 0600) when the first secret is encrypted.
    pub fn new(folder: &Path) -> Self {
        Cipher { file: folder.join(FILE), making: Mutex::default() }
    }

    /// Encrypts a secret of `owner`, e.g. `source/main`.
    ///
    /// # Errors
    /// There is no key and none can be made, or the file holds none.
    pub fn seal(&self, owner: &str, plain: &[u8]) -> Result<Vec<u8>, CipherError> {
        let key = self.key_or_new()?;
        let nonce = random::<NONCE_LEN>()?;
        let mut text = plain.to_vec();
        let aad = Aad::from(owner.as_bytes());
        key.aead
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text)
            .map_err(|_| CipherError::Damaged)?;
        Ok([&[FORMAT], &key.mark[..], &nonce, &text].concat())
    }

    /// The secret of `owner` that [`Cipher::seal`] encrypted.
    ///
    /// # Errors
    /// The key is gone or another one, or the secret is damaged.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, CipherError> {
        let key = self.key()?;
        let (head, text) = sealed.split_at_checked(HEAD_LEN).ok_or(CipherError::Damaged)?;
        let (mark, nonce) = head[1..].split_at(MARK_LEN);
        if head[0] != FORMAT {
            return Err(CipherError::Damaged);
        }
        if mark != key.mark {
            return Err(CipherError::OtherKey(self.file.clone()));
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CipherError::Damaged)?;
        let mut text = text.to_vec();
        let plain = key.aead.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut text);
        plain.map(|plain| plain.to_vec()).map_err(|_| CipherError::Damaged)
    }

    /// Whether it was encrypted with the key that is in the file now.
    pub fn is_of_its_key(&self, sealed: &[u8]) -> bool {
        self.key().is_ok_and(|key| sealed.get(1..=MARK_LEN).is_some_and(|mark| *mark == key.mark))
    }

    fn key_or_new(&self) -> Result<Key, CipherError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        match self.key() {
            Err(CipherError::NoKey(_)) => {
                let bytes = random::<KEY_LEN>()?;
                self.keep(&bytes).map_err(|error| self.file_trouble(error))?;
                tracing::info!("made {}; keep a copy of it apart from the store's", self.file.display());
                self.read(&bytes)
            }
            known => known,
        }
    }

    fn key(&self) -> Result<Key, CipherError> {
        let text = std::fs::read_to_string(&self.file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CipherError::NoKey(self.file.clone()),
            io::ErrorKind::InvalidData => CipherError::NotAKey(self.file.clone()),
            _ => self.file_trouble(error),
        })?;
        let bytes = STANDARD.decode(text.trim()).map_err(|_| CipherError::NotAKey(self.file.clone()))?;
        self.read(&bytes)
    }

    fn read(&self, bytes: &[u8]) -> Result<Key, CipherError> {
        let unbound = UnboundKey::new(&CHACHA20_POLY1305, bytes);
        let unbound = unbound.map_err(|_| CipherError::NotAKey(self.file.clone()))?;
        let mut mark = [0; MARK_LEN];
        mark.copy_from_slice(&Sha256::of(bytes).0[..MARK_LEN]);
        Ok(Key { aead: LessSafeKey::new(unbound), mark })
    }

    /// Writes a new key; after a crash there is a whole one or none.
    fn keep(&self, bytes: &[u8]) -> io::Result<()> {
        let draft = self.file.with_extension("key.new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        writeln!(file, "{}", STANDARD.encode(bytes))?;
        file.sync_all()?;
        std::fs::rename(&draft, &self.file)?;
        File::open(self.file.parent().unwrap_or(Path::new(".")))?.sync_all()
    }

    fn file_trouble(&self, error: io::Error) -> CipherError {
        CipherError::File { file: self.file.clone(), error }
    }
}

fn random<const N: usize>() -> Result<[u8; N], CipherError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(CipherError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const WORDS: &[u8] = b"a password";

    fn cipher() -> (tempfile::TempDir, Cipher) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cipher = Cipher::new(folder.path());
        (folder, cipher)
    }

    #[test]
    fn a_secret_is_read_back_and_never_written_the_same_way_twice() {
        let (folder, cipher) = cipher();
        let [one, two] = [0; 2].map(|_| cipher.seal("source/a", WORDS).expect("a key is made"));
        assert_ne!(one, two);
        assert!(!one.windows(WORDS.len()).any(|part| part == WORDS));
        let later = Cipher::new(folder.path());
        assert_eq!(later.open("source/a", &one).expect("the key is there"), WORDS);
        let mode = std::fs::metadata(&cipher.file).expect("the key is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_secret_of_one_thing_is_none_of_another() {
        let (_folder, cipher) = cipher();
        let sealed = cipher.seal("source/a", WORDS).expect("a key is made");
        assert!(matches!(cipher.open("source/b", &sealed), Err(CipherError::Damaged)));
    }

    #[test]
    fn a_changed_or_cut_secret_is_not_read() {
        let (_folder, cipher) = cipher();
        let sealed = cipher.seal("source/a", WORDS).expect("a key is made");
        for place in [0, HEAD_LEN - 1, HEAD_LEN, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(cipher.open("source/a", &changed).is_err(), "byte {place}");
        }
        for end in [0, 1, HEAD_LEN, sealed.len() - 1] {
            assert!(matches!(cipher.open("source/a", &sealed[..end]), Err(CipherError::Damaged)));
        }
    }

    #[test]
    fn a_key_that_is_gone_or_another_one_is_named_by_its_file_and_new_secrets_can_be_entered() {
        let (_folder, cipher) = cipher();
        let sealed = cipher.seal("source/a", WORDS).expect("a key is made");
        std::fs::remove_file(&cipher.file).expect("the key is there");
        let gone = cipher.open("source/a", &sealed).expect_err("the key is gone");
        assert!(gone.to_string().contains("secret.key"), "{gone}");
        let anew = cipher.seal("source/a", WORDS).expect("a key is made");
        let other = cipher.open("source/a", &sealed).expect_err("it is another key");
        assert!(matches!(&other, CipherError::OtherKey(_)), "{other}");
        assert_eq!(cipher.open("source/a", &anew).expect("that one is there"), WORDS);
    }

    #[test]
    fn a_file_that_holds_no_key_is_left_alone() {
        let (_folder, cipher) = cipher();
        for text in ["", "short\n", "AAAA\n", "\u{ff}"] {
            std::fs::write(&cipher.file, text).expect("the folder can be written to");
            let error = cipher.seal("source/a", WORDS).expect_err("it holds no key");
            assert!(matches!(&error, CipherError::NotAKey(_)), "{error}");
            assert_eq!(std::fs::read_to_string(&cipher.file).expect("it is there"), text);
        }
    }
}
