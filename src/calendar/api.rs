//! The endpoints of the calendar.

use std::sync::Arc;

use actix_web::{get, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    service,
    views::{HolidaysView, PreviewView, SubmitHolidays, SubmitPreview, WhoseHolidays},
};
use crate::{
    App,
    access::{Admin, Anyone, Caller, RoleSet},
    http::{Answer, Caching, Claim, IfMatch, Json, Language, Path, Query, Result},
};

/// Registers the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(get_holidays).service(change_holidays).service(preview_deadline);
}

/// Read a year's holidays
///
/// The days off and make-up days of the whole country, or with `agency` those that an agency and all below it have
/// beside them. A year of the country that was not entered is not found; due dates that need it are refused.
#[utoipa::path(
    tag = "calendar",
    responses((status = 200, description = "The year", body = HolidaysView)),
    params(("year" = i32, Path, description = "The year", example = 2019), WhoseHolidays),
    extensions(("x-roles" = json!(Anyone::NAMES)), ("x-problem-codes" = json!(["unknown_agency"])))
)]
#[get("/api/v1/holidays/{year}")]
async fn get_holidays(
    app: web::Data<App>,
    _: Caller<Anyone>,
    year: Path<i32>,
    query: Query<WhoseHolidays>,
    language: Language,
) -> Result<Answer> {
    let agency = query.agency.clone();
    let holidays = app
        .read(move |conn, world| {
            service::holidays(conn, &world.catalogue.tree, *year, agency.as_deref(), language)
        })
        .await?;
    Answer::view(holidays.version, &holidays, Caching::Catalogue)
}

/// Enter a year's holidays
///
/// In place of what was there: the country's by an administrator at a province, an agency's by an administrator of it.
/// What the law wants and the list lacks is told as `warnings`. Deadlines that run already don't move by it:
/// `open_deadlines` says which a recompute would move.
#[utoipa::path(
    tag = "calendar",
    responses((status = 200, description = "The year as it is now", body = HolidaysView)),
    params(("year" = i32, Path, description = "The year", example = 2019), WhoseHolidays),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency"]))
    )
)]
#[put("/api/v1/holidays/{year}")]
async fn change_holidays(
    app: web::Data<App>,
    caller: Caller<Admin>,
    year: Path<i32>,
    query: Query<WhoseHolidays>,
    if_match: IfMatch,
    body: Json<SubmitHolidays>,
    language: Language,
) -> Result<Answer> {
    let (caller, agency, body) = (caller.into_identity(), query.agency.clone(), body.into_inner());
    let open = Arc::clone(&app.open_deadlines);
    app.write(Claim::none(), move |conn, world| {
        let (agency, body) = (agency.as_deref(), body.clone());
        let mut holidays = service::change_holidays(conn, &caller, *year, agency, &if_match, body, language)?;
        // Not through the cache: what this transaction has written may still be undone.
        let world = world.with_changes(conn)?;
        holidays.open_deadlines = Some(open.would_move(conn, &world, &caller, *year)?);
        Answer::view(holidays.version, &holidays, Caching::Private)
    })
    .await
}

/// Compute a due date
///
/// When a dossier that an agency receives at a moment would be due, and what every day until then is, in Vietnamese or
/// by `Accept-Language: en` in English. Nothing is written; the agency may be closed. A year without a calendar stops
/// it (`calendar_missing`): nothing is guessed.
#[utoipa::path(
    tag = "calendar",
    responses((status = 200, description = "The due date and how it comes about", body = PreviewView)),
    extensions(
        ("x-roles" = json!(Anyone::NAMES)),
        ("x-problem-codes" = json!(["unknown_agency", "calendar_missing"]))
    )
)]
#[post("/api/v1/deadlines/preview")]
async fn preview_deadline(
    app: web::Data<App>,
    _: Caller<Anyone>,
    body: Json<SubmitPreview>,
    language: Language,
) -> Result<Answer> {
    let catalogue = app.catalogue().await?;
    let preview = service::preview(&catalogue.tree, &catalogue.calendars, &body, language)?;
    Answer::json(&preview, Caching::Private)
}
