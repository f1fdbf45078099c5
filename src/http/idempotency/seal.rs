//! Keys and encryption: the database alone gives away neither keys nor answers, and neither does the database with the
//! server's key, since the client's `Idempotency-Key` is needed too.
//!
//! HMAC-SHA-256 (RFC 2104), HKDF (RFC 5869), ChaCha20-Poly1305 (RFC 8439).

use actix_web::{
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::Bytes,
};
use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::http::{answer::Answer, problem::Problem};

const NONCE_BYTES: usize = 12;

/// The server's secret for idempotency, 32 random bytes, the same on all copies. Kept outside of the database.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    /// Wraps the secret.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        ServerKey(secret)
    }

    /// A keyed hash of several parts. Each part's length goes in before it, so that no two lists of parts meet.
    pub(super) fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
        // HMAC takes keys of any length: this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0) else { return Vec::new() };
        mac.update(b"motcua idempotency 1 ");
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// The cipher for answers to requests with this `Idempotency-Key`.
    pub(super) fn sealer(&self, idempotency_key: &str) -> Sealer {
        let mut key = Key::default();
        // 32 bytes are far below what HKDF can give: this cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(b"motcua idempotency 1 seal"), &self.0)
            .expand(idempotency_key.as_bytes(), &mut key);
        Sealer(ChaCha20Poly1305::new(&key))
    }
}

/// Encrypts answers and opens them again.
pub(super) struct Sealer(ChaCha20Poly1305);

impl Sealer {
    /// nonce ‖ ciphertext.
    pub(super) fn seal(&self, answer: &Answer, associated: &[u8]) -> Result<Vec<u8>, Problem> {
        // Random nonces are safe here: a key seals a handful of answers at most.
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let plain = write(answer)?;
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), Payload { msg: &plain, aad: associated })
            .map_err(|_| Problem::internal("an answer could not be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open(&self, sealed: &[u8], associated: &[u8]) -> Result<Answer, Problem> {
        let damaged = || Problem::internal("a kept answer cannot be opened");
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let plain = self
            .0
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: associated })
            .map_err(|_| damaged())?;
        read(plain).ok_or_else(damaged)
    }
}

/// One line of JSON with status and headers, then the body.
fn write(answer: &Answer) -> Result<Vec<u8>, Problem> {
    let headers: Vec<(&str, &str)> = answer
        .headers
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(Problem::internal)?)))
        .collect::<Result<_, Problem>>()?;
    let mut plain = serde_json::to_vec(&(answer.status.as_u16(), headers)).map_err(Problem::internal)?;
    plain.push(b'\n');
    plain.extend_from_slice(&answer.body);
    Ok(plain)
}

fn read(plain: Vec<u8>) -> Option<Answer> {
    let plain = Bytes::from(plain);
    let line = plain.iter().position(|byte| *byte == b'\n')?;
    let (status, headers): (u16, Vec<(String, String)>) = serde_json::from_slice(plain.get(..line)?).ok()?;
    let headers = headers
        .into_iter()
        .map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)))
        .collect::<Option<_>>()?;
    Some(Answer { status: StatusCode::from_u16(status).ok()?, headers, body: plain.slice(line + 1..) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_keys_open_an_answer() {
        let server = ServerKey::new([7; 32]);
        let answer =
            Answer::created("/api/v1/things/1", 3, &serde_json::json!({"ghi_chú": "dòng 1\ndòng 2"}))
                .unwrap();
        let sealed = server.sealer("key").seal(&answer, b"row").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"ghi_c"));
        assert_eq!(server.sealer("key").open(&sealed, b"row").unwrap(), answer);
        assert!(server.sealer("other").open(&sealed, b"row").is_err());
        assert!(server.sealer("key").open(&sealed, b"another row").is_err());
        assert!(ServerKey::new([8; 32]).sealer("key").open(&sealed, b"row").is_err());
        assert!(server.sealer("key").open(b"short", b"row").is_err());
        let empty = Answer::no_content();
        let sealed = server.sealer("key").seal(&empty, b"row").unwrap();
        assert_eq!(server.sealer("key").open(&sealed, b"row").unwrap(), empty);
    }

    #[test]
    fn parts_cannot_be_shifted() {
        let server = ServerKey::new([7; 32]);
        assert_ne!(server.mac("key", &[b"ab", b"c"]), server.mac("key", &[b"a", b"bc"]));
        assert_ne!(server.mac("key", &[b"a"]), server.mac("request", &[b"a"]));
    }
}
