//! The only door to the database, the same on SQLite and PostgreSQL.
//!
//! Owns connections, transactions, column types, raw statements, migrations and keyset pages.
//! Knows no capability and no table but `revisions`.
//!
//! # Reading and writing
//!
//! [`Db::read`] gives one consistent snapshot, [`Db::write`] one transaction, and both answer only with what is durable.
//! Store functions take `&mut Conn` first and open no transaction, so that every one of them composes:
//!
//! ```text
//! let dossier = db.read(move |conn| dossiers::store::get_dossier(conn, &code)).await?;
//! let number = db.write(move |tx| numbers::store::next_number(tx, agency, day)).await?;
//! ```
//!
//! # What a closure given to `write` must know
//!
//! - **It may run more than once.** PostgreSQL may ask for a new try (SQLSTATE 40001, 40P01); SQLite runs the closures of a
//!   batch again when a deferred constraint stops their common commit. So it must do nothing but SQL; everything outside of
//!   the database is a row of the outbox.
//! - **`Err` and panic undo everything** that it wrote, and nothing of anybody else.
//! - **After a failed statement, stop.** PostgreSQL refuses every further statement, SQLite would go on. Wrap in
//!   [`savepoint`] what may fail. A closure that swallows an error and returns `Ok` is answered with an error on PostgreSQL.
//! - **It may have happened although `Unavailable` came back**, when the connection broke in the middle of a commit;
//!   idempotency keys are for that.
//! - **It must not use the [`Db`]** that it runs in: it would wait for itself.
//!
//! # The files
//!
//! | file | owns |
//! | --- | --- |
//! | `connection` | [`Conn`], opening connections and their settings |
//! | `transaction` | begin, commit, undo, panics, savepoints |
//! | `writer` | SQLite's one writer thread with group commit |
//! | `checkpoint` | SQLite's log copied into the database, beside the writer |
//! | `pool` | pooled connections, snapshots, PostgreSQL's retries |
//! | `dialect`, `parameters` | statements that differ between the engines, and those written by hand |
//! | `types` | column types: instants, JSON, enums and newtypes kept as text, public ids |
//! | `page`, `fold` | keyset pages; accent-blind search text |
//! | `revision` | caches of slow-changing tables |
//! | `migrate` | embedded migrations under a lock |
//! | `error` | the facts that a store function may report |

mod bulk;
mod checkpoint;
mod connection;
pub mod dialect;
mod error;
mod fold;
mod migrate;
mod page;
pub(crate) mod parameters;
mod pool;
pub mod revision;
pub mod schema;
mod transaction;
pub mod types;
mod writer;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use connection::{Conn, MultiBackend};
pub use error::Error;
pub use fold::fold;
pub use page::{BadCursor, Cursor, Limit, Page};
pub(crate) use page::{keyset, page_by_id};
pub use revision::Snapshot;
pub use transaction::savepoint;
pub(crate) use types::text_enum;
pub use types::{BadText, Instant, InstantSql, Json, PublicId};

use connection::Target;
use pool::Pool;
use writer::Writer;

/// The two databases that the program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded; one program owns the file.
    Sqlite,
    /// A server; many copies of the program may share it.
    Postgres,
}

/// How to use the database. The defaults suit two cores and a small memory.
#[derive(Debug, Clone)]
pub struct Options {
    /// Read connections on SQLite, all connections on PostgreSQL.
    pub readers: u32,
    /// How long one statement may run (PostgreSQL). SQLite has no such limit; its lists are bounded by their pages.
    pub statement_timeout: Duration,
    /// How long to wait for a free connection, a place in the writer's queue or another program's lock, before `Busy`.
    pub busy_timeout: Duration,
    /// How many closures may wait for SQLite's writer.
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            statement_timeout: Duration::from_secs(15),
            busy_timeout: Duration::from_secs(5),
            queue: 1024,
        }
    }
}

/// The database. Cheap to clone; the last clone closes it, after the writes that are under way.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    target: Target,
    options: Options,
    pool: Pool,
    /// SQLite's only writer; PostgreSQL writes through the pool.
    writer: Option<Writer>,
    /// Held by whoever writes to SQLite, so that [`Db::bulk`] and migrations don't make the writer wait into `Busy`.
    gate: Arc<Mutex<()>>,
}

impl Db {
    /// Opens `sqlite:PATH` (the file and its folder are created) or `postgres://…`.
    ///
    /// # Errors
    /// [`Error::Url`] for any other address, databases in memory too (they cannot be shared by connections);
    /// [`Error::Unavailable`] when the file or the server cannot be reached.
    pub fn open(url: &str, options: &Options) -> Result<Self, Error> {
        let target = Target::parse(url)?;
        let options = options.clone();
        let gate = Arc::new(Mutex::new(()));
        let writer = match &target {
            Target::Sqlite(path) => Some(Writer::start(path.clone(), &options, Arc::clone(&gate))?),
            Target::Postgres(_) => {
                // The pool would only say that it timed out; this says why.
                connection::open_postgres(&target, &options)?;
                None
            }
        };
        let pool = Pool::new(&target, &options)?;
        Ok(Self(Arc::new(Inner { target, options, pool, writer, gate })))
    }

    /// Which engine this is. For statements use [`dialect`] instead of asking.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.0.target.engine()
    }

    /// The file of an SQLite database, for back-ups.
    #[must_use]
    pub fn file(&self) -> Option<&PathBuf> {
        match &self.0.target {
            Target::Sqlite(path) => Some(path),
            Target::Postgres(_) => None,
        }
    }

    /// Runs `work` on a blocking thread in one consistent snapshot. It cannot write.
    ///
    /// # Errors
    /// What `work` returns; [`Error::Busy`] when no connection becomes free in time.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        let db = self.clone();
        in_background(move || db.read_blocking(work)).await
    }

    /// [`Db::read`] for threads that may block.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        self.0.pool.read(work)
    }

    /// Runs `work` in one transaction and answers when it is durable.
    ///
    /// What `work` must keep to stands in the [module's documentation](self). On SQLite, work whose caller has gone away before
    /// its turn is not started.
    ///
    /// # Errors
    /// What `work` returns; [`Error::Busy`] when the queue or the pool stays full.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Conn) -> Result<T, E> + Send + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        if let Some(writer) = &self.0.writer {
            return writer.write(work).await;
        }
        let db = self.clone();
        in_background(move || db.0.pool.write(work)).await
    }

    /// [`Db::write`] for threads that may block.
    ///
    /// # Errors
    /// As [`Db::write`].
    ///
    /// # Panics
    /// On SQLite, when called on a thread of the asynchronous runtime.
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Conn) -> Result<T, E> + Send + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        match &self.0.writer {
            Some(writer) => writer.write_blocking(work),
            None => self.0.pool.write(work),
        }
    }

    /// Runs `work` on this thread, on a connection of its own, in one big transaction without time limits. Other writers of this
    /// program wait meanwhile on SQLite. Never tried twice.
    ///
    /// # Errors
    /// What `work` returns, and whatever stops the connection or the commit.
    pub fn bulk<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        let _gate = self.lock_gate();
        bulk::run(&self.0.target, &self.0.options, work)
    }

    /// Brings the database to the program's version and names the migrations that were run. Safe when several copies start at
    /// once: one works, the others wait and find nothing to do.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] when the database has migrations that this program does not know.
    pub fn migrate(&self) -> Result<Vec<String>, Error> {
        let _gate = self.lock_gate();
        migrate::migrate(&self.0.target, &self.0.options)
    }

    /// Undoes all migrations, the newest first, and names them. All data is lost.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub fn revert_all(&self) -> Result<Vec<String>, Error> {
        let _gate = self.lock_gate();
        migrate::revert_all(&self.0.target, &self.0.options)
    }

    /// The migrations that [`Db::migrate`] would run, the oldest first.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub fn pending(&self) -> Result<Vec<String>, Error> {
        let _gate = self.lock_gate();
        migrate::pending(&self.0.target, &self.0.options)
    }

    fn lock_gate(&self) -> std::sync::MutexGuard<'_, ()> {
        // The gate guards no data: whoever panicked with it has already lost his transaction.
        self.0.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn in_background<T, E, F>(work: F) -> Result<T, E>
where
    F: FnOnce() -> Result<T, E> + Send + 'static,
    E: From<Error> + Send + 'static,
    T: Send + 'static,
{
    match actix_web::web::block(work).await {
        Ok(result) => result,
        // Panics of the closure are caught below, so this is the runtime shutting down.
        Err(_) => Err(Error::Unavailable("the server is shutting down".to_owned()).into()),
    }
}
