//! The way of a request and the map of the folders.
//!
//! - [`db`]: the only door to the database, the same on SQLite and PostgreSQL.

pub mod db;
