//! Counters and durations of requests, for `/metrics` in the Prometheus text format.
//!
//! Uses the `prometheus` crate (Apache-2.0, kept by the TiKV project) without its protobuf: its histograms are
//! lock-free, its text encoder escapes rightly, and other modules can register gauges of their own in the same registry.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::{HistogramOpts, HistogramVec, IntGauge, Registry, TextEncoder};

use super::problem::Problem;
use super::system::Gauge;

/// From a fast read to the time limit, in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The figures of this process.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
}

impl Metrics {
    /// Begins to count.
    ///
    /// # Errors
    /// When the names below were no valid names.
    pub fn new() -> Result<Self, Problem> {
        let options = HistogramOpts::new(
            "http_request_duration_seconds",
            "Time from the head of a request to the head of its answer; its count is the number of requests.",
        );
        let requests = HistogramVec::new(options.buckets(BUCKETS.to_vec()), &["method", "route", "status"])
            .map_err(Problem::internal)?;
        let registry = Registry::new();
        registry.register(Box::new(requests.clone())).map_err(Problem::internal)?;
        Ok(Metrics { registry, requests })
    }

    /// Where other modules register what they count.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Notes one request.
    pub(super) fn observe(&self, method: &Method, route: &str, status: StatusCode, elapsed: Duration) {
        // Methods are the client's invention; only known ones may become a series.
        let method = match *method {
            Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => {
                method.as_str()
            }
            _ => "OTHER",
        };
        self.requests.with_label_values(&[method, route, status.as_str()]).observe(elapsed.as_secs_f64());
    }

    /// All figures in the text format, with those that were just read.
    ///
    /// # Errors
    /// 500 when a figure cannot be written.
    pub(super) fn text(&self, read: &[Gauge]) -> Result<String, Problem> {
        let now = Registry::new();
        for Gauge { name, help, value } in read {
            let gauge = IntGauge::new(*name, *help).map_err(Problem::internal)?;
            gauge.set(*value);
            now.register(Box::new(gauge)).map_err(Problem::internal)?;
        }
        let mut all = self.registry.gather();
        all.extend(now.gather());
        TextEncoder::new().encode_to_string(&all).map_err(Problem::internal)
    }
}
