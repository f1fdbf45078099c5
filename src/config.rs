//! Everything that can be set from outside: one table of environment variables, read once at start.
//!
//! The only file that reads the environment. `motcua help config` prints [`SETTINGS`]; what is not in there cannot be
//! set. All faults are told at once. Secrets (the database's password, the demo's) are never printed.

mod reader;
mod settings;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    access::{self, keys},
    db, http,
};

use reader::Reader;
pub use settings::{SETTINGS, Setting};

/// How the program runs.
#[derive(Clone)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub database_url: String,
    /// Where files are kept.
    pub data: PathBuf,
    /// Where the secret keys are kept.
    pub keys: PathBuf,
    /// Secret keys that do not lie there.
    pub given_keys: keys::Given,
    /// Where to listen.
    pub addr: SocketAddr,
    /// The address for callers when it is another one; without a slash at its end.
    pub public_url: Option<String>,
    /// Whether user name and password give a token.
    pub password_grant: bool,
    /// The province's OpenID Connect provider.
    pub provider: Option<access::ProviderSettings>,
    /// Pages of which origins may call the API.
    pub cors_origins: http::Origins,
    /// Whose word about a caller's address counts.
    pub trusted_proxies: http::TrustedProxies,
    /// Threads that serve requests; as many as there are cores when not said.
    pub workers: Option<usize>,
    /// How large, how long, how many.
    pub limits: http::Limits,
    /// How the database is used.
    pub db: db::Options,
    /// Working hours that a desk has to answer a submission.
    pub accept_within_hours: u32,
    /// Layouts of statutory forms beside those of the program.
    pub report_layouts: Option<PathBuf>,
    /// How often deadlines are watched; None: not by this copy.
    pub watch_every: Option<Duration>,
    /// What is logged.
    pub log: String,
    /// The password of the demo's accounts.
    pub demo_password: Option<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the database's address nor the demo's password: both are secrets.
        f.debug_struct("Config").field("data", &self.data).field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// What is wrong with the variables, all of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct BadConfig(Vec<String>);

impl Config {
    /// The same settings for a program of its own: SQLite and keys in `folder`, listening on `addr`.
    #[must_use]
    pub fn at(self, addr: SocketAddr, folder: &Path) -> Self {
        Self {
            database_url: format!("sqlite:{}", folder.join("motcua.db").display()),
            data: folder.to_owned(),
            keys: folder.join("keys"),
            addr,
            ..self
        }
    }

    /// Reads the environment.
    ///
    /// # Errors
    /// Every variable that cannot be understood.
    pub fn from_env() -> Result<Self, BadConfig> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads whatever `variable` gives: for tests, which have no environment of their own.
    ///
    /// # Errors
    /// Every variable that cannot be understood.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, BadConfig> {
        let mut from = Reader { variable, faults: Vec::new() };
        let data = from.text("MOTCUA_DATA").map_or_else(|| data_folder(variable), PathBuf::from);
        let database_url = from
            .text("DATABASE_URL")
            .unwrap_or_else(|| format!("sqlite:{}", data.join("motcua.db").display()));
        let seconds = |value: Option<u64>, default: Duration| value.map_or(default, Duration::from_secs);
        let (limits, options) = (http::Limits::default(), db::Options::default());
        let config = Config {
            database_url,
            given_keys: keys::Given {
                server: from.keys("MOTCUA_SERVER_KEY").pop(),
                data: from.keys("MOTCUA_DATA_KEYS"),
            },
            keys: from.text("MOTCUA_KEYS").map_or_else(|| data.join("keys"), PathBuf::from),
            data,
            addr: from
                .parsed("MOTCUA_ADDR", "an address and a port, such as 127.0.0.1:8080")
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: from.address("MOTCUA_PUBLIC_URL"),
            password_grant: from.switch("MOTCUA_PASSWORD_GRANT").unwrap_or(true),
            provider: from.provider(),
            cors_origins: from.origins("MOTCUA_CORS_ORIGINS"),
            trusted_proxies: from.networks("MOTCUA_TRUSTED_PROXIES"),
            workers: from.number("MOTCUA_WORKERS", 1, 1024),
            limits: http::Limits {
                body_bytes: from.number("MOTCUA_BODY_LIMIT", 1024, 1 << 30).unwrap_or(limits.body_bytes),
                request_time: seconds(from.number("MOTCUA_REQUEST_TIMEOUT", 1, 3600), limits.request_time),
                shutdown_time: seconds(from.number("MOTCUA_SHUTDOWN_TIMEOUT", 0, 3600), limits.shutdown_time),
                public_per_minute: from
                    .number("MOTCUA_PUBLIC_PER_MINUTE", 0, 1_000_000)
                    .unwrap_or(limits.public_per_minute),
                token_per_minute: from
                    .number("MOTCUA_TOKEN_PER_MINUTE", 0, 1_000_000)
                    .unwrap_or(limits.token_per_minute),
                ..limits
            },
            db: db::Options {
                readers: from.number("MOTCUA_DB_CONNECTIONS", 1, 1000).unwrap_or(options.readers),
                statement_timeout: seconds(
                    from.number("MOTCUA_STATEMENT_TIMEOUT", 1, 3600),
                    options.statement_timeout,
                ),
                ..options
            },
            accept_within_hours: from.number("MOTCUA_ACCEPT_WITHIN", 1, 1000).unwrap_or(8),
            report_layouts: from.text("MOTCUA_REPORT_LAYOUTS").map(PathBuf::from),
            watch_every: match from.number("MOTCUA_WATCH_INTERVAL", 0, 86_400).unwrap_or(60) {
                0 => None,
                seconds => Some(Duration::from_secs(seconds)),
            },
            log: from.text("MOTCUA_LOG").unwrap_or_else(|| "info".to_owned()),
            demo_password: from.text("MOTCUA_DEMO_PASSWORD"),
        };
        if from.faults.is_empty() { Ok(config) } else { Err(BadConfig(from.faults)) }
    }

    /// Whether callers reach the API by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// How tokens are given out by a server that listens at `addr`.
    #[must_use]
    pub fn sign_in(&self, addr: SocketAddr) -> access::Settings {
        let issuer = self.public_url.clone().unwrap_or_else(|| format!("http://{addr}"));
        access::Settings {
            password_grant: self.password_grant,
            provider: self.provider.clone(),
            ..access::Settings::at(issuer)
        }
    }
}

/// The user's data folder by the conventions of the system, else one beside the program.
fn data_folder(variable: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let share = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
    set("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(share)))
        .map_or_else(|| PathBuf::from("motcua-data"), |base| base.join("motcua"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Config, BadConfig> {
        Config::read(&|name| set.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let config = read(&[("HOME", "/home/hoa")]).unwrap();
        assert!(
            config.database_url.starts_with("sqlite:/home/hoa/")
                && config.database_url.ends_with("motcua.db")
        );
        assert_eq!(config.keys, config.data.join("keys"));
        assert_eq!(config.sign_in(config.addr).issuer, "http://127.0.0.1:8080");
        assert!(config.addr.ip().is_loopback() && config.password_grant);
    }

    #[test]
    fn empty_is_not_set() {
        let config =
            read(&[("DATABASE_URL", ""), ("MOTCUA_PUBLIC_URL", " "), ("MOTCUA_DATA", "/srv/motcua")])
                .unwrap();
        assert_eq!(config.database_url, "sqlite:/srv/motcua/motcua.db");
        assert_eq!(config.public_url, None);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let bad = [
            ("MOTCUA_ADDR", "8080"),
            ("MOTCUA_WORKERS", "0"),
            ("MOTCUA_BODY_LIMIT", "1MB"),
            ("MOTCUA_PASSWORD_GRANT", "maybe"),
            ("MOTCUA_PUBLIC_URL", "motcua.vn"),
            ("MOTCUA_TRUSTED_PROXIES", "10.0.0.1, proxy.example.vn"),
            ("MOTCUA_CORS_ORIGINS", "https://a.example.vn, *"),
            ("MOTCUA_PROVIDER_ISSUER", "https://sso.example.vn"),
        ];
        let told = read(&bad).unwrap_err().to_string();
        assert_eq!(told.lines().count(), bad.len(), "{told}");
        assert!(bad.iter().all(|(name, _)| told.contains(name)), "{told}");
    }

    #[test]
    fn a_provider_is_asked_by_https_or_on_this_machine() {
        let with =
            |issuer| read(&[("MOTCUA_PROVIDER_ISSUER", issuer), ("MOTCUA_PROVIDER_CLIENT_ID", "desk")]);
        for good in ["https://sso.example.vn", "https://sso.example.vn/realms/a/", "http://127.0.0.1:9000"] {
            let provider = with(good).unwrap().provider.unwrap();
            assert_eq!(
                (provider.issuer.as_str(), provider.account_claim.as_str()),
                (good, "preferred_username")
            );
        }
        for bad in [
            "http://sso.example.vn",
            "http://127.0.0.1.example.vn",
            "https://",
            "sso.example.vn",
            "https://a@b.vn",
        ] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_table_names_every_variable_that_is_read() {
        let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let read = Config::read(&|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        });
        assert!(read.is_ok());
        let mut asked = asked.into_inner();
        for system in ["HOME", "XDG_DATA_HOME"] {
            asked.remove(system);
        }
        let table: std::collections::BTreeSet<String> =
            SETTINGS.iter().map(|it| it.name.to_owned()).collect();
        assert_eq!(asked, table);
    }

    #[test]
    fn secrets_are_not_shown() {
        let config =
            read(&[("DATABASE_URL", "postgres://a:secret@b/c"), ("MOTCUA_DEMO_PASSWORD", "secret")]).unwrap();
        assert!(!format!("{config:?}").contains("secret"));
    }
}
