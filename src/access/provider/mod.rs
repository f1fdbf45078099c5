//! Signing in through a province's OpenID Connect provider. The frontend does the authorization code flow with PKCE there
//! and brings us the ID token that it got; we check it (OpenID Connect Core 1.0, section 3.1.3.7) and find the account that
//! one of its claims names. Our own tokens follow, as after a password.
//!
//! An ID token is taken from the configured issuer only, for the configured client only, signed by one of the issuer's
//! keys with an algorithm of our list, within minutes after it was issued, and once.
//!
//! | file | owns |
//! | --- | --- |
//! | `claims` | what must stand in an ID token, pure |
//! | `keys` | the provider's keys, kept and asked for anew |
//! | `fetch` | asks the provider |
//! | `sign_in` | from an ID token to our tokens |

mod claims;
mod fetch;
mod keys;
mod sign_in;

use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::db::Instant;
use claims::Subject;
use fetch::Fetch;
use keys::{ALGORITHMS, KeyCache, PublicKey};

/// Longer ID tokens are not looked at.
const LONGEST: usize = 16 * 1024;

/// Whom we believe, and what his claims mean here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// His address and the `iss` of his tokens, letter for letter.
    pub issuer: String,
    /// The frontend's client id there: the `aud` of its tokens.
    pub client_id: String,
    /// The claim that is a user name here.
    pub account_claim: String,
    /// The claim that must be the code of the account's agency.
    pub agency_claim: Option<String>,
}

/// Checks ID tokens of one provider.
pub(super) struct Provider {
    settings: ProviderSettings,
    keys: KeyCache,
}

/// Why an ID token opens nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The token is at fault. The reason is for the log: it quotes nothing of the token, and callers do not learn it.
    #[error("the ID token is refused: {0}")]
    Token(&'static str),
    /// The provider does not tell us his keys.
    #[error("the provider cannot be asked: {0}")]
    Provider(String),
}

impl Provider {
    pub(super) fn new(settings: ProviderSettings) -> Self {
        let keys = KeyCache::new(Fetch::new(&settings.issuer));
        Provider { settings, keys }
    }

    /// Whom the token is about, when it holds.
    async fn check(&self, token: &str, now: Instant) -> Result<Subject, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::Token("too long"));
        }
        let header = decode_header(token).map_err(|_| Refusal::Token("no JWT"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(Refusal::Token("the algorithm is not on the list"));
        }
        // An access or logout token of the same provider is no ID token.
        if header.typ.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("jwt")) {
            return Err(Refusal::Token("another kind of token"));
        }
        let kid = header.kid.as_deref().ok_or(Refusal::Token("no kid"))?;
        let key = self.keys.find(kid, now).await?.ok_or(Refusal::Token("unknown kid"))?;
        if !key.is_for(header.alg) {
            return Err(Refusal::Token("the key is for another algorithm"));
        }
        claims::subject(&self.signed_claims(token, header.alg, &key)?, &self.settings, now)
    }

    /// The claims, when signature, issuer and audience are right.
    fn signed_claims(
        &self,
        token: &str,
        algorithm: jsonwebtoken::Algorithm,
        key: &PublicKey,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.client_id]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked with the others, on the program's own clock.
        validation.validate_exp = false;
        let decoded = decode::<Map<String, Value>>(token, key.public(), &validation);
        decoded.map(|it| it.claims).map_err(|error| Refusal::Token(claims::why(error.kind())))
    }
}
