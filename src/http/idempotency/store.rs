//! The rows: `idempotency(key_hash TEXT PRIMARY KEY, request_hash TEXT, status INTEGER NULL, answer BLOB/BYTEA NULL,
//! created_at, expires_at)`. SQL only; no HTTP.

use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};

use crate::db::{Conn, Error, Instant, InstantSql, dialect::raw};

raw! {
    /// Claims a key, or an expired one again. PostgreSQL waits here for a twin whose transaction is not over.
    struct ClaimKey<'a> {
        key_hash: &'a str => Text,
        request_hash: &'a str => Text,
        now: Instant => InstantSql,
        expires_at: Instant => InstantSql,
    };
    both: "INSERT INTO idempotency (key_hash, request_hash, created_at, expires_at)
           VALUES (:key_hash, :request_hash, :now, :expires_at)
           ON CONFLICT (key_hash) DO UPDATE
           SET request_hash = excluded.request_hash, status = NULL, answer = NULL,
               created_at = excluded.created_at, expires_at = excluded.expires_at
           WHERE idempotency.expires_at <= excluded.created_at"
}

raw! {
    struct KeepAnswer<'a> { key_hash: &'a str => Text, status: i32 => Integer, answer: &'a [u8] => Binary };
    both: "UPDATE idempotency SET status = :status, answer = :answer WHERE key_hash = :key_hash"
}

raw! {
    struct FindKept<'a> { key_hash: &'a str => Text } -> (Text, Nullable<Binary>);
    both: "SELECT request_hash, answer FROM idempotency WHERE key_hash = :key_hash"
}

raw! {
    struct DeleteExpired { now: Instant => InstantSql, most: i64 => BigInt };
    both: "DELETE FROM idempotency WHERE key_hash IN
           (SELECT key_hash FROM idempotency WHERE expires_at <= :now ORDER BY expires_at LIMIT :most)"
}

/// A row as a second request finds it.
#[derive(Debug, diesel::Queryable)]
pub struct Kept {
    /// What was asked with this key.
    pub request_hash: String,
    /// The sealed answer.
    pub answer: Option<Vec<u8>>,
}

/// Whether the key is now this transaction's; `false` when there is an answer already.
///
/// # Errors
/// What the database reports.
pub fn claim(
    conn: &mut Conn,
    key_hash: &str,
    request_hash: &str,
    now: Instant,
    expires_at: Instant,
) -> Result<bool, Error> {
    Ok(ClaimKey { key_hash, request_hash, now, expires_at }.execute(conn)? == 1)
}

/// Keeps the answer in the row that this transaction claimed.
///
/// # Errors
/// What the database reports.
pub fn keep(conn: &mut Conn, key_hash: &str, status: i32, answer: &[u8]) -> Result<(), Error> {
    KeepAnswer { key_hash, status, answer }.execute(conn)?;
    Ok(())
}

/// The row of a key that somebody claimed.
///
/// # Errors
/// What the database reports.
pub fn get(conn: &mut Conn, key_hash: &str) -> Result<Kept, Error> {
    Ok(FindKept { key_hash }.get_result(conn)?)
}

/// Deletes expired rows, at most `most` of them; returns how many. For the worker.
///
/// # Errors
/// What the database reports.
pub fn delete_expired(conn: &mut Conn, now: Instant, most: i64) -> Result<usize, Error> {
    Ok(DeleteExpired { now, most }.execute(conn)?)
}
