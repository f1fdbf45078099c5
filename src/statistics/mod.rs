//! Statistics: the ledger of the figures, their counters, on-time reports, and the recount behind `motcua verify`.
//!
//! The figures never scan dossiers. Every change of a dossier books what it adds ([`Booked`], an effect of
//! `dossiers::apply`, in the same transaction): into the ledger, a row for each dossier, and into counters of days, months
//! and years, a row for each cell of agency × procedure × channel, and those of months and years once more for agency ×
//! channel: there may be thousands of procedures, and most reports don't ask for them. What stood when a year began is kept as
//! the year's opening balance. So a report sums the counters of its period and one balance, however many years there are; it
//! proves the sums (identity and control), and links every figure to the dossiers behind it, which the ledger knows.
//!
//! | file | owns |
//! | --- | --- |
//! | `figures` | [`Figures`]: the counted columns and their control sum; pure |
//! | `rules` | what a change adds: [`Standing`] before and after → [`rules::bookings`]; pure |
//! | `effect` | [`Booked`] books each change, [`Accumulator`] books many at once |
//! | `tally`, `store` | SQL: what is added to ledger and counters; sums of them |
//! | `openings` | opening balances of years: opened once, added to by what is booked before them |
//! | `plan` | which counters answer for a period; pure |
//! | `cube` | sums by group and bucket, running totals; pure |
//! | `row`, `refusal` | a row of a report: its shape, the proof that it is right; what happens when it is not |
//! | `members` | which groups a cell belongs to; pure |
//! | `names`, `links` | what groups are called; the lists behind figures |
//! | `asked` | what all reports are asked for: agency, period, groups |
//! | `marks` | the ledger of marks |
//! | `service` | the report on time |
//! | `facts` | a period's figures cell by cell |
//! | `reports`, `periods` | statutory forms; closing a period |
//! | `summary`, `public` | the annual summary; published figures |
//! | `backlog`, `legs`, `ranking`, `integrity`, `postal`, `satisfaction` | the other reports |
//! | `pictures` | reports as charts |
//! | `api` | the endpoints, a file for each topic |
//! | `verify` | recounts everything from the events |
//!
//! Law: Circular 01/2018/TT-VPCP art. 13 (early, on time, late), Circular 01/2020/TT-VPCP (forms 06).

mod api;
mod asked;
mod backlog;
mod cube;
mod effect;
mod facts;
mod figures;
mod integrity;
mod legs;
mod links;
mod marks;
mod members;
mod names;
mod openings;
mod periods;
mod pictures;
mod plan;
mod postal;
mod public;
mod ranking;
mod refusal;
mod reports;
mod row;
pub mod rules;
mod satisfaction;
mod service;
mod store;
mod summary;
mod tally;
pub mod verify;

#[cfg(test)]
mod tests;

use crate::agencies::AgencyId;
use crate::dossiers::Channel;
use crate::procedures::ProcedureId;

pub use api::configure;
pub use effect::{Accumulator, Booked};
pub use figures::Figures;
pub use refusal::refused_answers;
pub use reports::{BadLayouts, Layouts};
pub use rules::Standing;
pub use summary::{Basis, Qualifier, StatedFigure, SummaryFigure, insert_stated};

/// Where a dossier counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The receiving agency.
    pub agency_id: AgencyId,
    /// Its procedure.
    pub procedure_id: ProcedureId,
    /// How it came in.
    pub channel: Channel,
}
