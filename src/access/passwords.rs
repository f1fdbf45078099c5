//! Passwords and client secrets: how they are hashed and compared. It knows nothing of accounts.
//!
//! argon2id with the parameters that OWASP's password storage cheat sheet names (19 MiB, two passes, one lane);
//! stored as a PHC string, so that stronger parameters can come later without a migration. A comparison takes tens
//! of milliseconds of a core, so only as many run at once as there are cores, on the blocking threads; an unknown
//! name costs the same work as a wrong password.

use std::sync::LazyLock;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

/// Why no answer about a password could be given: the server's fault, never the caller's.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Hashing failed.
    #[error("password hashing: {0}")]
    Hash(argon2::password_hash::Error),
    /// What the table holds is no PHC string.
    #[error("a stored password hash cannot be read: {0}")]
    Stored(argon2::password_hash::phc::Error),
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
        let _permit = self.permits.acquire().await.map_err(|_| Error::Stopped)?;
        web::block(move || compare(&password, stored.as_deref())).await.map_err(|_| Error::Stopped)?
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
    fn nobody_has_no_password() {
        assert!(!compare("", None).unwrap());
        assert!(!compare("anything", None).unwrap());
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_no_wrong_password() {
        assert!(matches!(compare("x", Some("plain text")), Err(Error::Stored(_))));
    }
}
