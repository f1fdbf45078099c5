//! The endpoint of the report on legs.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, RoleSet, SubtreeStatisticsReaders};
use crate::http::{Accept, Answer, Language, Problem, Query};
use crate::statistics::legs::{LegsQuery, LegsReport, legs};
use crate::statistics::pictures::{self, FORMATS, Format};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_legs_statistics);
}

/// Report how much of the working time agencies used for their steps
///
/// Of the legs that ended in the period, by agency and step: how many, what they used (sum, median, 90th percentile as nearest
/// ranks), their shares of the time, and how many overran it by how much. `late` says who used up the time of the dossiers that were
/// resolved late in the period: each of their legs that overran its share, at whatever agency, with how many dossiers and minutes.
/// All times are opening minutes of the agency whose step it is; pauses do not count.
#[utoipa::path(
    tag = "statistics",
    params(LegsQuery),
    responses((status = 200, description = "The figures; as a picture for `Accept: image/svg+xml`", content(
            (LegsReport = "application/json"),
            (String = "image/svg+xml"),
        ))),
    extensions(
        ("x-roles" = json!(SubtreeStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "not_acceptable"])),
    )
)]
#[get("/api/v1/statistics/legs")]
async fn get_legs_statistics(
    app: web::Data<App>,
    caller: Caller<SubtreeStatisticsReaders>,
    query: Query<LegsQuery>,
    language: Language,
    accept: Accept,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    match accept.choose(&FORMATS)? {
        Format::Json => figures(&app, move |conn, world| legs(conn, world, &caller, &query)).await,
        Format::Svg => {
            pictures::answer(&app, move |conn, world| {
                pictures::draw_legs(conn, world, &caller, &query, language)
            })
            .await
        }
    }
}
