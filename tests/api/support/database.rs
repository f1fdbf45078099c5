//! A database for each test: a copy of a template that is made once per run and engine.
//!
//! Nothing here waits for the disk, and no test sees another.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use motcua::{
    db::{Db, Instant, Options},
    demo,
};

/// Everybody's password.
pub const PASSWORD: &str = "mật khẩu của mọi người";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database that vanishes with the test.
#[derive(Debug)]
pub struct Database {
    pub url: String,
    remains: Remains,
}

#[derive(Debug)]
enum Remains {
    Folder,
    Server(String),
}

/// The folder of one test: keys, and the database when it is a file. Gone when dropped.
#[derive(Debug)]
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Database {
    /// A copy of the template, and a folder with copies of its keys.
    pub fn new(engine: Engine) -> (Database, Folder) {
        let folder = Folder(tempfile::tempdir_in(&*SCRATCH).unwrap());
        let database = match engine {
            Engine::Sqlite => {
                let file = folder.path().join("motcua.db");
                fs::copy(&*SQLITE_TEMPLATE, &file).unwrap();
                Database { url: format!("sqlite:{}", file.display()), remains: Remains::Folder }
            }
            Engine::Postgres => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let name =
                    format!("motcua_api_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
                command(&format!("CREATE DATABASE {name} TEMPLATE {}", *POSTGRES_TEMPLATE));
                Database { url: url_of(&name), remains: Remains::Server(name) }
            }
        };
        (database, folder)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Remains::Server(name) = &self.remains
            && let Ok(mut server) = PgConnection::establish(&server())
        {
            // Whoever fails to clean up must not hide why the test failed; the cluster is thrown away anyhow.
            drop(server.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        }
    }
}

/// Where this run keeps its files. What runs that are over left behind is deleted.
static SCRATCH: LazyLock<PathBuf> = LazyLock::new(|| {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("api");
    fs::create_dir_all(&all).unwrap();
    for entry in fs::read_dir(&all).unwrap().flatten() {
        let is_over = !Path::new("/proc").join(entry.file_name()).exists();
        if cfg!(target_os = "linux") && is_over {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
    let own = all.join(std::process::id().to_string());
    fs::create_dir_all(&own).unwrap();
    own
});

static SQLITE_TEMPLATE: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = SCRATCH.join("template.db");
    fill(&format!("sqlite:{}", file.display()));
    file
});

static POSTGRES_TEMPLATE: LazyLock<String> = LazyLock::new(|| {
    let name = format!("motcua_template_{}", std::process::id());
    command(&format!("CREATE DATABASE {name}"));
    fill(&url_of(&name));
    name
});

/// Migrates a database and lays the world of the sample year into it, without its dossiers.
fn fill(url: &str) {
    let db = Db::open(url, &Options::default()).unwrap();
    db.migrate().unwrap();
    let hash = cheap_hash();
    let now: Instant = "2019-01-02T07:00:00+07:00".parse().unwrap();
    db.bulk(|conn| demo::world::load(conn, &hash, now).map(drop)).unwrap();
}

/// A hash whose own parameters make it cheap to compare with: signing in is not what most tests are about.
pub fn cheap_hash() -> String {
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    cheap.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
}

/// The address of the server's maintenance database.
fn server() -> String {
    #[expect(clippy::disallowed_methods, reason = "the one variable of the tests")]
    let server = std::env::var("MOTCUA_TEST_POSTGRES");
    server.expect(
        "this test needs a PostgreSQL server in MOTCUA_TEST_POSTGRES: run tests/run, which starts one",
    )
}

fn url_of(database: &str) -> String {
    let server = server();
    let (host, _) = server.rsplit_once('/').expect("an address with the name of a database");
    format!("{host}/{database}")
}

fn command(sql: &str) {
    PgConnection::establish(&server()).unwrap().batch_execute(sql).unwrap();
}
