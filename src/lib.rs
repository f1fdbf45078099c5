//! The way of a request and the map of the folders.
//!
//! - [`db`]: the only door to the database, the same on SQLite and PostgreSQL.
//! - [`http`]: problems, extractors, answers, idempotency, the document, the server. Knows no capability.

pub mod db;
pub mod http;
