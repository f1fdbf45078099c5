//! Random histories: at every moment, what was booked up to it is what is true at it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::at;
use crate::calendar::rules::Outcome;
use crate::db::Instant;
use crate::dossiers::{At, Channel, Status};
use crate::statistics::rules::{Booking, bookings};
use crate::statistics::{Cell, Figures, Standing};

/// What may happen next; what does not fit the state is passed over.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Accept {
        due_in: i64,
    },
    Decline,
    Pause,
    GoOn {
        due_in: i64,
    },
    /// The date moves without a pause: an extension in time, or a recompute.
    MoveDate {
        due_in: i64,
    },
    Correct {
        procedure_id: i64,
        channel: Channel,
    },
    Resolve(Outcome),
    Withdraw,
    Stop,
    Nothing,
}

/// A dossier's life: handed in or received at once, then a step after each of these spans, in minutes.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) cell: Cell,
    is_submission: bool,
    due_in: i64,
    begins_in: i64,
    steps: Vec<(i64, Step)>,
}

/// When the lives of a test begin.
pub(super) const BEGIN: &str = "2018-11-28T08:00";

pub(super) fn any_life() -> impl Strategy<Value = Life> {
    let cell = (2..=4_i64, 1..=3_i64, any_channel()).prop_map(|(agency_id, procedure_id, channel)| Cell {
        agency_id,
        procedure_id,
        channel,
    });
    let steps = proptest::collection::vec((minutes(), any_step()), 0..7);
    (cell, any::<bool>(), minutes(), 0..80_000_i64, steps).prop_map(
        |(cell, is_submission, due_in, begins_in, steps)| Life {
            cell,
            is_submission,
            due_in,
            begins_in,
            steps,
        },
    )
}

fn any_channel() -> impl Strategy<Value = Channel> {
    proptest::sample::select(Channel::ALL.to_vec())
}

/// Within the day, over its edge, over the edge of a month.
fn minutes() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 0..600_i64, 0..5_000_i64, 0..40_000_i64]
}

fn any_step() -> impl Strategy<Value = Step> {
    let outcome = proptest::sample::select(vec![Outcome::Early, Outcome::OnTime, Outcome::Late]);
    prop_oneof![
        3 => minutes().prop_map(|due_in| Step::Accept { due_in }),
        1 => Just(Step::Decline),
        3 => Just(Step::Pause),
        3 => minutes().prop_map(|due_in| Step::GoOn { due_in }),
        // Into the past too: a recompute may.
        2 => (-4_000..20_000_i64).prop_map(|due_in| Step::MoveDate { due_in }),
        3 => (1..=3_i64, any_channel()).prop_map(|(procedure_id, channel)| Step::Correct { procedure_id, channel }),
        2 => outcome.prop_map(Step::Resolve),
        1 => Just(Step::Withdraw),
        1 => Just(Step::Stop),
        2 => Just(Step::Nothing),
    ]
}

/// The states of a life with the moments at which each was recorded.
pub(super) fn live(life: &Life) -> Vec<(Instant, Standing)> {
    let mut now = at(BEGIN) + TimeDelta::minutes(life.begins_in);
    let due = Some(now + TimeDelta::minutes(life.due_in));
    let mut first = Standing {
        cell: life.cell,
        status: if life.is_submission { Status::Submitted } else { Status::Received },
        is_received: !life.is_submission,
        outcome: None,
        is_paused_in_time: false,
        judged_due_at: due.filter(|_| !life.is_submission),
        accept_due_at: due.filter(|_| life.is_submission),
        overdue_on: None,
        waiting_late_on: None,
    };
    first.settle(None, At { occurred: now, recorded: now });
    let mut states = vec![(now, first)];
    for (after, step) in &life.steps {
        now = now + TimeDelta::minutes(*after);
        let before = states[states.len() - 1].1;
        if let Some(mut next) = take(&before, step, now) {
            next.settle(Some(&before), At { occurred: now, recorded: now });
            states.push((now, next));
        }
    }
    states
}

fn take(before: &Standing, step: &Step, now: Instant) -> Option<Standing> {
    let mut next = *before;
    let due = |minutes: &i64| Some(now + TimeDelta::minutes(*minutes));
    let is_open = before.status.is_open();
    let is_submitted = before.status == Status::Submitted;
    match step {
        Step::Accept { due_in } if is_submitted => {
            next.status = Status::Received;
            next.is_received = true;
            next.judged_due_at = due(due_in);
        }
        Step::Decline if is_submitted => next.status = Status::Declined,
        Step::Pause if is_open && before.status != Status::AwaitingSupplement => {
            next.status = Status::AwaitingSupplement;
            next.is_paused_in_time = before.judged_due_at.is_some_and(|due| now <= due);
        }
        Step::GoOn { due_in } if before.status == Status::AwaitingSupplement => {
            next.status = Status::Processing;
            if before.is_paused_in_time {
                next.judged_due_at = due(due_in);
            }
            next.is_paused_in_time = false;
        }
        Step::MoveDate { due_in } if is_open && !before.is_paused_in_time => next.judged_due_at = due(due_in),
        Step::Correct { procedure_id, channel } if is_open => {
            next.cell = Cell { procedure_id: *procedure_id, channel: *channel, ..before.cell };
        }
        Step::Resolve(outcome) if is_open => {
            next.status = Status::Resolved;
            next.outcome = Some(*outcome);
            next.is_paused_in_time = false;
        }
        Step::Withdraw if is_open => {
            next.status = Status::Withdrawn;
            next.is_paused_in_time = false;
        }
        Step::Stop if is_open => {
            next.status = Status::Stopped;
            next.is_paused_in_time = false;
        }
        Step::Nothing => {}
        _ => return None,
    }
    Some(next)
}

/// All that a life books.
pub(super) fn booked(states: &[(Instant, Standing)]) -> Vec<Booking> {
    let mut all = Vec::new();
    for (index, (recorded, after)) in states.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| &states[index].1);
        all.extend(bookings(before, after, *recorded));
    }
    all
}

/// The stocks that a dossier is in at a moment, told by its state alone.
fn truth(states: &[(Instant, Standing)], moment: Instant) -> BTreeMap<Cell, Figures> {
    let Some((_, state)) = states.iter().rev().find(|(recorded, _)| *recorded <= moment) else {
        return BTreeMap::new();
    };
    let missed = |due: Option<Instant>| due.is_some_and(|due| moment > due);
    let is_open = state.status.is_open();
    let waits = state.status == Status::Submitted;
    let stocks = Figures {
        open: i64::from(is_open),
        paused: i64::from(is_open && state.is_paused_in_time),
        overdue: i64::from(is_open && !state.is_paused_in_time && missed(state.judged_due_at)),
        waiting: i64::from(waits),
        waiting_late: i64::from(waits && missed(state.accept_due_at)),
        ..Figures::default()
    };
    BTreeMap::from([(state.cell, stocks)])
}

fn sum<'a>(bookings: impl Iterator<Item = &'a Booking>) -> BTreeMap<Cell, Figures> {
    let mut cells: BTreeMap<Cell, Figures> = BTreeMap::new();
    for booking in bookings {
        *cells.entry(booking.cell).or_default() += booking.figures;
    }
    cells
}

fn stocks_of(mut cells: BTreeMap<Cell, Figures>) -> BTreeMap<Cell, Figures> {
    for figures in cells.values_mut() {
        let Figures { open, overdue, paused, waiting, waiting_late, .. } = *figures;
        *figures = Figures { open, overdue, paused, waiting, waiting_late, ..Figures::default() };
    }
    cells.retain(|_, figures| !figures.is_zero());
    cells
}

fn check(life: &Life) -> Result<(), TestCaseError> {
    let states = live(life);
    let all = booked(&states);
    let mut moments: Vec<Instant> = Vec::new();
    for (recorded, state) in &states {
        for moment in [Some(*recorded), state.judged_due_at, state.accept_due_at].into_iter().flatten() {
            let one = TimeDelta::microseconds(1);
            moments.extend([moment - one, moment, moment + one, moment + TimeDelta::hours(7)]);
        }
    }
    for moment in &moments {
        let booked = sum(all.iter().filter(|booking| booking.counts_from <= *moment));
        prop_assert_eq!(stocks_of(booked), stocks_of(truth(&states, *moment)), "at {}", moment);
    }
    for day in moments.iter().map(|moment| moment.local_day()) {
        let booked = sum(all.iter().filter(|booking| booking.day <= day));
        prop_assert_eq!(stocks_of(booked), stocks_of(truth(&states, end_of(day))), "at the end of {}", day);
        for figures in sum(all.iter().filter(|booking| booking.day == day)).values() {
            prop_assert_eq!(figures.imbalance(), 0);
        }
    }
    for (index, (recorded, _)) in states.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| &states[index].1);
        for booking in bookings(before, &states[index].1, *recorded) {
            prop_assert!(booking.counts_from >= *recorded, "the past stays as it was");
            prop_assert_eq!(booking.day, booking.counts_from.local_day());
        }
    }
    let whole = sum(all.iter()).into_values().fold(Figures::default(), |mut sum, one| {
        sum += one;
        sum
    });
    prop_assert_eq!(whole.moved, 0);
    prop_assert!(
        whole.received <= 1 && whole.submitted <= 1 && whole.early + whole.on_time + whole.late <= 1
    );
    Ok(())
}

/// The last moment of a local day.
pub(super) fn end_of(day: NaiveDate) -> Instant {
    at(&format!("{day}T23:59")) + TimeDelta::microseconds(59_999_999)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_booked_up_to_a_moment_is_true_at_it(life in any_life()) {
        check(&life)?;
    }
}
