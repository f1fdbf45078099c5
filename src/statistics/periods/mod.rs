//! Closing a period: an agency's figures are frozen, signed and sealed, go to the agency above, and come back for correction or
//! are taken.
//!
//! What is frozen are the cells of the agency and all below it; every form is filled in from them afterwards, and what the
//! counters say now stands beside as a difference. A revision never changes: a period that was given back is closed anew, as
//! the next revision. Each step is sealed by HMAC-SHA-256, with a key outside the database, over itself and the seal of the
//! step before; the first one over the frozen cells. `motcua verify` follows the seals.
//!
//! | file | owns |
//! | --- | --- |
//! | `rules` | periods and their days; which step is possible when |
//! | `seal` | what is sealed, and how |
//! | `store` | SQL |
//! | `views` | what the endpoints take and give |
//! | `service`, `api` | use cases; endpoints |
//! | `verify` | whether the seals hold |
//!
//! Law: Decree 09/2019/NĐ-CP art. 12 (periods), Circular 01/2020/TT-VPCP.

pub(super) mod api;
mod rules;
mod seal;
mod service;
mod store;
pub(super) mod verify;
mod views;

pub use rules::PeriodKind;
pub(super) use rules::{ClosingState, PeriodCode};
pub(super) use service::{frozen, parse, signature};
