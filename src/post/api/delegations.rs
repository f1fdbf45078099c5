//! The endpoints of delegations.

use actix_web::web::Data;
use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::views::delegations::{ChangeDelegation, DelegationView, ListDelegations, SubmitDelegation};
use super::super::{delegations, intake};
use crate::App;
use crate::access::{Admin, Caller, DelegationReaders, RoleSet};
use crate::db::Page;
use crate::http::{Answer, Caching, Claim, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Problem};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list_delegations).service(create_delegation).service(change_delegation);
}

/// List delegations
///
/// Which post office may receive which procedures for which agency, the oldest first. Administrators and inspectors see
/// those of the agencies of their subtree, clerks their agency's, post clerks their office's.
#[utoipa::path(
    tag = "post",
    params(ListDelegations, PageParams),
    responses((status = 200, description = "A page of delegations", body = Page<DelegationView>, example = json!({
        "items": [{
            "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22",
            "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
            "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "procedures": null, "valid_from": "2019-01-01",
            "valid_to": null, "version": 1
        }],
        "next_cursor": null
    }))),
    extensions(("x-roles" = json!(DelegationReaders::NAMES)), ("x-problem-codes" = json!(["cursor_invalid", "unknown_agency"])))
)]
#[get("/api/v1/postal/delegations")]
async fn list_delegations(
    app: Data<App>,
    caller: Caller<DelegationReaders>,
    query: ListQuery<ListDelegations>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    app.read(move |conn, world| {
        let filter = query.filter.filter(world)?;
        let wanted = &query.page;
        let page =
            delegations::list(conn, &caller, &filter, wanted.cursor.as_ref(), wanted.limit, wanted.count)?;
        let Page { items, next_cursor, total } = page;
        let items = items.into_iter().map(|delegation| DelegationView::of(world, delegation));
        let page = Page { items: items.collect::<Result<_, Problem>>()?, next_cursor, total };
        Answer::page(&page, wanted, Caching::Private)
    })
    .await
}

/// Delegate to a post office
///
/// By an administrator of the agency: lets the office receive dossiers for it, of the procedures named or of all that may
/// go by post. Two delegations never say something about the same procedure on the same day (409 `conflict`).
#[utoipa::path(
    tag = "post",
    responses((status = 201, description = "The delegation", body = DelegationView)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed", "unknown_procedure", "conflict"]))
    )
)]
#[post("/api/v1/postal/delegations")]
async fn create_delegation(
    app: Data<App>,
    caller: Caller<Admin>,
    once: Idempotency,
    body: Json<SubmitDelegation>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let body = body.into_inner();
    app.write(claim, move |conn, world| {
        let delegation = intake::create_delegation(conn, world, &caller, &body)?;
        let view = DelegationView::of(world, delegation)?;
        Answer::created(&format!("/api/v1/postal/delegations/{}", view.id), view.version, &view)
    })
    .await
}

/// Change a delegation
///
/// By an administrator of its agency: its end and its procedures; what is left out stays.
#[utoipa::path(
    tag = "post",
    params(("id" = String, Path, description = "The delegation's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22")),
    responses((status = 200, description = "The delegation as it is now", body = DelegationView)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_procedure", "conflict"]))
    )
)]
#[patch("/api/v1/postal/delegations/{id}")]
async fn change_delegation(
    app: Data<App>,
    caller: Caller<Admin>,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<ChangeDelegation>,
) -> Result<Answer, Problem> {
    let (caller, id, body) = (caller.into_identity(), id.into_inner(), body.into_inner());
    app.write(Claim::none(), move |conn, world| {
        let delegation = intake::change_delegation(conn, world, &caller, &id, &if_match, &body)?;
        let view = DelegationView::of(world, delegation)?;
        Answer::view(view.version, &view, Caching::Private)
    })
    .await
}
