//! The way of a request and the map of the folders.
//!
//! - [`db`]: the only door to the database, the same on SQLite and PostgreSQL.
//! - [`http`]: what all endpoints share; knows no capability.
//! - [`access`]: who calls, and who sees which dossier.
//! - [`agencies`]: the tree of agencies and their opening hours.
//! - [`calendar`]: working time, holidays, due dates and their explanation.
//! - [`procedures`]: the catalogue of procedures, their versions and routes.
//!
//! Beside them [`app`], what a request finds at run time, and [`clock`], the only place that asks the machine for the time.

pub mod access;
pub mod agencies;
pub mod app;
pub mod calendar;
pub mod clock;
pub mod db;
pub mod http;
pub mod procedures;

pub use app::{App, World};
