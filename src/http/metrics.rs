//! Counters and durations of requests, for `/metrics` in the Prometheus text format.
//!
//! Uses the `prometheus` crate (Apache-2.0, kept by the TiKV project) without its protobuf: its histograms are
//! lock-free, its text encoder escapes rightly, and other modules can register gauges of their own in the same registry.

use std::{sync::Arc, time::Duration};

use actix_web::http::{Method, StatusCode};
use futures_util::future::LocalBoxFuture;
use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntGauge, Registry, TextEncoder, core::Collector};

use super::problem::{Problem, Result};

/// From a fast read to the time limit, in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// A figure that another part of the program knows: a gauge, unless it only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// The name of the series, with its unit.
    pub name: &'static str,
    /// What it says, and when somebody should be woken by it.
    pub help: &'static str,
    /// Its value now.
    pub value: i64,
    /// It only grows while the process runs: a counter.
    pub grows: bool,
}

/// Where `/metrics` asks for the figures of other parts of the program, each time anew.
#[derive(Clone)]
pub struct Gauges(Arc<dyn Fn() -> LocalBoxFuture<'static, Result<Vec<Gauge>>> + Send + Sync>);

impl Gauges {
    /// Asks `read` each time.
    pub fn new(
        read: impl Fn() -> LocalBoxFuture<'static, Result<Vec<Gauge>>> + Send + Sync + 'static,
    ) -> Self {
        Gauges(Arc::new(read))
    }

    /// The figures now. What cannot be known now is left out: the counters of the requests are shown all the same.
    pub(super) async fn now(&self) -> Vec<Gauge> {
        (self.0)().await.unwrap_or_else(|problem| {
            log::warn!("figures are left out of the metrics: {problem}");
            Vec::new()
        })
    }
}

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
    pub fn new() -> Result<Self> {
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

    /// All figures in the text format, and those that others know.
    ///
    /// # Errors
    /// 500 when a figure cannot be written.
    pub fn text(&self, others: &[Gauge]) -> Result<String> {
        let registry = Registry::new();
        for other in others {
            let gauge = IntGauge::new(other.name, other.help).map_err(Problem::internal)?;
            gauge.set(other.value);
            let counter = IntCounter::new(other.name, other.help).map_err(Problem::internal)?;
            counter.inc_by(u64::try_from(other.value).unwrap_or(0));
            let series: Box<dyn Collector> = if other.grows { Box::new(counter) } else { Box::new(gauge) };
            registry.register(series).map_err(Problem::internal)?;
        }
        let mut families = self.registry.gather();
        families.extend(registry.gather());
        TextEncoder::new().encode_to_string(&families).map_err(Problem::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Code;

    const DAYS: Gauge = Gauge { name: "days_left", help: "Days until \\ the end.", value: -7, grows: false };

    #[actix_web::test]
    async fn what_others_know_stands_beside_the_requests() {
        let metrics = Metrics::new().unwrap();
        metrics.observe(&Method::GET, "/livez", StatusCode::OK, Duration::from_millis(1));
        let known = Gauges::new(|| Box::pin(async { Ok(vec![DAYS]) })).now().await;
        let text = metrics.text(&known).unwrap();
        assert!(
            text.contains(
                "# HELP days_left Days until \\\\ the end.\n# TYPE days_left gauge\ndays_left -7\n"
            )
        );
        assert!(text.contains("http_request_duration_seconds_count"), "{text}");
    }

    #[actix_web::test]
    async fn what_cannot_be_known_now_is_left_out() {
        let unknown = Gauges::new(|| Box::pin(async { Err(Code::Busy.into()) })).now().await;
        assert_eq!(unknown, []);
    }
}
