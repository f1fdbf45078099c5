//! The endpoints of routing: legs and custody of a dossier; slips.

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{
    self, AcknowledgeTransfer, CustodyChain, LegList, ListTransfers, RecallTransfer, SubmitTransfer,
    TransferSummary, TransferView,
};
use super::{Slip, custody, legs, service, slips};
use crate::access::{Caller, CustodyReaders, DossierReaders, RoleSet, TransferActors, TransferReaders, View};
use crate::db::{Conn, Page};
use crate::dossiers;
use crate::http::{Answer, Caching, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Problem};
use crate::{App, World};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_legs)
        .service(list_custody)
        .service(list_transfers)
        .service(create_transfer)
        .service(get_transfer)
        .service(acknowledge_transfer)
        .service(recall_transfer);
}

/// Where does the dossier go, and who used how much time?
///
/// The legs of its route in their order: lead legs one after another, parallel ones and opinions beside them, with due
/// dates by each agency's own calendar and the opening minutes used.
#[utoipa::path(tag = "routing",
    extensions(("x-roles" = json!(DossierReaders::NAMES)), ("x-problem-codes" = json!(["forbidden"]))),
    responses((status = 200, description = "The legs", body = LegList)))]
#[get("/api/v1/dossiers/{code}/legs")]
async fn list_legs(
    caller: Caller<DossierReaders>,
    code: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (caller, code) = (caller.into_identity(), code.into_inner());
    app.read(move |conn, world| {
        let (dossier, sight) = dossiers::find_visible(conn, world, &caller, &code)?;
        sight.at_least(View::Masked)?;
        let items = legs::views(conn, world, &[dossier.id])?.remove(&dossier.id).unwrap_or_default();
        Answer::json(&LegList { items }, Caching::Private)
    })
    .await
}

/// Where was each paper?
///
/// At every moment exactly one party has each paper: an agency, a post office, or the citizen. Papers that stayed behind
/// or went alone have lines of their own.
#[utoipa::path(tag = "routing",
    extensions(("x-roles" = json!(CustodyReaders::NAMES)), ("x-problem-codes" = json!(["forbidden"]))),
    responses((status = 200, description = "The chain of custody", body = CustodyChain)))]
#[get("/api/v1/dossiers/{code}/custody")]
async fn list_custody(
    caller: Caller<CustodyReaders>,
    code: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (caller, code) = (caller.into_identity(), code.into_inner());
    app.read(move |conn, world| {
        let (dossier, sight) = dossiers::find_visible(conn, world, &caller, &code)?;
        sight.at_least(View::Masked)?;
        let rows = custody::chain(conn, dossier.id)?;
        Answer::json(&CustodyChain::of(world, rows)?, Caching::Private)
    })
    .await
}

/// Which slips are there?
///
/// Those whose sender or addressee the caller belongs to, the newest first; for leaders and inspectors also those of all
/// agencies below.
#[utoipa::path(tag = "routing", params(ListTransfers, PageParams),
    extensions(("x-roles" = json!(TransferReaders::NAMES)), ("x-problem-codes" = json!(["cursor_invalid"]))),
    responses((status = 200, description = "A page of slips", body = Page<TransferSummary>,
        example = json!({"items": [{
            "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "number": "000.33.31.H20-BG-190304-0001", "kind": "forward",
            "from": {"code": "000.33.31.H20", "name": "Xã Tân Long"},
            "to": {"code": "CA.874", "name": "Công an huyện Thanh Bình"}, "state": "sent", "note": null,
            "sent_by": "clerk@tan-long", "sent_at": "2019-03-04T14:20:00+07:00", "due_at": "2019-03-04T17:00:00+07:00",
            "acknowledged_by": null, "acknowledged_at": null, "dossiers": 2, "version": 1
        }], "next_cursor": null}))))]
#[get("/api/v1/transfers")]
async fn list_transfers(
    caller: Caller<TransferReaders>,
    query: ListQuery<ListTransfers>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    app.read(move |conn, world| {
        let filter = query.filter.filter(world)?;
        let wanted = &query.page;
        let page = slips::list(conn, &caller, &filter, wanted.cursor.as_ref(), wanted.limit, wanted.count)?;
        let Page { items, next_cursor, total } = page;
        let page = Page { items: views::summaries(conn, world, items)?, next_cursor, total };
        Answer::page(&page, &query.page, Caching::Private)
    })
    .await
}

/// Hand dossiers over.
///
/// Makes one numbered slip with a line for each dossier: they are forwarded to the agency named, with the papers that the
/// sender has. All of them or none; each refusal is told with the place of its dossier.
#[utoipa::path(tag = "routing",
    extensions(("x-roles" = json!(TransferActors::NAMES)), ("x-problem-codes" = json!([
        "transition_not_allowed", "legs_open", "wrong_party", "unknown_agency", "agency_closed", "calendar_missing"]))),
    responses((status = 201, description = "The slip", body = TransferView)))]
#[post("/api/v1/transfers")]
async fn create_transfer(
    caller: Caller<TransferActors>,
    once: Idempotency,
    body: Json<SubmitTransfer>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let body = body.into_inner();
    app.write(claim, move |conn, world| {
        let slip = service::create_transfer(conn, world, &caller, &body)?;
        let view = views::detail(conn, world, slip)?;
        Answer::created(&format!("/api/v1/transfers/{}", view.slip.id), view.slip.version, &view)
    })
    .await
}

/// What stands on a slip?
///
/// The slip with its lines: each dossier, its papers and what became of it.
#[utoipa::path(tag = "routing", extensions(("x-roles" = json!(TransferReaders::NAMES)), ("x-problem-codes" = json!(["not_found"]))),
    responses((status = 200, description = "The slip", body = TransferView)))]
#[get("/api/v1/transfers/{id}")]
async fn get_transfer(
    caller: Caller<TransferReaders>,
    id: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (caller, id) = (caller.into_identity(), id.into_inner());
    app.read(move |conn, world| {
        let slip = slips::find_visible(conn, world, &caller, &id)?;
        shown(conn, world, slip)
    })
    .await
}

fn shown(conn: &mut Conn, world: &World, slip: Slip) -> Result<Answer, Problem> {
    let view = views::detail(conn, world, slip)?;
    Answer::view(view.slip.version, &view, Caching::Private)
}

/// Say what arrived.
///
/// For the addressee. Every line that is not answered yet is received, unless `lines` says otherwise: some papers are
/// missing (they stay with the sender), the dossier did not arrive, or it is not taken: then it goes back to the state it
/// had with the sender, with a mark.
#[utoipa::path(tag = "routing", params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read")),
    extensions(("x-roles" = json!(TransferActors::NAMES)), ("x-problem-codes" = json!([
        "conflict", "wrong_party", "transition_not_allowed", "unknown_component", "reason_required", "calendar_missing"]))),
    responses((status = 200, description = "The slip", body = TransferView)))]
#[post("/api/v1/transfers/{id}/acknowledge")]
async fn acknowledge_transfer(
    caller: Caller<TransferActors>,
    id: Path<String>,
    if_match: IfMatch,
    once: Idempotency,
    body: Json<AcknowledgeTransfer>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let (id, body) = (id.into_inner(), body.into_inner());
    app.write(claim, move |conn, world| {
        let slip = service::acknowledge_transfer(conn, world, &caller, &id, &if_match, &body)?;
        shown(conn, world, slip)
    })
    .await
}

/// Take a slip back.
///
/// For the sender: every line that is not answered yet is taken back, and its dossier is again in the state it had.
#[utoipa::path(tag = "routing", params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read")),
    extensions(("x-roles" = json!(TransferActors::NAMES)),
        ("x-problem-codes" = json!(["conflict", "wrong_party", "transition_not_allowed"]))),
    responses((status = 200, description = "The slip", body = TransferView)))]
#[post("/api/v1/transfers/{id}/recall")]
async fn recall_transfer(
    caller: Caller<TransferActors>,
    id: Path<String>,
    if_match: IfMatch,
    once: Idempotency,
    body: Json<RecallTransfer>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let (id, body) = (id.into_inner(), body.into_inner());
    app.write(claim, move |conn, world| {
        let slip = service::recall_transfer(conn, world, &caller, &id, &if_match, &body)?;
        shown(conn, world, slip)
    })
    .await
}
