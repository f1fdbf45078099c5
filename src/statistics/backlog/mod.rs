//! The backlog: what is open now, or was at any past moment, by how long it has been waiting and by how much time is left.
//!
//! What was open then is what is open now less what the ledger booked since; what each was then due at, the last event by then
//! that set a date tells. Every count is held against the counters before it is given out.
//!
//! | file | owns |
//! | --- | --- |
//! | `buckets` | which working days make a bucket; pure |
//! | `store` | the count over open dossiers; what was open once |
//! | `past` | the count over what was open once; pure |
//! | `report` | its rows, and the proof |
//! | `lists` | the lists behind its figures |

pub(super) mod buckets;
mod lists;
mod past;
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
    /// The backlog as it stood at the end of this local day, or at this moment; now when left out.
    #[param(min_length = 1, max_length = 40, example = "2019-12-31")]
    pub(super) as_of: Option<String>,
}
