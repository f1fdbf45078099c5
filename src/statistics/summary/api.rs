//! The endpoint of the annual summary.

use actix_web::http::StatusCode;
use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{SummaryQuery, SummaryView};
use super::{markdown, service};
use crate::App;
use crate::access::{Caller, RoleSet, SubtreeStatisticsReaders};
use crate::http::{Accept, Answer, Caching, Language, Problem, Query};

/// Registers the operation.
pub(in crate::statistics) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_annual_summary);
}

const MARKDOWN: &str = "text/markdown; charset=utf-8; variant=GFM";

/// Sum up a year
///
/// The year's figures by level, each linked to the dossiers behind it, compared with the year before (null where nobody knows)
/// and with what sources state; and the paragraphs in Vietnamese that are read out at the summing-up conference, as JSON or as
/// Markdown with every number a link. What rests on an assumption is marked as made up.
#[utoipa::path(
    tag = "statistics",
    params(SummaryQuery),
    responses((status = 200, description = "The summary", content((SummaryView = "application/json"), (String = "text/markdown")))),
    extensions(
        ("x-roles" = json!(SubtreeStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "not_acceptable", "figures_inconsistent"])),
    )
)]
#[get("/api/v1/statistics/annual-summary")]
async fn get_annual_summary(
    app: Data<App>,
    caller: Caller<SubtreeStatisticsReaders>,
    query: Query<SummaryQuery>,
    accept: Accept,
    language: Language,
) -> Result<Answer, Problem> {
    let is_markdown = accept.choose(&[("application/json", false), (MARKDOWN, true)])?;
    let (caller, Query(query)) = (caller.into_identity(), query);
    let summary =
        app.read(move |conn, world| service::summary(conn, world, &caller, &query, language)).await?;
    if is_markdown {
        let text = markdown::write(&summary);
        return Ok(Answer::bytes(StatusCode::OK, MARKDOWN, text).cached(Caching::Private));
    }
    Answer::view(1, &summary, Caching::Private)
}
