//! One test: its database, its server, its clock, and what must hold when it is over.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::HashMap,
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    rc::Rc,
    time::Duration,
};

use actix_web::{dev::ServerHandle, rt};
use futures_util::FutureExt;
use motcua::{
    App,
    cli::{
        serve::{self, Running},
        verify,
    },
    clock::Clock,
    config::Config,
    db::{Db, Instant},
    http,
    statistics::verify::Report,
};
use serde_json::Value;

use super::{
    client::Client,
    database::{Database, Engine, Folder, PASSWORD},
    logs,
};

/// When a test begins: Monday, an hour after the offices have opened.
pub const BEGIN: &str = "2019-03-04T08:00:00+07:00";

/// A test's own installation. Clones are the same one.
#[derive(Clone)]
pub struct Test(Rc<Inner>);

struct Inner {
    engine: Engine,
    /// The first server's address: the issuer of everybody's tokens.
    issuer: String,
    /// What the recount after the test must find, when not nothing.
    expected: RefCell<Option<String>>,
    calendar_changed: Cell<bool>,
    clock: Clock,
    http: reqwest::Client,
    server: RefCell<Server>,
    /// Other copies, which end with the test at the latest.
    copies: RefCell<Vec<ServerHandle>>,
    tokens: RefCell<HashMap<String, String>>,
    url: String,
    keys: PathBuf,
    // Dropped in this order: the database before the folder that it may lie in.
    _database: Database,
    _folder: Folder,
}

struct Server {
    base: String,
    db: Db,
    handle: ServerHandle,
    task: Option<rt::task::JoinHandle<std::io::Result<()>>>,
}

/// Runs a test on an engine. Fails when it panics, and when afterwards anything is inconsistent or confidential things
/// stand in the log.
pub fn run<F, Fut>(engine: Engine, body: F)
where
    F: FnOnce(Test) -> Fut,
    Fut: Future<Output = ()>,
{
    let log_begins = logs::begin();
    let outcome: Result<(), Box<dyn Any + Send>> = rt::System::new().block_on(async {
        let t = Test::new(engine).await;
        let outcome = AssertUnwindSafe(body(t.clone())).catch_unwind().await;
        t.stop().await;
        t.stop_copies().await;
        if outcome.is_ok() {
            let checks = async {
                t.expect_clean();
                logs::expect_discreet(log_begins);
            };
            AssertUnwindSafe(checks).catch_unwind().await
        } else {
            outcome
        }
    });
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

impl Test {
    /// A new installation with a server that runs.
    pub async fn new(engine: Engine) -> Test {
        let (database, folder) = Database::new(engine);
        let clock = Clock::standing_at(BEGIN.parse().unwrap());
        let keys = folder.path().join("keys");
        let server = Server::start(config(&database.url, keys.clone()), clock.clone()).await;
        // A server that never answers must not stop the whole run.
        // Connections that wait for a next request would make every stop wait for them.
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Test(Rc::new(Inner {
            issuer: server.base.clone(),
            expected: RefCell::default(),
            calendar_changed: Cell::default(),
            engine,
            clock,
            http,
            server: RefCell::new(server),
            copies: RefCell::default(),
            tokens: RefCell::default(),
            url: database.url.clone(),
            keys,
            _database: database,
            _folder: folder,
        }))
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// The database's address.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The folder of the keys.
    pub fn keys(&self) -> &PathBuf {
        &self.0.keys
    }

    /// `http://127.0.0.1:…`
    pub fn base(&self) -> String {
        self.0.server.borrow().base.clone()
    }

    /// The database, for what the API must never do (corrupting a counter).
    pub fn db(&self) -> Db {
        self.0.server.borrow().db.clone()
    }

    /// Moves the clock: `t.at("2019-03-05T09:30")`, in Vietnam's time.
    pub fn at(&self, local: &str) {
        let seconds = if local.len() == 16 { ":00" } else { "" };
        self.0.clock.set(format!("{local}{seconds}+07:00").parse().unwrap());
    }

    /// Now, by the test's clock.
    pub fn now(&self) -> Instant {
        self.0.clock.now()
    }

    /// Nobody: no token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.0.http.clone(), self.base(), None)
    }

    /// Somebody with this token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.0.http.clone(), self.base(), Some(token.to_owned()))
    }

    /// A person of the sample world, such as `clerk@tan-long`.
    pub async fn as_(&self, username: &str) -> Client {
        let form = [("grant_type", "password"), ("username", username), ("password", PASSWORD)];
        self.signed_in(username, &form).await
    }

    /// The machine client of the province, with all scopes.
    pub async fn as_client(&self) -> Client {
        self.as_client_with("").await
    }

    /// The machine client of the province with some of its scopes.
    pub async fn as_client_with(&self, scope: &str) -> Client {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "province"),
            ("client_secret", PASSWORD),
            ("scope", scope),
        ];
        self.signed_in(&format!("client {scope}"), &form).await
    }

    async fn signed_in(&self, who: &str, form: &[(&str, &str)]) -> Client {
        // Not asked again while the token lives: few tests are about signing in.
        let hour = self.now().to_string().get(..13).map(str::to_owned);
        let name = format!("{who} {hour:?} {}", self.base());
        let known = self.0.tokens.borrow().get(&name).cloned();
        let token = match known {
            Some(token) => token,
            None => {
                let answer = self.anonymous().post_form("/auth/token", form).await.expect(200);
                let token = answer["access_token"].as_str().unwrap().to_owned();
                self.0.tokens.borrow_mut().insert(name, token.clone());
                token
            }
        };
        self.with_token(&token)
    }

    /// The settings of another copy, or of the same one after a restart: its tokens have the same issuer, whatever the port.
    fn copy_config(&self) -> Config {
        Config { public_url: Some(self.0.issuer.clone()), ..config(&self.0.url, self.0.keys.clone()) }
    }

    /// Stops the server as a signal would and starts another on the same database.
    pub async fn restart(&self) {
        self.stop().await;
        let server = Server::start(self.copy_config(), self.0.clock.clone()).await;
        self.0.server.replace(server);
    }

    /// Another copy of the program on the same database, as behind a load balancer.
    pub async fn another_copy(&self) -> (String, ServerHandle) {
        self.another_copy_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn another_copy_with(&self, change: impl FnOnce(&mut Config)) -> (String, ServerHandle) {
        let mut config = self.copy_config();
        change(&mut config);
        let server = Server::start(config, self.0.clock.clone()).await;
        self.0.copies.borrow_mut().push(server.handle.clone());
        (server.base.clone(), server.handle.clone())
    }

    async fn stop_copies(&self) {
        for handle in self.0.copies.take() {
            handle.stop(true).await;
        }
    }

    /// What another copy of the program is without its server: for work that runs beside requests.
    pub fn app(&self) -> App {
        serve::app(self.copy_config(), self.0.clock.clone()).unwrap()
    }

    /// Stops the server; requests in flight finish.
    pub async fn stop(&self) {
        let (handle, task) = {
            let mut server = self.0.server.borrow_mut();
            (server.handle.clone(), server.task.take())
        };
        if let Some(task) = task {
            handle.stop(true).await;
            task.await.unwrap().unwrap();
        }
    }

    /// What `motcua verify` finds.
    pub fn findings(&self) -> Vec<String> {
        self.findings_with(self.0.keys.clone())
    }

    /// What it finds with the keys in another folder.
    pub fn findings_with(&self, keys: PathBuf) -> Vec<String> {
        self.report_with(keys).differences
    }

    /// The deadlines that the calendar as it is now would have otherwise, as `motcua verify` finds them.
    pub fn not_of_this_calendar(&self) -> Vec<String> {
        self.report_with(self.0.keys.clone()).not_of_this_calendar
    }

    fn report_with(&self, keys: PathBuf) -> Report {
        let app = serve::app(config(&self.0.url, keys), self.0.clock.clone()).unwrap();
        verify::report(&app, &[], |_| {}).unwrap()
    }

    /// Says that the test changes a calendar and leaves deadlines as they were.
    pub fn expect_changed_calendar(&self) {
        self.0.calendar_changed.set(true);
    }

    /// Says that the test leaves a difference behind on purpose.
    pub fn expect_findings(&self, text: &str) {
        self.0.expected.replace(Some(text.to_owned()));
    }

    fn expect_clean(&self) {
        let Report { differences: found, not_of_this_calendar: moved, .. } =
            self.report_with(self.0.keys.clone());
        if let Some(expected) = &*self.0.expected.borrow() {
            assert!(found.iter().any(|it| it.contains(expected)), "{expected} is not in {found:?}");
            return;
        }
        assert!(found.is_empty(), "motcua verify finds after the test:\n  {}", found.join("\n  "));
        let is_expected = moved.is_empty() || self.0.calendar_changed.get();
        assert!(is_expected, "the clocks do not follow from their histories: {moved:?}");
    }

    /// Runs SQL that changes rows behind the program's back.
    pub fn tamper(&self, sql: &str) {
        use diesel::connection::SimpleConnection;
        let sql = sql.to_owned();
        self.db().bulk(|conn| conn.batch_execute(&sql).map_err(motcua::db::Error::from)).unwrap();
    }

    /// How many dossiers there are, whoever may see them.
    pub fn count(&self, table: &str) -> i64 {
        use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let sql = format!("SELECT count(*) AS n FROM {table}");
        self.db()
            .read_blocking(|conn| sql_query(sql).get_result::<Count>(conn).map_err(motcua::db::Error::from))
            .unwrap()
            .n
    }
}

impl Server {
    async fn start(config: Config, clock: Clock) -> Server {
        let running: Running = serve::start(config, clock).await.unwrap();
        Server {
            base: format!("http://{}", running.addr),
            db: running.app.db.clone(),
            handle: running.handle(),
            task: Some(rt::spawn(running.finished())),
        }
    }
}

fn config(url: &str, keys: PathBuf) -> Config {
    let config = Config::read(&|_| None).unwrap();
    Config {
        database_url: url.to_owned(),
        data: keys.clone(),
        keys,
        addr: ([127, 0, 0, 1], 0).into(),
        workers: Some(1),
        // Tests look themselves, at moments that they know.
        watch_every: None,
        limits: http::Limits {
            shutdown_time: Duration::from_secs(10),
            // All come from one address.
            public_per_minute: 1_000_000,
            token_per_minute: 1_000_000,
            ..config.limits
        },
        db: motcua::db::Options { readers: 3, ..config.db },
        ..config
    }
}

/// Several things at once.
pub async fn all<T>(calls: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(calls).await
}

/// Asks again and again until the answer is yes: for what happens in the background.
pub async fn within_seconds<F: Future<Output = bool>>(seconds: u64, mut question: impl FnMut() -> F) -> bool {
    let patience = std::time::Instant::now() + Duration::from_secs(seconds);
    while std::time::Instant::now() < patience {
        if question().await {
            return true;
        }
        rt::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// A member of a JSON answer as text.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} in {value:#}"))
}
