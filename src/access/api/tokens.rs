//! The endpoints of signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, post, web};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::sign_in::{FIRST_PARTY, Grant};
use crate::access::{Access, reason};
use crate::http::{OauthCode, OauthError, network_of};

/// RFC 8693, section 2.1.
pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 8693, section 3.
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(create_token).service(revoke_token);
}

/// What the token endpoint takes, as a form. Unknown parameters are ignored (RFC 6749, section 3.2). It has no
/// `Debug`: half of it is secret.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "password", "username": "clerk@thanh-binh", "password": "…"}))]
struct TokenRequest {
    /// `password`, `refresh_token`, `client_credentials`, or `urn:ietf:params:oauth:grant-type:token-exchange` to sign in by
    /// an ID token of the province's provider.
    #[schema(example = "password", max_length = 64)]
    grant_type: Option<String>,
    /// For `password`: the account's user name.
    #[schema(example = "clerk@thanh-binh", max_length = 64)]
    username: Option<String>,
    /// For `password`: its password.
    #[schema(format = Password, max_length = 1000)]
    password: Option<String>,
    /// For `refresh_token`: the one that came last.
    #[schema(format = Password, max_length = 1000)]
    refresh_token: Option<String>,
    /// For `client_credentials`: the client, unless it stands in `Authorization: Basic`. For the other grants it can
    /// be left out, or be `motcua`, the public client of first-party frontends.
    #[schema(example = "motcua", max_length = 64)]
    client_id: Option<String>,
    /// For `client_credentials`: its secret, unless it stands in `Authorization: Basic`.
    #[schema(format = Password, max_length = 1000)]
    client_secret: Option<String>,
    /// For token exchange: the ID token that the frontend got from the provider.
    #[schema(format = Password, max_length = 16384)]
    subject_token: Option<String>,
    /// For token exchange: `urn:ietf:params:oauth:token-type:id_token`.
    #[schema(example = "urn:ietf:params:oauth:token-type:id_token", max_length = 64)]
    subject_token_type: Option<String>,
    /// For token exchange: left out, or `urn:ietf:params:oauth:token-type:access_token`.
    #[schema(example = "urn:ietf:params:oauth:token-type:access_token", max_length = 64)]
    requested_token_type: Option<String>,
    /// For `client_credentials`: fewer scopes than the client has, separated by spaces.
    #[schema(example = "dossiers:read events:read", max_length = 200)]
    scope: Option<String>,
}

/// Tokens that were given out.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
    "token_type": "Bearer",
    "expires_in": 900,
    "refresh_token": "R0Jq3l9v3l7Y1mPq7o1v0r8l9y3n4v5w6x7y8z9a0b1",
}))]
struct TokenAnswer {
    /// Goes into `Authorization: Bearer …` of every request.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How many seconds the access token lives.
    expires_in: i64,
    /// Gives the next pair; good for one use. Machines get none.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// The scopes that were given to a machine, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// After token exchange: what the access token is (RFC 8693, section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
}

/// Sign in, or stay signed in
///
/// OAuth 2.0 (RFC 6749). `password` is for first-party frontends (the public client `motcua`, which has no secret) and
/// can be turned off by the operator. `refresh_token` gives a new pair and uses up the old refresh token; one that
/// comes back a second time ends the whole sign-in. `client_credentials` is for machines, with id and secret in
/// `Authorization: Basic` or in the form. After a few failed tries of a name or from an address the next ones have to wait,
/// each longer than the one before: 429 `slow_down` with `Retry-After`. Where the operator has set up the province's OpenID
/// Connect provider, a frontend signs people in there (authorization code with PKCE) and exchanges the ID token that it got
/// (RFC 8693), once and within ten minutes after its issue; a token that does not hold and one without an account here get the
/// same `invalid_grant`. With a password that was reset the token only opens
/// `/me` and `/me/password`. Errors have the form of RFC 6749, section 5.2.
#[utoipa::path(
    tag = "access",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Tokens", body = TokenAnswer),
        (status = 400, description = "The request or the grant is no good", body = OauthError),
        (status = 401, description = "The client is unknown or its secret wrong", body = OauthError),
    ),
    extensions(("x-roles" = json!(["public"])))
)]
#[post("/api/v1/auth/token")]
async fn create_token(
    access: web::Data<Access>,
    request: HttpRequest,
    form: web::Form<TokenRequest>,
) -> Result<HttpResponse, OauthError> {
    let grant = read_grant(&request, form.into_inner())?;
    let issued_token_type = matches!(grant, Grant::Provider { .. }).then_some(ACCESS_TOKEN);
    let granted = access.grant(grant, network_of(&request)).await?;
    Ok(never_stored(StatusCode::OK).json(TokenAnswer {
        access_token: granted.access_token,
        token_type: "Bearer",
        expires_in: granted.expires_in,
        refresh_token: granted.refresh_token,
        scope: granted.scope,
        issued_token_type,
    }))
}

/// What the revocation endpoint takes, as a form.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"token": "R0Jq3l9v3l7Y1mPq7o1v0r8l9y3n4v5w6x7y8z9a0b1", "token_type_hint": "refresh_token"}))]
struct RevokeRequest {
    /// The access or refresh token that must not be accepted any more.
    #[schema(format = Password, max_length = 4096)]
    token: Option<String>,
    /// `access_token` or `refresh_token`; not needed.
    #[schema(max_length = 64)]
    #[allow(dead_code, reason = "RFC 7009 lets a server ignore it; it stands here for the document")]
    token_type_hint: Option<String>,
}

/// Sign out
///
/// OAuth 2.0 Token Revocation (RFC 7009): a refresh token ends with everything that came from the same sign-in, an
/// access token ends alone; here at once, on other copies of the server within a second. Whoever has a token may end
/// it. A token that is unknown or has ended already is no error.
#[utoipa::path(
    tag = "access",
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is not accepted any more", body = Revoked),
        (status = 400, description = "The request has no token", body = OauthError),
    ),
    extensions(("x-roles" = json!(["public"])))
)]
#[post("/api/v1/auth/revoke")]
async fn revoke_token(
    access: web::Data<Access>,
    form: web::Form<RevokeRequest>,
) -> Result<HttpResponse, OauthError> {
    let token = wanted(form.into_inner().token, "token")?;
    access.revoke(&token).await?;
    Ok(never_stored(StatusCode::OK).json(Revoked {}))
}

/// Nothing more is said, so that nobody learns which tokens there are.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({}))]
struct Revoked {}

/// What is asked for, once it is clear which client asks.
fn read_grant(request: &HttpRequest, form: TokenRequest) -> Result<Grant, OauthError> {
    let grant_type = wanted(form.grant_type, "grant_type")?;
    let (client_id, secret) = client(request, form.client_id, form.client_secret)?;
    let machine = || client_id.clone().zip(secret.clone());
    match grant_type.as_str() {
        "client_credentials" => {
            let (client_id, secret) = machine().ok_or_else(|| {
                OauthError::new(OauthCode::InvalidClient, "The client must show id and secret.")
            })?;
            Ok(Grant::Client { client_id, secret, scope: form.scope.unwrap_or_default() })
        }
        "password" | "refresh_token" | TOKEN_EXCHANGE
            if client_id.as_deref().is_some_and(|id| id != FIRST_PARTY) =>
        {
            let why = "Only the first-party client may use this grant.";
            Err(OauthError::new(OauthCode::UnauthorizedClient, why))
        }
        "password" => Ok(Grant::Password {
            username: wanted(form.username, "username")?,
            password: wanted(form.password, "password")?,
        }),
        TOKEN_EXCHANGE => {
            exchange(form.subject_token, form.subject_token_type, form.requested_token_type.as_deref())
        }
        "refresh_token" => Ok(Grant::Refresh { token: wanted(form.refresh_token, "refresh_token")? }),
        _ => Err(OauthError::new(OauthCode::UnsupportedGrantType, "There is no such grant here.")),
    }
}

/// RFC 8693, of which one case is here: an ID token against tokens of ours.
fn exchange(token: Option<String>, kind: Option<String>, wish: Option<&str>) -> Result<Grant, OauthError> {
    let token = wanted(token, "subject_token")?;
    let kind = wanted(kind, "subject_token_type")?;
    if kind != ID_TOKEN || !["", ACCESS_TOKEN].contains(&wish.unwrap_or_default()) {
        let why = "Only an ID token can be exchanged, for an access token.";
        return Err(OauthError::new(OauthCode::InvalidRequest, why));
    }
    Ok(Grant::Provider { token })
}

/// Id and secret of the client, from `Authorization: Basic` or the form, but not from both (RFC 6749, section 2.3).
/// What is empty counts as left out: Swagger UI sends an empty pair for a public client.
fn client(
    request: &HttpRequest,
    id: Option<String>,
    secret: Option<String>,
) -> Result<(Option<String>, Option<String>), OauthError> {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let (id, secret) = (id.and_then(given), secret.and_then(given));
    let Some(header) = request.headers().get(AUTHORIZATION) else { return Ok((id, secret)) };
    let (basic_id, basic_secret) = header.to_str().ok().and_then(basic).ok_or_else(|| {
        OauthError::new(OauthCode::InvalidClient, "Authorization must be Basic, id and secret.")
    })?;
    let Some(basic_id) = given(basic_id) else { return Ok((id, secret)) };
    if secret.is_some() || id.is_some_and(|id| id != basic_id) {
        let why = "The client shows itself in two ways.";
        return Err(OauthError::new(OauthCode::InvalidRequest, why));
    }
    Ok((Some(basic_id), given(basic_secret)))
}

/// The pair of `Authorization: Basic`, each half encoded like a form's value (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decode = |text: &str| reason::decode_percent(&text.replace('+', " "));
    Some((decode(id)?, decode(secret)?))
}

fn wanted(parameter: Option<String>, name: &str) -> Result<String, OauthError> {
    parameter.filter(|text| !text.is_empty()).ok_or_else(|| {
        OauthError::new(OauthCode::InvalidRequest, format!("The parameter {name} is missing."))
    })
}

/// RFC 6749, section 5.1: nobody keeps an answer of these endpoints.
fn never_stored(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
    answer
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn form(pairs: &[(&str, &str)]) -> TokenRequest {
        let object: serde_json::Map<String, serde_json::Value> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        serde_json::from_value(object.into()).unwrap()
    }

    fn read(authorization: Option<&str>, pairs: &[(&str, &str)]) -> Result<Grant, OauthCode> {
        let mut request = TestRequest::post();
        if let Some(value) = authorization {
            request = request.insert_header((AUTHORIZATION, value));
        }
        read_grant(&request.to_http_request(), form(pairs)).map_err(|error| error.error)
    }

    const PERSON: [(&str, &str); 3] = [("grant_type", "password"), ("username", "u"), ("password", "p")];

    #[test]
    fn a_person_comes_through_the_first_party_client_however_it_is_named() {
        for more in [vec![], vec![("client_id", "motcua")], vec![("client_id", "")]] {
            let pairs = [PERSON.to_vec(), more].concat();
            assert!(matches!(read(None, &pairs), Ok(Grant::Password { .. })));
            assert!(matches!(read(Some("Basic Og=="), &pairs), Ok(Grant::Password { .. })), "Swagger UI");
        }
        let other = [PERSON.to_vec(), vec![("client_id", "province")]].concat();
        assert!(matches!(read(None, &other), Err(OauthCode::UnauthorizedClient)));
    }

    #[test]
    fn a_machine_shows_its_secret_in_one_way() {
        let machine = [("grant_type", "client_credentials")];
        let basic = format!("Basic {}", BASE64.encode(b"province:a%3Ab+c"));
        let Ok(Grant::Client { client_id, secret, .. }) = read(Some(&basic), &machine) else { panic!() };
        assert_eq!((client_id.as_str(), secret.as_str()), ("province", "a:b c"));
        let in_form = [machine[0], ("client_id", "province"), ("client_secret", "s")];
        assert!(matches!(read(None, &in_form), Ok(Grant::Client { .. })));
        assert!(matches!(read(Some(&basic), &in_form), Err(OauthCode::InvalidRequest)));
        assert!(matches!(read(None, &in_form[..2]), Err(OauthCode::InvalidClient)));
        for bad in ["Basic ???", "Bearer abc", "Basic", "Basic cHJvdmluY2U="] {
            assert!(matches!(read(Some(bad), &machine), Err(OauthCode::InvalidClient)), "{bad}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_said() {
        assert!(matches!(read(None, &[]), Err(OauthCode::InvalidRequest)));
        assert!(matches!(read(None, &PERSON[..2]), Err(OauthCode::InvalidRequest)));
        assert!(matches!(read(None, &[("grant_type", "magic")]), Err(OauthCode::UnsupportedGrantType)));
    }
}
