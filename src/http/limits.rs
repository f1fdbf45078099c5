//! The limits of a server: how large, how long, how many.

use std::time::Duration;

/// What a server takes; the defaults suit the API.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest JSON or form body, in bytes.
    pub body_bytes: usize,
    /// Longest time from the head of a request to the head of its answer. A streamed body may take longer.
    pub request_time: Duration,
    /// How long requests in flight may go on after the signal to stop.
    pub shutdown_time: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// Connections open at once per worker; more wait in the system's queue.
    pub connections_per_worker: usize,
    /// What one address may ask of the public's operations in a minute, and at once; 0: as much as it likes.
    pub public_per_minute: u32,
    /// The same for the token endpoints. An office has one address, and everybody in it begins at the same hour.
    pub token_per_minute: u32,
    /// Threads per worker for blocking work. Two: more only cost memory and tail latency (measured).
    pub blocking_threads_per_worker: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 1024 * 1024,
            request_time: Duration::from_secs(30),
            shutdown_time: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            connections_per_worker: 10_000,
            public_per_minute: 60,
            token_per_minute: 120,
            blocking_threads_per_worker: 2,
        }
    }
}
