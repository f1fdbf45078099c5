//! Migrations: forward, back, by two at once, and never on a newer database.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::{empty_databases, open, sql};
use crate::db::{Db, Error, Options};

#[test]
fn forward_back_and_forward_again() {
    for one in empty_databases() {
        let all = one.db.pending().unwrap();
        assert!(!all.is_empty());
        assert_eq!(one.db.migrate().unwrap(), all);
        assert_eq!(one.db.migrate().unwrap(), Vec::<String>::new());
        assert_eq!(one.db.pending().unwrap(), Vec::<String>::new());
        let mut undone = one.db.revert_all().unwrap();
        undone.reverse();
        assert_eq!(undone, all);
        assert_eq!(one.db.migrate().unwrap(), all);
    }
}

#[test]
fn two_copies_may_start_at_once() {
    for one in empty_databases() {
        let url = one.url.clone();
        let all = one.db.pending().unwrap();
        let copies: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                std::thread::spawn(move || open(&url).migrate().unwrap())
            })
            .collect();
        let done: Vec<String> = copies.into_iter().flat_map(|copy| copy.join().unwrap()).collect();
        assert_eq!(done, all, "each migration ran in one copy only");
    }
}

#[test]
fn two_copies_may_create_the_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("new.db").display());
    let copies: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || open(&url).migrate().unwrap().len())
        })
        .collect();
    let done: Vec<usize> = copies.into_iter().map(|copy| copy.join().unwrap()).collect();
    assert_eq!(done.iter().filter(|count| **count > 0).count(), 1);
}

#[test]
fn a_newer_database_is_refused() {
    for one in empty_databases() {
        one.db.migrate().unwrap();
        let marked = one.db.write_blocking(|tx| {
            sql(tx, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')")
        });
        marked.unwrap();
        for result in [one.db.migrate(), one.db.pending(), one.db.revert_all()] {
            assert!(matches!(result, Err(Error::NewerSchema(version)) if version == "99990101000000"));
        }
    }
}

#[test]
fn addresses_are_checked() {
    let open = |url| Db::open(url, &Options::default()).err();
    for url in ["sqlite::memory:", "sqlite:", "sqlite:file:x?mode=memory", "mysql://x", "x.db", ""] {
        assert!(matches!(open(url), Some(Error::Url(_))), "{url}");
    }
    assert!(matches!(open("postgres://nobody@127.0.0.1:1/none"), Some(Error::Unavailable(_))));
}

#[test]
fn sqlite_is_set_up_for_durability() {
    for one in empty_databases().into_iter().filter(|one| !super::is_postgres(one)) {
        #[derive(QueryableByName)]
        struct Setting {
            #[diesel(sql_type = diesel::sql_types::Text)]
            journal_mode: String,
        }
        let mode: Setting = one
            .db
            .read_blocking(|conn| {
                diesel::sql_query("PRAGMA journal_mode").get_result(conn).map_err(Error::from)
            })
            .unwrap();
        assert_eq!(mode.journal_mode, "wal");
        let numbers = one.db.write_blocking(|tx| {
            let sync: i32 =
                diesel::dsl::sql::<diesel::sql_types::Integer>("SELECT synchronous FROM pragma_synchronous")
                    .get_result(tx)?;
            let keys: i32 = diesel::dsl::sql::<diesel::sql_types::Integer>(
                "SELECT foreign_keys FROM pragma_foreign_keys",
            )
            .get_result(tx)?;
            Ok::<_, Error>((sync, keys))
        });
        assert_eq!(numbers.unwrap(), (2, 1));
        let refused = one.db.read_blocking(|conn| Ok::<_, Error>(conn.batch_execute("CREATE TABLE x (y)")?));
        assert!(refused.is_err(), "a read must not write");
    }
}
