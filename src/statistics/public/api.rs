//! The endpoint of published figures.

use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::views::{PublicQuery, PublicStatistics};
use crate::App;
use crate::http::{Answer, Caching, Language, Problem, Query};

/// Registers the operation.
pub(in crate::statistics) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_public_statistics);
}

/// Published figures
///
/// What was received, resolved and is pending, for an agency with all below it, by agency, field or procedure. Figures of a
/// period that lasts stand at the end of yesterday, so that any cache may keep them.
///
/// Fewer than five of a sensitive procedure are withheld (`is_withheld`, `figures: null`), and so is what would tell them by a
/// difference of this or any other published table. By field and procedure: only years that are over.
#[utoipa::path(
    tag = "public",
    params(PublicQuery),
    responses((status = 200, description = "The figures", body = PublicStatistics)),
    extensions(("x-roles" = json!(["public"])), ("x-problem-codes" = json!(["figures_inconsistent"])))
)]
#[get("/api/v1/public/statistics")]
async fn get_public_statistics(
    app: Data<App>,
    query: Query<PublicQuery>,
    language: Language,
) -> Result<Answer, Problem> {
    let Query(query) = query;
    let figures = app.read(move |conn, world| service::figures(conn, world, &query, language)).await?;
    Answer::view(1, &figures, Caching::Published)
}
