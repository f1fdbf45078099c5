//! The endpoints of whoever is signed in: who he is, and his password.

use actix_web::{HttpRequest, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::views::ChangePassword;
use crate::access::{Access, Caller, Oneself, Role, RoleSet, Scope, store};
use crate::http::{Answer, Caching, Idempotency, Json, Problem, network_of};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(get_me).service(change_password);
}

/// Who is calling.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "username": "clerk@thanh-binh",
    "agency": {"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"},
    "roles": ["clerk"],
    "scopes": [],
    "must_change_password": false,
}))]
struct Me {
    /// User name, or the id of a machine client.
    username: String,
    /// Where the caller belongs.
    agency: MyAgency,
    /// What the caller is trusted with.
    roles: Vec<Role>,
    /// What a machine client is trusted with; empty for people.
    scopes: Vec<Scope>,
    /// Whether the password was given by somebody else and must be changed before anything else.
    must_change_password: bool,
}

/// The caller's agency.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"}))]
struct MyAgency {
    /// Its official code.
    code: String,
    /// Its name.
    name: String,
}

/// Who am I?
///
/// The caller as the server understands his token: name, agency, roles and scopes.
#[utoipa::path(
    tag = "access",
    responses((status = 200, description = "The caller", body = Me)),
    extensions(("x-roles" = json!(Oneself::NAMES)), ("x-problem-codes" = json!(["unauthenticated", "invalid_token"])))
)]
#[get("/api/v1/me")]
async fn get_me(access: web::Data<Access>, caller: Caller<Oneself>) -> Result<Answer, Problem> {
    let agency_id = caller.agency_id;
    let name = access.db.read(move |conn| store::agency_name(conn, agency_id)).await?;
    let caller = caller.into_identity();
    let me = Me {
        username: caller.name,
        agency: MyAgency { code: caller.agency_code, name },
        roles: caller.roles,
        scopes: caller.scopes,
        must_change_password: caller.must_change_password,
    };
    Answer::json(&me, Caching::Private)
}

/// Change one's password
///
/// 12 to 128 characters, none of the most common passwords, without the user name; a long phrase is best. Everything that
/// was given out under the old password ends with it, on all devices: sign in again. After a few wrong tries of the current
/// password the next ones have to wait (429). Machine clients have none: their secret is rotated by an administrator.
#[utoipa::path(
    tag = "access",
    responses((status = 204, description = "The new password holds")),
    extensions(
        ("x-roles" = json!(Oneself::NAMES)),
        ("x-problem-codes" = json!(["wrong_role", "wrong_password", "weak_password", "too_short", "too_long", "rate_limited"]))
    )
)]
#[post("/api/v1/me/password")]
async fn change_password(
    access: web::Data<Access>,
    request: HttpRequest,
    caller: Caller<Oneself>,
    once: Idempotency,
    body: Json<ChangePassword>,
) -> Result<Answer, Problem> {
    let claim = caller.claim(&once, body.digest());
    access.change_password(caller.into_identity(), claim, body.into_inner(), network_of(&request)).await
}
