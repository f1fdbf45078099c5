//! Transitions of dossiers, one by one and in batches.

use actix_web::{post, web};

use super::super::DossierView;
use super::super::service::{self, BatchOutcome, ChangeDossiers, Transitions};
use crate::App;
use crate::access::{Caller, DossierActors, RoleSet};
use crate::http::{Answer, Caching, Idempotency, IfMatch, Json, Language, Path, Problem};

/// Do one action, or several in one transaction
///
/// The body is one action object or an array of them, done in their order or not at all: a certified copy at the desk is
/// `start`, `resolve`, `return_result`. What is not possible from the dossier's state is 409 `transition_not_allowed` with
/// what is; what another agency or role has to do is 403.
#[utoipa::path(
    tag = "dossiers",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` that was read. If the dossier has another version by now, nothing is changed (412 `stale_version`).")),
    request_body = Transitions,
    responses((status = 200, description = "Done", body = DossierView)),
    extensions(
        ("x-roles" = json!(DossierActors::NAMES)),
        ("x-problem-codes" = json!([
            "transition_not_allowed", "clock_not_started", "legs_open", "on_open_manifest", "already_extended",
            "approval_required", "wrong_role", "wrong_party", "stale_version", "calendar_missing",
        ])),
    )
)]
#[post("/api/v1/dossiers/{code}/transitions")]
pub(super) async fn change_dossier(
    app: web::Data<App>,
    caller: Caller<DossierActors>,
    address: Path<String>,
    once: Idempotency,
    if_match: IfMatch,
    body: Json<Transitions>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let transitions = body.into_inner();
    app.write(claim, move |conn, world| {
        let done = service::transition(conn, world, &caller, &address, transitions.clone(), &if_match)?;
        let view = service::render_changed(conn, world, &caller, done)?;
        Answer::view(view.version, &view, Caching::Private)
    })
    .await
}

/// Change many dossiers
///
/// Up to 500 in one call, one result each, in their order. With `atomic` the first refusal undoes them all and is the
/// answer, its pointers below `/items/<index>`.
#[utoipa::path(
    tag = "dossiers",
    request_body = ChangeDossiers,
    responses((status = 200, description = "What became of each", body = BatchOutcome)),
    extensions(
        ("x-roles" = json!(DossierActors::NAMES)),
        ("x-problem-codes" = json!([
            "not_found", "transition_not_allowed", "clock_not_started", "legs_open", "on_open_manifest",
            "already_extended", "approval_required", "wrong_role", "wrong_party", "calendar_missing",
        ])),
    )
)]
#[post("/api/v1/dossiers/transitions/batch")]
pub(super) async fn change_dossiers(
    app: web::Data<App>,
    caller: Caller<DossierActors>,
    once: Idempotency,
    language: Language,
    body: Json<ChangeDossiers>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let batch = body.into_inner();
    app.write(claim, move |conn, world| {
        Answer::json(
            &service::transition_many(conn, world, &caller, batch.clone(), language)?,
            Caching::Private,
        )
    })
    .await
}
