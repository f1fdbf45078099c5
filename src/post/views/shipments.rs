//! Shipments as endpoints take and give them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::shipments::{self, Shipment};
use super::super::{Direction, ShipmentState};
use crate::World;
use crate::db::{self, Conn, Instant};
use crate::dossiers::{AgencyName, addresses, agency_name};
use crate::http::{Code, Problem};

/// A shipment (bưu gửi) in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "tracking_code": "RR473124829VN", "dossier": "000.33.31.H20-190304-0007", "direction": "to_post",
    "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "state": "accepted", "cod_amount": 30000,
    "created_at": "2019-03-04T15:30:00+07:00", "updated_at": "2019-03-04T16:00:00+07:00", "version": 3
}))]
pub struct ShipmentSummary {
    pub tracking_code: String,
    /// Code of the dossier; its reference while it has none.
    pub dossier: String,
    pub direction: Direction,
    pub office: AgencyName,
    pub agency: AgencyName,
    pub state: ShipmentState,
    /// Whole đồng to be collected from the recipient.
    pub cod_amount: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    /// Raised at each change; the number in the `ETag`.
    pub version: i64,
}

/// A shipment with all that happened to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "tracking_code": "RR473124829VN", "dossier": "000.33.31.H20-190304-0007", "direction": "to_post",
    "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "state": "manifested", "cod_amount": 30000,
    "created_at": "2019-03-04T15:30:00+07:00", "updated_at": "2019-03-04T15:35:00+07:00", "version": 2,
    "events": [
        {"state": "booked", "occurred_at": "2019-03-04T15:30:00+07:00", "recorded_at": "2019-03-04T15:30:00+07:00", "office": "VNPOST.TAN-LONG", "note": null},
        {"state": "manifested", "occurred_at": "2019-03-04T15:35:00+07:00", "recorded_at": "2019-03-04T15:35:00+07:00", "office": "VNPOST.TAN-LONG", "note": null}
    ]
}))]
pub struct ShipmentView {
    #[serde(flatten)]
    pub shipment: ShipmentSummary,
    /// In the order in which they happened.
    pub events: Vec<ShipmentEventView>,
}

/// Something that happened to a shipment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShipmentEventView {
    pub state: ShipmentState,
    pub occurred_at: Instant,
    pub recorded_at: Instant,
    /// Code of the post office that told it.
    pub office: Option<String>,
    pub note: Option<String>,
}

/// Which shipments are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListShipments {
    /// Code of the post office.
    #[param(min_length = 1, max_length = 35)]
    pub(in crate::post) office: Option<String>,
    /// Code of the agency.
    #[param(min_length = 1, max_length = 35)]
    pub(in crate::post) agency: Option<String>,
    /// With those of all agencies below `agency`.
    pub(in crate::post) below: Option<bool>,
    /// Code, reference or id of the dossier.
    #[param(min_length = 1, max_length = 60)]
    pub(in crate::post) dossier: Option<String>,
    /// Which way it goes.
    #[param(inline)]
    pub(in crate::post) direction: Option<Direction>,
    /// Only shipments in this state.
    #[param(inline)]
    pub(in crate::post) state: Option<ShipmentState>,
    /// Neither delivered, returned, lost, damaged nor cancelled (or one of these).
    pub(in crate::post) under_way: Option<bool>,
    /// Booked on or after this day.
    pub(in crate::post) created_from: Option<NaiveDate>,
    /// Booked before this day.
    pub(in crate::post) created_to: Option<NaiveDate>,
}

/// Shipments as lists show them, in the same order.
pub(in crate::post) fn summaries(
    conn: &mut Conn,
    world: &World,
    rows: Vec<Shipment>,
) -> Result<Vec<ShipmentSummary>, Problem> {
    let addresses = addresses(conn, rows.iter().map(|shipment| shipment.dossier_id).collect())?;
    rows.into_iter()
        .map(|shipment| {
            Ok(ShipmentSummary {
                tracking_code: shipment.tracking_code,
                dossier: addresses.get(&shipment.dossier_id).cloned().unwrap_or_default(),
                direction: shipment.direction,
                office: agency_name(world, shipment.office_id)?,
                agency: agency_name(world, shipment.agency_id)?,
                state: shipment.state,
                cod_amount: shipment.cod_amount,
                created_at: shipment.created_at,
                updated_at: shipment.updated_at,
                version: shipment.version,
            })
        })
        .collect()
}

/// A shipment with its events.
pub(in crate::post) fn detail(
    conn: &mut Conn,
    world: &World,
    shipment: Shipment,
) -> Result<ShipmentView, Problem> {
    let tree = &world.catalogue.tree;
    let events = shipments::events(conn, shipment.id)?
        .into_iter()
        .map(|event| {
            let office = event.office_id.map(|id| tree.agency(id)).transpose()?;
            Ok(ShipmentEventView {
                state: event.state,
                occurred_at: event.occurred_at,
                recorded_at: event.recorded_at,
                office: office.map(|office| office.code.clone()),
                note: event.note,
            })
        })
        .collect::<Result<_, db::Error>>()?;
    let mut summaries = summaries(conn, world, vec![shipment])?;
    let shipment = summaries.pop().ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(ShipmentView { shipment, events })
}
