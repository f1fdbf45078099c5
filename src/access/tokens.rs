//! Access tokens: JWTs after RFC 9068, signed with EdDSA, short-lived, verified without a query. It knows no
//! accounts; revocation is asked elsewhere.
//!
//! Algorithm confusion cannot happen: the algorithm is not read from the token but demanded of it, and a key is
//! found by the `kid` among our own, all of which are Ed25519. Checking a signature costs some 40 microseconds of a
//! core, more than reading a dossier; so what was found good is remembered by its SHA-256 until it expires.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AgencyId, CallerKind, Identity, Keys, Role, Scope, Settings, keys};
use crate::db::PublicId;

/// Whom the tokens are for.
const AUDIENCE: &str = "motcua";
/// RFC 9068, section 2.1: tells an access token from any other JWT that the same key may sign one day.
const TYPE: &str = "at+jwt";
/// How far the clocks of copies may differ, in seconds.
const LEEWAY: i64 = 5;
/// The contract's bound on an access token's life, in seconds: one that lives longer was not given out here.
const LONGEST_LIFE: i64 = 15 * 60;
/// Longer ones are not looked at.
const LONGEST: usize = 4096;
/// How many good tokens are remembered.
const REMEMBERED: usize = 8192;

/// Makes and checks access tokens.
pub(super) struct Tokens {
    keys: Arc<Keys>,
    issuer: String,
    lifetime: i64,
    validation: Validation,
    good: RwLock<HashMap<[u8; 32], Arc<Verified>>>,
}

/// A token that is ours, whole and in time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) identity: Identity,
    /// Names this token.
    pub(super) jti: String,
    /// Names the sign-in that it came from; nothing for machines, which have no refresh tokens.
    pub(super) family: Option<String>,
    /// Seconds since 1970, as JWTs have them.
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

/// What stands in a token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The public id of the account or client.
    sub: PublicId,
    /// The OAuth client: the first-party one for people, itself for a machine.
    client_id: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    kind: CallerKind,
    id: i64,
    name: String,
    agency_id: AgencyId,
    agency: String,
    roles: Vec<Role>,
    /// RFC 8693, section 4.2: separated by spaces.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    scope: String,
    /// The holder's when the token was given out; the token ends with it.
    generation: i64,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    must_change_password: bool,
}

impl Tokens {
    pub(super) fn new(keys: Arc<Keys>, settings: &Settings) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is checked here, on the program's own clock.
        validation.validate_exp = false;
        Self {
            keys,
            issuer: settings.issuer.clone(),
            lifetime: i64::try_from(settings.access_lifetime.as_secs()).unwrap_or(i64::MAX),
            validation,
            good: RwLock::default(),
        }
    }

    /// How long a new one lives at most, in seconds.
    pub(super) fn lifetime(&self) -> i64 {
        self.lifetime
    }

    /// A new token for this caller. `now` in seconds since 1970, and for how many more it lives.
    pub(super) fn issue(
        &self,
        caller: &Identity,
        client_id: &str,
        family: Option<&str>,
        (now, lifetime): (i64, i64),
    ) -> Result<String, IssueError> {
        let key = self.keys.current(std::time::Instant::now());
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: caller.public_id,
            client_id: client_id.to_owned(),
            iat: now,
            exp: now.saturating_add(lifetime),
            jti: BASE64URL_NOPAD.encode(&keys::random()?[..16]),
            family: family.map(str::to_owned),
            kind: caller.kind,
            id: caller.id,
            name: caller.name.clone(),
            agency_id: caller.agency_id,
            agency: caller.agency_code.clone(),
            roles: caller.roles.clone(),
            scope: scope_list(&caller.scopes),
            generation: caller.generation,
            must_change_password: caller.must_change_password,
        };
        Ok(jsonwebtoken::encode(&header, &claims, &key.private)?)
    }

    /// The caller behind a token; nothing when it is not ours, not whole or out of time. `now` in seconds.
    pub(super) fn verify(&self, token: &str, now: i64) -> Option<Arc<Verified>> {
        if token.len() > LONGEST {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = self.good.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let verified = match known {
            Some(verified) => verified,
            None => {
                let verified = Arc::new(self.decode(token)?);
                if verified.is_in_time(now) {
                    self.remember(digest, &verified, now);
                }
                verified
            }
        };
        verified.is_in_time(now).then_some(verified)
    }

    /// The same without looking at the time: for revoking, where an expired token is no error.
    pub(super) fn decode(&self, token: &str) -> Option<Verified> {
        if token.len() > LONGEST {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let key = self.keys.by_kid(header.kid.as_deref()?)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.public, &self.validation).ok()?.claims;
        if claims.exp.saturating_sub(claims.iat) > LONGEST_LIFE {
            return None;
        }
        let scopes = parse_scopes(&claims.scope)?;
        Some(Verified {
            identity: Identity {
                kind: claims.kind,
                id: claims.id,
                public_id: claims.sub,
                name: claims.name,
                agency_id: claims.agency_id,
                agency_code: claims.agency,
                roles: claims.roles,
                scopes,
                generation: claims.generation,
                must_change_password: claims.must_change_password,
                reason: None,
            },
            jti: claims.jti,
            family: claims.family,
            issued_at: claims.iat,
            expires_at: claims.exp,
        })
    }

    fn remember(&self, digest: [u8; 32], verified: &Arc<Verified>, now: i64) {
        let mut good = self.good.write().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= REMEMBERED {
            good.retain(|_, other| other.is_in_time(now));
        }
        // Still full of living ones: forgetting all costs one check of each.
        if good.len() >= REMEMBERED {
            good.clear();
        }
        good.insert(digest, Arc::clone(verified));
    }
}

impl Verified {
    fn is_in_time(&self, now: i64) -> bool {
        now < self.expires_at.saturating_add(LEEWAY) && self.issued_at <= now.saturating_add(LEEWAY)
    }
}

/// Scopes as OAuth writes them.
pub(super) fn scope_list(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// The same read again; nothing when there is one that we do not know.
pub(super) fn parse_scopes(list: &str) -> Option<Vec<Scope>> {
    list.split_ascii_whitespace().map(|name| name.parse().ok()).collect()
}

/// Why a token could not be made: never the caller's fault.
#[derive(Debug, thiserror::Error)]
pub(super) enum IssueError {
    #[error("signing: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
    #[error(transparent)]
    Random(#[from] keys::Error),
}

/// A new refresh token or client secret: 256 random bits.
pub(super) fn new_secret() -> Result<String, keys::Error> {
    Ok(BASE64URL_NOPAD.encode(&keys::random()?))
}

/// What of a refresh token is stored. It has 256 random bits, so a plain hash tells nothing about it.
pub(super) fn refresh_hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn tokens_in(dir: &std::path::Path) -> Tokens {
        Tokens::new(Arc::new(Keys::load_or_create(dir).unwrap()), &Settings::at("https://example.test"))
    }

    fn current(tokens: &Tokens) -> Arc<keys::SigningKey> {
        tokens.keys.current(std::time::Instant::now())
    }

    fn caller() -> Identity {
        Identity::sample(7, &[Role::Integration], &[Scope::DossiersRead, Scope::EventsRead])
    }

    /// A token with the given header and claims, signed by the same key or left unsigned.
    fn forged(tokens: &Tokens, change: impl Fn(&mut serde_json::Value, &mut serde_json::Value)) -> String {
        let good = tokens.issue(&caller(), "x", Some("f"), (NOW, 900)).unwrap();
        let mut parts = good.split('.').map(|part| BASE64URL_NOPAD.decode(part.as_bytes()));
        let mut json = || serde_json::from_slice(&parts.next().unwrap().unwrap()).unwrap();
        let (mut header, mut claims) = (json(), json());
        change(&mut header, &mut claims);
        let body = [header, claims].map(|it| BASE64URL_NOPAD.encode(it.to_string().as_bytes())).join(".");
        let key = current(tokens);
        let signature = jsonwebtoken::crypto::sign(body.as_bytes(), &key.private, Algorithm::EdDSA).unwrap();
        format!("{body}.{signature}")
    }

    #[test]
    fn a_token_says_who_calls() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        let token = tokens.issue(&caller(), "province", Some("family"), (NOW, 900)).unwrap();
        for _ in 0..2 {
            let verified = tokens.verify(&token, NOW).unwrap();
            assert_eq!(verified.identity, caller());
            assert_eq!(verified.family.as_deref(), Some("family"));
            assert_eq!(verified.expires_at, NOW + 900);
        }
    }

    #[test]
    fn it_ends_after_its_lifetime_remembered_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        let token = tokens.issue(&caller(), "x", None, (NOW, 900)).unwrap();
        for (later, good) in [(-6, false), (-5, true), (0, true), (904, true), (905, false), (90_000, false)]
        {
            assert_eq!(tokens.verify(&token, NOW + later).is_some(), good, "after {later} s");
            assert_eq!(
                tokens_in(dir.path()).verify(&token, NOW + later).is_some(),
                good,
                "after {later} s, new"
            );
        }
    }

    #[test]
    fn the_forgery_itself_is_right_when_nothing_is_changed() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        assert!(tokens.verify(&forged(&tokens, |_, _| ()), NOW).is_some());
    }

    #[test]
    fn whatever_is_not_exactly_ours_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        for (claim, value) in [
            ("iss", "https://elsewhere.test".into()),
            ("aud", "another".into()),
            ("sub", serde_json::Value::Null),
            ("exp", serde_json::Value::Null),
            ("exp", "soon".into()),
            ("exp", (NOW - 60).into()),
            ("exp", (NOW + 901).into()),
            ("iat", (NOW + 60).into()),
            ("roles", vec!["emperor"].into()),
            ("scope", "everything".into()),
        ] {
            let token = forged(&tokens, |_, claims| claims[claim] = value.clone());
            assert!(tokens.verify(&token, NOW).is_none(), "{claim} = {value}");
        }
        for (member, value) in [
            ("alg", "none".into()),
            ("alg", "HS256".into()),
            ("alg", "ES256".into()),
            ("typ", "JWT".into()),
            ("typ", serde_json::Value::Null),
            ("kid", "another".into()),
            ("kid", serde_json::Value::Null),
        ] {
            let token = forged(&tokens, |header, _| header[member] = value.clone());
            assert!(tokens.verify(&token, NOW).is_none(), "{member} = {value}");
        }
    }

    #[test]
    fn a_public_key_is_no_secret_to_sign_with() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        let good = tokens.issue(&caller(), "x", None, (NOW, 900)).unwrap();
        let claims = good.split('.').nth(1).unwrap();
        let key = current(&tokens);
        let public = key.public.try_get_as_bytes().unwrap();
        let header = serde_json::json!({"alg": "HS256", "typ": TYPE, "kid": current(&tokens).kid});
        let body = format!("{}.{claims}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()));
        let secret = jsonwebtoken::EncodingKey::from_secret(public);
        let signature = jsonwebtoken::crypto::sign(body.as_bytes(), &secret, Algorithm::HS256).unwrap();
        assert!(tokens.verify(&format!("{body}.{signature}"), NOW).is_none());
    }

    #[test]
    fn anything_cut_off_or_changed_is_refused_without_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        let good = tokens.issue(&caller(), "x", None, (NOW, 900)).unwrap();
        for end in 0..good.len() {
            assert!(tokens.verify(&good[..end], NOW).is_none());
        }
        for at in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last character of the signature has two bits that mean nothing; a strict decoder refuses them.
            assert!(tokens.verify(&changed, NOW).is_none(), "changed at {at}");
        }
        for rubbish in ["", ".", "..", "...", "a.b.c", &"x".repeat(100_000)] {
            assert!(tokens.verify(rubbish, NOW).is_none());
        }
    }

    #[test]
    fn another_installation_is_a_stranger() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let token = tokens_in(there.path()).issue(&caller(), "x", None, (NOW, 900)).unwrap();
        assert!(tokens_in(here.path()).verify(&token, NOW).is_none());
    }

    #[test]
    fn the_memory_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens_in(dir.path());
        let token = tokens.issue(&caller(), "x", None, (NOW, 900)).unwrap();
        let verified = tokens.verify(&token, NOW).unwrap();
        for n in 0..u64::try_from(2 * REMEMBERED).unwrap() {
            tokens.remember(Sha256::digest(n.to_le_bytes()).into(), &verified, NOW);
        }
        assert!(tokens.good.read().unwrap().len() <= REMEMBERED);
    }
}
