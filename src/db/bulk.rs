//! One big transaction on a connection of its own: the demo's loader and the command line's imports.

use diesel::connection::SimpleConnection;

use super::connection::{Role, Target, open_postgres, open_sqlite};
use super::transaction::{self, Mode};
use super::{Conn, Error, Options};

pub(super) fn run<T, E, F>(target: &Target, options: &Options, work: F) -> Result<T, E>
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    let mut conn = match target {
        Target::Sqlite(path) => open_sqlite(path, Role::Bulk, options)?,
        Target::Postgres(_) => {
            let mut conn = open_postgres(target, options)?;
            conn.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
                .map_err(Error::from)?;
            conn
        }
    };
    transaction::run(&mut conn, Mode::Write, work)
}
