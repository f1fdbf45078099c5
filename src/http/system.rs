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
    language::{Detail, Language},
    metrics::{Gauges, Metrics},
    problem::Result,
};

/// Something that must be done before it becomes a fault. The server is ready all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub detail: Detail,
}

/// Says whether the server can do its work: `Err` (503 `busy` as a rule) takes it out of the load balancer.
#[derive(Clone)]
pub struct Readiness(Arc<dyn Fn() -> LocalBoxFuture<'static, Result<Vec<Warning>>> + Send + Sync>);

impl Readiness {
    /// Ready when `check` says so, perhaps with warnings.
    pub fn new(
        check: impl Fn() -> LocalBoxFuture<'static, Result<Vec<Warning>>> + Send + Sync + 'static,
    ) -> Self {
        Readiness(Arc::new(check))
    }
}

/// Whether it works.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
struct Health {
    /// Always `ok`; otherwise the answer is a problem.
    status: &'static str,
}

/// Whether it can do its work.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok", "warnings": []}))]
struct Ready {
    /// Always `ok`; otherwise the answer is a problem.
    status: &'static str,
    /// What somebody should look at in time; empty when all is well.
    warnings: Vec<WarningView>,
}

/// Something that must be done before it becomes a fault.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "code": "calendar_ends", "detail": "The calendars end on 2027-12-31, in 90 days: enter the next year's holidays"
}))]
struct WarningView {
    /// `calendar_ends`: the country's calendars end within 90 days, and with them all intake.
    code: &'static str,
    /// The same for people, in the language of the answer.
    detail: String,
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
/// Asks the database. While it answers 503, no requests should be sent here. `warnings` say what somebody should do
/// before it becomes a fault; they take nothing out of service.
#[utoipa::path(tag = "system", extensions(("x-roles" = json!(["public"])), ("x-problem-codes" = json!([Code::Busy]))),
    responses((status = 200, description = "Ready", body = Ready)))]
#[get("/readyz")]
async fn get_readyz(readiness: Data<Readiness>, language: Language) -> Result<Answer> {
    let told = |warning: Warning| WarningView {
        code: warning.code,
        detail: warning.detail.in_language(language).to_owned(),
    };
    let warnings = (readiness.0)().await?.into_iter().map(told).collect();
    Answer::json(&Ready { status: "ok", warnings }, Caching::Private)
}

/// What does the server count?
///
/// In the Prometheus text format: requests by route and status with their durations, and what else is counted.
#[utoipa::path(tag = "system", extensions(("x-roles" = json!(["public"]))),
    responses((status = 200, description = "The figures", body = String, content_type = "text/plain; version=0.0.4")))]
#[get("/metrics")]
async fn get_metrics(metrics: Data<Metrics>, gauges: Option<Data<Gauges>>) -> Result<Answer> {
    let others = match gauges {
        Some(gauges) => gauges.now().await,
        None => Vec::new(),
    };
    Ok(Answer::bytes(actix_web::http::StatusCode::OK, "text/plain; version=0.0.4", metrics.text(&others)?))
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
