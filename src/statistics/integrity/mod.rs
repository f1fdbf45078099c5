//! What hints at polished figures, for each agency: acts that the law allows or forbids at a certain time and that are marked
//! when they come at another, and submissions that were left waiting or sent away. None of them proves anything by itself;
//! each opens the list of the dossiers behind it.

mod report;
mod store;

pub(super) use report::{IntegrityQuery, IntegrityReport, integrity};

use crate::dossiers::Mark;

/// The marks that are counted, in the order in which a dossier may get them.
pub(super) const COUNTED: [Mark; 12] = [
    Mark::LateEntry,
    Mark::CompletionAsked,
    Mark::LateSupplementRequest,
    Mark::SecondSupplement,
    Mark::PauseOnDueDay,
    Mark::PauseAfterDue,
    Mark::LateExtension,
    Mark::ExtensionAfterDue,
    Mark::ResultOutsideHours,
    Mark::ResultReplaced,
    Mark::Corrected,
    Mark::TransferRefused,
];
