//! Personal data at rest: how it is sealed, opened, and found again by a number. It knows no table.
//!
//! What applicants brought, the personal parts of events and the recipients of manifests are kept as XChaCha20-Poly1305
//! (RFC 8439, draft-irtf-cfrg-xchacha) under a *data key*, bound to the row that they belong to: moved to another row they
//! do not open. Identity numbers and phones are found by a keyed hash (blind index), equal numbers only.
//!
//! Data key 0 is derived from the server key. `motcua keys rotate-data` makes `data-0001.key`, `data-0002.key` … beside it:
//! the last one seals, all open, so rows sealed before and after live together until everything was sealed anew. Copies
//! that run take a new file over by themselves.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::keys::{self, Error, SETTLING};

const NONCE_BYTES: usize = 24;
const PREFIX: &str = "data-";
const SUFFIX: &str = ".key";

/// Which data key sealed something; 0 is the one derived from the server key.
pub type KeyNumber = u16;

/// Seals and opens.
pub struct Vault {
    /// Where new keys appear; none when they come from the environment.
    dir: Option<PathBuf>,
    /// Oldest first, never empty.
    keys: RwLock<Arc<Vec<DataKey>>>,
}

#[derive(Clone)]
struct DataKey {
    number: KeyNumber,
    cipher: XChaCha20Poly1305,
    numbers: Hmac<Sha256>,
    /// When this copy may begin to seal with it.
    settled_at: Instant,
}

/// What was sealed anew in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resealed {
    /// The last row that was looked at; none when there are no more.
    pub last: Option<i64>,
    /// How many had another key, or none.
    pub rows: u64,
}

impl Resealed {
    /// How many rows are looked at in one transaction.
    pub const AT_ONCE: i64 = 500;

    /// Nothing of these rows yet.
    #[must_use]
    pub fn up_to(last: Option<i64>) -> Self {
        Self { last, rows: 0 }
    }
}

/// Something sealed that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It is not what was sealed, or stands where it was not sealed for.
    #[error("sealed data is damaged or stands in another row's place")]
    Damaged,
    /// Its key is not there.
    #[error("sealed data needs data key {0}, which is not there")]
    KeyMissing(KeyNumber),
}

impl Vault {
    /// The keys of a folder, after the one that was derived.
    pub(super) fn in_folder(derived: DataKey0, dir: &Path) -> Result<Self, Error> {
        let keys = read_keys(derived.0, dir, Instant::now())?;
        Ok(Self { dir: Some(dir.to_owned()), keys: RwLock::new(Arc::new(keys)) })
    }

    /// The keys that somebody gave, after the one that was derived.
    pub(super) fn of_given(derived: DataKey0, given: &[[u8; 32]]) -> Self {
        let now = Instant::now();
        let given = given.iter().zip(1..).map(|(key, number)| DataKey::of(number, key, now));
        let keys = std::iter::once(derived.0).chain(given).collect();
        Self { dir: None, keys: RwLock::new(Arc::new(keys)) }
    }

    /// Looks for new keys in the folder. They are read at once and seal when every copy has had the time to see them.
    pub(super) fn reload(&self) -> Result<(), Error> {
        let Some(dir) = &self.dir else { return Ok(()) };
        let known = self.keys();
        let Some(derived) = known.first().filter(|_| files(dir).is_ok_and(|it| it.len() >= known.len()))
        else {
            return Ok(());
        };
        let mut fresh = read_keys(derived.clone(), dir, Instant::now() + SETTLING)?;
        for key in &mut fresh {
            if let Some(known) = known.iter().find(|known| known.number == key.number) {
                *key = known.clone();
            }
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(())
    }

    /// Which key seals now.
    #[must_use]
    pub fn current(&self) -> KeyNumber {
        current(&self.keys()).number
    }

    /// Seals `plain` for the place that `place` names.
    #[must_use]
    pub fn seal(&self, place: &str, plain: &[u8]) -> String {
        let keys = self.keys();
        let key = current(&keys);
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        #[expect(clippy::expect_used, reason = "the cipher refuses only what is longer than 256 GiB")]
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).expect("shorter than 256 GiB");
        let mut whole = Vec::with_capacity(2 + NONCE_BYTES + sealed.len());
        whole.extend_from_slice(&key.number.to_be_bytes());
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        BASE64URL_NOPAD.encode(&whole)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, Unopened> {
        let whole = BASE64URL_NOPAD.decode(sealed.as_bytes()).map_err(|_| Unopened::Damaged)?;
        let (number, rest) = whole.split_first_chunk::<2>().ok_or(Unopened::Damaged)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened::Damaged)?;
        let number = KeyNumber::from_be_bytes(*number);
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        self.cipher(number)?.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unopened::Damaged)
    }

    /// Which key sealed it; nothing when it was never sealed.
    #[must_use]
    pub fn sealed_with(sealed: &str) -> Option<KeyNumber> {
        // The first three bytes, of which the number is two.
        let start = BASE64URL_NOPAD.decode(sealed.as_bytes().get(..4)?).ok()?;
        Some(KeyNumber::from_be_bytes(*start.first_chunk()?))
    }

    /// What an identity number or phone is found by, as rows have it that are written now.
    #[must_use]
    pub fn blind_index(&self, number: &str) -> String {
        current(&self.keys()).blind_index(number)
    }

    /// The same as any row may have it.
    #[must_use]
    pub fn blind_indexes(&self, number: &str) -> Vec<String> {
        self.keys().iter().map(|key| key.blind_index(number)).collect()
    }

    /// Another copy may seal with a key before this one has looked at the folder.
    fn cipher(&self, number: KeyNumber) -> Result<XChaCha20Poly1305, Unopened> {
        let find = || self.keys().iter().find(|key| key.number == number).map(|key| key.cipher.clone());
        if let Some(cipher) = find() {
            return Ok(cipher);
        }
        if let Err(error) = self.reload() {
            log::error!("data keys could not be read: {error}");
        }
        find().ok_or(Unopened::KeyMissing(number))
    }

    fn keys(&self) -> Arc<Vec<DataKey>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys().len()).finish_non_exhaustive()
    }
}

/// The data key that is derived from the server key.
pub(super) struct DataKey0(DataKey);

impl DataKey0 {
    /// Sealing and finding have a key each.
    pub(super) fn of(sealing: [u8; 32], numbers: [u8; 32]) -> Self {
        Self(DataKey {
            number: 0,
            cipher: cipher(&sealing),
            numbers: mac(&numbers),
            settled_at: Instant::now(),
        })
    }
}

impl DataKey {
    fn of(number: KeyNumber, key: &[u8; 32], settled_at: Instant) -> Self {
        Self {
            number,
            cipher: cipher(&keys::expand(key, "data/seal")),
            numbers: mac(&keys::expand(key, "data/blind-index")),
            settled_at,
        }
    }

    fn blind_index(&self, number: &str) -> String {
        HEXLOWER.encode(&self.numbers.clone().chain_update(number.as_bytes()).finalize().into_bytes())
    }
}

/// Makes the next data key in `dir`.
///
/// # Errors
/// As [`keys::Keys::load_or_create`].
pub(super) fn add_key(dir: &Path) -> Result<KeyNumber, Error> {
    loop {
        let newest = files(dir)?.last().map_or(0, |(number, _)| *number);
        let Some(next) = newest.checked_add(1) else { return Err(Error::Malformed(dir.to_owned())) };
        let path = dir.join(format!("{PREFIX}{next:04}{SUFFIX}"));
        // Somebody else may have taken the number in the meantime.
        if keys::create(&path, &format!("{}\n", HEXLOWER.encode(&keys::random()?)))? {
            return Ok(next);
        }
    }
}

/// The newest key that every copy knows; the first one has settled before the process began.
fn current(keys: &[DataKey]) -> &DataKey {
    let now = Instant::now();
    let settled = keys.iter().rfind(|key| key.settled_at <= now);
    #[expect(clippy::expect_used, reason = "both constructors begin with the derived key")]
    settled.or(keys.first()).expect("never empty")
}

fn read_keys(derived: DataKey, dir: &Path, settled_at: Instant) -> Result<Vec<DataKey>, Error> {
    let mut all = vec![derived];
    for (number, path) in files(dir)? {
        all.push(DataKey::of(number, &keys::read_key(&path)?, settled_at));
    }
    Ok(all)
}

/// The files of data keys with their numbers, oldest first.
fn files(dir: &Path) -> Result<Vec<(KeyNumber, PathBuf)>, Error> {
    let mut files = keys::files(dir, PREFIX, SUFFIX)?;
    files.sort();
    Ok(files)
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key).into())
}

fn mac(key: &[u8; 32]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::new_from_slice(key).expect("any length")
}

#[cfg(test)]
mod tests {
    use super::super::keys::Given;
    use super::super::{Keys, keys};
    use super::*;

    fn keys_in(dir: &tempfile::TempDir) -> Keys {
        Keys::load_or_create(dir.path()).unwrap()
    }

    #[test]
    fn only_the_right_key_opens_only_in_the_right_place() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (here, there) = (keys_in(&here), keys_in(&there));
        let sealed = here.vault().seal("content/1", "Nguyễn Thị Hoa".as_bytes());
        assert_eq!(here.vault().open("content/1", &sealed).unwrap(), "Nguyễn Thị Hoa".as_bytes());
        assert_eq!(here.vault().open("content/2", &sealed), Err(Unopened::Damaged));
        assert_eq!(there.vault().open("content/1", &sealed), Err(Unopened::Damaged));
        assert_eq!(here.vault().open("content/1", &sealed[..40]), Err(Unopened::Damaged));
        assert_eq!(here.vault().open("content/1", "{}"), Err(Unopened::Damaged));
        assert_ne!(sealed, here.vault().seal("content/1", "Nguyễn Thị Hoa".as_bytes()), "a nonce of its own");
    }

    #[test]
    fn a_new_key_opens_at_once_and_old_rows_stay_readable() {
        let dir = tempfile::tempdir().unwrap();
        let running = keys_in(&dir);
        let old = running.vault().seal("p", b"before");
        assert_eq!(add_key(dir.path()).unwrap(), 1);
        let started_later = keys_in(&dir);
        let new = started_later.vault().seal("p", b"after");
        assert_eq!((Vault::sealed_with(&old), Vault::sealed_with(&new)), (Some(0), Some(1)));
        // A copy that has not looked yet looks when it must.
        assert_eq!(running.vault().open("p", &new).unwrap(), b"after");
        assert_eq!(started_later.vault().open("p", &old).unwrap(), b"before");
        assert_eq!(running.vault().current(), 0, "it seals only when all copies know the key");
        assert_eq!(started_later.vault().current(), 1);
        assert_eq!(keys::add_data_key(dir.path()).unwrap(), 2);
    }

    #[test]
    fn a_number_is_found_whichever_key_indexed_it() {
        let dir = tempfile::tempdir().unwrap();
        let before = keys_in(&dir).vault().blind_index("087190001234");
        add_key(dir.path()).unwrap();
        let after = keys_in(&dir);
        let indexed = after.vault().blind_index("087190001234");
        assert_ne!(before, indexed);
        assert_eq!(after.vault().blind_indexes("087190001234"), [before, indexed]);
    }

    #[test]
    fn keys_may_come_from_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = keys_in(&dir).vault().seal("p", b"x");
        let server = keys::read_key(&dir.path().join("server.key")).unwrap();
        let other = tempfile::tempdir().unwrap();
        let given = Keys::open(other.path(), &Given { server: Some(server), data: vec![[9; 32]] }).unwrap();
        assert!(!other.path().join("server.key").exists());
        assert_eq!(given.vault().open("p", &sealed).unwrap(), b"x");
        assert_eq!(given.vault().current(), 1);
        assert_eq!(Vault::sealed_with("{\"full_name\":\"x\"}"), None);
    }
}
