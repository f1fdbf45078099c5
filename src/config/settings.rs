//! The one table of environment variables, as `motcua help config` prints it. A test holds it against what is read.

/// One variable, as `motcua help config` explains it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What is taken when it is not set.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every variable there is, in the order of display.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "DATABASE_URL",
        default: "sqlite:<MOTCUA_DATA>/motcua.db",
        meaning: "the database: sqlite:PATH or postgres://user:password@host/name",
    },
    Setting {
        name: "MOTCUA_DATA",
        default: "<the user's data folder>/motcua",
        meaning: "folder of whatever the program keeps outside the database, and of its SQLite database",
    },
    Setting {
        name: "MOTCUA_KEYS",
        default: "<MOTCUA_DATA>/keys",
        meaning: "folder of the secret keys, made on first start; the same on all copies that share a database",
    },
    Setting {
        name: "MOTCUA_SERVER_KEY",
        default: "<MOTCUA_KEYS>/server.key",
        meaning: "64 hexadecimal digits: the server key, from which all others but those below are derived, for \
                  installations that hand secrets to processes",
    },
    Setting {
        name: "MOTCUA_DATA_KEYS",
        default: "<MOTCUA_KEYS>/data-*.key",
        meaning: "64 hexadecimal digits each, separated by commas: keys 1, 2 … that seal personal data in the database; \
                  the last one seals, all open (`motcua keys rotate-data`)",
    },
    Setting { name: "MOTCUA_ADDR", default: "127.0.0.1:8080", meaning: "where to listen" },
    Setting {
        name: "MOTCUA_PUBLIC_URL",
        default: "http://<MOTCUA_ADDR>",
        meaning: "the address under which callers reach the API; the issuer of its tokens",
    },
    Setting {
        name: "MOTCUA_PASSWORD_GRANT",
        default: "on",
        meaning: "off: nobody gets a token for a user name and a password",
    },
    Setting {
        name: "MOTCUA_PROVIDER_ISSUER",
        default: "<none>",
        meaning: "the province's OpenID Connect provider, exactly as its tokens name it (`iss`): people may sign in by its ID \
                  tokens",
    },
    Setting {
        name: "MOTCUA_PROVIDER_CLIENT_ID",
        default: "<none>",
        meaning: "the frontend's client id at that provider; ID tokens for others (`aud`) are refused",
    },
    Setting {
        name: "MOTCUA_PROVIDER_ACCOUNT_CLAIM",
        default: "preferred_username",
        meaning: "the claim that holds the user name here; `email` counts only when the provider has verified it",
    },
    Setting {
        name: "MOTCUA_PROVIDER_AGENCY_CLAIM",
        default: "<none>",
        meaning: "a claim that must hold the code of the account's agency, or of its successor when it has ended",
    },
    Setting {
        name: "MOTCUA_CORS_ORIGINS",
        default: "<none>",
        meaning: "origins (https://dichvucong.example.vn), separated by commas, whose pages may call the API from a browser",
    },
    Setting {
        name: "MOTCUA_TRUSTED_PROXIES",
        default: "<none>",
        meaning: "addresses and networks (10.0.0.0/8), separated by commas, of the proxies whose X-Forwarded-For is believed; \
                  without them all callers behind a proxy share the delay after failed tries to sign in, and the limits below",
    },
    Setting {
        name: "MOTCUA_PUBLIC_PER_MINUTE",
        default: "60",
        meaning: "requests of one address in a minute to what the public may do without a login (`/public/…`), on each copy; \
                  0: no limit",
    },
    Setting {
        name: "MOTCUA_TOKEN_PER_MINUTE",
        default: "120",
        meaning: "requests of one address in a minute to the token endpoints (`/auth/…`), on each copy; 0: no limit. A whole \
                  office may have one address",
    },
    Setting { name: "MOTCUA_WORKERS", default: "<cores>", meaning: "threads that serve requests" },
    Setting {
        name: "MOTCUA_DB_CONNECTIONS",
        default: "4",
        meaning: "connections to PostgreSQL; on SQLite, connections that read beside the one that writes",
    },
    Setting {
        name: "MOTCUA_STATEMENT_TIMEOUT",
        default: "15",
        meaning: "seconds that one statement may take (PostgreSQL)",
    },
    Setting {
        name: "MOTCUA_BODY_LIMIT",
        default: "1048576",
        meaning: "bytes of the largest body that is read",
    },
    Setting { name: "MOTCUA_REQUEST_TIMEOUT", default: "30", meaning: "seconds that a request may take" },
    Setting {
        name: "MOTCUA_SHUTDOWN_TIMEOUT",
        default: "30",
        meaning: "seconds that requests in flight get to finish after SIGTERM or SIGINT",
    },
    Setting {
        name: "MOTCUA_ACCEPT_WITHIN",
        default: "8",
        meaning: "working hours that a desk has to answer a submission (`accept_due_at`)",
    },
    Setting {
        name: "MOTCUA_REPORT_LAYOUTS",
        default: "<none>",
        meaning: "folder of layouts (*.json) of statutory forms, beside those of the program; one of the same code takes its place. \
                  A layout that is wrong stops the start",
    },
    Setting {
        name: "MOTCUA_WATCH_INTERVAL",
        default: "60",
        meaning: "seconds between two looks for deadlines that come near or were missed; 0: this copy does not look",
    },
    Setting {
        name: "MOTCUA_LOG",
        default: "info",
        meaning: "what is logged: off, error, warn, info, debug, trace, or a filter such as warn,motcua::access=info",
    },
    Setting {
        name: "MOTCUA_DEMO_PASSWORD",
        default: "<made and printed>",
        meaning: "password of all accounts of `motcua demo`, and secret of its client",
    },
];
