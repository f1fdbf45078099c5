//! Why the rules say no, and how that reads as a problem.

use super::{Action, Status};
use crate::http::{Code, Problem};

/// A refusal of the rules. Nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The action does not lead on from this state; with what does, for this caller.
    NotFromHere {
        action: Action,
        status: Status,
        allowed: Vec<(Action, Status)>,
    },
    WrongRole,
    WrongParty,
    /// nd118: the competent agency has not acknowledged yet.
    ClockNotStarted,
    /// A parallel leg is not done.
    LegsOpen(Vec<String>),
    /// The dossier is on a manifest that is not signed yet.
    OnOpenManifest,
    /// The version wants a leader to resolve.
    ApprovalRequired,
    AlreadyExtended,
    /// A field of the body, with its pointer.
    Field {
        pointer: &'static str,
        code: Code,
    },
    /// A year without a loaded calendar.
    CalendarMissing {
        year: i32,
    },
}

impl Refusal {
    pub(super) fn required(pointer: &'static str) -> Self {
        Self::Field { pointer, code: Code::Required }
    }
}

impl From<crate::calendar::rules::Missing> for Refusal {
    fn from(missing: crate::calendar::rules::Missing) -> Self {
        Self::CalendarMissing { year: missing.year }
    }
}

impl From<crate::calendar::rules::ClockRefusal> for Refusal {
    fn from(refusal: crate::calendar::rules::ClockRefusal) -> Self {
        use crate::calendar::rules::ClockRefusal;
        match refusal {
            ClockRefusal::Missing(missing) => missing.into(),
            // The state machine pauses once and ends once, and times never go back.
            ClockRefusal::AlreadyPaused | ClockRefusal::NotPaused | ClockRefusal::TimeGoesBack => {
                Self::ClockNotStarted
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFromHere { action, status, allowed } => {
                let allowed: Vec<_> = allowed
                    .iter()
                    .map(|(action, to)| serde_json::json!({"action": action, "to": to}))
                    .collect();
                Problem::new(Code::TransitionNotAllowed)
                    .detail(format!("{action} is not possible in state {status}"))
                    .member("allowed_transitions", allowed)
            }
            Refusal::WrongRole => Problem::new(Code::WrongRole),
            Refusal::WrongParty => Problem::new(Code::WrongParty),
            Refusal::ClockNotStarted => Problem::new(Code::ClockNotStarted),
            Refusal::LegsOpen(keys) => Problem::new(Code::LegsOpen).member("legs", keys),
            Refusal::OnOpenManifest => Problem::new(Code::OnOpenManifest),
            Refusal::ApprovalRequired => Problem::new(Code::ApprovalRequired),
            Refusal::AlreadyExtended => Problem::new(Code::AlreadyExtended),
            Refusal::Field { pointer, code } => {
                Problem::new(Code::InvalidBody).error(pointer, code, code.title())
            }
            Refusal::CalendarMissing { year } => Problem::new(Code::CalendarMissing).member("year", year),
        }
    }
}
