//! The way of a request and the map of the folders.
//!
//! - [`clock`]: the only place that asks the machine for the time.
//! - [`db`]: the only door to the database, the same on SQLite and PostgreSQL.
//! - [`agencies`]: the tree of agencies and their opening hours.
//! - [`calendar`]: working time, holidays, due dates and their explanation.
//! - [`procedures`]: the catalogue of procedures, their versions and routes.

pub mod agencies;
pub mod calendar;
pub mod clock;
pub mod db;
