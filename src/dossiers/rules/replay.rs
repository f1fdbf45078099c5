//! A clock told once more from what happened to it: for a recompute after a changed calendar, and to prove a clock.
//!
//! Nothing is refused here that was accepted when it happened. Only dates are counted anew, by the calendar as it is now.

use crate::calendar::rules::{
    Calendar, ClockRefusal, Counting, DayEnd, Deadline, Due, Missing, TimeLimit, local_day,
};
use crate::db::Instant;
use crate::dossiers::At;

/// What happened to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// It started, with this limit.
    Start(TimeLimit),
    /// The dossier's right procedure has this limit; it counts from the same start.
    Correct(TimeLimit),
    Pause,
    /// The pause ended and what was left went on.
    Resume,
    /// The pause ended and the full limit began again.
    Restart,
    /// A new promise was made.
    Extend(Instant),
}

/// The clock after all `ticks`, in their order; None before it starts.
///
/// # Errors
/// A year without a calendar.
pub fn replay(
    calendar: &Calendar,
    counting: Counting,
    ticks: impl IntoIterator<Item = (Tick, At)>,
) -> Result<Option<Deadline>, Missing> {
    let mut clock = None;
    for (tick, at) in ticks {
        clock = after(calendar, counting, clock, tick, at)?;
    }
    Ok(clock)
}

/// The clock after one more tick.
///
/// # Errors
/// A year without a calendar.
pub fn after(
    calendar: &Calendar,
    counting: Counting,
    clock: Option<Deadline>,
    tick: Tick,
    at: At,
) -> Result<Option<Deadline>, Missing> {
    let moment = at.occurred.into();
    let start = |from, limit| match counting {
        Counting::Reception => Deadline::received(calendar, from, limit),
        Counting::Leg => Deadline::leg(calendar, from, limit),
    };
    let Some(clock) = clock else {
        return match tick {
            Tick::Start(limit) => start(moment, limit).map(Some),
            // A pause under Decree 118 before the competent agency has acknowledged: there is no clock to stop.
            Tick::Correct(_) | Tick::Pause | Tick::Resume | Tick::Restart | Tick::Extend(_) => Ok(None),
        };
    };
    let next = match tick {
        Tick::Start(_) => Ok(clock),
        Tick::Correct(limit) => Ok(corrected(calendar, &clock, limit)?),
        Tick::Pause => clock.pause(calendar, moment),
        Tick::Resume => clock.resume(calendar, moment),
        Tick::Restart => clock.restart(calendar, moment),
        Tick::Extend(to) => Ok(extended(calendar, &clock, to, at.recorded)?),
    };
    match next {
        Ok(next) => Ok(Some(next)),
        Err(ClockRefusal::Missing(missing)) => Err(missing),
        // A leg that began in the middle of it: the pause's other half is not its own.
        Err(ClockRefusal::AlreadyPaused | ClockRefusal::NotPaused | ClockRefusal::TimeGoesBack) => {
            Ok(Some(clock))
        }
    }
}

/// The clock with another limit from the same start. The first promise is kept: it was made.
///
/// # Errors
/// A year without a calendar.
pub fn corrected(calendar: &Calendar, clock: &Deadline, limit: TimeLimit) -> Result<Deadline, Missing> {
    let right = Deadline::received(calendar, clock.started_at, limit)?;
    Ok(Deadline { first_due_at: clock.first_due_at, ..right })
}

/// Whether nothing but the start has moved the dates.
///
/// # Errors
/// A year without a calendar.
pub fn is_untouched(calendar: &Calendar, clock: &Deadline) -> Result<bool, Missing> {
    let fresh = Deadline::received(calendar, clock.started_at, clock.limit)?;
    let counts_on = clock.due.counts_from == fresh.due.counts_from;
    Ok(counts_on && clock.due == clock.judged && !clock.extended && clock.paused.is_none())
}

/// The extension as it was granted. Its day may have become a day off, then the next working day stands for it; and a
/// date that the calendar alone has moved further stays.
fn extended(
    calendar: &Calendar,
    clock: &Deadline,
    to: Instant,
    recorded: Instant,
) -> Result<Deadline, Missing> {
    let on = local_day(to.into());
    let day = match calendar.working_day(on)? {
        Some(day) => day,
        None => calendar.next_working_day(on)?,
    };
    let promised = Due {
        due_at: day.closes_at(),
        nominal_on: day.on,
        ends: DayEnd::Closing,
        counts_from: clock.due.counts_from,
    };
    let due = if promised.due_at > clock.due.due_at { promised } else { clock.due };
    let judged = if recorded <= clock.judged.due_at.into() { due } else { clock.judged };
    Ok(Deadline { due, judged, extended: true, ..*clock })
}
