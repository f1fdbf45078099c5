//! What holds for every request, on the real API.

mod errors;
mod hygiene;
mod idempotency;
mod life;
mod limits;
mod logs;
mod validators;
