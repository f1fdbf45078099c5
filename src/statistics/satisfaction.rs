//! How satisfied applicants were, as far as they were asked. The program takes no ratings yet: none is counted, and a mean of
//! none is `null`, never a full score.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked;
use crate::World;
use crate::access::Identity;
use crate::dossiers::{AgencyName, agency_name};
use crate::http::{Faults, Problem};

/// What a report on satisfaction is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SatisfactionQuery {
    /// First local day of the period.
    #[param(example = "2019-01-01")]
    pub(super) from: NaiveDate,
    /// The day after its last day; at most twenty years after `from`.
    #[param(example = "2020-01-01")]
    pub(super) to: NaiveDate,
    /// Code of the agency, with all below it; the caller's own when left out.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
}

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
    let mut faults = Faults::default();
    asked::check_period(query.from, query.to, &mut faults);
    let scope = asked::scope(world, caller, query.agency.as_deref(), None, faults)?;
    Ok(SatisfactionReport {
        from: query.from,
        to: query.to,
        agency: agency_name(world, scope.agency.id)?,
        ratings: 0,
        mean: None,
        satisfied_rate: None,
    })
}
