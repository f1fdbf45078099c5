//! How satisfied applicants were, as far as they were asked. The program takes no ratings yet: none is counted, and a mean of
//! none is `null`, never a full score.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::PeriodQuery;
use crate::World;
use crate::access::Identity;
use crate::dossiers::{AgencyName, agency_name};
use crate::http::{Faults, NoFilter, Problem};

/// What a report on satisfaction is asked for.
pub(super) type SatisfactionQuery = PeriodQuery<NoFilter>;

/// Ratings of a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "from": "2019-01-01", "to": "2020-01-01", "agency": {"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"},
    "ratings": 0, "mean": null, "satisfied_rate": null
}))]
pub(super) struct SatisfactionReport {
    from: NaiveDate,
    to: NaiveDate,
    agency: AgencyName,
    /// How many rated.
    ratings: i64,
    /// The mean of their ratings; null when nobody rated.
    mean: Option<f64>,
    /// The share of those who were satisfied; null when nobody rated.
    satisfied_rate: Option<f64>,
}

/// The ratings for an agency and all below it.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(super) fn satisfaction(
    world: &World,
    caller: &Identity,
    query: &SatisfactionQuery,
) -> Result<SatisfactionReport, Problem> {
    let scope = query.scope(world, caller, None, Faults::default())?;
    Ok(SatisfactionReport {
        from: query.from(),
        to: query.to(),
        agency: agency_name(world, scope.agency.id)?,
        ratings: 0,
        mean: None,
        satisfied_rate: None,
    })
}
