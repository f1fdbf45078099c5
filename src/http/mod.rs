//! HTTP as every capability needs it. Knows no capability.
//!
//! The way of a request: [`edge`] (id, time limit, the form of errors) → a route → extractors ([`Json`], [`Query`],
//! [`ListQuery`], [`IfMatch`], [`Idempotency`]) → the capability's `api.rs` → an [`Answer`] or a [`Problem`] → `edge`.
//!
//! | file | owns |
//! | --- | --- |
//! | `codes` | the one table of codes: status, titles, explanations |
//! | `problem`, `oauth_error`, `problem_page` | errors in the form of RFC 9457, of RFC 6749, and the pages that explain them |
//! | `language` | Vietnamese and English |
//! | `body`, `query`, `page` | what comes in: JSON, query strings, lists |
//! | `json_schema` | holds what came in against the published schema, all faults at once |
//! | `accept` | which of several representations goes out |
//! | `answer`, `etag` | what goes out, validators and conditions |
//! | `idempotency` | a repeated request has its effect once |
//! | `edge`, `request_id`, `compress`, `metrics`, `limits`, `routes` | what holds for every request |
//! | `client_address`, `throttle` | who a request comes from, behind proxies too; how often he may come without a login |
//! | `safe_headers`, `cors` | what browsers may do with an answer, and which pages may ask for one |
//! | `openapi` | finishes the document that the handlers' attributes make |
//! | `system` | `/livez`, `/readyz`, `/metrics`, `/version` |
//! | `server` | puts it together and runs it |

mod accept;
mod answer;
mod body;
mod client_address;
mod codes;
mod compress;
mod cors;
mod edge;
mod etag;
pub mod idempotency;
mod json_schema;
mod language;
mod limits;
mod metrics;
mod oauth_error;
pub mod openapi;
mod page;
mod problem;
mod problem_page;
mod query;
pub mod request_id;
mod routes;
mod safe_headers;
mod server;
pub mod system;
#[cfg(test)]
mod tests;
mod throttle;

pub use accept::Accept;
pub use answer::{Answer, Caching};
pub use body::{BodyDigest, Json};
pub use client_address::{BadNetwork, Network, TrustedProxies, network_of};
pub use codes::Code;
pub use cors::{BadOrigin, Origins};
pub use etag::{IfMatch, etag};
pub use idempotency::{Claim, Idempotency, ServerKey, Whose};
pub use language::{Detail, Language, Text};
pub use limits::Limits;
pub use metrics::{Gauge, Gauges, Metrics};
pub use oauth_error::{OauthCode, OauthError};
pub use page::{ListQuery, NoFilter, PageParams, PageRequest};
pub use problem::{Fault, Faults, Problem, Result};
pub use query::Query;
pub use request_id::RequestId;
pub use server::{Api, Outside, Settings, serve};

/// A path parameter or several, as actix reads them; what does not parse is not found.
pub type Path<T> = actix_web::web::Path<T>;
