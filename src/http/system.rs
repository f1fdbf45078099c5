//! The operations about the server itself: alive, ready, metrics, version. No capability behind them.

use std::sync::Arc;

use actix_web::{get, web::Data};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answer::{Answer, Caching},
    codes::Code,
    metrics::Metrics,
    problem::Result,
};

/// Says whether the server can do its work: `Err` (503 `busy` as a rule) takes it out of the load balancer.
#[derive(Clone)]
pub struct Readiness(Arc<dyn Fn() -> LocalBoxFuture<'static, Result<()>> + Send + Sync>);

impl Readiness {
    /// Ready when `check` says so.
    pub fn new(check: impl Fn() -> LocalBoxFuture<'static, Result<()>> + Send + Sync + 'static) -> Self {
        Readiness(Arc::new(check))
    }
}

/// A figure of the database for `/metrics`, the same on all copies of the program.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// How much.
    pub value: i64,
}

/// Asks the database for its figures whenever somebody reads the metrics.
#[derive(Clone)]
pub struct Gauges(Arc<dyn Fn() -> LocalBoxFuture<'static, Result<Vec<Gauge>>> + Send + Sync>);

impl Gauges {
    /// Those that `read` gives.
    pub fn new(
        read: impl Fn() -> LocalBoxFuture<'static, Result<Vec<Gauge>>> + Send + Sync + 'static,
    ) -> Self {
        Gauges(Arc::new(read))
    }
}

/// Whether it works.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
struct Health {
    /// Always `ok`; otherwise the answer is a problem.
    status: &'static str,
}

/// What runs.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"name": "motcua", "version": "0.1.0"}))]
struct Version {
    /// The program.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// Registers the operations, at the root.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_livez).service(get_readyz).service(get_metrics).service(get_version);
}

/// Is the process alive?
///
/// Looks at nothing but itself: when it does not answer, the process should be started again.
#[utoipa::path(tag = "system", extensions(("x-roles" = json!(["public"]))),
    responses((status = 200, description = "Alive", body = Health)))]
#[get("/livez")]
async fn get_livez() -> Result<Answer> {
    Answer::json(&Health { status: "ok" }, Caching::Private)
}

/// Can the server do its work?
///
/// Asks the database. While it answers 503, no requests should be sent here.
#[utoipa::path(tag = "system", extensions(("x-roles" = json!(["public"])), ("x-problem-codes" = json!([Code::Busy]))),
    responses((status = 200, description = "Ready", body = Health)))]
#[get("/readyz")]
async fn get_readyz(readiness: Data<Readiness>) -> Result<Answer> {
    (readiness.0)().await?;
    Answer::json(&Health { status: "ok" }, Caching::Private)
}

/// What does the server count?
///
/// In the Prometheus text format: requests by route and status with their durations, and what waits: submissions, those of
/// them that should have been answered, and dossiers that are overdue.
#[utoipa::path(tag = "system", extensions(("x-roles" = json!(["public"]))),
    responses((status = 200, description = "The figures", body = String, content_type = "text/plain; version=0.0.4")))]
#[get("/metrics")]
async fn get_metrics(metrics: Data<Metrics>, gauges: Option<Data<Gauges>>) -> Result<Answer> {
    let read = match gauges {
        // Without its database the process still has figures to tell.
        Some(gauges) => (gauges.0)().await.unwrap_or_else(|problem| {
            log::warn!("figures of the database cannot be read: {problem}");
            Vec::new()
        }),
        None => Vec::new(),
    };
    Ok(Answer::bytes(actix_web::http::StatusCode::OK, "text/plain; version=0.0.4", metrics.text(&read)?))
}

/// Which version runs?
///
/// The name of the program and its version.
#[utoipa::path(tag = "system", extensions(("x-roles" = json!(["public"]))),
    responses((status = 200, description = "The version", body = Version)))]
#[get("/version")]
async fn get_version() -> Result<Answer> {
    Answer::json(
        &Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        Caching::Private,
    )
}
