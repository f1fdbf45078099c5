//! The clock: the only place that asks the system for the time. Rules take instants as arguments.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::db::Instant;

/// Tells the time. Cheap to clone; clones of a test clock are the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's time.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is set: for tests.
    #[must_use]
    pub fn standing_at(at: Instant) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// Now, in whole microseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn now(&self) -> Instant {
        match &self.0 {
            None => Instant::from(chrono::Utc::now()),
            // Only instants are ever stored, so there always is one.
            Some(standing) => Instant::from_micros(standing.load(Ordering::Relaxed)).unwrap_or(Instant::MIN),
        }
    }

    /// Sets a test clock; the system's clock goes on as it is.
    pub fn set(&self, to: Instant) {
        if let Some(standing) = &self.0 {
            standing.store(to.micros(), Ordering::Relaxed);
        }
    }
}
