//! Caches of what changes seldom (agencies, holidays, procedures) that are never stale, for one cheap statement a use.
//!
//! The table `revisions` has a row for each such content. Its number is not counted but **drawn at random** at every change,
//! so that it is a name: two different contents never share one. That makes the cache right without knowing anything about
//! transactions:
//! - what was loaded inside a write that is undone later stays cached under a number that never comes back;
//! - who reads an older snapshot, or rolls back to a savepoint, sees the older number and gets the content that belongs to it;
//! - copies of the program, and copies of a database, need not tell each other anything.
//!
//! The one rule for writers: a store function that changes such a table calls [`bump`] **in the same function**, so that
//! nothing is loaded between the change and its new name.

use std::sync::{Arc, PoisonError, RwLock};

use diesel::OptionalExtension;
use diesel::sql_types::{BigInt, Text};

use super::dialect::raw;
use super::{Conn, Error};

raw! {
    struct Current<'a> { name: &'a str => Text } -> BigInt;
    both: "SELECT revision FROM revisions WHERE name = :name"
}

raw! {
    struct Bump<'a> { name: &'a str => Text, revision: i64 => BigInt };
    both: "INSERT INTO revisions (name, revision) VALUES (:name, :revision)
           ON CONFLICT (name) DO UPDATE SET revision = excluded.revision"
}

/// Says that the content behind `name` changes in this transaction.
///
/// # Errors
/// What the database refuses.
pub fn bump(conn: &mut Conn, name: &str) -> Result<(), Error> {
    Bump { name, revision: rand::random_range(1..i64::MAX) }.execute(conn)?;
    Ok(())
}

/// The number of the content as this transaction sees it; `None` when it was never changed through [`bump`].
///
/// # Errors
/// What the database refuses.
pub fn current(conn: &mut Conn, name: &str) -> Result<Option<i64>, Error> {
    Ok(Current { name }.get_result(conn).optional()?)
}

/// A value made from slow-changing tables, shared by all who see the same revision of them.
#[derive(Debug)]
pub struct Snapshot<T> {
    name: &'static str,
    cached: RwLock<Option<(i64, Arc<T>)>>,
}

impl<T> Snapshot<T> {
    /// An empty cache of what `name` stands for in the table `revisions`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, cached: RwLock::new(None) }
    }

    /// The value as this transaction sees it; `load` runs only when its revision is not the cached one.
    ///
    /// # Errors
    /// What `load` returns, or what the database refuses.
    pub fn get<E, F>(&self, conn: &mut Conn, load: F) -> Result<Arc<T>, E>
    where
        E: From<Error>,
        F: Fn(&mut Conn) -> Result<T, E>,
    {
        let mut before = current(conn, self.name)?;
        loop {
            if let Some(found) = self.find(before) {
                return Ok(found);
            }
            let loaded = Arc::new(load(conn)?);
            // A PostgreSQL write sees others' commits between two statements; what was loaded across one is mixed.
            let after = current(conn, self.name)?;
            if before != after {
                before = after;
                continue;
            }
            // Without a number there is no name to keep it under.
            if let Some(revision) = after {
                let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
                *cached = Some((revision, Arc::clone(&loaded)));
            }
            return Ok(loaded);
        }
    }

    /// The value that was last seen, whatever has changed since; none before the first.
    pub fn last_seen(&self) -> Option<Arc<T>> {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().map(|(_, value)| Arc::clone(value))
    }

    fn find(&self, revision: Option<i64>) -> Option<Arc<T>> {
        // Poison is harmless: the pair is written in one step.
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().filter(|(known, _)| Some(*known) == revision).map(|(_, value)| Arc::clone(value))
    }
}
