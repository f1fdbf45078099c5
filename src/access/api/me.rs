//! The endpoints of whoever is signed in: who he is, and his password.

use actix_web::{HttpRequest, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::views::ChangePassword;
use crate::access::{Access, Caller, CallerKind, Oneself, Role, RoleSet, Scope, store};
use crate::db::{Conn, Instant};
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
    "deputises_for": [],
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
    /// Who is away at this moment and has made the caller deputy: their roles are the caller's too in tokens that are given
    /// out from now on.
    deputises_for: Vec<AbsentView>,
}

/// Somebody who is away.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"username": "leader@thanh-binh", "full_name": "Lê Văn Hòa", "until": "2019-03-16T07:00:00+07:00"}))]
struct AbsentView {
    /// What the person signs in with.
    username: String,
    /// The person's name.
    full_name: Option<String>,
    /// The end of the absence.
    until: Instant,
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
    let (caller, now) = (caller.into_identity(), access.clock.now());
    let (agency_id, person) = (caller.agency_id, (caller.kind == CallerKind::Account).then_some(caller.id));
    let read = move |conn: &mut Conn| {
        let absent = person.map(|id| store::list_absent(conn, id, now)).transpose()?;
        Ok::<_, Problem>((store::agency_name(conn, agency_id)?, absent.unwrap_or_default()))
    };
    let (name, absent) = access.db.read(read).await?;
    let deputises_for = absent
        .into_iter()
        .map(|it| AbsentView { username: it.username, full_name: it.full_name, until: it.until_at })
        .collect();
    let me = Me {
        username: caller.name,
        agency: MyAgency { code: caller.agency_code, name },
        roles: caller.roles,
        scopes: caller.scopes,
        must_change_password: caller.must_change_password,
        deputises_for,
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
