//! # motcua
//!
//! The way of a request: [`http`] (request id, limits, problems) → a capability's `api` (extract, caller) → its `service`
//! (may he? one transaction) → `rules` (what happens) and `store` (what is written: state, event, counters) → a view.
//!
//! A folder is a capability of the one-stop shop, an OpenAPI tag and a folder of tests. Imports go downwards only, in this
//! order:
//!
//! - [`db`]: the only door to the database, the same on SQLite and PostgreSQL.
//! - [`http`]: what all endpoints share: problems, extractors, answers, idempotency, the document, the server.
//! - [`access`]: who calls, and the one predicate of who sees which dossier.
//! - [`agencies`]: the tree of agencies and their opening hours.
//! - [`calendar`]: working time, holidays, due dates and their explanation.
//! - [`procedures`]: the catalogue of procedures, their versions and routes.
//! - [`dossiers`]: intake, the state machine, events, deadlines, lists, the public's look-up.
//! - [`routing`]: legs, transfers between agencies, custody of the papers.
//! - [`post`]: delegations, manifests, shipments.
//! - [`statistics`]: counters, the reports, forms and pictures made of them, the links behind every figure, closed periods,
//!   published figures, the recount.
//! - [`audit`]: who read what, the chain of every history, the daily anchors over them.
//! - [`demo`]: the sample year.
//! - [`cli`]: the commands.
//!
//! Beside them [`app`], what a request finds at run time; [`config`], the only place that reads the environment; and
//! [`clock`], the only place that asks the machine for the time. A higher capability takes part in a dossier's change
//! through [`dossiers::Effect`]; `cli::surface` registers them in their order.

pub mod access;
pub mod agencies;
pub mod app;
pub mod audit;
pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod dossiers;
pub mod http;
pub mod post;
pub mod procedures;
pub mod routing;
pub mod statistics;

pub use app::{App, World};
