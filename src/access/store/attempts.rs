//! The table `sign_in_attempts`: tries to sign in that have not succeeded, and until when nobody may try again.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel::{delete, update};

use crate::db::dialect::raw;
use crate::db::schema::sign_in_attempts;
use crate::db::{Conn, Error, Instant, InstantSql};

raw! {
    /// Counts one more try, unless nobody may try yet. The count begins anew after a long rest.
    struct Count<'a> {
        subject: &'a str => Text,
        now: Instant => InstantSql,
        forgotten: Instant => InstantSql,
        free: Instant => InstantSql,
        longest: Instant => InstantSql,
    } -> Integer;
    both: "INSERT INTO sign_in_attempts (subject, failures, last_at, open_at) VALUES (:subject, 1, :now, :free)
           ON CONFLICT (subject) DO UPDATE
           SET failures = CASE WHEN sign_in_attempts.last_at < :forgotten THEN 1 ELSE sign_in_attempts.failures + 1 END,
               last_at = excluded.last_at, open_at = excluded.open_at
           WHERE sign_in_attempts.open_at <= excluded.last_at OR sign_in_attempts.open_at > :longest
           RETURNING failures"
}

/// When the next try may be made, if not now. A delay that ends after `longest` was set by a clock that goes otherwise, and
/// holds nobody up.
pub(in crate::access) fn find_delay(
    conn: &mut Conn,
    subject: &str,
    now: Instant,
    longest: Instant,
) -> Result<Option<Instant>, Error> {
    Ok(sign_in_attempts::table
        .find(subject)
        .filter(sign_in_attempts::open_at.gt(now).and(sign_in_attempts::open_at.le(longest)))
        .select(sign_in_attempts::open_at)
        .first(conn)
        .optional()?)
}

/// Counts a try as a failure until it has succeeded; gives the failures in a row, or nothing when nobody may try yet.
/// Without a delay the next may be made at any time: not from now on, since other copies' clocks may be behind.
pub(in crate::access) fn count_attempt(
    conn: &mut Conn,
    subject: &str,
    now: Instant,
    forgotten: Instant,
    longest: Instant,
) -> Result<Option<i32>, Error> {
    Ok(Count { subject, now, forgotten, free: Instant::MIN, longest }.get_result(conn).optional()?)
}

/// Nobody may try before `open_at`.
pub(in crate::access) fn delay_attempts(
    conn: &mut Conn,
    subject: &str,
    open_at: Instant,
) -> Result<(), Error> {
    update(sign_in_attempts::table.find(subject)).set(sign_in_attempts::open_at.eq(open_at)).execute(conn)?;
    Ok(())
}

/// Forgets every failure of a subject.
pub(in crate::access) fn forget_attempts(conn: &mut Conn, subject: &str) -> Result<(), Error> {
    delete(sign_in_attempts::table.find(subject)).execute(conn)?;
    Ok(())
}

/// Takes one failure back.
pub(in crate::access) fn take_back_attempt(conn: &mut Conn, subject: &str) -> Result<(), Error> {
    update(sign_in_attempts::table.find(subject).filter(sign_in_attempts::failures.gt(0)))
        .set(sign_in_attempts::failures.eq(sign_in_attempts::failures - 1))
        .execute(conn)?;
    Ok(())
}

/// Deletes what was forgotten anyway.
pub(in crate::access) fn prune_attempts(conn: &mut Conn, forgotten: Instant) -> Result<(), Error> {
    delete(sign_in_attempts::table.filter(sign_in_attempts::last_at.lt(forgotten))).execute(conn)?;
    Ok(())
}
