//! The figures of one direction: shipments by what became of them, and the dossiers in them. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{Carried, Count};
use crate::db::text_enum;
use crate::post::ShipmentState;

text_enum! {
    /// What became of shipments, as the report has it.
    pub enum Fate {
        /// All of them.
        Total = "total",
        Delivered = "delivered",
        Returned = "returned",
        Lost = "lost",
        Damaged = "damaged",
        Cancelled = "cancelled",
        UnderWay = "under_way",
    }
}

impl From<ShipmentState> for Fate {
    fn from(state: ShipmentState) -> Self {
        match state {
            ShipmentState::Delivered => Self::Delivered,
            ShipmentState::Returned => Self::Returned,
            ShipmentState::Lost => Self::Lost,
            ShipmentState::Damaged => Self::Damaged,
            ShipmentState::Cancelled => Self::Cancelled,
            ShipmentState::Booked
            | ShipmentState::Manifested
            | ShipmentState::Accepted
            | ShipmentState::InTransit
            | ShipmentState::OutForDelivery
            | ShipmentState::AttemptFailed
            | ShipmentState::HeldAtOffice
            | ShipmentState::Returning => Self::UnderWay,
        }
    }
}

/// Shipments of one direction, by where they are now.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(example = json!({
    "total": 120, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "cancelled": 3, "under_way": 3,
    "cod": 5_400_000, "cod_delivered": 5_100_000,
    "dossiers": {"total": 115, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "under_way": 3}
}))]
pub(in crate::statistics) struct Shipments {
    /// The sum of all others.
    total: i64,
    delivered: i64,
    returned: i64,
    lost: i64,
    damaged: i64,
    cancelled: i64,
    /// In none of these states yet.
    under_way: i64,
    /// Cash to be collected on delivery, in đồng: of all in `total`.
    cod: i64,
    /// Of that: of what was delivered.
    cod_delivered: i64,
    dossiers: PostedDossiers,
}

/// Dossiers in such shipments, each counted once in each figure; a shipment that was cancelled carried none. What was sent
/// again stands in several of them, so that `total` may be less than their sum.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(example = json!({"total": 115, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "under_way": 3}))]
pub(in crate::statistics) struct PostedDossiers {
    total: i64,
    delivered: i64,
    returned: i64,
    lost: i64,
    damaged: i64,
    under_way: i64,
}

impl Shipments {
    pub(super) fn add(&mut self, count: &Count) {
        self.total += count.shipments;
        self.cod += count.cod;
        let slot = match Fate::from(count.state) {
            Fate::Total => return,
            Fate::Delivered => {
                self.cod_delivered += count.cod;
                &mut self.delivered
            }
            Fate::Returned => &mut self.returned,
            Fate::Lost => &mut self.lost,
            Fate::Damaged => &mut self.damaged,
            Fate::Cancelled => &mut self.cancelled,
            Fate::UnderWay => &mut self.under_way,
        };
        *slot += count.shipments;
    }

    pub(super) fn set_dossiers(&mut self, carried: &Carried) {
        let dossiers = &mut self.dossiers;
        let slot = match carried.fate {
            Fate::Total => &mut dossiers.total,
            Fate::Delivered => &mut dossiers.delivered,
            Fate::Returned => &mut dossiers.returned,
            Fate::Lost => &mut dossiers.lost,
            Fate::Damaged => &mut dossiers.damaged,
            Fate::UnderWay => &mut dossiers.under_way,
            Fate::Cancelled => return,
        };
        *slot = carried.dossiers;
    }
}
