//! `Idempotency-Key`: a request that is sent again, because its answer was lost, has its effect once and gets the
//! first answer again.
//!
//! | | |
//! | --- | --- |
//! | who may repeat | the same caller, at the same operation; without a login whoever sends the same body |
//! | what counts as the same | path, query and body, byte for byte; anything else with the same key is 422 |
//! | what is kept | answers of 2xx, for 24 hours; a refusal or a failure leaves nothing, so it may be tried again |
//! | where | a row that is written in the transaction of the effect: both are there or neither |
//! | a twin while the first runs | waits for it: the row is claimed before the effect (PostgreSQL lets the second claim wait, SQLite has one writer) |
//! | secrecy | key and hashes are kept as HMACs, the answer encrypted under a key that needs the client's `Idempotency-Key` |
//!
//! A handler does this:
//!
//! ```text
//! async fn create_agency(caller: Caller<Admin>, once: Idempotency, body: Json<CreateAgency>, db: Data<Db>) -> Result<Answer> {
//!     let claim = once.claim(Whose::Account(caller.subject()), body.digest());
//!     db.write(move |tx| claim.run(tx, now, |tx| {
//!         let agency = service::create_agency(tx, &caller, &body)?;
//!         Answer::created(&format!("/api/v1/agencies/{}", agency.code), agency.version, &agency)
//!     })).await
//! }
//! ```
//!
//! `If-Match` is compared inside the closure, so a replay comes first: the version that the first try changed is no
//! reason to refuse the second.

mod claim;
mod header;
mod seal;
pub mod store;

pub use claim::{Claim, Whose};
pub use header::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, Idempotency};
pub use seal::ServerKey;
