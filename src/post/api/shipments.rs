//! The endpoints of shipments.

use actix_web::get;
use actix_web::web::Data;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::shipments::{self, ShipmentFilter};
use super::super::views::agencies;
use super::super::views::shipments::{self as views, ListShipments, ShipmentSummary, ShipmentView};
use crate::App;
use crate::access::{Caller, PostReaders, RoleSet};
use crate::db::Page;
use crate::dossiers;
use crate::http::{Answer, Caching, ListQuery, PageParams, Path, Problem};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list_shipments).service(get_shipment);
}

/// List shipments
///
/// Those of the caller's agency or post office, the newest first; for inspectors those of all agencies below.
#[utoipa::path(
    tag = "post",
    params(ListShipments, PageParams),
    responses((status = 200, description = "A page of shipments", body = Page<ShipmentSummary>, example = json!({
        "items": [{
            "tracking_code": "RR473124829VN", "dossier": "000.33.31.H20-190304-0007", "direction": "to_post",
            "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
            "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "state": "accepted", "cod_amount": 30000,
            "created_at": "2019-03-04T15:30:00+07:00", "updated_at": "2019-03-04T16:00:00+07:00", "version": 3
        }],
        "next_cursor": null
    }))),
    extensions(
        ("x-roles" = json!(PostReaders::NAMES)),
        ("x-problem-codes" = json!(["cursor_invalid", "unknown_agency", "not_found"]))
    )
)]
#[get("/api/v1/postal/shipments")]
async fn list_shipments(
    app: Data<App>,
    caller: Caller<PostReaders>,
    query: ListQuery<ListShipments>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    app.read(move |conn, world| {
        let asked = &query.filter;
        let [office, agency] = agencies(world, [("office", &asked.office), ("agency", &asked.agency)])?;
        let dossier = match &asked.dossier {
            Some(address) => Some(dossiers::find_visible(conn, world, &caller, address)?.0.id),
            None => None,
        };
        let filter = ShipmentFilter {
            office,
            agency,
            below: asked.below == Some(true),
            dossier,
            direction: asked.direction,
            state: asked.state,
            under_way: asked.under_way,
            created_from: asked.created_from,
            created_to: asked.created_to,
        };
        let wanted = &query.page;
        let page =
            shipments::list(conn, &caller, &filter, wanted.cursor.as_ref(), wanted.limit, wanted.count)?;
        let Page { items, next_cursor, total } = page;
        let page = Page { items: views::summaries(conn, world, items)?, next_cursor, total };
        Answer::page(&page, wanted, Caching::Private)
    })
    .await
}

/// Read a shipment
///
/// By its tracking code, with all that happened to it.
#[utoipa::path(
    tag = "post",
    params(("tracking_code" = String, Path, description = "UPU S10 code", example = "RR473124829VN")),
    responses((status = 200, description = "The shipment", body = ShipmentView)),
    extensions(("x-roles" = json!(PostReaders::NAMES)))
)]
#[get("/api/v1/postal/shipments/{tracking_code}")]
async fn get_shipment(
    app: Data<App>,
    caller: Caller<PostReaders>,
    tracking_code: Path<String>,
) -> Result<Answer, Problem> {
    let (caller, code) = (caller.into_identity(), tracking_code.into_inner());
    app.read(move |conn, world| {
        let shipment = shipments::find_visible(conn, &caller, &code)?;
        let view = views::detail(conn, world, shipment)?;
        Answer::view(view.shipment.version, &view, Caching::Private)
    })
    .await
}
