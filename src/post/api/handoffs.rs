//! The endpoints of manifests.

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::intake;
use super::super::manifests::{self, Manifest};
use super::super::views::manifests::{
    self as views, AcceptHandoff, HandoffSummary, HandoffView, ListHandoffs, SubmitHandoff,
};
use crate::access::{Caller, Identity, PostActors, PostReaders, RoleSet};
use crate::db::{Conn, Page};
use crate::http::{
    Answer, BodyDigest, Caching, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Problem,
};
use crate::{App, World};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_handoffs)
        .service(create_handoff)
        .service(get_handoff)
        .service(dispatch_handoff)
        .service(accept_handoff)
        .service(cancel_handoff);
}

/// List manifests
///
/// Those of the caller's agency or post office, the newest first; for inspectors those of all agencies below.
#[utoipa::path(
    tag = "post",
    params(ListHandoffs, PageParams),
    responses((status = 200, description = "A page of manifests", body = Page<HandoffSummary>, example = json!({
        "items": [{
            "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "number": "000.33.31.H20-BK-190304-0001", "direction": "to_post",
            "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
            "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "state": "draft", "created_by": "clerk@tan-long",
            "created_at": "2019-03-04T15:30:00+07:00", "dispatched_by": null, "dispatched_at": null, "accepted_by": null,
            "accepted_at": null, "cancelled_at": null, "lines": 1, "exceptions": 0, "version": 1
        }],
        "next_cursor": null
    }))),
    extensions(("x-roles" = json!(PostReaders::NAMES)), ("x-problem-codes" = json!(["cursor_invalid", "unknown_agency"])))
)]
#[get("/api/v1/postal/handoffs")]
async fn list_handoffs(
    app: Data<App>,
    caller: Caller<PostReaders>,
    query: ListQuery<ListHandoffs>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    app.read(move |conn, world| {
        let filter = query.filter.filter(world)?;
        let wanted = &query.page;
        let page =
            manifests::list(conn, &caller, &filter, wanted.cursor.as_ref(), wanted.limit, wanted.count)?;
        let Page { items, next_cursor, total } = page;
        let page = Page { items: views::summaries(conn, world, items)?, next_cursor, total };
        Answer::page(&page, wanted, Caching::Private)
    })
    .await
}

/// Draw a manifest up
///
/// By a clerk of the agency or of the post office: a draft that lists dossiers with the shipments they travel in. The
/// agency is the one that received them, and the giving side has their papers. A dossier and a shipment are on one open
/// manifest only (409 `on_open_manifest`).
#[utoipa::path(
    tag = "post",
    responses((status = 201, description = "The manifest", body = HandoffView)),
    extensions(
        ("x-roles" = json!(PostActors::NAMES)),
        ("x-problem-codes" = json!([
            "wrong_party", "unknown_agency", "agency_closed", "on_open_manifest", "conflict", "invalid_tracking_code",
            "unknown_component", "not_found",
        ]))
    )
)]
#[post("/api/v1/postal/handoffs")]
async fn create_handoff(
    app: Data<App>,
    caller: Caller<PostActors>,
    once: Idempotency,
    body: Json<SubmitHandoff>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let body = body.into_inner();
    app.write(claim, move |conn, world| {
        let manifest = intake::create_handoff(conn, world, &caller, &body)?;
        let view = views::detail(conn, world, &caller, manifest)?;
        let location = format!("/api/v1/postal/handoffs/{}", view.manifest.id);
        Answer::created(&location, view.manifest.version, &view)
    })
    .await
}

/// Read a manifest
///
/// With its lines and what became of each.
#[utoipa::path(
    tag = "post",
    params(("id" = String, Path, description = "The manifest's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22")),
    responses((status = 200, description = "The manifest", body = HandoffView)),
    extensions(("x-roles" = json!(PostReaders::NAMES)))
)]
#[get("/api/v1/postal/handoffs/{id}")]
async fn get_handoff(
    app: Data<App>,
    caller: Caller<PostReaders>,
    id: Path<String>,
) -> Result<Answer, Problem> {
    let (caller, id) = (caller.into_identity(), id.into_inner());
    app.read(move |conn, world| {
        let manifest = manifests::find_visible(conn, &caller, &id)?;
        shown(conn, world, &caller, manifest)
    })
    .await
}

fn shown(conn: &mut Conn, world: &World, caller: &Identity, manifest: Manifest) -> Result<Answer, Problem> {
    let view = views::detail(conn, world, caller, manifest)?;
    Answer::view(view.manifest.version, &view, Caching::Private)
}

/// Dispatch a manifest
///
/// The first signature, by the giving side: the agency's clerk for `to_post`, the office's for `from_post`.
#[utoipa::path(
    tag = "post",
    params(
        ("id" = String, Path, description = "The manifest's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read. If the manifest has another version by now, nothing is changed (412 `stale_version`).")
    ),
    responses((status = 200, description = "The manifest", body = HandoffView)),
    extensions(("x-roles" = json!(PostActors::NAMES)), ("x-problem-codes" = json!(["wrong_party", "conflict"])))
)]
#[post("/api/v1/postal/handoffs/{id}/dispatch")]
async fn dispatch_handoff(
    app: Data<App>,
    caller: Caller<PostActors>,
    id: Path<String>,
    once: Idempotency,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    let (caller, id) = (caller.into_identity(), id.into_inner());
    let claim = caller.claim(&once, BodyDigest::default());
    app.write(claim, move |conn, world| {
        let manifest = intake::dispatch_handoff(conn, world, &caller, &id, &if_match)?;
        shown(conn, world, &caller, manifest)
    })
    .await
}

/// Accept a manifest
///
/// The second signature, by the other side: everything is here but for the exceptions. For a dossier that was sent by post
/// and still waits for the desk, this moment is its filing: its line's acceptance is its `accept`, `received_at` is now.
#[utoipa::path(
    tag = "post",
    params(
        ("id" = String, Path, description = "The manifest's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read. If the manifest has another version by now, nothing is changed (412 `stale_version`).")
    ),
    responses((status = 200, description = "The manifest", body = HandoffView)),
    extensions(
        ("x-roles" = json!(PostActors::NAMES)),
        ("x-problem-codes" = json!([
            "wrong_party", "conflict", "transition_not_allowed", "missing_component", "reason_required", "not_one_of",
            "calendar_missing",
        ]))
    )
)]
#[post("/api/v1/postal/handoffs/{id}/accept")]
async fn accept_handoff(
    app: Data<App>,
    caller: Caller<PostActors>,
    id: Path<String>,
    once: Idempotency,
    if_match: IfMatch,
    body: Json<AcceptHandoff>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let (id, body) = (id.into_inner(), body.into_inner());
    app.write(claim, move |conn, world| {
        let manifest = intake::accept_handoff(conn, world, &caller, &id, &if_match, &body)?;
        shown(conn, world, &caller, manifest)
    })
    .await
}

/// Cancel a manifest
///
/// It never took place: by either side while it is a draft, by the giving side once it has dispatched it.
#[utoipa::path(
    tag = "post",
    params(
        ("id" = String, Path, description = "The manifest's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read. If the manifest has another version by now, nothing is changed (412 `stale_version`).")
    ),
    responses((status = 200, description = "The manifest", body = HandoffView)),
    extensions(("x-roles" = json!(PostActors::NAMES)), ("x-problem-codes" = json!(["wrong_party", "conflict"])))
)]
#[post("/api/v1/postal/handoffs/{id}/cancel")]
async fn cancel_handoff(
    app: Data<App>,
    caller: Caller<PostActors>,
    id: Path<String>,
    once: Idempotency,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    let (caller, id) = (caller.into_identity(), id.into_inner());
    let claim = caller.claim(&once, BodyDigest::default());
    app.write(claim, move |conn, world| {
        let manifest = intake::cancel_handoff(conn, world, &caller, &id, &if_match)?;
        shown(conn, world, &caller, manifest)
    })
    .await
}
