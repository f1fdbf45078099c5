//! What went by the post: shipments by post office and by what became of them, and the dossiers that they carried.
//!
//! | file | owns |
//! | --- | --- |
//! | `figures` | the figures of one direction; pure |
//! | `store` | the counts of shipments and of their dossiers |
//! | `report` | its rows and their links |

mod figures;
mod report;
mod store;

pub(super) use report::{PostalQuery, PostalReport, postal};
