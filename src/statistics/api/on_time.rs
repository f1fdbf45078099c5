//! The endpoint of the report on time.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, RoleSet, StatisticsReaders};
use crate::http::{Accept, Answer, Language, Problem, Query};
use crate::statistics::pictures::{self, FORMATS, Format};
use crate::statistics::service::{self, OnTimeQuery, OnTimeReport};

/// Registers the endpoints.
pub(super) fn configure(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_on_time_statistics);
}

/// Report how dossiers kept to their time
///
/// What was carried over, received, resolved early, on time or late, withdrawn, stopped and is pending, for an agency with
/// all below it, by up to two groups. Figures are those booked on the days of the period, which ends at `to`, `as_of` or
/// now, whichever comes first; pending stands at that end. Every row satisfies `carried_over + received + moved = resolved +
/// withdrawn + stopped + pending` on counters that are kept independently, and `links` lists exactly the dossiers behind
/// each figure; an answer with a row that does not agree is refused (500 `figures_inconsistent`).
///
/// Leaders, inspectors and machines see their agency and all below it, clerks their own agency.
#[utoipa::path(
    tag = "statistics",
    params(OnTimeQuery),
    responses((status = 200, description = "The figures; as a picture by month for `Accept: image/svg+xml`", content(
        (OnTimeReport = "application/json"),
        (String = "image/svg+xml"),
    ))),
    extensions(
        ("x-roles" = json!(StatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "figures_inconsistent", "not_acceptable"])),
    )
)]
#[get("/api/v1/statistics/on-time")]
async fn get_on_time_statistics(
    app: web::Data<App>,
    caller: Caller<StatisticsReaders>,
    query: Query<OnTimeQuery>,
    language: Language,
    accept: Accept,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    match accept.choose(&FORMATS)? {
        Format::Json => {
            figures(&app, move |conn, world| service::on_time(conn, world, &caller, &query, language)).await
        }
        Format::Svg => {
            pictures::answer(&app, move |conn, world| {
                pictures::draw_on_time(conn, world, &caller, &query, language)
            })
            .await
        }
    }
}
