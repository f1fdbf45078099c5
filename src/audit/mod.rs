//! The audit (kiểm tra, thanh tra): who read which dossier, and whether every history is the one that was written.
//!
//! A history is a chain: no line of it can be changed, moved or taken out of its middle. What a chain cannot show is that its
//! *end* was cut off and the dossier's row mended. Therefore once a day an **anchor** is made over the heads of all histories
//! that went on since the anchor before, and each anchor holds the one before it, under a key outside the database. Who keeps
//! `motcua anchors` elsewhere (a province's archive, a printed page) can show even that anchors themselves were taken away.
//!
//! | file | owns |
//! | --- | --- |
//! | `rules` | what an anchor's hash is over, how it is written down, what breaks; pure |
//! | `anchors` | making anchors, and proving all of them |
//! | `inspection` | the histories and readings that an inspector asks for |
//! | `store` | SQL |
//! | `views`, `api` | what the endpoints take and give; endpoints |
//!
//! Law: Decree 356/2025 and Law 91/2025 (before: Decree 13/2023) want it known who processed personal data.

mod anchors;
mod api;
mod inspection;
mod rules;
mod store;
mod views;

pub use anchors::{anchor_ended_day, anchors, prove};
pub use api::configure;
pub use rules::{Anchor, Kept};
