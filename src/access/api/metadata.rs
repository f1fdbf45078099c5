//! What others need to get tokens here and to check them.

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::tokens::TOKEN_EXCHANGE;
use crate::access::{Access, Scope};
use crate::http::{Answer, Caching, Problem};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(get_jwks).service(get_authorization_server);
}

/// A set of public keys (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"keys": [{
    "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}]}))]
struct KeySet {
    /// One for each key that may have signed a living token.
    #[schema(value_type = Vec<Object>)]
    keys: serde_json::Value,
}

/// The keys that sign access tokens
///
/// A JSON Web Key Set (RFC 7517): Ed25519 keys (RFC 8037), found by `kid`. Fetch it again when a token names a key
/// that you don't have.
#[utoipa::path(
    tag = "access",
    responses((status = 200, description = "The public keys", body = KeySet)),
    extensions(("x-roles" = json!(["public"])))
)]
#[get("/.well-known/jwks.json")]
async fn get_jwks(access: web::Data<Access>) -> Result<Answer, Problem> {
    Answer::json(&access.keys.jwks(), Caching::Published)
}

/// How to get tokens here (RFC 8414).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "issuer": "https://motcua.example",
    "token_endpoint": "https://motcua.example/api/v1/auth/token",
    "revocation_endpoint": "https://motcua.example/api/v1/auth/revoke",
    "jwks_uri": "https://motcua.example/.well-known/jwks.json",
    "grant_types_supported": ["password", "refresh_token", "client_credentials"],
    "response_types_supported": [],
    "scopes_supported": ["dossiers:read"],
    "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
    "revocation_endpoint_auth_methods_supported": ["none"],
    "service_documentation": "https://motcua.example/swagger-ui/",
}))]
struct Metadata {
    /// The `iss` of every token.
    issuer: String,
    /// Where tokens are given out.
    token_endpoint: String,
    /// Where they are ended.
    revocation_endpoint: String,
    /// Where the keys are.
    jwks_uri: String,
    /// What can be asked for.
    grant_types_supported: Vec<&'static str>,
    /// None: there is no authorization endpoint.
    response_types_supported: Vec<&'static str>,
    /// What machines can be trusted with.
    scopes_supported: Vec<&'static str>,
    /// How clients show who they are.
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Whoever has a token may end it.
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Where this is explained.
    service_documentation: String,
}

/// How to get tokens here
///
/// OAuth 2.0 Authorization Server Metadata (RFC 8414): addresses, grants and scopes.
#[utoipa::path(
    tag = "access",
    responses((status = 200, description = "The metadata", body = Metadata)),
    extensions(("x-roles" = json!(["public"])))
)]
#[get("/.well-known/oauth-authorization-server")]
async fn get_authorization_server(access: web::Data<Access>) -> Result<Answer, Problem> {
    let at = |path: &str| format!("{}{path}", access.settings.issuer);
    let mut grants = vec!["refresh_token", "client_credentials"];
    if access.settings.password_grant {
        grants.insert(0, "password");
    }
    if access.settings.provider.is_some() {
        grants.push(TOKEN_EXCHANGE);
    }
    let metadata = Metadata {
        issuer: access.settings.issuer.clone(),
        token_endpoint: at("/api/v1/auth/token"),
        revocation_endpoint: at("/api/v1/auth/revoke"),
        jwks_uri: at("/.well-known/jwks.json"),
        grant_types_supported: grants,
        response_types_supported: Vec::new(),
        scopes_supported: Scope::ALL.iter().map(|scope| scope.as_str()).collect(),
        token_endpoint_auth_methods_supported: vec!["none", "client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: vec!["none"],
        service_documentation: at("/swagger-ui/"),
    };
    Answer::json(&metadata, Caching::Published)
}
