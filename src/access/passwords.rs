//! Passwords and client secrets: how they are hashed and compared. It knows nothing of accounts.
//!
//! argon2id with the parameters that OWASP's password storage cheat sheet names (19 MiB, two passes, one lane);
//! stored as a PHC string, so that stronger parameters can come later without a migration. A comparison takes tens
//! of milliseconds of a core, so only as many run at once as there are cores, on the blocking threads; an unknown
//! name costs the same work as a wrong password.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use data_encoding::BASE32_NOPAD;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::keys;

/// Whoever has waited for so long is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why no answer about a password could be given: the server's fault, never the caller's.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Hashing failed.
    #[error("password hashing: {0}")]
    Hash(argon2::password_hash::Error),
    /// What the table holds is no PHC string.
    #[error("a stored password hash cannot be read: {0}")]
    Stored(argon2::password_hash::phc::Error),
    /// More wait for a comparison than can be made in time.
    #[error("too many passwords are being compared")]
    Busy,
    /// The blocking threads are gone: the server is shutting down.
    #[error("no thread for password hashing")]
    Stopped,
}

/// Lets as many comparisons run as there are cores.
#[derive(Debug)]
pub struct Passwords {
    permits: Semaphore,
}

impl Passwords {
    /// One for the whole process.
    #[must_use]
    pub fn new() -> Self {
        Self { permits: Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)) }
    }

    /// Whether `password` is the one behind `stored`. Without a stored one (an unknown name) the same work is
    /// done and the answer is no.
    ///
    /// # Errors
    /// A stored hash that cannot be read, or a server that is shutting down.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Error> {
        let _permit = self.permit().await?;
        web::block(move || compare(&password, stored.as_deref())).await.map_err(|_| Error::Stopped)?
    }

    /// [`hash`] on a thread that may block, no more at once than comparisons.
    ///
    /// # Errors
    /// No random bytes, too many that wait, or a server that is shutting down.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        let _permit = self.permit().await?;
        web::block(move || hash(&password)).await.map_err(|_| Error::Stopped)?
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, Error> {
        let permit = tokio::time::timeout(PATIENCE, self.permits.acquire()).await;
        permit.map_err(|_| Error::Busy)?.map_err(|_| Error::Stopped)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// The PHC string of a password with a salt of its own. Blocks for tens of milliseconds.
///
/// # Errors
/// No random bytes for the salt.
pub fn hash(password: &str) -> Result<String, Error> {
    hasher().hash_password(password.as_bytes()).map(|it| it.to_string()).map_err(Error::Hash)
}

/// A password that can be read over the telephone: 100 random bits in four groups of five small letters and digits.
///
/// # Errors
/// The system gives no random bytes.
pub fn made_up() -> Result<String, keys::Error> {
    let letters = BASE32_NOPAD.encode(&keys::random()?).to_lowercase();
    let groups: Vec<&str> = (0..20).step_by(5).filter_map(|at| letters.get(at..at + 5)).collect();
    Ok(groups.join("-"))
}

/// Blocks for tens of milliseconds, whatever the answer.
fn compare(password: &str, stored: Option<&str>) -> Result<bool, Error> {
    /// A hash of nobody's password, with the parameters in use.
    static NOBODY: LazyLock<Result<String, String>> = LazyLock::new(|| hash("").map_err(|e| e.to_string()));
    let known = stored.is_some();
    let nobody = NOBODY.as_deref().unwrap_or_default();
    let parsed = PasswordHash::new(stored.unwrap_or(nobody)).map_err(Error::Stored)?;
    match hasher().verify_password(password.as_bytes(), &parsed) {
        Ok(()) => Ok(known),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(other) => Err(Error::Hash(other)),
    }
}

fn hasher() -> Argon2<'static> {
    // The crate's defaults are those parameters; a test holds them to it.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_fits_and_nothing_else() {
        let stored = hash("mật khẩu dài").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(compare("mật khẩu dài", Some(&stored)).unwrap());
        assert!(!compare("mật khẩu ngắn", Some(&stored)).unwrap());
        assert!(!compare("", Some(&stored)).unwrap());
        assert_ne!(stored, hash("mật khẩu dài").unwrap(), "each has its own salt");
    }

    #[test]
    fn a_made_up_one_is_good_enough() {
        let one = made_up().unwrap();
        assert_eq!(one.len(), 23, "{one}");
        assert_eq!(crate::access::rules::weakness(&one, "clerk@tan-long"), None);
        assert_ne!(one, made_up().unwrap());
    }

    #[test]
    fn nobody_has_no_password() {
        assert!(!compare("", None).unwrap());
        assert!(!compare("anything", None).unwrap());
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_no_wrong_password() {
        assert!(matches!(compare("x", Some("plain text")), Err(Error::Stored(_))));
    }
}
