//! The endpoint of the backlog.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, RoleSet, StatisticsReaders};
use crate::http::{Accept, Answer, Language, Problem, Query};
use crate::statistics::backlog::{BacklogQuery, BacklogReport, backlog};
use crate::statistics::pictures::{self, FORMATS, Format};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_backlog_statistics);
}

/// Report what is open, by age and by time left
///
/// Now, or as it was at the end of a past day (`as_of`): for an agency with all below it, by up to two groups: how many open dossiers have waited how long, and how long each has
/// until the day that its agency is judged by, in working days of the agency asked for; `buckets` tells which days each of them
/// stands for. In every row `total` is the sum of `age`, and the sum of `time_left`, `overdue`, `paused` and `not_started`; it is
/// held against the counters, and an answer with a row that does not agree is refused (500 `figures_inconsistent`). `links` lists
/// exactly the dossiers behind each figure.
///
/// Leaders, inspectors and machines see their agency and all below it, clerks their own agency.
#[utoipa::path(
    tag = "statistics",
    params(BacklogQuery),
    responses((status = 200, description = "The figures; as a picture for `Accept: image/svg+xml`", content(
            (BacklogReport = "application/json"),
            (String = "image/svg+xml"),
        ))),
    extensions(
        ("x-roles" = json!(StatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "figures_inconsistent", "calendar_missing", "not_acceptable"])),
    )
)]
#[get("/api/v1/statistics/backlog")]
async fn get_backlog_statistics(
    app: web::Data<App>,
    caller: Caller<StatisticsReaders>,
    query: Query<BacklogQuery>,
    language: Language,
    accept: Accept,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    match accept.choose(&FORMATS)? {
        Format::Json => {
            figures(&app, move |conn, world| backlog(conn, world, &caller, &query, language)).await
        }
        Format::Svg => {
            pictures::answer(&app, move |conn, world| {
                pictures::draw_backlog(conn, world, &caller, &query, language)
            })
            .await
        }
    }
}
