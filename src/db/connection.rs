//! The connection that all code sees, and how each kind of it is opened. Nothing else opens one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::{Connection, PgConnection, SqliteConnection};

use super::{Engine, Error, Options, transaction};

/// A connection to either engine. Queries are written once, against [`MultiBackend`].
///
/// Opened only here: the derived `establish` would guess the engine by trying one after the other.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Where the database is.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(Error::Url("it must begin with sqlite: or postgres://"));
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(Error::Url("a database in memory cannot be shared by connections; name a file"));
        }
        if path.starts_with("file:") {
            return Err(Error::Url("give a plain path after sqlite:, not a URI"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    pub(super) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

/// What an SQLite connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Cannot write.
    Reader,
    /// The writer thread's.
    Writer,
    /// Copies the log into the database (`checkpoint`), and gives up soon when a reader is in the way.
    Checkpointer,
    /// One big transaction: a bigger cache, so that it spills less.
    Bulk,
    /// Foreign keys are off while tables are rebuilt, and checked as a whole before the commit.
    Migration,
}

/// How long emptying the log waits for readers, while the writer waits for it.
const IN_THE_WAY: Duration = Duration::from_millis(20);

/// Opens the file, which must exist unless the role is the writer's or the migration's.
///
/// Cache and memory map stay modest: every connection has its own, and mapped pages count as the program's memory.
pub(super) fn open_sqlite(path: &Path, role: Role, options: &Options) -> Result<Conn, Error> {
    let name = path.to_str().ok_or(Error::Url("the path must be UTF-8"))?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Error::Unavailable(error.to_string()))?;
    }
    let mut conn = SqliteConnection::establish(name)?;
    let busy = if role == Role::Checkpointer { IN_THE_WAY } else { options.busy_timeout }.as_millis();
    conn.batch_execute(&format!("PRAGMA busy_timeout = {busy}"))?;
    if !matches!(role, Role::Reader | Role::Checkpointer) {
        switch_to_wal(&mut conn, options.busy_timeout)?;
    }
    let foreign_keys = if role == Role::Migration { "OFF" } else { "ON" };
    let query_only = if role == Role::Reader { "ON" } else { "OFF" };
    let cache_kib = match role {
        Role::Bulk => 65_536,
        Role::Writer => 8_192,
        Role::Reader | Role::Checkpointer | Role::Migration => 4_096,
    };
    // A copy reads each page once, and mapped pages would count as the program's memory.
    let mapped = if role == Role::Checkpointer { 0 } else { 33_554_432 };
    // Pages of the log at which a commit copies them by itself. The writer has a thread for it and does so only if that fails.
    let checkpoint_at = if role == Role::Writer { 32_000 } else { 4_000 };
    conn.batch_execute(&format!(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = {foreign_keys};
         PRAGMA query_only = {query_only};
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{cache_kib};
         PRAGMA mmap_size = {mapped};
         PRAGMA wal_autocheckpoint = {checkpoint_at};
         PRAGMA journal_size_limit = 134217728;"
    ))?;
    Ok(Conn::Sqlite(conn))
}

/// The switch needs the file alone and does not wait by itself, and two copies of the program may start at once.
fn switch_to_wal(conn: &mut SqliteConnection, limit: Duration) -> Result<(), Error> {
    let started = Instant::now();
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL").map_err(Error::from) {
            Err(Error::Busy) if started.elapsed() < limit => std::thread::sleep(Duration::from_millis(10)),
            result => return result,
        }
    }
}

/// Connects to the server and makes the session's settings.
pub(super) fn open_postgres(target: &Target, options: &Options) -> Result<Conn, Error> {
    let Target::Postgres(url) = target else {
        return Err(Error::Url("it is not a server's"));
    };
    let mut conn = PgConnection::establish(url)?;
    let statement = options.statement_timeout.as_millis();
    // A session that was left with an open transaction holds locks; the pool never does that for long.
    let idle = options.statement_timeout.as_millis().saturating_mul(4);
    conn.batch_execute(&format!(
        "SET application_name = 'motcua';
         SET TIME ZONE 'UTC';
         SET statement_timeout = {statement};
         SET idle_in_transaction_session_timeout = {idle};
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
    ))?;
    // Some refusals can only be told by their message. Not every role may set its language; the server's default is mostly fine.
    if let Err(error) = conn.batch_execute("SET lc_messages = 'C'") {
        log::debug!("the server keeps its own language for messages: {error}");
    }
    conn.set_instrumentation(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event {
            transaction::note_failure(error);
        }
    });
    Ok(Conn::Pg(conn))
}
