//! What must stand in an ID token beside a good signature, and whom it is about. Pure.

use chrono::TimeDelta;
use jsonwebtoken::errors::ErrorKind;
use serde_json::{Map, Value};

use super::{ProviderSettings, Refusal};
use crate::access::accounts::Username;
use crate::db::Instant;

/// How far the provider's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);

/// How long after its issue a token is taken: the way from the provider through the frontend, not a session.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// Whom a token is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) username: Username,
    /// What the provider says is the code of his agency, where we are told to ask.
    pub(super) agency_code: Option<String>,
    /// From then on the token is not taken any more.
    pub(super) until: Instant,
}

/// Reads claims whose signature, issuer and audience are right.
pub(super) fn subject(
    claims: &Map<String, Value>,
    settings: &ProviderSettings,
    now: Instant,
) -> Result<Subject, Refusal> {
    let issued_at = moment(claims, "iat").ok_or(Refusal::Token("no iat"))?;
    let expires_at = moment(claims, "exp").ok_or(Refusal::Token("no exp"))?;
    let until = (expires_at + LEEWAY).min(issued_at + FRESH);
    if now >= until {
        return Err(Refusal::Token("expired"));
    }
    let begins = moment(claims, "nbf").map_or(issued_at, |not_before| not_before.max(issued_at));
    if begins > now + LEEWAY {
        return Err(Refusal::Token("from the future"));
    }
    is_made_out_to(claims, &settings.client_id)?;
    // An address that nobody has proven to be his is anybody's to enter.
    if settings.account_claim == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
        return Err(Refusal::Token("the e-mail address is not verified"));
    }
    let name = text(claims, &settings.account_claim).ok_or(Refusal::Token("no claim for the account"))?;
    let username = name.parse().map_err(|_| Refusal::Token("the claim for the account is no user name"))?;
    let agency_code = match &settings.agency_claim {
        None => None,
        Some(claim) => Some(text(claims, claim).ok_or(Refusal::Token("no claim for the agency"))?.to_owned()),
    };
    Ok(Subject { username, agency_code, until })
}

/// A token for several must say that it was made out to our client (OpenID Connect Core, section 3.1.3.7, 4 and 5).
fn is_made_out_to(claims: &Map<String, Value>, client_id: &str) -> Result<(), Refusal> {
    let is_for_several = matches!(claims.get("aud"), Some(Value::Array(all)) if all.len() > 1);
    match claims.get("azp") {
        Some(party) if party == client_id => Ok(()),
        None if !is_for_several => Ok(()),
        _ => Err(Refusal::Token("made out to another client")),
    }
}

/// What a library's refusal means, for the log.
pub(super) fn why(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "wrong signature",
        ErrorKind::InvalidIssuer => "wrong issuer",
        ErrorKind::InvalidAudience => "wrong audience",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "it cannot be read",
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

fn moment(claims: &Map<String, Value>, name: &str) -> Option<Instant> {
    Instant::from_micros(claims.get(name)?.as_i64()?.checked_mul(1_000_000)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            issuer: "https://sso.example.vn".to_owned(),
            client_id: "desk".to_owned(),
            account_claim: "preferred_username".to_owned(),
            agency_claim: Some("agency".to_owned()),
        }
    }

    const NOW: i64 = 1_700_000_000;

    fn now() -> Instant {
        Instant::from_micros(NOW * 1_000_000).unwrap()
    }

    fn good() -> Value {
        json!({"iss": "https://sso.example.vn", "aud": "desk", "sub": "7", "iat": NOW, "exp": NOW + 3600,
               "preferred_username": "Clerk@tan-long", "agency": "000.33.31.H20"})
    }

    fn read(claims: &Value, settings: &ProviderSettings) -> Result<Subject, Refusal> {
        subject(claims.as_object().unwrap(), settings, now())
    }

    fn changed(name: &str, value: Value) -> Result<Subject, Refusal> {
        let mut claims = good();
        claims[name] = value;
        read(&claims, &settings())
    }

    #[test]
    fn claims_name_an_account_and_an_agency() {
        let subject = read(&good(), &settings()).unwrap();
        assert_eq!(subject.username.as_str(), "clerk@tan-long");
        assert_eq!(subject.agency_code.as_deref(), Some("000.33.31.H20"));
        assert_eq!(subject.until, now() + FRESH);
        let without = ProviderSettings { agency_claim: None, ..settings() };
        assert_eq!(read(&good(), &without).unwrap().agency_code, None);
    }

    #[test]
    fn times_are_kept_with_a_minute_of_leeway() {
        for (claim, value, good) in [
            ("exp", NOW - 59, true),
            ("exp", NOW - 60, false),
            ("iat", NOW + 60, true),
            ("iat", NOW + 61, false),
            ("iat", NOW - 599, true),
            ("iat", NOW - 600, false),
            ("nbf", NOW + 60, true),
            ("nbf", NOW + 61, false),
            ("exp", i64::MAX, false),
        ] {
            assert_eq!(
                changed(claim, value.into()).is_ok(),
                good,
                "{claim} = now + {}",
                value.wrapping_sub(NOW)
            );
        }
    }

    #[test]
    fn whatever_is_missing_or_of_another_kind_is_refused() {
        for claim in ["iat", "exp", "preferred_username", "agency"] {
            for value in [Value::Null, json!([1]), json!({}), json!(true)] {
                assert!(changed(claim, value.clone()).is_err(), "{claim} = {value}");
            }
        }
        assert!(changed("preferred_username", json!("Nguyễn Văn A")).is_err());
        assert!(changed("preferred_username", json!("")).is_err());
    }

    #[test]
    fn a_token_for_several_must_name_our_client() {
        assert!(changed("azp", json!("desk")).is_ok() && changed("azp", json!("other")).is_err());
        assert!(changed("aud", json!(["desk"])).is_ok() && changed("aud", json!(["desk", "other"])).is_err());
        let mut several = good();
        several["aud"] = json!(["desk", "other"]);
        several["azp"] = json!("desk");
        assert!(read(&several, &settings()).is_ok());
    }

    #[test]
    fn an_unproven_address_is_nobodys() {
        let by_email = ProviderSettings { account_claim: "email".to_owned(), ..settings() };
        let mut claims = good();
        claims["email"] = json!("clerk@tan-long");
        assert!(read(&claims, &by_email).is_err());
        claims["email_verified"] = json!("true");
        assert!(read(&claims, &by_email).is_err());
        claims["email_verified"] = json!(true);
        assert!(read(&claims, &by_email).is_ok());
    }
}
