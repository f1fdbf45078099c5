//! The endpoint of the ranking of agencies.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::figures;
use crate::App;
use crate::access::{Caller, RoleSet, SubtreeStatisticsReaders};
use crate::http::{Accept, Answer, Language, Problem, Query};
use crate::statistics::pictures::{self, FORMATS, Format};
use crate::statistics::ranking::{RankingQuery, RankingReport, ranking};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_ranking_statistics);
}

/// Rank agencies by how well they kept to their time
///
/// By the exact share resolved early or on time, of each agency for itself: the one asked for and all below it. Those
/// that resolved fewer than `minimum` in the period are not ranked: they stand in `unranked`. Agencies with the same share
/// have the same `rank`, and `tied_with` says with how many; the next has the place that it would have had without ties.
#[utoipa::path(
    tag = "statistics",
    params(RankingQuery),
    responses((status = 200, description = "The figures; as a picture for `Accept: image/svg+xml`", content(
            (RankingReport = "application/json"),
            (String = "image/svg+xml"),
        ))),
    extensions(
        ("x-roles" = json!(SubtreeStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "figures_inconsistent", "not_acceptable"])),
    )
)]
#[get("/api/v1/statistics/ranking")]
async fn get_ranking_statistics(
    app: web::Data<App>,
    caller: Caller<SubtreeStatisticsReaders>,
    query: Query<RankingQuery>,
    language: Language,
    accept: Accept,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    match accept.choose(&FORMATS)? {
        Format::Json => {
            figures(&app, move |conn, world| ranking(conn, world, &caller, &query, language)).await
        }
        Format::Svg => {
            pictures::answer(&app, move |conn, world| {
                pictures::draw_ranking(conn, world, &caller, &query, language)
            })
            .await
        }
    }
}
