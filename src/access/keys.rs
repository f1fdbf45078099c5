//! The secrets of an installation: the keys that sign access tokens, and the server key from which every other
//! secret key is derived. They lie as files in one folder outside the database, made on first start; there is no
//! default secret anywhere. Nothing in here is ever printed.
//!
//! Copies of the server that share a database share this folder (or the same files in each copy's own).
//! Signing keys are Ed25519 (RFC 8037) in PKCS#8 PEM files `signing-0001.pem`, `signing-0002.pem` …: the last one
//! signs, all verify. A key's `kid` is its thumbprint (RFC 7638), so that a file needs no name of its own. The
//! server key is 256 random bits; `derive` stretches it by HKDF-SHA-256 (RFC 5869), one key for each purpose.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use hkdf::Hkdf;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::Sha256;

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

/// All keys of this installation.
pub struct Keys {
    /// Oldest first; never empty.
    signing: Vec<SigningKey>,
    server: [u8; 32],
}

/// One key for access tokens.
pub(super) struct SigningKey {
    pub(super) kid: String,
    pub(super) private: EncodingKey,
    pub(super) public: DecodingKey,
    jwk: Jwk,
}

impl Keys {
    /// Reads the keys in `dir`; makes the folder and what is missing in it. Copies that start at the same time
    /// end up with the same keys.
    ///
    /// # Errors
    /// A folder that cannot be written, a file that cannot be read or that holds something else.
    pub fn load_or_create(dir: &Path) -> Result<Self, Error> {
        make_folder(dir)?;
        let server_path = dir.join(SERVER_KEY_FILE);
        if !server_path.exists() {
            create(&server_path, &format!("{}\n", HEXLOWER.encode(&random()?)))?;
        }
        let server = read_server_key(&server_path)?;
        if signing_files(dir)?.is_empty() {
            create(&dir.join(format!("{SIGNING_PREFIX}0001{SIGNING_SUFFIX}")), &new_signing_pem()?)?;
        }
        let signing =
            signing_files(dir)?.iter().map(|path| SigningKey::read(path)).collect::<Result<Vec<_>, _>>()?;
        if signing.is_empty() {
            return Err(Error::Malformed(dir.to_owned()));
        }
        Ok(Self { signing, server })
    }

    /// The key for one purpose (`chain`, `idempotency`, `lookup` …). The same purpose always gives the same key;
    /// from one key nothing follows about another. A purpose is never given a second meaning.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let label = format!("motcua/1/{purpose}");
        Hkdf::<Sha256>::new(None, &self.server)
            .expand(label.as_bytes(), &mut key)
            .expect("HKDF-SHA-256 gives up to 8160 bytes, and this asks for 32");
        key
    }

    /// The public halves, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.signing.iter().map(|key| key.jwk.clone()).collect() }
    }

    /// The key that signs.
    pub(super) fn current(&self) -> &SigningKey {
        self.signing.last().expect("load_or_create refuses an empty list")
    }

    /// The key that a token's header names.
    pub(super) fn by_kid(&self, kid: &str) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.kid == kid)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<&str> = self.signing.iter().map(|key| key.kid.as_str()).collect();
        f.debug_struct("Keys").field("signing", &kids).finish_non_exhaustive()
    }
}

impl SigningKey {
    fn read(path: &Path) -> Result<Self, Error> {
        let pem = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let wrong = |_| Error::Malformed(path.to_owned());
        let private = EncodingKey::from_ed_pem(&pem).map_err(wrong)?;
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::EdDSA).map_err(wrong)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(wrong)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk).map_err(wrong)?;
        Ok(Self { kid, private, public, jwk })
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

fn read_server_key(path: &Path) -> Result<[u8; 32], Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    HEXLOWER
        .decode(text.trim_end().as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Error::Malformed(path.to_owned()))
}

/// The files of signing keys, oldest first.
fn signing_files(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Io { path: dir.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let is_key = name.to_str().is_some_and(|it| it.starts_with(SIGNING_PREFIX) && it.ends_with(SIGNING_SUFFIX));
        if is_key {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn make_folder(dir: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| Error::Io { path: dir.to_owned(), source })
}

/// Writes a file that nobody else may read, whole or not at all. When another copy was faster, its file stays.
fn create(path: &Path, text: &str) -> Result<(), Error> {
    // A hard link is refused when the name is taken, and a reader never sees half a file: a plain exclusive
    // create would let the other copy read a file that is still empty.
    let draft = path.with_extension(format!("{}.draft", HEXLOWER.encode(&random()?[..8])));
    let made = write_private(&draft, text).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match made {
        Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => removed,
        Err(other) => Err(other),
        Ok(()) => removed,
    }
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
        assert_eq!(first.current().kid, again.current().kid);
        assert_eq!(first.derive("chain"), again.derive("chain"));
    }

    #[test]
    fn purposes_and_installations_have_keys_of_their_own() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (here, there) =
            (Keys::load_or_create(here.path()).unwrap(), Keys::load_or_create(there.path()).unwrap());
        assert_ne!(here.derive("chain"), here.derive("lookup"));
        assert_ne!(here.derive("chain"), there.derive("chain"));
        assert_ne!(here.current().kid, there.current().kid);
    }

    #[test]
    fn copies_that_start_together_share_their_keys() {
        let dir = tempfile::tempdir().unwrap();
        let seen: Vec<(String, [u8; 32])> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let keys = Keys::load_or_create(dir.path()).unwrap();
                        (keys.current().kid.clone(), keys.derive("chain"))
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
    fn the_newest_key_signs_and_all_are_published() {
        let dir = tempfile::tempdir().unwrap();
        let old = Keys::load_or_create(dir.path()).unwrap().current().kid.clone();
        create(&dir.path().join("signing-0002.pem"), &new_signing_pem().unwrap()).unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap();
        assert_ne!(keys.current().kid, old);
        assert!(keys.by_kid(&old).is_some());
        assert_eq!(keys.jwks().keys.len(), 2);
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
        assert!(shown.contains(&keys.current().kid));
        assert!(!shown.contains(&HEXLOWER.encode(&keys.server)) && !shown.contains("private"));
    }
}
