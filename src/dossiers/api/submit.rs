//! Intake, one by one and in batches.

use actix_web::{post, web};

use super::super::receipt::{SubmittedDossier, with_receipt};
use super::super::service::{self, BatchOutcome, SubmitDossiers};
use super::super::{At, SubmitDossier, intake};
use super::location;
use crate::access::{Caller, Intake, RoleSet, View};
use crate::http::{Answer, Caching, Idempotency, Json, Language, Problem};
use crate::{App, World};

/// Take a dossier in
///
/// Staff intake (`counter`, `post_office`, `at_home`) is `received` at once, with its code and due date, unless
/// `accept` is `false`; `online` and `postal` dossiers are `submitted`, with a reference, until the desk accepts them.
/// A clerk takes in for his own agency, a post clerk within a delegation, a client below its agency. All faults of the
/// body are told at once.
#[utoipa::path(
    tag = "dossiers",
    request_body = SubmitDossier,
    responses((status = 201, description = "Taken in", body = SubmittedDossier)),
    extensions(
        ("x-roles" = json!(Intake::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "not_delegated", "calendar_missing"])),
    )
)]
#[post("/api/v1/dossiers")]
pub(super) async fn submit_dossier(
    app: web::Data<App>,
    caller: Caller<Intake>,
    once: Idempotency,
    body: Json<SubmitDossier>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let command = body.into_inner();
    let by = caller.clone();
    let prepare = move |world: &World| intake::prepare(world, &by, command.clone(), At::now(world.now));
    app.write_prepared(claim, prepare, move |conn, world, ready| {
        let reception = intake::submit(conn, world, &caller, ready)?;
        let dossier = reception.change.after;
        let under = dossier.procedure_version_id;
        let view = service::render_one(conn, world, &caller, dossier, View::Full)?;
        let place = location(&view);
        let version = view.version;
        Answer::created(&place, version, &with_receipt(world, view, under, reception.lookup_secret)?)
    })
    .await
}

/// Take many dossiers in
///
/// Up to 500 in one call, one result each, in their order. With `atomic` the first refusal undoes them all and is the
/// answer, its pointers below `/items/<index>`.
#[utoipa::path(
    tag = "dossiers",
    request_body = SubmitDossiers,
    responses((status = 200, description = "What became of each", body = BatchOutcome)),
    extensions(
        ("x-roles" = json!(Intake::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "not_delegated", "calendar_missing", "too_many_items"])),
    )
)]
#[post("/api/v1/dossiers/batch")]
pub(super) async fn submit_dossiers(
    app: web::Data<App>,
    caller: Caller<Intake>,
    once: Idempotency,
    language: Language,
    body: Json<SubmitDossiers>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let batch = body.into_inner();
    app.write(claim, move |conn, world| {
        Answer::json(&service::submit_many(conn, world, &caller, batch.clone(), language)?, Caching::Private)
    })
    .await
}
