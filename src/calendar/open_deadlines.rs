//! Which open deadlines a changed calendar would move. Who knows dossiers and legs answers it; the calendar owns the
//! question, so that whoever enters a holiday hears at once what a recompute would do.

use serde::Serialize;
use utoipa::ToSchema;

use crate::World;
use crate::access::Identity;
use crate::db::{Conn, Instant, text_enum};
use crate::http::Problem;

text_enum! {
    /// Which date of a dossier moves.
    pub enum MovingDate {
        /// The promise of a dossier whose clock has started, and with it the date that the agency is judged by.
        DueAt = "due_at",
        /// What the receipt says while the clock waits for the competent agency.
        ExpectedDueAt = "expected_due_at",
        /// When the desk should have answered a submission.
        AcceptDueAt = "accept_due_at",
    }
}

/// A leg whose date a changed calendar moves.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "key": "tckh", "agency": "000.03.31.H20", "old_due_at": "2019-04-16T11:30:00+07:00",
    "new_due_at": "2019-04-17T11:30:00+07:00", "old_judged_due_at": "2019-04-16T11:30:00+07:00",
    "new_judged_due_at": "2019-04-17T11:30:00+07:00"
}))]
pub struct MovedLeg {
    /// Its key.
    pub key: String,
    /// Code of its agency.
    pub agency: String,
    /// When it was due.
    pub old_due_at: Instant,
    /// When it is due by the calendar as it is now.
    pub new_due_at: Instant,
    /// What its agency was judged by.
    pub old_judged_due_at: Instant,
    /// What its agency is judged by now.
    pub new_judged_due_at: Instant,
}

/// An open deadline that a changed calendar moves. When only legs of a dossier move, its own dates are told unchanged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "000.33.31.H20-190408-0003", "agency": "000.33.31.H20", "date": "due_at",
    "old_due_at": "2019-04-15T17:00:00+07:00", "new_due_at": "2019-04-16T17:00:00+07:00",
    "old_judged_due_at": "2019-04-15T17:00:00+07:00", "new_judged_due_at": "2019-04-16T17:00:00+07:00", "legs": []
}))]
pub struct MovedDeadline {
    /// The dossier's code; the reference of a submission.
    pub code: String,
    /// Code of the receiving agency.
    pub agency: String,
    /// Which date it is.
    pub date: MovingDate,
    /// When it was due.
    pub old_due_at: Instant,
    /// When it is due by the calendar as it is now.
    pub new_due_at: Instant,
    /// What the agency was judged by; null while no clock runs.
    pub old_judged_due_at: Option<Instant>,
    /// What the agency is judged by now.
    pub new_judged_due_at: Option<Instant>,
    /// Its open legs that move.
    pub legs: Vec<MovedLeg>,
}

/// What a recompute would move.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"moved": 0, "items": [], "is_complete": true}))]
pub struct WouldMove {
    /// How many of those looked at would move.
    pub moved: usize,
    /// The first of them.
    pub items: Vec<MovedDeadline>,
    /// Whether all open dossiers were looked at; otherwise `POST /deadlines/recompute` with `dry_run` lists all.
    pub is_complete: bool,
}

/// Answers which open deadlines would move.
pub trait OpenDeadlines: Send + Sync {
    /// Those of the caller's agency and all below it that touch `year`, by the catalogue of `world`.
    ///
    /// # Errors
    /// A problem of the database.
    fn would_move(
        &self,
        conn: &mut Conn,
        world: &World,
        caller: &Identity,
        year: i32,
    ) -> Result<WouldMove, Problem>;
}
