//! The map of the program and the way of a request.
//!
//! A folder is a capability: `mod.rs` says what it is and holds its types, `rules` decides (pure), `store` is the SQL,
//! `service` the use cases (one transaction each), `api` the endpoints. Imports go downwards only, in the order below;
//! `tests/architecture.rs` fails otherwise.
//!
//! | | owns |
//! | --- | --- |
//! | [`db`] | the only door to the database, the same on SQLite and PostgreSQL |
//! | [`http`] | what all endpoints share: problems, idempotency, validators, limits, the document; knows no capability |
//! | [`clock`], [`config`] | the time and the settings, each asked for in one place |
//! | [`access`] | who calls, and who sees which dossier |
//! | [`agencies`] | the tree of agencies and their opening hours |
//! | [`calendar`] | working time, holidays, due dates and their explanation |
//! | [`procedures`] | the catalogue of procedures, their versions and routes |
//! | [`app`] | what a request finds at run time |
//! | [`dossiers`] | intake, the state machine, history, lists, the public's look-up |
//! | [`routing`] | legs, transfers between agencies, where the papers are |
//! | [`post`] | delegations, manifests and shipments of the public post |
//! | [`statistics`] | counters, the report on time, the recount behind `motcua verify` |
//! | [`demo`] | the sample year 2019 of Thanh Bình district |
//! | [`cli`] | the commands, and how a whole server is started |
//!
//! The way of a request: `http` (request id, limits, form of errors) → `api` (extract, caller) → `service` (may he? one
//! transaction) → `rules` (what happens) and `store` (what is written) → view. Whatever changes a dossier goes through
//! [`dossiers::apply`]; routing, post and statistics take part in its transaction as [`dossiers::Effect`]s, in the order of
//! [`cli::surface::effects`].

pub mod access;
pub mod agencies;
pub mod app;
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
