//! The one clock: the only place that asks the machine for the time. Everything else takes the moment as an argument.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::db::Instant;

/// Tells the time. Cheap to clone; clones of a test clock share their time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    /// The machine's clock.
    #[default]
    System,
    /// Whole microseconds since 1970, moved by hand.
    Manual(Arc<AtomicI64>),
}
