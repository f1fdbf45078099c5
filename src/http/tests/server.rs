//! A running server around the example capability, and databases for it, that vanish with the test.

use std::{net::TcpListener, thread, time::Duration};

use actix_web::web::{self, Data};
use serde_json::Value;

use super::service::{ABOUT, routes};
use crate::{
    db::{Conn, Db, Limit, Options},
    http::{Api, Code, Limits, ServerKey, Settings, serve, system},
};

fn database(url: &str) -> Db {
    let db = Db::open(url, &Options::default()).unwrap();
    db.migrate().unwrap();
    db.write_blocking(|tx| {
        use diesel::connection::SimpleConnection;
        let (key, number) = match tx {
            Conn::Pg(_) => ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "BIGINT"),
            Conn::Sqlite(_) => ("INTEGER PRIMARY KEY", "INTEGER"),
        };
        let sql = format!(
            "CREATE TABLE things (id {key}, name TEXT NOT NULL, version {number} NOT NULL DEFAULT 1)"
        );
        tx.batch_execute(&sql).map_err(crate::db::Error::from)
    })
    .unwrap();
    db
}

/// What is left of a test and must go with it.
enum Remains {
    Folder(#[expect(dead_code, reason = "kept for its drop")] tempfile::TempDir),
    Database { server: String, name: String },
}

impl Drop for Remains {
    fn drop(&mut self) {
        use diesel::{Connection, PgConnection, connection::SimpleConnection};
        if let Self::Database { server, name } = self
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            drop(conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}

/// Where databases can be made: SQLite, and PostgreSQL when `MOTCUA_TEST_POSTGRES` names a server for tests.
#[expect(clippy::disallowed_methods, reason = "the tests' own server, which tests/run starts")]
fn addresses() -> Vec<(String, Remains)> {
    use diesel::{Connection, PgConnection, connection::SimpleConnection};
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut all = vec![(url, Remains::Folder(folder))];
    if let Ok(server) = std::env::var("MOTCUA_TEST_POSTGRES") {
        let name = format!("motcua_http_{}", uuid::Uuid::now_v7().simple());
        let mut conn = PgConnection::establish(&server).unwrap();
        conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        all.push((format!("{host}/{name}"), Remains::Database { server, name }));
    }
    all
}

/// A migrated database that vanishes with the test.
pub struct TestDatabase {
    pub db: Db,
    _remains: Remains,
}

/// One on every engine that can be had here.
pub fn databases() -> Vec<TestDatabase> {
    addresses()
        .into_iter()
        .map(|(url, remains)| TestDatabase { db: database(&url), _remains: remains })
        .collect()
}

/// A running server with a database of its own; both are gone when it is dropped.
pub struct Server {
    pub base: String,
    pub client: reqwest::Client,
    handle: actix_web::dev::ServerHandle,
    thread: Option<thread::JoinHandle<std::io::Result<()>>>,
    _remains: Remains,
}

impl Server {
    pub fn start() -> Self {
        Self::with_limits(Limits { request_time: Duration::from_millis(1500), ..Limits::default() })
    }

    /// One on every engine that can be had here.
    pub fn start_on_each_engine() -> Vec<Self> {
        addresses().into_iter().map(|(url, remains)| Self::on(url, remains, Limits::default())).collect()
    }

    pub fn with_limits(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::on(url, Remains::Folder(folder), limits)
    }

    fn on(url: String, remains: Remains, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (send, receive) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let db = database(&url);
            actix_web::rt::System::new().block_on(async move {
                let data = move |config: &mut web::ServiceConfig| {
                    config
                        .app_data(Data::new(db.clone()))
                        .app_data(Data::new(ServerKey::new([1; 32])))
                        .app_data(Data::new(system::Readiness::new(|| {
                            Box::pin(async { Err(Code::Busy.into()) })
                        })));
                };
                let api = Api { about: &ABOUT, routes, data };
                let server =
                    serve(listener, api, Settings { workers: Some(2), limits, ..Settings::default() })
                        .unwrap();
                send.send(server.handle()).unwrap();
                server.await
            })
        });
        let handle = receive.recv().unwrap();
        Server { base, client: reqwest::Client::new(), handle, thread: Some(thread), _remains: remains }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Stops as a signal does: requests in flight finish.
    pub fn stop(&self) -> impl Future<Output = ()> + use<> {
        self.handle.stop(true)
    }

    pub async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        self.client.post(self.url(path)).json(body).send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Limit is used by the handlers through `PageRequest`; this keeps its bound in sight of the tests.
pub const LARGEST: i64 = Limit::MAX;
