//! What went by the post: shipments by post office, and how dossiers came in.

mod report;
mod store;

pub(super) use report::{PostalQuery, PostalReport, postal};
