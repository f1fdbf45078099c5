//! What holds for every request, on the real API.

mod errors;
mod idempotency;
mod life;
mod limits;
mod validators;
