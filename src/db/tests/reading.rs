//! Reads: one snapshot, no writing, panics, caches by revision.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::prelude::*;

use super::{TestDb, counters, databases, sql};
use crate::db::{Conn, Error, Snapshot, revision, savepoint};

fn set_hits(conn: &mut Conn, value: i64) -> Result<(), Error> {
    diesel::update(counters::table.find("hits")).set(counters::value.eq(value)).execute(conn)?;
    Ok(())
}

fn hits(conn: &mut Conn) -> Result<i64, Error> {
    Ok(counters::table.find("hits").select(counters::value).first(conn)?)
}

#[test]
fn a_read_sees_one_moment_and_writes_nothing() {
    for one in databases() {
        let db = one.db.clone();
        let seen = one.db.read_blocking(move |conn| {
            let before = hits(conn)?;
            db.write_blocking(|tx| set_hits(tx, 5))?;
            Ok::<_, Error>((before, hits(conn)?))
        });
        assert_eq!(seen.unwrap(), (0, 0));
        assert_eq!(one.db.read_blocking(hits).unwrap(), 5);
        assert!(one.db.read_blocking(|conn| set_hits(conn, 9)).is_err());
        assert_eq!(one.db.read_blocking(hits).unwrap(), 5);
    }
}

#[actix_web::test]
async fn a_panic_is_an_error_of_its_caller() {
    for one in databases() {
        let result: Result<(), Error> = one.db.read(|_| panic!("on purpose")).await;
        assert!(matches!(result, Err(Error::Internal(_))));
        for _ in 0..12 {
            assert_eq!(one.db.read(hits).await.unwrap(), 0);
        }
    }
}

#[test]
fn lost_connections_are_replaced() {
    for one in databases().into_iter().filter(super::is_postgres) {
        for _ in 0..3 {
            assert_eq!(one.db.read_blocking(hits).unwrap(), 0);
        }
        one.db
            .bulk(|conn| {
                sql(
                    conn,
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
            })
            .unwrap();
        assert_eq!(one.db.read_blocking(hits).unwrap(), 0);
        one.db.write_blocking(|tx| set_hits(tx, 1)).unwrap();
    }
}

#[test]
fn slow_statements_are_stopped() {
    for one in databases().into_iter().filter(super::is_postgres) {
        let options = crate::db::Options {
            statement_timeout: std::time::Duration::from_millis(50),
            ..crate::db::Options::default()
        };
        let db = crate::db::Db::open(&one.url, &options).unwrap();
        let result = db.read_blocking(|conn| sql(conn, "SELECT pg_sleep(5)"));
        assert!(matches!(result, Err(Error::Timeout)), "{result:?}");
    }
}

/// Loads the counter and counts how often.
struct Cache {
    snapshot: Snapshot<i64>,
    loads: AtomicUsize,
}

impl Cache {
    fn get(&self, conn: &mut Conn) -> Result<i64, Error> {
        let value: Arc<i64> = self.snapshot.get(conn, |conn| {
            self.loads.fetch_add(1, Ordering::SeqCst);
            hits(conn)
        })?;
        Ok(*value)
    }

    fn read(&self, one: &TestDb) -> i64 {
        one.db.read_blocking(|conn| self.get(conn)).unwrap()
    }

    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }
}

fn change(conn: &mut Conn, value: i64) -> Result<(), Error> {
    set_hits(conn, value)?;
    revision::bump(conn, "hits")
}

#[test]
fn snapshots_reload_only_when_their_tables_changed() {
    for one in databases() {
        let cache = Arc::new(Cache { snapshot: Snapshot::new("hits"), loads: AtomicUsize::new(0) });
        one.db.write_blocking(|tx| change(tx, 1)).unwrap();
        assert_eq!((cache.read(&one), cache.read(&one), cache.loads()), (1, 1, 1));
        one.db.write_blocking(|tx| change(tx, 2)).unwrap();
        assert_eq!((cache.read(&one), cache.read(&one), cache.loads()), (2, 2, 2));
        one.db.write_blocking(|tx| revision::bump(tx, "something else")).unwrap();
        assert_eq!((cache.read(&one), cache.loads()), (2, 2));
    }
}

#[test]
fn what_was_undone_is_never_seen_by_others() {
    for one in databases() {
        let cache = Arc::new(Cache { snapshot: Snapshot::new("hits"), loads: AtomicUsize::new(0) });
        one.db.write_blocking(|tx| change(tx, 1)).unwrap();
        let inside = Arc::clone(&cache);
        let undone: Result<(), Error> = one.db.write_blocking(move |tx| {
            change(tx, 7)?;
            assert_eq!(inside.get(tx)?, 7, "a write sees what it wrote");
            let part: Result<(), Error> = savepoint(tx, |tx| {
                change(tx, 8)?;
                assert_eq!(inside.get(tx)?, 8);
                Err(Error::NotFound)
            });
            assert!(part.is_err());
            assert_eq!(inside.get(tx)?, 7, "and not what its savepoint undid");
            Err(Error::NotFound)
        });
        assert!(matches!(undone, Err(Error::NotFound)));
        assert_eq!(cache.read(&one), 1);
        one.db.write_blocking(|tx| change(tx, 2)).unwrap();
        assert_eq!(cache.read(&one), 2);
    }
}
