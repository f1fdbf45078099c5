//! What a change books, by tables and by random histories; ledger and counters on real databases.

mod counters;
mod histories;
mod openings;
mod table;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::db::{Conn, Db, Instant, Options};

/// A migrated database that vanishes with the test.
struct TestDb {
    db: Db,
    _remains: Remains,
}

enum Remains {
    Folder(#[expect(dead_code, reason = "kept for its drop")] tempfile::TempDir),
    Database { server: String, name: String },
}

impl Drop for Remains {
    fn drop(&mut self) {
        if let Self::Database { server, name } = self
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            drop(conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}

/// One on SQLite, and one on PostgreSQL when `MOTCUA_TEST_POSTGRES` names a server.
#[expect(clippy::disallowed_methods, reason = "the tests' own server, which tests/run starts")]
fn databases() -> Vec<TestDb> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut all = vec![TestDb { db: open(&url), _remains: Remains::Folder(folder) }];
    if let Ok(server) = std::env::var("MOTCUA_TEST_POSTGRES") {
        let name = format!("motcua_test_{}", uuid::Uuid::now_v7().simple());
        PgConnection::establish(&server).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        let url = format!("{host}/{name}");
        all.push(TestDb { db: open(&url), _remains: Remains::Database { server, name } });
    }
    for one in &all {
        one.db.migrate().unwrap();
    }
    all
}

fn open(url: &str) -> Db {
    Db::open(url, &Options { readers: 4, ..Options::default() }).unwrap()
}

fn at(text: &str) -> Instant {
    format!("{text}:00+07:00").parse().unwrap()
}

/// Rows that the ledger refers to: agencies 1 (province) > 2 (district) > 3, 4 (communes), procedures 1 to 3, dossiers 1 to
/// `dossiers`.
fn furnish(conn: &mut Conn, dossiers: usize) {
    let mut sql = String::from(
        "INSERT INTO agencies (id, code, official, name, kind, parent_id, after_cutoff_counts_next_day, version) VALUES
           (1, 'A1', TRUE, 'A1', 'province', NULL, FALSE, 1), (2, 'A2', TRUE, 'A2', 'district', 1, FALSE, 1),
           (3, 'A3', TRUE, 'A3', 'commune', 2, FALSE, 1), (4, 'A4', TRUE, 'A4', 'commune', 2, FALSE, 1);
         INSERT INTO agency_closure (ancestor_id, descendant_id) VALUES
           (1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (2, 4), (3, 3), (4, 4);
         INSERT INTO fields (id, code, name) VALUES (1, 'F1', 'F1'), (2, 'F2', 'F2');
         INSERT INTO procedures (id, code, field_id) VALUES (1, 'P1', 1), (2, 'P2', 1), (3, 'P3', 2);
         INSERT INTO procedure_versions (id, procedure_id, version, state, content, effective_from, row_version) VALUES
           (1, 1, 1, 'published', '{}', '2019-01-01', 1);",
    );
    let (blob, instant) = match conn {
        Conn::Pg(_) => ("'\\x00'::bytea", "now()"),
        Conn::Sqlite(_) => ("X'00'", "0"),
    };
    for id in 1..=dossiers {
        #[expect(clippy::format_push_string, reason = "a test's rows")]
        sql.push_str(&format!(
            "INSERT INTO dossiers (id, public_id, code, status, procedure_id, procedure_version_id, agency_id, competent_id,
               holder_id, channel, search_name, content, lookup_hash, last_event_at, is_paused, paused_in_time, marks,
               supplements, event_count, head_hash, version)
             VALUES ({id}, '{id}', '{id}', 'received', 1, 1, 3, 3, 3, 'counter', '', '{{}}', '', {instant}, FALSE, FALSE,
               '[]', 0, 0, {blob}, 1);"
        ));
    }
    conn.batch_execute(&sql).unwrap();
}
