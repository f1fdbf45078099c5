//! The secrets of an installation: the keys that sign access tokens, and the server key from which every other
//! secret key is derived. They lie as files in one folder outside the database, made on first start; there is no
//! default secret anywhere. Nothing in here is ever printed.
//!
//! Copies of the server that share a database share this folder (or the same files in each copy's own).
//! Signing keys are Ed25519 (RFC 8037) in PKCS#8 PEM files `signing-0001.pem`, `signing-0002.pem` …: the last one
//! signs, all verify. A key's `kid` is its thumbprint (RFC 7638), so that a file needs no name of its own. A new
//! one is taken over by running copies without a restart; it begins to sign only when every copy has had the time to
//! see it. The server key is 256 random bits; `derive` stretches it by HKDF-SHA-256 (RFC 5869), one key for each purpose.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use hkdf::Hkdf;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::Sha256;

use super::vault::{self, DataKey0, KeyNumber, Vault};

/// PKCS#8 version 1 of an Ed25519 key is this, followed by the 32 bytes of the seed (RFC 8410, section 7).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

const SERVER_KEY_FILE: &str = "server.key";
const SIGNING_PREFIX: &str = "signing-";
const SIGNING_SUFFIX: &str = ".pem";

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or a file in it cannot be read or written.
    #[error("key file {path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is there, but what it holds is no key.
    #[error("key file {0} does not hold a key of the expected kind")]
    Malformed(PathBuf),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] rand::rngs::SysError),
}

/// How long a copy knows a new key before it signs with it: much longer than the time between two looks at the
/// folder, so that every other copy knows it by then.
pub const SETTLING: Duration = Duration::from_secs(3);

/// All keys of this installation.
pub struct Keys {
    dir: PathBuf,
    /// Oldest first; never empty.
    signing: RwLock<Vec<Arc<SigningKey>>>,
    server: [u8; 32],
    vault: Arc<Vault>,
}

/// Keys that do not lie in the folder but were given to the process, as containers are given their secrets.
#[derive(Clone, Default)]
pub struct Given {
    /// The server key.
    pub server: Option<[u8; 32]>,
    /// Data keys 1, 2 … in their order.
    pub data: Vec<[u8; 32]>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}

/// One key for access tokens.
pub(super) struct SigningKey {
    pub(super) kid: String,
    pub(super) private: EncodingKey,
    pub(super) public: DecodingKey,
    jwk: Jwk,
    /// When this copy may begin to sign with it.
    settled_at: Instant,
}

impl Keys {
    /// Reads the keys in `dir`; makes the folder and what is missing in it. Copies that start at the same time
    /// end up with the same keys.
    ///
    /// # Errors
    /// A folder that cannot be written, a file that cannot be read or that holds something else.
    pub fn load_or_create(dir: &Path) -> Result<Self, Error> {
        Self::open(dir, &Given::default())
    }

    /// The same with some keys that were given.
    ///
    /// # Errors
    /// As [`Keys::load_or_create`].
    pub fn open(dir: &Path, given: &Given) -> Result<Self, Error> {
        make_folder(dir)?;
        let server = match given.server {
            Some(server) => server,
            None => {
                let path = dir.join(SERVER_KEY_FILE);
                if !path.exists() {
                    create(&path, &format!("{}\n", HEXLOWER.encode(&random()?)))?;
                }
                read_key(&path)?
            }
        };
        // The index had its purpose before rows were sealed.
        let derived = DataKey0::of(expand(&server, "data/0"), expand(&server, "blind-index"));
        let vault = if given.data.is_empty() {
            Vault::in_folder(derived, dir)?
        } else {
            Vault::of_given(derived, &given.data)
        };
        if signing_files(dir)?.is_empty() {
            create(&dir.join(format!("{SIGNING_PREFIX}0001{SIGNING_SUFFIX}")), &new_signing_pem()?)?;
        }
        // Whatever is there at the start was there for others as well.
        let signing = read_signing_keys(dir, Instant::now())?;
        Ok(Self { dir: dir.to_owned(), signing: RwLock::new(signing), server, vault: Arc::new(vault) })
    }

    /// Looks for new keys in the folder, and forgets those whose file is gone.
    ///
    /// # Errors
    /// As [`Keys::load_or_create`]; the keys that were known stay.
    pub fn reload(&self) -> Result<(), Error> {
        self.vault.reload()?;
        let known = self.signing();
        if signing_files(&self.dir)?.len() == known.len() {
            return Ok(());
        }
        let mut fresh = read_signing_keys(&self.dir, Instant::now() + SETTLING)?;
        for key in &mut fresh {
            if let Some(old) = known.iter().find(|old| old.kid == key.kid) {
                *key = Arc::clone(old);
            }
        }
        *self.signing.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The key for one purpose (`chain`, `idempotency`, `lookup` …). The same purpose always gives the same key;
    /// from one key nothing follows about another. A purpose is never given a second meaning.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        expand(&self.server, purpose)
    }

    /// What seals personal data.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// The public halves, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.signing().iter().map(|key| key.jwk.clone()).collect() }
    }

    /// The key that signs at this moment: the newest one that every copy knows.
    pub(super) fn current(&self, now: Instant) -> Arc<SigningKey> {
        let keys = self.signing();
        let settled = keys.iter().rfind(|key| key.settled_at <= now).or(keys.last());
        Arc::clone(settled.expect("read_signing_keys refuses an empty list"))
    }

    /// The key that a token's header names.
    pub(super) fn by_kid(&self, kid: &str) -> Option<Arc<SigningKey>> {
        self.signing().iter().find(|key| key.kid == kid).cloned()
    }

    fn signing(&self) -> Vec<Arc<SigningKey>> {
        self.signing.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes a new data key in `dir` and says its number. Servers that run open what it seals at once, and seal with it
/// themselves within seconds.
///
/// # Errors
/// As [`Keys::load_or_create`].
pub fn add_data_key(dir: &Path) -> Result<KeyNumber, Error> {
    make_folder(dir)?;
    vault::add_key(dir)
}

/// Reads 256 bits from 64 hexadecimal digits.
#[must_use]
pub fn parse_key(text: &str) -> Option<[u8; 32]> {
    HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?.try_into().ok()
}

/// The key for one purpose.
pub(super) fn expand(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut derived = [0; 32];
    let label = format!("motcua/1/{purpose}");
    Hkdf::<Sha256>::new(None, key)
        .expand(label.as_bytes(), &mut derived)
        .expect("HKDF-SHA-256 gives up to 8160 bytes, and this asks for 32");
    derived
}

/// Makes a new signing key in `dir` and says its `kid`. Servers that run take it over within seconds; older keys
/// still verify, and their files can be removed when the last token that they signed has expired.
///
/// # Errors
/// As [`Keys::load_or_create`].
pub fn rotate(dir: &Path) -> Result<String, Error> {
    make_folder(dir)?;
    loop {
        let newest = signing_files(dir)?.last().map_or(0, |(number, _)| *number);
        let path = dir.join(format!("{SIGNING_PREFIX}{:04}{SIGNING_SUFFIX}", newest + 1));
        // Somebody else may have taken the number in the meantime.
        if create(&path, &new_signing_pem()?)? {
            return Ok(SigningKey::read(&path, Instant::now())?.kid.clone());
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<String> = self.signing().iter().map(|key| key.kid.clone()).collect();
        f.debug_struct("Keys").field("signing", &kids).finish_non_exhaustive()
    }
}

impl SigningKey {
    fn read(path: &Path, settled_at: Instant) -> Result<Self, Error> {
        let pem = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let wrong = |_| Error::Malformed(path.to_owned());
        let private = EncodingKey::from_ed_pem(&pem).map_err(wrong)?;
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::EdDSA).map_err(wrong)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(wrong)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk).map_err(wrong)?;
        Ok(Self { kid, private, public, jwk, settled_at })
    }
}

/// 256 bits from the operating system.
pub(super) fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

fn new_signing_pem() -> Result<String, Error> {
    let mut der = PKCS8_ED25519.to_vec();
    der.extend_from_slice(&random()?);
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64.encode(&der)))
}

/// The 256 bits that a file holds as hexadecimal digits.
pub(super) fn read_key(path: &Path) -> Result<[u8; 32], Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    parse_key(&text).ok_or_else(|| Error::Malformed(path.to_owned()))
}

fn read_signing_keys(dir: &Path, settled_at: Instant) -> Result<Vec<Arc<SigningKey>>, Error> {
    let files = signing_files(dir)?;
    if files.is_empty() {
        return Err(Error::Malformed(dir.to_owned()));
    }
    files.iter().map(|(_, path)| SigningKey::read(path, settled_at).map(Arc::new)).collect()
}

/// The files of signing keys with their numbers, oldest first.
fn signing_files(dir: &Path) -> Result<Vec<(u32, PathBuf)>, Error> {
    let mut files = files(dir, SIGNING_PREFIX, SIGNING_SUFFIX)?;
    files.sort();
    Ok(files)
}

/// The files of a folder whose names are a number between these.
pub(super) fn files<N: FromStr>(dir: &Path, prefix: &str, suffix: &str) -> Result<Vec<(N, PathBuf)>, Error> {
    let failed = |source| Error::Io { path: dir.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.strip_prefix(prefix)?.strip_suffix(suffix)?.parse().ok());
        if let Some(number) = number {
            files.push((number, path));
        }
    }
    Ok(files)
}

fn make_folder(dir: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| Error::Io { path: dir.to_owned(), source })
}

/// Writes a file that nobody else may read, whole or not at all. When another copy was faster, its file stays and
/// the answer is no.
pub(super) fn create(path: &Path, text: &str) -> Result<bool, Error> {
    // A hard link is refused when the name is taken, and a reader never sees half a file: a plain exclusive
    // create would let the other copy read a file that is still empty.
    let draft = path.with_extension(format!("{}.draft", HEXLOWER.encode(&random()?[..8])));
    let made = write_private(&draft, text).and_then(|()| fs::hard_link(&draft, path));
    let outcome = match made {
        Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(other) => Err(other),
        Ok(()) => Ok(true),
    };
    let removed = fs::remove_file(&draft);
    outcome
        .and_then(|is_ours| removed.map(|()| is_ours))
        .map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        let again = Keys::load_or_create(&dir.path().join("keys")).unwrap();
        assert_eq!(first.current(Instant::now()).kid, again.current(Instant::now()).kid);
        assert_eq!(first.derive("chain"), again.derive("chain"));
    }

    #[test]
    fn purposes_and_installations_have_keys_of_their_own() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (here, there) =
            (Keys::load_or_create(here.path()).unwrap(), Keys::load_or_create(there.path()).unwrap());
        assert_ne!(here.derive("chain"), here.derive("lookup"));
        assert_ne!(here.derive("chain"), there.derive("chain"));
        assert_ne!(here.current(Instant::now()).kid, there.current(Instant::now()).kid);
    }

    #[test]
    fn copies_that_start_together_share_their_keys() {
        let dir = tempfile::tempdir().unwrap();
        let seen: Vec<(String, [u8; 32])> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let keys = Keys::load_or_create(dir.path()).unwrap();
                        (keys.current(Instant::now()).kid.clone(), keys.derive("chain"))
                    })
                })
                .collect();
            starts.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "no drafts stay behind");
    }

    #[test]
    fn a_new_key_is_known_at_once_and_signs_when_all_copies_know_it() {
        let dir = tempfile::tempdir().unwrap();
        let running = Keys::load_or_create(dir.path()).unwrap();
        let old = running.current(Instant::now()).kid.clone();
        let new = rotate(dir.path()).unwrap();
        assert!(running.by_kid(&new).is_none());
        running.reload().unwrap();
        assert!(running.by_kid(&new).is_some() && running.by_kid(&old).is_some());
        assert_eq!(running.jwks().keys.len(), 2);
        assert_eq!(running.current(Instant::now()).kid, old);
        running.reload().unwrap();
        assert_eq!(running.current(Instant::now() + SETTLING).kid, new);
        assert_eq!(Keys::load_or_create(dir.path()).unwrap().current(Instant::now()).kid, new);
    }

    #[test]
    fn the_tenth_key_comes_after_the_ninth_and_a_removed_one_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        let first = keys.current(Instant::now()).kid.clone();
        let made: Vec<String> = (0..9).map(|_| rotate(dir.path()).unwrap()).collect();
        let last = made.last().unwrap().clone();
        fs::remove_file(dir.path().join("signing-0001.pem")).unwrap();
        keys.reload().unwrap();
        assert!(keys.by_kid(&first).is_none());
        assert_eq!(keys.current(Instant::now() + SETTLING).kid, last);
    }

    #[test]
    fn a_damaged_file_is_named_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        Keys::load_or_create(dir.path()).unwrap();
        for name in ["server.key", "signing-0001.pem"] {
            let path = dir.path().join(name);
            let whole = fs::read(&path).unwrap();
            fs::write(&path, &whole[..whole.len() / 2]).unwrap();
            let fault = Keys::load_or_create(dir.path()).unwrap_err().to_string();
            assert!(fault.contains(name), "{fault}");
            assert_eq!(fs::read(&path).unwrap().len(), whole.len() / 2);
            fs::write(&path, &whole).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_them() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        Keys::load_or_create(dir.path()).unwrap();
        for entry in fs::read_dir(dir.path()).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
        }
    }

    #[test]
    fn debug_shows_names_only() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        let shown = format!("{keys:?}");
        assert!(shown.contains(&keys.current(Instant::now()).kid));
        assert!(!shown.contains(&HEXLOWER.encode(&keys.server)) && !shown.contains("private"));
    }
}
