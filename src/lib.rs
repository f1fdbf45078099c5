//! The map.

pub mod access;
pub mod agencies;
pub mod app;
pub mod calendar;
pub mod clock;
pub mod config;
pub mod db;
pub mod dossiers;
pub mod http;
pub mod procedures;
pub mod statistics;

pub use app::{App, World};
