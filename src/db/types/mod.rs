//! Column types that mean the same on both engines.
//!
//! | Rust | PostgreSQL | SQLite | `diesel::table!` |
//! | --- | --- | --- | --- |
//! | [`Instant`] | `timestamptz` | INTEGER, microseconds | [`InstantSql`] |
//! | `chrono::NaiveDate` (a local day) | `date` | TEXT | `Date` |
//! | [`Json<T>`] | `text` | TEXT | `Text` |
//! | enums by [`text_enum!`], newtypes by [`text_newtype!`] | `text` | TEXT | `Text` |
//! | [`PublicId`] | `text` | TEXT | `Text` |
//! | `bool`, `i64` keys, `i32` counters | `boolean`, `bigint`, `integer` | INTEGER | `Bool`, `BigInt`, `Integer` |

mod instant;
mod json;
mod public_id;
mod text;

pub use instant::{Instant, InstantSql, LOCAL};
pub use json::Json;
pub use public_id::PublicId;
pub use text::BadText;
pub(crate) use text::{list, text_column, text_enum, text_newtype};

/// The SQL types that the tables name.
pub mod sql {
    pub use super::instant::InstantSql;
    pub use diesel::sql_types::*;
}
