//! The endpoint of the report on the post.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, PostStatisticsReaders, RoleSet};
use crate::http::{Answer, Problem, Query};
use crate::statistics::postal::{PostalQuery, PostalReport, postal};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_postal_statistics);
}

/// Report what went by the post
///
/// Shipments that were booked in the period, by post office and direction, by where they are now, with the cash to be collected on
/// delivery. A post clerk sees his office; others their agency and all below it.
#[utoipa::path(
    tag = "statistics",
    params(PostalQuery),
    responses((status = 200, description = "The figures", body = PostalReport)),
    extensions(
        ("x-roles" = json!(PostStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach"])),
    )
)]
#[get("/api/v1/statistics/postal")]
async fn get_postal_statistics(
    app: web::Data<App>,
    caller: Caller<PostStatisticsReaders>,
    query: Query<PostalQuery>,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    figures(&app, move |conn, world| postal(conn, world, &caller, &query)).await
}
