//! Delegations as endpoints take and give them.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::delegations::{Delegation, DelegationFilter};
use super::agencies;
use crate::World;
use crate::dossiers::{AgencyName, agency_name};
use crate::http::Problem;

/// Lets a post office receive dossiers for an agency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "office": "VNPOST.TAN-LONG", "agency": "000.33.31.H20", "procedures": ["1.001193", "2.000815"], "valid_from": "2019-01-01"
}))]
pub struct SubmitDelegation {
    /// Code of the post office.
    #[schema(min_length = 1, max_length = 35)]
    pub office: String,
    /// Code of the agency that it receives for.
    #[schema(min_length = 1, max_length = 35)]
    pub agency: String,
    /// Codes of procedures that may go by post; left out: all of these, also future ones.
    #[schema(min_items = 1, max_items = 500)]
    pub procedures: Option<Vec<String>>,
    /// The first day on which it holds.
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds; left out: no end.
    pub valid_to: Option<NaiveDate>,
}

/// Changes to a delegation: what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"valid_to": "2020-01-01"}))]
pub struct ChangeDelegation {
    /// Codes of procedures; `null`: all that may go by post.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>, required = false, min_items = 1, max_items = 500)]
    pub procedures: Option<Option<Vec<String>>>,
    /// The first day on which it no longer holds; `null`: no end.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, required = false)]
    pub valid_to: Option<Option<NaiveDate>>,
}

/// What is there, `null` included; what is left out never comes here.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Which office may receive what for whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "procedures": null, "valid_from": "2019-01-01", "valid_to": null,
    "version": 1
}))]
pub struct DelegationView {
    pub id: String,
    pub office: AgencyName,
    pub agency: AgencyName,
    /// Codes; null: every procedure that may go by post.
    pub procedures: Option<Vec<String>>,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds; null: no end.
    pub valid_to: Option<NaiveDate>,
    /// Raised at each change; the number in the `ETag`.
    pub version: i64,
}

impl DelegationView {
    pub(in crate::post) fn of(world: &World, delegation: Delegation) -> Result<Self, Problem> {
        Ok(Self {
            id: delegation.public_id.to_string(),
            office: agency_name(world, delegation.office_id)?,
            agency: agency_name(world, delegation.agency_id)?,
            procedures: delegation.procedures.map(|procedures| procedures.0),
            valid_from: delegation.valid_from,
            valid_to: delegation.valid_to,
            version: delegation.version,
        })
    }
}

/// Which delegations are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListDelegations {
    /// Code of the post office.
    #[param(min_length = 1, max_length = 35)]
    office: Option<String>,
    /// Code of the agency that it receives for.
    #[param(min_length = 1, max_length = 35)]
    agency: Option<String>,
    /// Only those that hold on this day.
    on: Option<NaiveDate>,
}

impl ListDelegations {
    pub(in crate::post) fn filter(&self, world: &World) -> Result<DelegationFilter, Problem> {
        let [office, agency] = agencies(world, [("office", &self.office), ("agency", &self.agency)])?;
        Ok(DelegationFilter { office, agency, on: self.on })
    }
}
