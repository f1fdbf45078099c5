//! The report on the post.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{self, Count};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::AgencyId;
use crate::calendar::rules::at;
use crate::db::Conn;
use crate::dossiers::{AgencyName, agency_name};
use crate::http::{Faults, Problem};
use crate::post::{Direction, ShipmentState};
use crate::statistics::asked;

/// What a report on the post is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::statistics) struct PostalQuery {
    /// First local day of the period in which shipments were booked.
    #[param(example = "2019-01-01")]
    pub(in crate::statistics) from: NaiveDate,
    /// The day after its last day; at most twenty years after `from`.
    #[param(example = "2020-01-01")]
    pub(in crate::statistics) to: NaiveDate,
    /// Code of the agency, with all below it; the caller's own when left out. For a post clerk his own office.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(in crate::statistics) agency: Option<String>,
}

/// Shipments of one direction, by where they are now.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(example = json!({
    "total": 120, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "cancelled": 3, "under_way": 3,
    "cod": 5_400_000, "cod_delivered": 5_100_000
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
    /// Cash to be collected on delivery, in đồng.
    cod: i64,
    /// Of that: of what was delivered.
    cod_delivered: i64,
}

/// Shipments of one post office.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "office": {"code": "VNPOST.30166", "name": "Bưu cục Tân Long"},
    "to_post": {"total": 120, "delivered": 111, "returned": 2, "lost": 0, "damaged": 1, "cancelled": 3, "under_way": 3,
        "cod": 5_400_000, "cod_delivered": 5_100_000},
    "from_post": {"total": 0, "delivered": 0, "returned": 0, "lost": 0, "damaged": 0, "cancelled": 0, "under_way": 0,
        "cod": 0, "cod_delivered": 0}
}))]
pub(in crate::statistics) struct PostalRow {
    /// Null in the total.
    office: Option<AgencyName>,
    /// From the agency to the applicant.
    to_post: Shipments,
    /// From the applicant to the agency.
    from_post: Shipments,
}

/// What went by the post. States are those of now, whenever the shipments were booked in the period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct PostalReport {
    from: NaiveDate,
    to: NaiveDate,
    /// By post office.
    items: Vec<PostalRow>,
    total: PostalRow,
}

impl Shipments {
    fn add(&mut self, count: &Count) {
        self.total += count.shipments;
        self.cod += count.cod;
        let slot = match count.state {
            ShipmentState::Delivered => {
                self.cod_delivered += count.cod;
                &mut self.delivered
            }
            ShipmentState::Returned => &mut self.returned,
            ShipmentState::Lost => &mut self.lost,
            ShipmentState::Damaged => &mut self.damaged,
            ShipmentState::Cancelled => &mut self.cancelled,
            ShipmentState::Booked
            | ShipmentState::Manifested
            | ShipmentState::Accepted
            | ShipmentState::InTransit
            | ShipmentState::OutForDelivery
            | ShipmentState::AttemptFailed
            | ShipmentState::HeldAtOffice
            | ShipmentState::Returning => &mut self.under_way,
        };
        *slot += count.shipments;
    }
}

impl PostalRow {
    fn of(office: Option<AgencyName>) -> Self {
        Self { office, to_post: Shipments::default(), from_post: Shipments::default() }
    }

    fn add(&mut self, count: &Count) {
        match count.direction {
            Direction::ToPost => self.to_post.add(count),
            Direction::FromPost => self.from_post.add(count),
        }
    }
}

/// Reports on the post of an agency and those below it; to a post clerk, on his office.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(in crate::statistics) fn postal(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &PostalQuery,
) -> Result<PostalReport, Problem> {
    let mut faults = Faults::default();
    asked::check_period(query.from, query.to, &mut faults);
    let scope = asked::scope(world, caller, query.agency.as_deref(), None, faults)?;
    // A post clerk's reach is his office, whose shipments are other agencies'.
    let whose = (scope.agency.id, scope.own && caller.has(Role::PostClerk));
    let span = (at(query.from, 0).into(), at(query.to, 0).into());
    let mut total = PostalRow::of(None);
    let mut rows: BTreeMap<AgencyId, PostalRow> = BTreeMap::new();
    for count in store::count(conn, whose, span)? {
        total.add(&count);
        match rows.get_mut(&count.office_id) {
            Some(row) => row.add(&count),
            None => {
                let mut row = PostalRow::of(Some(agency_name(world, count.office_id)?));
                row.add(&count);
                rows.insert(count.office_id, row);
            }
        }
    }
    Ok(PostalReport { from: query.from, to: query.to, items: rows.into_values().collect(), total })
}
