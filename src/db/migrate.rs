//! The migrations, embedded in the program: forward at start, back for tests, one copy of the program at a time.
//!
//! `migrations/sqlite` and `migrations/postgres` hold the same names in the same order.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{Role, Target, open_postgres, open_sqlite};
use super::transaction::{self, Mode};
use super::{Conn, Error, Options};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that no other program uses on the same server: "motcua" in letters' places.
const ADVISORY_LOCK: i64 = 13_15_20_03_21_01;

pub(super) fn migrate(target: &Target, options: &Options) -> Result<Vec<String>, Error> {
    locked(target, options, Task::Forward)
}

pub(super) fn revert_all(target: &Target, options: &Options) -> Result<Vec<String>, Error> {
    locked(target, options, Task::Back)
}

pub(super) fn pending(target: &Target, options: &Options) -> Result<Vec<String>, Error> {
    locked(target, options, Task::Look)
}

#[derive(Clone, Copy)]
enum Task {
    Forward,
    Back,
    Look,
}

/// Runs the task while no other copy of the program can.
fn locked(target: &Target, options: &Options, task: Task) -> Result<Vec<String>, Error> {
    match target {
        Target::Sqlite(path) => {
            let mut conn = open_sqlite(path, Role::Migration, options)?;
            // All or nothing: the write lock is the lock, each migration a savepoint in it.
            transaction::run(&mut conn, Mode::Write, |conn| {
                let done = match conn {
                    Conn::Sqlite(native) => perform(native, &SQLITE, task)?,
                    Conn::Pg(_) => Vec::new(),
                };
                refuse_dangling(conn)?;
                Ok(done)
            })
        }
        Target::Postgres(_) => {
            let mut conn = open_postgres(target, options)?;
            // Released with the connection, however that ends. Not one transaction, because some migrations cannot be in one.
            conn.batch_execute(&format!(
                "SET statement_timeout = 0; SET lock_timeout = '60s'; SELECT pg_advisory_lock({ADVISORY_LOCK}); SET lock_timeout = 0"
            ))?;
            match &mut conn {
                Conn::Pg(native) => perform(native, &POSTGRES, task),
                Conn::Sqlite(_) => Ok(Vec::new()),
            }
        }
    }
}

fn perform<C, DB>(conn: &mut C, source: &EmbeddedMigrations, task: Task) -> Result<Vec<String>, Error>
where
    C: MigrationHarness<DB> + Connection<Backend = DB>,
    DB: diesel::backend::Backend,
{
    let known: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(Error::internal)?;
    let applied = conn.applied_migrations().map_err(Error::internal)?;
    let is_known = |version: &MigrationVersion<'_>| known.iter().any(|one| one.name().version() == *version);
    // Whatever this program doesn't know was made by a newer one; its tables may mean something else by now.
    if let Some(unknown) = applied.iter().find(|version| !is_known(version)) {
        return Err(Error::NewerSchema(unknown.to_string()));
    }
    let mut steps: Vec<_> = known
        .iter()
        .filter(|one| matches!(task, Task::Back) == applied.contains(&one.name().version()))
        .collect();
    steps.sort_by(|one, other| one.name().version().cmp(&other.name().version()));
    if matches!(task, Task::Back) {
        steps.reverse();
    }
    for step in &steps {
        match task {
            Task::Forward => conn.run_migration(step.as_ref()),
            Task::Back => conn.revert_migration(step.as_ref()),
            Task::Look => continue,
        }
        .map_err(|error| Error::internal(format!("migration {}: {error}", step.name())))?;
    }
    Ok(steps.iter().map(|step| step.name().to_string()).collect())
}

/// Foreign keys are off while SQLite migrates; whatever a migration left pointing nowhere stops it here.
fn refuse_dangling(conn: &mut Conn) -> Result<(), Error> {
    #[derive(QueryableByName)]
    struct Dangling {
        #[diesel(sql_type = diesel::sql_types::Text)]
        table: String,
    }
    let dangling: Vec<Dangling> = sql_query("PRAGMA foreign_key_check").load(conn)?;
    match dangling.first() {
        None => Ok(()),
        Some(row) => Err(Error::internal(format!("a migration left dangling references in {}", row.table))),
    }
}
