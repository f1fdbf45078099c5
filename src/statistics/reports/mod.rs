//! Statutory forms: layouts in data, filled in from the counters or from what a closed period froze.
//!
//! | file | owns |
//! | --- | --- |
//! | `layout` | what stands on a form, and what is wrong with a layout |
//! | `registry` | [`Layouts`]: the forms of the program and of the installation |
//! | `measure` | what columns may count |
//! | `table` | from cells to rows, with identities proved |
//! | `views`, `csv`, `sheet` | the form as JSON, CSV, spreadsheet |
//! | `service`, `api` | which figures, for whom; the endpoint |
//!
//! Law: Circular 01/2020/TT-VPCP (forms 06a, 06b), Decision 766/QĐ-TTg.

pub(super) mod api;
mod csv;
pub(super) mod layout;
pub(super) mod measure;
mod registry;
mod service;
mod sheet;
pub(super) mod table;
mod views;

pub use registry::{BadLayouts, Layouts};
