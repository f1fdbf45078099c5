//! Begin, commit, undo: the life of one transaction on either engine, and what happens when a closure fails or panics.
//! Transactions are opened by `pool`, `writer`, `bulk` and `migrate` through here and nowhere else.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection, QueryResult};

use super::{Conn, Error, error};

type Manager = <Conn as Connection>::TransactionManager;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Sees one moment and cannot write.
    Snapshot,
    /// Writes. SQLite takes its write lock at once, so that it cannot fail to get it half-way.
    Write,
}

/// Runs `work` in a transaction of its own: commits on `Ok`, undoes on `Err` and on panic.
pub(super) fn run<T, E, F>(conn: &mut Conn, mode: Mode, work: F) -> Result<T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    begin(conn, mode)?;
    finish(conn, work)
}

/// The second half of [`run`], for who must tell a failed begin from the rest.
pub(super) fn finish<T, E, F>(conn: &mut Conn, work: F) -> Result<T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    match guarded(conn, work) {
        Ok(value) => {
            commit(conn)?;
            Ok(value)
        }
        Err(error) => {
            // A failure to undo leaves a broken connection, which its owner replaces; the closure's own error says more.
            if let Err(undo) = unwind(conn, 0) {
                log::warn!("a transaction could not be undone: {undo}");
            }
            Err(error)
        }
    }
}

pub(super) fn begin(conn: &mut Conn, mode: Mode) -> Result<(), Error> {
    FAILED.set(false);
    RETRY.set(false);
    match (conn, mode) {
        (Conn::Pg(conn), Mode::Snapshot) => AnsiTransactionManager::begin_transaction_sql(
            conn,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
        (Conn::Pg(conn), Mode::Write) => AnsiTransactionManager::begin_transaction_sql(
            conn,
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        ),
        (Conn::Sqlite(conn), Mode::Snapshot) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN DEFERRED")
        }
        (Conn::Sqlite(conn), Mode::Write) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
        }
    }?;
    Ok(())
}

/// Commits the outermost transaction. After an error nothing of it is left.
pub(super) fn commit(conn: &mut Conn) -> Result<(), Error> {
    let committed = refuse_aborted(conn).and_then(|()| expect_depth(conn, 1)).and_then(|()| {
        Manager::commit_transaction(conn).map_err(|error| {
            note_failure(&error);
            Error::from(error)
        })
    });
    if committed.is_err()
        && let Err(undo) = unwind(conn, 0)
    {
        log::warn!("a failed commit could not be undone: {undo}");
    }
    committed
}

/// PostgreSQL answers the COMMIT of a failed transaction with success, having undone it. So when a statement has failed
/// on the way (seldom), one more asks whether the transaction still lives; a savepoint may have saved it.
fn refuse_aborted(conn: &mut Conn) -> Result<(), Error> {
    if FAILED.get() && matches!(conn, Conn::Pg(_)) {
        conn.batch_execute("SELECT 1")?;
    }
    Ok(())
}

/// A part of a transaction that may fail alone: undone on `Err` and on panic, while the transaction goes on.
///
/// # Errors
/// What `work` returns.
pub fn savepoint<T, E, F>(conn: &mut Conn, work: F) -> Result<T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    let outer = depth(conn).map_err(Error::from)?;
    Manager::begin_transaction(conn).map_err(Error::from)?;
    match work(conn) {
        Ok(value) => {
            Manager::commit_transaction(conn).map_err(Error::from)?;
            Ok(value)
        }
        Err(error) => {
            unwind(conn, outer).map_err(Error::from)?;
            Err(error)
        }
    }
}

/// Runs `work` and turns a panic into an error. The connection may be left in deeper savepoints: unwind it.
pub(super) fn guarded<T, E, F>(conn: &mut Conn, work: F) -> Result<T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    // Unwind safety: after a panic the transaction is undone, so nobody sees what was half done on the connection.
    catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|_| Err(Error::panicked().into()))
}

/// Undoes transactions until only `keep` of them are open.
pub(super) fn unwind(conn: &mut Conn, keep: u32) -> QueryResult<()> {
    let mut open = depth(conn)?;
    while open > keep {
        Manager::rollback_transaction(conn)?;
        let left = depth(conn)?;
        if left >= open {
            return Err(diesel::result::Error::BrokenTransactionManager);
        }
        open = left;
    }
    Ok(())
}

/// How many transactions and savepoints are open.
pub(super) fn depth(conn: &mut Conn) -> QueryResult<u32> {
    let status = Manager::transaction_manager_status_mut(conn);
    Ok(status.transaction_depth()?.map_or(0, std::num::NonZero::get))
}

/// A closure that leaves savepoints open or closes ours would shift everybody's commits.
pub(super) fn expect_depth(conn: &mut Conn, expected: u32) -> Result<(), Error> {
    if depth(conn)? == expected {
        return Ok(());
    }
    Err(Error::internal("a closure left the transaction at another depth than it found it"))
}

thread_local! {
    /// Whether a statement failed in this thread's current transaction (PostgreSQL).
    static FAILED: Cell<bool> = const { Cell::new(false) };
    /// Whether the server asked for another try.
    static RETRY: Cell<bool> = const { Cell::new(false) };
}

/// Told by the driver of every failed statement. The closure's own error type may hide the reason, so this is how a
/// request for another try is seen.
pub(super) fn note_failure(error: &diesel::result::Error) {
    FAILED.set(true);
    if error::asks_for_retry(error) {
        RETRY.set(true);
    }
}

/// Whether the last transaction of this thread should be tried again.
pub(super) fn retry_wanted() -> bool {
    RETRY.get()
}
