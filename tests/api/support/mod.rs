//! How a test is written:
//!
//! ```text
//! on_both_engines! {
//!     async fn a_birth_is_registered(t: Test) {
//!         let clerk = t.as_("clerk@tan-long").await;
//!         let dossier = clerk.post("/dossiers", birth()).await.expect(201);
//!         assert_eq!(dossier["status"], "received");
//!     }
//! }
//! ```
//!
//! makes the tests `a_birth_is_registered::sqlite` and `::postgres`. The second needs a PostgreSQL server and fails
//! without one: `tests/run` starts it. When a test is over, nothing that it sent or got and that is a secret or about a
//! person may stand in the log (`logs`), and every figure is counted again.

mod bodies;
mod client;
mod database;
mod logs;
mod provider;
mod server;

pub use bodies::*;
pub use client::{Answer, Call, Client, address};
pub use database::{Engine, PASSWORD, cheap_hash};
pub use logs::{begin as mark_log, since as lines_since};
pub use provider::{FRONTEND, Provider};
pub use server::{Test, all, run, text, within_seconds};

/// One test for each engine.
macro_rules! on_both_engines {
    ($($(#[$attribute:meta])* async fn $name:ident($t:ident: Test) $body:block)+) => {
        $(
            mod $name {
                #[allow(unused_imports, reason = "the tests of a file share its imports")]
                use super::*;

                async fn body($t: $crate::support::Test) $body

                #[test]
                $(#[$attribute])*
                fn sqlite() {
                    $crate::support::run($crate::support::Engine::Sqlite, body);
                }

                #[test]
                $(#[$attribute])*
                fn postgres() {
                    $crate::support::run($crate::support::Engine::Postgres, body);
                }
            }
        )+
    };
}
pub(crate) use on_both_engines;
