//! The facts that the database may report. What they mean to a caller is decided above; nothing here reaches a client.

use std::sync::Arc;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// What a read or a write can fail with.
///
/// Cloned, because one failed commit is the answer to many closures. Never carries values of rows: PostgreSQL's details of
/// a violated constraint quote them, so they are dropped here.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A query that must find a row found none.
    #[error("no such row")]
    NotFound,
    /// A unique constraint, named as `table.column,column` on both engines (the index's name when it is over an expression).
    #[error("a unique constraint was violated: {}", constraint.as_deref().unwrap_or("unknown"))]
    Conflict {
        /// Which one.
        constraint: Option<String>,
    },
    /// A foreign key. SQLite does not say which.
    #[error("a foreign key was violated")]
    Reference,
    /// A CHECK, by its name (name them all: only then both engines agree), or a NOT NULL, as `table.column`.
    #[error("a check was violated: {}", constraint.as_deref().unwrap_or("unknown"))]
    Check {
        /// Which one.
        constraint: Option<String>,
    },
    /// The database or the way to it is full or locked; worth another try later.
    #[error("the database is busy")]
    Busy,
    /// A statement ran longer than allowed.
    #[error("a statement took too long")]
    Timeout,
    /// The database cannot be reached or cannot write.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The address of the database is not one that the program knows.
    #[error("bad database address: {0}")]
    Url(&'static str),
    /// The database was migrated by a newer program.
    #[error("the database has migration {0}, which this program does not know: run the newer program")]
    NewerSchema(String),
    /// A defect of the program, a panic in a closure too.
    #[error("unexpected failure in the database layer")]
    Internal(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether this is the violation of the given unique constraint or check.
    ///
    /// Unique constraints are given as `table.column` or `table.column,column`, checks by their name.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        match self {
            Self::Conflict { constraint } | Self::Check { constraint } => constraint.as_deref() == Some(name),
            _ => false,
        }
    }

    pub(super) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(source.into()))
    }

    /// The answer to a closure that panicked. The panic itself has been reported by the panic hook, with its place.
    pub(super) fn panicked() -> Self {
        Self::internal("a database closure panicked")
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => from_database(kind, info),
            // Its connection was lost in the middle of a transaction.
            lost @ DieselError::BrokenTransactionManager => Self::Unavailable(lost.to_string()),
            other => Self::internal(other),
        }
    }
}

impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        match error {
            diesel::ConnectionError::CouldntSetupConfiguration(inner) => inner.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

fn from_database(kind: DatabaseErrorKind, info: Box<dyn DatabaseErrorInformation + Send + Sync>) -> Error {
    match kind {
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ExclusionViolation => {
            Error::Conflict { constraint: unique_name(info.as_ref()) }
        }
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => Error::Reference,
        DatabaseErrorKind::CheckViolation => Error::Check { constraint: check_name(info.as_ref()) },
        DatabaseErrorKind::NotNullViolation => Error::Check { constraint: column_name(info.as_ref()) },
        DatabaseErrorKind::SerializationFailure => Error::Busy,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            Error::Unavailable(info.message().to_owned())
        }
        _ => from_message(info.message())
            .unwrap_or_else(|| Error::internal(DieselError::DatabaseError(kind, info))),
    }
}

/// What has no kind in diesel. SQLite speaks English only, and connections ask PostgreSQL for it.
fn from_message(message: &str) -> Option<Error> {
    const BUSY: &[&str] =
        &["database is locked", "database table is locked", "database schema is locked", "deadlock detected"];
    const UNAVAILABLE: &[&str] = &[
        "database or disk is full",
        "disk I/O error",
        "unable to open database file",
        "server closed the connection",
        "terminating connection",
    ];
    let says = |part: &&str| message.contains(part);
    if BUSY.iter().any(says) {
        Some(Error::Busy)
    } else if UNAVAILABLE.iter().any(says) {
        Some(Error::Unavailable(message.to_owned()))
    } else if message.contains("canceling statement due to") {
        // The statement's own limit, or the one for waiting for a lock.
        Some(Error::Timeout)
    } else {
        None
    }
}

/// Whether PostgreSQL asks for the whole transaction to be tried again (SQLSTATE 40001 and 40P01).
pub(super) fn asks_for_retry(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        // diesel has no kind for a deadlock and does not hand out the SQLSTATE.
        DieselError::DatabaseError(_, info) => info.message().contains("deadlock detected"),
        _ => false,
    }
}

/// `table.column,column` of a unique constraint.
fn unique_name(info: &dyn DatabaseErrorInformation) -> Option<String> {
    if let Some(table) = info.table_name() {
        // PostgreSQL, in any language: `Key (agency_id, day)=(…) already exists.`
        let columns = info.details().and_then(|text| {
            let (_, rest) = text.split_once('(')?;
            let (columns, _) = rest.split_once(")=(")?;
            (!columns.contains('(')).then(|| columns.replace(['"', ' '], ""))
        });
        return match columns {
            Some(columns) => Some(format!("{table}.{columns}")),
            None => info.constraint_name().map(str::to_owned),
        };
    }
    // SQLite: `UNIQUE constraint failed: numbers.agency_id, numbers.day` or `… failed: index 'people_folded'`.
    let (_, list) = info.message().split_once("constraint failed: ")?;
    if let Some(index) = list.strip_prefix("index ") {
        return Some(index.trim_matches('\'').to_owned());
    }
    let mut name = String::new();
    for part in list.split(", ") {
        if name.is_empty() {
            name.push_str(part);
        } else {
            name.push(',');
            name.push_str(part.rsplit_once('.').map_or(part, |(_, column)| column));
        }
    }
    Some(name)
}

fn check_name(info: &dyn DatabaseErrorInformation) -> Option<String> {
    info.constraint_name()
        .or_else(|| info.message().split_once("constraint failed: ").map(|(_, name)| name))
        .map(str::to_owned)
}

fn column_name(info: &dyn DatabaseErrorInformation) -> Option<String> {
    match (info.table_name(), info.column_name()) {
        (Some(table), Some(column)) => Some(format!("{table}.{column}")),
        _ => check_name(info),
    }
}
