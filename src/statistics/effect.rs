//! How changes of dossiers get into the figures: one by one in their own transaction, or many at once.

use std::sync::{Arc, Mutex, PoisonError};

use super::marks::{self, Made};
use super::rules::{Booking, Standing, bookings};
use super::tally::{self, Tally};
use crate::World;
use crate::db::{self, Conn};
use crate::dossiers::{Change, DossierId, Effect};
use crate::http::Problem;

/// The effect that books every change as it is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Booked;

impl Effect for Booked {
    fn announce(&self, conn: &mut Conn, _world: &World, change: &Change) -> Result<(), Problem> {
        let booked = of_change(change);
        let mut tally = Tally::default();
        for booking in &booked {
            tally::insert_booking(conn, change.after.id, booking)?;
            tally.add(booking);
        }
        tally.write(conn)?;
        marks::insert(conn, &marks::made_by(change))?;
        Ok(())
    }
}

/// The effect for bulk loads: keeps what changes book in memory, until [`Accumulator::write`] puts it into the database, each
/// counter once. Clones share what they keep: register one with the world's effects and write with another.
///
/// Until it is written the figures lack it, so a load writes at least before it commits.
#[derive(Debug, Clone, Default)]
pub struct Accumulator(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    bookings: Vec<(DossierId, Booking)>,
    marks: Vec<Made>,
    tally: Tally,
}

impl Accumulator {
    /// Writes what was kept and forgets it.
    ///
    /// # Errors
    /// Those of the database; what was kept is lost then, like the transaction.
    pub fn write(&self, conn: &mut Conn) -> Result<(), db::Error> {
        let kept = std::mem::take(&mut *self.lock());
        for (dossier, booking) in &kept.bookings {
            tally::insert_booking(conn, *dossier, booking)?;
        }
        // A statement takes so many parameters and no more.
        for some in kept.marks.chunks(1_000) {
            marks::insert(conn, some)?;
        }
        kept.tally.write(conn)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // Whoever panicked in the middle of an addition has lost his transaction too, and nothing here is written then.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Effect for Accumulator {
    fn announce(&self, _conn: &mut Conn, _world: &World, change: &Change) -> Result<(), Problem> {
        let mut kept = self.lock();
        kept.marks.extend(marks::made_by(change));
        for booking in of_change(change) {
            kept.tally.add(&booking);
            kept.bookings.push((change.after.id, booking));
        }
        Ok(())
    }
}

fn of_change(change: &Change) -> Vec<Booking> {
    let before = change.before.as_ref().map(|before| Standing::from(&before.row));
    bookings(before.as_ref(), &Standing::from(&change.after.row), change.at.recorded)
}
