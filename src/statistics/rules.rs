//! What a change of a dossier adds to the figures. Pure: the effect books by it, the recount replays the history with it.
//!
//! Decisions, "Counting": figures are booked on the local day on which an event was recorded, never in the past. Received,
//! each outcome, withdrawn and stopped are flows: they are booked once. Open, paused and waiting are stocks: +1 when the
//! dossier comes into them and −1 when it leaves, so that a stock at a day's end is the sum of all days up to it. Overdue
//! is a stock whose +1 is booked ahead, on the day of the date still to be missed, and taken away from the same day when
//! it is not missed after all. A corrected procedure or channel carries every stock to its new cell, and `moved` says so.

use chrono::{NaiveDate, TimeDelta};

use super::{Cell, Figures};
use crate::calendar::rules::Outcome;
use crate::db::Instant;
use crate::dossiers::{At, NewDossier, Status, booked_on};

/// What the figures depend on, of one dossier at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where it counts.
    pub cell: Cell,
    /// Where it stands.
    pub status: Status,
    /// It has been taken in, at whatever time.
    pub is_received: bool,
    /// How it was resolved.
    pub outcome: Option<Outcome>,
    /// It is in a pause begun in time.
    pub is_paused_in_time: bool,
    /// The date that the agency is judged by.
    pub judged_due_at: Option<Instant>,
    /// When the desk should have answered the submission.
    pub accept_due_at: Option<Instant>,
    /// The day that holds its +1 of overdue.
    pub overdue_on: Option<NaiveDate>,
    /// The day that holds its +1 of waiting too long.
    pub waiting_late_on: Option<NaiveDate>,
}

impl From<&NewDossier> for Standing {
    fn from(row: &NewDossier) -> Self {
        Self {
            cell: Cell { agency_id: row.agency_id, procedure_id: row.procedure_id, channel: row.channel },
            status: row.status,
            is_received: row.received_at.is_some(),
            outcome: row.outcome,
            is_paused_in_time: row.paused_in_time,
            judged_due_at: row.judged_due_at,
            accept_due_at: row.accept_due_at,
            overdue_on: row.overdue_on,
            waiting_late_on: row.waiting_late_on,
        }
    }
}

impl Standing {
    /// Sets the days that hold the dates still to be missed, after a change from `before`. The rules of dossiers do the same
    /// with a row; the recount finds it out anew.
    pub fn settle(&mut self, before: Option<&Standing>, at: At) {
        let moved = before.is_some_and(|before| before.cell != self.cell);
        let runs = self.status.is_open() && !self.is_paused_in_time;
        let booked = before.and_then(|before| before.judged_due_at.zip(before.overdue_on));
        self.overdue_on = booked_on(self.judged_due_at.filter(|_| runs), booked, moved, at);
        let waits = self.status == Status::Submitted;
        let booked = before.and_then(|before| before.accept_due_at.zip(before.waiting_late_on));
        self.waiting_late_on = booked_on(self.accept_due_at.filter(|_| waits), booked, moved, at);
    }

    /// The stocks that it is in as soon as the change is recorded.
    fn stocks(&self) -> Figures {
        Figures {
            open: i64::from(self.status.is_open()),
            paused: i64::from(self.status.is_open() && self.is_paused_in_time),
            waiting: i64::from(self.status == Status::Submitted),
            ..Figures::default()
        }
    }

    /// The stocks that it comes into by doing nothing: the day, the date to be missed, and what is booked then.
    fn ahead(&self) -> [Option<Ahead>; 2] {
        let ahead = |on: Option<NaiveDate>, due_at: Option<Instant>, figures| {
            on.map(|on| Ahead { cell: self.cell, on, due_at: due_at.unwrap_or(Instant::MIN), figures })
        };
        [
            ahead(self.overdue_on, self.judged_due_at, Figures { overdue: 1, ..Figures::default() }),
            ahead(
                self.waiting_late_on,
                self.accept_due_at,
                Figures { waiting_late: 1, ..Figures::default() },
            ),
        ]
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    /// The local day whose counters have it.
    pub day: NaiveDate,
    /// The moment of that day from which it counts.
    pub counts_from: Instant,
    /// Where it counts.
    pub cell: Cell,
    /// What is added.
    pub figures: Figures,
}

/// Something booked ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ahead {
    cell: Cell,
    on: NaiveDate,
    due_at: Instant,
    figures: Figures,
}

impl Ahead {
    /// Its booking by a change recorded at this moment. Taken away after the day, it is taken away today: the past stays
    /// as it was.
    fn booking(&self, recorded: Instant) -> Booking {
        // Missed means after the due moment, not at it.
        let missed_at = self.due_at + TimeDelta::microseconds(1);
        Booking {
            day: self.on.max(recorded.local_day()),
            counts_from: missed_at.max(recorded),
            cell: self.cell,
            figures: self.figures,
        }
    }
}

/// What the change from `before` (nothing, at intake) to `after` adds to the figures.
#[must_use]
pub fn bookings(before: Option<&Standing>, after: &Standing, recorded: Instant) -> Vec<Booking> {
    let mut ledger = Ledger(Vec::new());
    let now = |cell, figures| Booking { day: recorded.local_day(), counts_from: recorded, cell, figures };
    ledger.add(now(after.cell, flows(before, after)));
    ledger.add(now(after.cell, after.stocks()));
    if let Some(before) = before {
        ledger.subtract(now(before.cell, before.stocks()));
        if before.cell != after.cell && before.status.is_open() {
            let moved = Figures { moved: 1, ..Figures::default() };
            ledger.subtract(now(before.cell, moved));
            ledger.add(now(after.cell, moved));
        }
    }
    let booked = before.map_or([None, None], Standing::ahead);
    for (was, is) in booked.into_iter().zip(after.ahead()) {
        // What stays is left alone: a missed date counts since its own day.
        if was == is {
            continue;
        }
        if let Some(was) = was {
            ledger.subtract(was.booking(recorded));
        }
        if let Some(is) = is {
            ledger.add(is.booking(recorded));
        }
    }
    ledger.0.retain(|booking| !booking.figures.is_zero());
    ledger.0
}

/// What happens once in a dossier's life. Compared with what was before, so that nothing counts twice, and so that a
/// dossier which comes in with its whole life behind it (an import) counts everything.
fn flows(before: Option<&Standing>, after: &Standing) -> Figures {
    let becomes =
        |status| i64::from(after.status == status && before.is_none_or(|before| before.status != status));
    let outcome = after.outcome.filter(|_| before.is_none_or(|before| before.outcome.is_none()));
    let resolved = |kind| i64::from(outcome == Some(kind));
    Figures {
        received: i64::from(after.is_received && before.is_none_or(|before| !before.is_received)),
        early: resolved(Outcome::Early),
        on_time: resolved(Outcome::OnTime),
        late: resolved(Outcome::Late),
        withdrawn: becomes(Status::Withdrawn),
        stopped: becomes(Status::Stopped),
        submitted: i64::from(
            before.is_none() && matches!(after.status, Status::Submitted | Status::Declined),
        ),
        declined: becomes(Status::Declined),
        ..Figures::default()
    }
}

/// Bookings with at most one row for the same cell, day and moment.
struct Ledger(Vec<Booking>);

impl Ledger {
    fn add(&mut self, booking: Booking) {
        self.row(booking).figures += booking.figures;
    }

    fn subtract(&mut self, booking: Booking) {
        self.row(booking).figures -= booking.figures;
    }

    fn row(&mut self, like: Booking) -> &mut Booking {
        let same =
            |row: &Booking| (row.day, row.counts_from, row.cell) == (like.day, like.counts_from, like.cell);
        let at = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(Booking { figures: Figures::default(), ..like });
            self.0.len() - 1
        });
        // `at` was found, or is the last after a push.
        &mut self.0[at]
    }
}
