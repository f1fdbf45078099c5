//! The map.

pub mod calendar;
pub mod db;
