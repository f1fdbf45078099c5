//! The endpoints of agencies.

use actix_web::{get, patch, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    listing::page_by_code,
    service,
    views::{
        AgencyView, ChangeAgency, ListAgencies, OfficersView, SubmitAgency, SubmitWorkingHours,
        WorkingHoursView,
    },
};
use crate::{
    App,
    access::{Admin, Anyone, Caller, OfficerReaders, RoleSet},
    db::Page,
    http::{Answer, Caching, Claim, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Result},
};

/// Registers the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_agencies)
        .service(create_agency)
        .service(get_agency)
        .service(change_agency)
        .service(list_officers)
        .service(get_working_hours)
        .service(change_working_hours);
}

/// List agencies
///
/// All agencies of the catalogue, by code, those that have ended too unless `open_on` is given.
#[utoipa::path(
    tag = "agencies",
    params(ListAgencies, PageParams),
    responses((status = 200, description = "A page of agencies", body = Page<AgencyView>)),
    extensions(("x-roles" = json!(Anyone::NAMES)), ("x-problem-codes" = json!(["unknown_agency", "cursor_invalid"])))
)]
#[get("/api/v1/agencies")]
async fn list_agencies(
    app: web::Data<App>,
    _: Caller<Anyone>,
    query: ListQuery<ListAgencies>,
) -> Result<Answer> {
    let catalogue = app.catalogue().await?;
    let agencies = service::list_agencies(&catalogue.tree, &query.filter)?;
    let page = page_by_code("agencies", agencies, &query.page, |agency| &agency.code)?;
    let page = page.map(|agency| AgencyView::of(agency, &catalogue.tree));
    Answer::page(&page, &query.page, Caching::Catalogue)
}

/// Make an agency
///
/// By an administrator of the agency that it stands below. A province is laid by whoever runs the installation.
#[utoipa::path(
    tag = "agencies",
    responses((status = 201, description = "The agency", body = AgencyView)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed", "duplicate"]))
    )
)]
#[post("/api/v1/agencies")]
async fn create_agency(
    app: web::Data<App>,
    caller: Caller<Admin>,
    repeat: Idempotency,
    body: Json<SubmitAgency>,
) -> Result<Answer> {
    let claim = caller.claim(&repeat, body.digest());
    let (caller, body) = (caller.into_identity(), body.into_inner());
    app.write(claim, move |conn, world| {
        let agency = service::create_agency(conn, &caller, &body, world.now.local_day())?;
        Answer::created(&format!("/api/v1/agencies/{}", agency.code), agency.version, &agency)
    })
    .await
}

/// Read an agency
///
/// By its code, also when it has ended.
#[utoipa::path(
    tag = "agencies",
    responses((status = 200, description = "The agency", body = AgencyView)),
    params(("code" = String, Path, description = "The agency's code", example = "000.21.31.H20")),
    extensions(("x-roles" = json!(Anyone::NAMES)))
)]
#[get("/api/v1/agencies/{code}")]
async fn get_agency(app: web::Data<App>, _: Caller<Anyone>, code: Path<String>) -> Result<Answer> {
    let catalogue = app.catalogue().await?;
    let agency = service::get(&catalogue.tree, &code)?;
    Answer::view(agency.version, &AgencyView::of(agency, &catalogue.tree), Caching::Catalogue)
}

/// Change an agency
///
/// By an administrator of it or of one above it. What is left out stays, `null` clears; code and kind never change.
/// From its end on, its people belong to its `successor`, which the caller must administer too.
#[utoipa::path(
    tag = "agencies",
    responses((status = 200, description = "The agency as it is now", body = AgencyView)),
    params(("code" = String, Path, description = "The agency's code", example = "000.21.31.H20")),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed"]))
    )
)]
#[patch("/api/v1/agencies/{code}")]
async fn change_agency(
    app: web::Data<App>,
    caller: Caller<Admin>,
    code: Path<String>,
    if_match: IfMatch,
    body: Json<ChangeAgency>,
) -> Result<Answer> {
    let (caller, body) = (caller.into_identity(), body.into_inner());
    app.write(Claim::none(), move |conn, world| {
        let today = world.now.local_day();
        let agency = service::change_agency(conn, &caller, &code, &if_match, &body, today)?;
        Answer::view(agency.version, &agency, Caching::Private)
    })
    .await
}

/// List the people of an agency
///
/// Its active officers and leaders: whom a dossier can be assigned to. Of one's own agency or of one below it.
#[utoipa::path(
    tag = "agencies",
    responses((status = 200, description = "The people, by user name", body = OfficersView)),
    params(("code" = String, Path, description = "The agency's code", example = "000.01.31.H20")),
    extensions(("x-roles" = json!(OfficerReaders::NAMES)), ("x-problem-codes" = json!(["agency_out_of_reach"])))
)]
#[get("/api/v1/agencies/{code}/officers")]
async fn list_officers(
    app: web::Data<App>,
    caller: Caller<OfficerReaders>,
    code: Path<String>,
) -> Result<Answer> {
    let caller = caller.into_identity();
    let officers = app
        .read(move |conn, world| service::list_officers(conn, &caller, &world.catalogue.tree, &code))
        .await?;
    Answer::json(&officers, Caching::Private)
}

/// Read opening hours
///
/// The weeks that hold for an agency, each from its first day on: its own where it has any, else those of the nearest
/// agency above it that has, else the usual ones.
#[utoipa::path(
    tag = "agencies",
    responses((status = 200, description = "The opening hours", body = WorkingHoursView)),
    params(("code" = String, Path, description = "The agency's code", example = "000.21.31.H20")),
    extensions(("x-roles" = json!(Anyone::NAMES)))
)]
#[get("/api/v1/agencies/{code}/working-hours")]
async fn get_working_hours(app: web::Data<App>, _: Caller<Anyone>, code: Path<String>) -> Result<Answer> {
    let hours =
        app.read(move |conn, world| service::working_hours(conn, &world.catalogue.tree, &code)).await?;
    Answer::view(hours.version, &hours, Caching::Catalogue)
}

/// Set opening hours
///
/// A week that holds from a day on, for the agency and all below it that have none of their own; `"hours": null` goes
/// back to those of the agency above. Deadlines that run already don't move by it; recompute is for that.
#[utoipa::path(
    tag = "agencies",
    responses((status = 200, description = "The opening hours as they are now", body = WorkingHoursView)),
    params(("code" = String, Path, description = "The agency's code", example = "000.21.31.H20")),
    extensions(("x-roles" = json!(Admin::NAMES)), ("x-problem-codes" = json!(["agency_out_of_reach"])))
)]
#[put("/api/v1/agencies/{code}/working-hours")]
async fn change_working_hours(
    app: web::Data<App>,
    caller: Caller<Admin>,
    code: Path<String>,
    if_match: IfMatch,
    body: Json<SubmitWorkingHours>,
) -> Result<Answer> {
    let (caller, body) = (caller.into_identity(), body.into_inner());
    app.write(Claim::none(), move |conn, _| {
        let hours = service::change_working_hours(conn, &caller, &code, &if_match, &body)?;
        Answer::view(hours.version, &hours, Caching::Private)
    })
    .await
}
