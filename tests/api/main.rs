//! The API through HTTP against a real server, on both engines. A folder for each capability.
//!
//! Every test has a database of its own (a copy of a template) with the agencies, calendars, procedures and accounts of
//! the sample year, a server of its own and a clock that stands still until the test moves it. When it is over, every
//! figure is counted again: a test that leaves anything inconsistent fails. `support` explains how to write one.

#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test says shortly what must hold"
)]

mod support;

mod access;
mod agencies;
mod audit;
mod authorization;
mod calendar;
mod dossiers;
mod neighbours;
mod openapi;
mod post;
mod procedures;
mod reach;
mod routing;
mod schema;
mod statistics;
mod system;
mod tour;
