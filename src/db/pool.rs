//! Pooled connections: snapshots on both engines, and PostgreSQL's write transactions with their retries.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, ManageConnection, PooledConnection, R2D2Connection};

use super::connection::{Role, Target, open_postgres, open_sqlite};
use super::transaction::{self, Mode};
use super::{Conn, Engine, Error, Options};

/// How often a transaction is tried before its error is given out.
const TRIES: u32 = 5;

pub(super) struct Pool {
    pool: r2d2::Pool<Manager>,
    size: u32,
}

impl Pool {
    pub(super) fn new(target: &Target, options: &Options) -> Result<Self, Error> {
        let size = options.readers.max(1);
        let builder = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(options.busy_timeout)
            // BEGIN is the test: it costs no round trip more, see `begin`.
            .test_on_check_out(false);
        let builder = match target.engine() {
            // A file's connections don't grow stale, and their caches are worth keeping.
            Engine::Sqlite => builder.idle_timeout(None).max_lifetime(None),
            Engine::Postgres => builder,
        };
        let manager = Manager { target: target.clone(), options: options.clone() };
        let pool = builder.build(manager).map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { pool, size })
    }

    pub(super) fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        let mut pooled = self.begin(Mode::Snapshot)?;
        transaction::finish(&mut pooled.conn, work)
    }

    /// A write transaction on PostgreSQL; `work` runs again when the server asks for it.
    pub(super) fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        let mut tries = 1;
        loop {
            let mut pooled = self.begin(Mode::Write)?;
            let result = transaction::finish(&mut pooled.conn, &work);
            drop(pooled);
            if result.is_ok() || tries == TRIES || !transaction::retry_wanted() {
                return result;
            }
            // Those who ran into each other must not meet again at the same moment.
            std::thread::sleep(Duration::from_micros(rand::random_range(0..4_000 << tries)));
            tries += 1;
        }
    }

    /// Takes a connection and opens a transaction. A connection that the server has closed meanwhile is thrown away for the
    /// next one; nothing was done on it yet, so this is safe.
    fn begin(&self, mode: Mode) -> Result<PooledConnection<Manager>, Error> {
        let mut stale = 0;
        loop {
            let mut pooled = self.get()?;
            match transaction::begin(&mut pooled.conn, mode) {
                Ok(()) => return Ok(pooled),
                Err(Error::Unavailable(reason)) if stale < self.size => {
                    log::info!("a pooled connection was lost: {reason}");
                    pooled.broken = true;
                    stale += 1;
                }
                Err(error) => {
                    pooled.broken = true;
                    return Err(error);
                }
            }
        }
    }

    fn get(&self) -> Result<PooledConnection<Manager>, Error> {
        self.pool.get().map_err(|error| {
            if self.pool.state().connections == 0 {
                Error::Unavailable(error.to_string())
            } else {
                Error::Busy
            }
        })
    }
}

pub(super) struct Manager {
    target: Target,
    options: Options,
}

pub(super) struct Pooled {
    conn: Conn,
    broken: bool,
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = Error;

    fn connect(&self) -> Result<Pooled, Error> {
        let conn = match &self.target {
            Target::Sqlite(path) => open_sqlite(path, Role::Reader, &self.options)?,
            Target::Postgres(_) => open_postgres(&self.target, &self.options)?,
        };
        Ok(Pooled { conn, broken: false })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Error> {
        Ok(pooled.conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken || pooled.conn.is_broken()
    }
}
