//! The keyed hashes of dossiers: the chain of events, its anchors, look-up secrets. Their keys are derived from the installation's server key, outside the database.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use rand::seq::IndexedRandom;
use sha2::Sha256;

use crate::access::Keys;

type HmacSha256 = Hmac<Sha256>;

/// What anchors are hashed with.
pub type AnchorMac = HmacSha256;

/// Crockford's alphabet: no I, L, O or U to be misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 bits.
const SECRET_LENGTH: usize = 16;

/// Draws the secret of a look-up: 16 characters.
#[must_use]
pub fn new_lookup_secret() -> String {
    let mut rng = rand::rng();
    (0..SECRET_LENGTH).filter_map(|_| ALPHABET.choose(&mut rng).copied().map(char::from)).collect()
}

/// Hashes events into their chain, anchors, and look-up secrets.
pub struct Secrets {
    chain: HmacSha256,
    anchors: HmacSha256,
    lookup: HmacSha256,
}

impl Secrets {
    /// Derives one key a purpose.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mac = |purpose: &str| HmacSha256::new_from_slice(&keys.derive(purpose)).expect("any length");
        Self { chain: mac("chain"), anchors: mac("anchors"), lookup: mac("lookup") }
    }

    /// The hash of an event whose canonical form is `line`, after the event with hash `before`.
    #[must_use]
    pub fn chain(&self, before: &[u8], line: &str) -> Vec<u8> {
        let mac = self.chain.clone().chain_update(before).chain_update(line.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// The key of the anchors over heads of histories, ready to be given what is hashed.
    #[must_use]
    pub fn anchor(&self) -> AnchorMac {
        self.anchors.clone()
    }

    /// What is kept of a look-up secret.
    #[must_use]
    pub fn lookup_hash(&self, secret: &str) -> String {
        hex(&self.lookup, secret)
    }
}

fn hex(mac: &HmacSha256, text: &str) -> String {
    HEXLOWER.encode(&mac.clone().chain_update(text.as_bytes()).finalize().into_bytes())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets")
    }
}
