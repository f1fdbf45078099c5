//! The endpoint of the recompute.

use actix_web::{post, web};

use super::service::{self, RecomputeView, SubmitRecompute};
use crate::App;
use crate::access::{Admin, Caller, RoleSet};
use crate::http::{Answer, Caching, Idempotency, Json, Result};

/// Recompute open deadlines
///
/// After a changed calendar, an agency's closure or changed opening hours: lists (`dry_run`) or moves the open deadlines of
/// the caller's agency and all below it. Each moved dossier gets an event with who, when and why; the dates of its open legs
/// move with it. Dossiers that have ended keep their dates. One call moves at most `limit` in one transaction; `next_cursor`
/// says that there are more.
#[utoipa::path(
    tag = "calendar",
    request_body = SubmitRecompute,
    responses((status = 200, description = "What moved, or would", body = RecomputeView)),
    extensions(("x-roles" = json!(Admin::NAMES)), ("x-problem-codes" = json!(["cursor_invalid"])))
)]
#[post("/api/v1/deadlines/recompute")]
pub async fn recompute_deadlines(
    app: web::Data<App>,
    caller: Caller<Admin>,
    once: Idempotency,
    body: Json<SubmitRecompute>,
) -> Result<Answer> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let submit = body.into_inner();
    if submit.dry_run {
        let view = app.read(move |conn, world| service::recompute(conn, world, &caller, &submit)).await?;
        return Answer::json(&view, Caching::Private);
    }
    app.write(claim, move |conn, world| {
        Answer::json(&service::recompute(conn, world, &caller, &submit)?, Caching::Private)
    })
    .await
}
