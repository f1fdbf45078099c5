//! The catalogue of procedures (thủ tục hành chính): fields, versions, routes, fees, papers.
//!
//! A procedure has versions. A draft may be anything that the rules allow; once published, a version never changes, and
//! a dossier keeps the one that it was received under. [`Catalogue`] is what the program knows by heart of all
//! slow-changing tables: agencies, calendars and procedures.
//!
//! | file | owns |
//! | --- | --- |
//! | `content` | [`ProcedureContent`]: what a version says |
//! | `rules` | what a version must satisfy, which version is in force; pure |
//! | `catalogue` | [`Catalogue`], [`Procedures`]: the snapshot |
//! | `labels` | the words for every code that the API shows, in Vietnamese and English |
//! | `views` | what the endpoints take and give |
//! | `store`, `service`, `api` | SQL; use cases; endpoints |
//!
//! Law: Decree 63/2010/NĐ-CP (publication of procedures), Decree 61/2018/NĐ-CP art. 17–19 (routes and time).

mod api;
mod catalogue;
mod content;
mod labels;
mod rules;
mod service;
mod store;
mod views;

#[cfg(test)]
mod tests;

pub use api::configure;
pub use catalogue::{Catalogue, CatalogueCache, Procedure, Procedures, Version};
pub use content::{
    Approval, Component, Fee, FeePer, FieldView, OnlineLevel, ProcedureContent, Step, StepRole,
    SupplementClock,
};
pub use labels::{Label, LabelGroup, label_of};
pub use service::insert_published;
pub use views::{RouteStep, SubmitField, SubmitProcedure};

/// Names a row of `procedures`.
pub type ProcedureId = i64;

/// Names a row of `procedure_versions`.
pub type VersionId = i64;
