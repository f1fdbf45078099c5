//! Access against real databases: SQLite always, PostgreSQL when `MOTCUA_TEST_POSTGRES` names a server where
//! databases may be made. Each test has databases of its own.

mod endpoints;
mod predicate;
mod sign_in;
mod world;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::db::{Db, Options};

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

/// A migrated database on every engine that can be had here.
#[expect(clippy::disallowed_methods, reason = "no configuration reaches a unit test")]
fn databases() -> Vec<TestDb> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut all = vec![open(&url, Remains::Folder(folder))];
    if let Ok(server) = std::env::var("MOTCUA_TEST_POSTGRES") {
        let name = format!("motcua_test_{}", uuid::Uuid::now_v7().simple());
        PgConnection::establish(&server).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        all.push(open(&format!("{host}/{name}"), Remains::Database { server, name }));
    }
    all
}

fn open(url: &str, remains: Remains) -> TestDb {
    let db = Db::open(url, &Options { readers: 2, ..Options::default() }).unwrap();
    db.migrate().unwrap();
    TestDb { db, _remains: remains }
}
