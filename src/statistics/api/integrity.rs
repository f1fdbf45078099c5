//! The endpoint of the integrity report.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, IntegrityReaders, RoleSet};
use crate::http::{Answer, Language, Problem, Query};
use crate::statistics::integrity::{IntegrityQuery, IntegrityReport, integrity};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_integrity_statistics);
}

/// Report what hints at polished figures
///
/// By agency: pauses begun on the due day or after it, extensions asked for late or after it, results outside office hours, repeated or
/// late requests for supplements, late entries, replaced results, corrections, submissions sent away or left waiting. A mark counts on
/// the day on which it was recorded. None of them proves anything by itself; `links` lists exactly the dossiers behind each.
#[utoipa::path(
    tag = "statistics",
    params(IntegrityQuery),
    responses((status = 200, description = "The figures", body = IntegrityReport)),
    extensions(
        ("x-roles" = json!(IntegrityReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "figures_inconsistent"])),
    )
)]
#[get("/api/v1/statistics/integrity")]
async fn get_integrity_statistics(
    app: web::Data<App>,
    caller: Caller<IntegrityReaders>,
    query: Query<IntegrityQuery>,
    language: Language,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    figures(&app, move |conn, world| integrity(conn, world, &caller, &query, language)).await
}
