//! What the endpoint of published figures takes and gives.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::Counts;
use crate::db::text_enum;
use crate::dossiers::{AgencyName, AsOf};
use crate::statistics::row::on_time_rate;

text_enum! {
    /// What published figures are kept apart by.
    pub enum PublicGroup {
        /// The agencies directly below, each with all below it.
        Agency = "agency",
        /// The procedure's field.
        Field = "field",
        Procedure = "procedure",
    }
}

/// Which figures are wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::statistics) struct PublicQuery {
    /// A year, half-year, nine months, quarter or month: `2019`, `2019-H1`, `2019-9M`, `2019-Q3`, `2019-07`; the running year
    /// when left out.
    #[param(min_length = 4, max_length = 7, example = "2019")]
    pub(super) period: Option<String>,
    /// Code of an agency, with all below it; the uppermost when left out.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
    /// What rows are kept apart by. `field` and `procedure`: only for years that are over.
    #[param(inline)]
    pub(super) group_by: Option<PublicGroup>,
}

/// Received, and how.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"total": 87971, "counter": 85621, "online": 0, "postal": 0, "post_office": 2350, "at_home": 0}))]
pub(in crate::statistics) struct PublicReceived {
    total: i64,
    counter: i64,
    online: i64,
    postal: i64,
    post_office: i64,
    at_home: i64,
}

/// Resolved, and when.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"total": 87757, "early": 32357, "on_time": 55279, "late": 121}))]
pub(in crate::statistics) struct PublicResolved {
    total: i64,
    early: i64,
    on_time: i64,
    late: i64,
}

/// Figures of a row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "received": {"total": 87971, "counter": 85621, "online": 0, "postal": 0, "post_office": 2350, "at_home": 0},
    "resolved": {"total": 87757, "early": 32357, "on_time": 55279, "late": 121}, "pending": 214, "overdue": 0, "on_time_rate": 0.9986
}))]
pub(in crate::statistics) struct PublicFigures {
    received: PublicReceived,
    resolved: PublicResolved,
    /// Open at the end.
    pending: i64,
    /// Of these: past the date that the agency is judged by.
    overdue: i64,
    /// (early + on time) / resolved, to four decimals; null when nothing was resolved.
    on_time_rate: Option<f64>,
}

impl From<Counts> for PublicFigures {
    fn from(counts: Counts) -> Self {
        let [
            received,
            counter,
            online,
            postal,
            post_office,
            at_home,
            resolved,
            early,
            on_time,
            late,
            pending,
            overdue,
        ] = counts;
        Self {
            received: PublicReceived { total: received, counter, online, postal, post_office, at_home },
            resolved: PublicResolved { total: resolved, early, on_time, late },
            pending,
            overdue,
            on_time_rate: on_time_rate(early + on_time, resolved),
        }
    }
}

/// A row.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"group": {"field": "giam-ngheo"}, "names": {"field": "Giảm nghèo"}, "is_withheld": true, "figures": null}))]
pub(in crate::statistics) struct PublicRow {
    /// Code, by the name of the group; empty in the total.
    pub(super) group: BTreeMap<&'static str, String>,
    /// The same for people.
    pub(super) names: BTreeMap<&'static str, String>,
    /// Fewer than five of a sensitive procedure, or what would tell these by a difference.
    pub(super) is_withheld: bool,
    /// Null when withheld.
    pub(super) figures: Option<PublicFigures>,
}

/// Published figures.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "agency": {"code": "000.00.31.H20", "name": "Huyện Thanh Bình"}, "period": "2019", "period_name": "Năm 2019",
    "from": "2019-01-01", "to": "2020-01-01", "as_of": "2019-12-31",
    "items": [{"group": {"field": "giam-ngheo"}, "names": {"field": "Giảm nghèo"}, "is_withheld": true, "figures": null}],
    "total": {"group": {}, "names": {}, "is_withheld": false, "figures": {
        "received": {"total": 103_351, "counter": 98254, "online": 73, "postal": 173, "post_office": 4850, "at_home": 1},
        "resolved": {"total": 99008, "early": 36563, "on_time": 62237, "late": 208}, "pending": 4043, "overdue": 100, "on_time_rate": 0.9979}}
}))]
pub(in crate::statistics) struct PublicStatistics {
    pub(super) agency: AgencyName,
    pub(super) period: String,
    pub(super) period_name: String,
    pub(super) from: NaiveDate,
    /// The day after its last one.
    pub(super) to: NaiveDate,
    /// The end of this day: the last of the period, or yesterday while it lasts.
    #[schema(value_type = String, example = "2019-12-31")]
    pub(super) as_of: AsOf,
    pub(super) items: Vec<PublicRow>,
    pub(super) total: PublicRow,
}
