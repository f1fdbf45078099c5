//! The endpoint of the report on satisfaction.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, RoleSet, SubtreeStatisticsReaders};
use crate::http::{Answer, Problem, Query};
use crate::statistics::satisfaction::{SatisfactionQuery, SatisfactionReport, satisfaction};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_satisfaction_statistics);
}

/// Report how satisfied applicants were
///
/// No ratings are taken yet: `ratings` is 0, and what would be computed from none is `null`.
#[utoipa::path(
    tag = "statistics",
    params(SatisfactionQuery),
    responses((status = 200, description = "The figures", body = SatisfactionReport)),
    extensions(
        ("x-roles" = json!(SubtreeStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach"])),
    )
)]
#[get("/api/v1/statistics/satisfaction")]
async fn get_satisfaction_statistics(
    app: web::Data<App>,
    caller: Caller<SubtreeStatisticsReaders>,
    query: Query<SatisfactionQuery>,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    figures(&app, move |_, world| satisfaction(world, &caller, &query)).await
}
