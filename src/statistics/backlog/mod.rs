//! The backlog: what is open now, by how long it has been waiting and by how much time is left.
//!
//! Only now: the ledger knows how many were open on any past day (the report on time tells), but not which date each of them
//! was then due at. Every count is held against the counters before it is given out.
//!
//! | file | owns |
//! | --- | --- |
//! | `buckets` | which working days make a bucket; pure |
//! | `store` | the count over open dossiers |
//! | `report` | its rows, their links, and the proof |

pub(super) mod buckets;
mod report;
mod store;

use serde::Deserialize;
use utoipa::IntoParams;

use super::cube::GroupBy;
use crate::db::text_enum;

pub(super) use report::{BacklogReport, backlog};

text_enum! {
    /// What rows of the backlog can be kept apart by.
    pub enum BacklogGroup {
        /// The receiving agency.
        Agency = "agency",
        /// The kind of the nearest receiving agency that is a province, district or commune.
        Level = "level",
        /// The procedure's field (lĩnh vực).
        Field = "field",
        Procedure = "procedure",
        /// How dossiers came in.
        Channel = "channel",
    }
}

impl From<BacklogGroup> for GroupBy {
    fn from(group: BacklogGroup) -> Self {
        match group {
            BacklogGroup::Agency => Self::Agency,
            BacklogGroup::Level => Self::Level,
            BacklogGroup::Field => Self::Field,
            BacklogGroup::Procedure => Self::Procedure,
            BacklogGroup::Channel => Self::Channel,
        }
    }
}

/// What the backlog is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BacklogQuery {
    /// Code of the receiving agency, with all below it; the caller's own when left out. A clerk gets the backlog of his own
    /// agency alone.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
    /// Only that agency, without those below it.
    pub(super) own: Option<bool>,
    /// What rows are kept apart by, at most two.
    #[param(inline, max_items = 20)]
    pub(super) group_by: Option<Vec<BacklogGroup>>,
    /// Today or left out: the backlog is known as it is now. How many were open on a past day tells GET
    /// `/statistics/on-time`.
    #[param(min_length = 1, max_length = 40, example = "2019-12-31")]
    pub(super) as_of: Option<String>,
}
