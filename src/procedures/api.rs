//! The endpoints of the catalogue of procedures.

use actix_web::{get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    labels::{LabelsView, ListLabels, labels},
    service::{self, view},
    views::{FieldsView, ListProcedures, OnDay, ProcedureView, SubmitProcedure, VersionsView},
};
use crate::{
    App,
    access::{Anyone, Caller, CatalogueWriters, RoleSet},
    agencies::page_by_code,
    db::Page,
    http::{
        Answer, BodyDigest, Caching, Code, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Query,
        Result,
    },
};

/// Registers the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_labels)
        .service(list_fields)
        .service(list_procedures)
        .service(create_procedure)
        .service(get_procedure)
        .service(list_procedure_versions)
        .service(create_procedure_version)
        .service(get_procedure_version)
        .service(publish_procedure_version);
}

/// List labels
///
/// The words for every code that answers show (status, action, channel, outcome, mark, role and so on) in Vietnamese and
/// English. Codes never change; words may.
#[utoipa::path(
    tag = "procedures",
    params(ListLabels),
    responses((status = 200, description = "The labels, group by group", body = LabelsView)),
    extensions(("x-roles" = json!(["public"])))
)]
#[get("/api/v1/labels")]
async fn list_labels(query: Query<ListLabels>) -> Result<Answer> {
    Answer::view(1, &labels(&query), Caching::Published)
}

/// List fields
///
/// The fields (lĩnh vực) that procedures belong to, by code.
#[utoipa::path(
    tag = "procedures",
    responses((status = 200, description = "The fields", body = FieldsView)),
    extensions(("x-roles" = json!(Anyone::NAMES)))
)]
#[get("/api/v1/fields")]
async fn list_fields(app: web::Data<App>, _: Caller<Anyone>) -> Result<Answer> {
    let catalogue = app.catalogue().await?;
    let fields = FieldsView { items: catalogue.procedures.fields().to_vec() };
    Answer::view(1, &fields, Caching::Catalogue)
}

/// List procedures
///
/// Each in the version that is in force on a day (today, unless `in_force_on` says otherwise), by code. A procedure
/// without a version of that day is not listed.
#[utoipa::path(
    tag = "procedures",
    params(ListProcedures, PageParams),
    responses((status = 200, description = "A page of procedures", body = Page<ProcedureView>)),
    extensions(("x-roles" = json!(Anyone::NAMES)), ("x-problem-codes" = json!(["unknown_agency", "cursor_invalid"])))
)]
#[get("/api/v1/procedures")]
async fn list_procedures(
    app: web::Data<App>,
    _: Caller<Anyone>,
    query: ListQuery<ListProcedures>,
) -> Result<Answer> {
    let catalogue = app.catalogue().await?;
    let today = app.clock.now().local_day();
    let procedures = service::list_procedures(&catalogue.tree, &catalogue.procedures, &query.filter, today)?;
    let page = page_by_code("procedures", procedures, &query.page, |version| &version.procedure_code)?;
    Answer::page(&page.map(ProcedureView::from), &query.page, Caching::Catalogue)
}

/// Make a procedure
///
/// With its first version as a draft; it counts once that is published. The catalogue is the whole country's and is
/// written at a province only.
#[utoipa::path(
    tag = "procedures",
    responses((status = 201, description = "The draft", body = ProcedureView)),
    extensions(
        ("x-roles" = json!(CatalogueWriters::NAMES)),
        ("x-problem-codes" = json!(["duplicate", "invalid_route", "unknown_agency"]))
    )
)]
#[post("/api/v1/procedures")]
async fn create_procedure(
    app: web::Data<App>,
    caller: Caller<CatalogueWriters>,
    repeat: Idempotency,
    body: Json<SubmitProcedure>,
) -> Result<Answer> {
    let claim = caller.claim(&repeat, body.digest());
    let (caller, body) = (caller.into_identity(), body.into_inner());
    app.write(claim, move |conn, _| {
        let (version, draft) = view(&service::create_procedure(conn, &caller, &body)?);
        Answer::created(&format!("/api/v1/procedures/{}", draft.code), version, &draft)
    })
    .await
}

/// Read a procedure
///
/// In the version that is in force on a day; when there is none, in the next to come, else in the last one.
#[utoipa::path(
    tag = "procedures",
    responses((status = 200, description = "The version", body = ProcedureView)),
    params(("code" = String, Path, description = "The procedure's code", example = "1.001193"), OnDay),
    extensions(("x-roles" = json!(Anyone::NAMES)))
)]
#[get("/api/v1/procedures/{code}")]
async fn get_procedure(
    app: web::Data<App>,
    caller: Caller<Anyone>,
    code: Path<String>,
    query: Query<OnDay>,
) -> Result<Answer> {
    let catalogue = app.catalogue().await?;
    let day = query.in_force_on.unwrap_or(app.clock.now().local_day());
    if let Some(found) = service::version_to_show(&catalogue.procedures, &code, day) {
        let (version, shown) = view(found);
        return Answer::view(version, &shown, Caching::Catalogue);
    }
    // Nothing was published: those who may publish see the newest draft.
    let caller = caller.into_identity();
    let drafts = app
        .read(move |conn, world| service::list_versions(conn, &caller, &world.catalogue.tree, &code))
        .await?;
    let (version, shown) = view(drafts.first().ok_or(Code::NotFound)?);
    Answer::view(version, &shown, Caching::Private)
}

/// List a procedure's versions
///
/// By falling number. Drafts are shown to those who may publish them.
#[utoipa::path(
    tag = "procedures",
    responses((status = 200, description = "The versions", body = VersionsView)),
    params(("code" = String, Path, description = "The procedure's code", example = "1.001193")),
    extensions(("x-roles" = json!(Anyone::NAMES)))
)]
#[get("/api/v1/procedures/{code}/versions")]
async fn list_procedure_versions(
    app: web::Data<App>,
    caller: Caller<Anyone>,
    code: Path<String>,
) -> Result<Answer> {
    let caller = caller.into_identity();
    let versions = app
        .read(move |conn, world| service::list_versions(conn, &caller, &world.catalogue.tree, &code))
        .await?;
    Answer::json(&VersionsView { items: versions.iter().map(Into::into).collect() }, Caching::Catalogue)
}

/// Make a version
///
/// A new version of a procedure, as a draft; it says all that holds from its first day on, not only what changes.
#[utoipa::path(
    tag = "procedures",
    responses((status = 201, description = "The draft", body = ProcedureView)),
    params(("code" = String, Path, description = "The procedure's code", example = "1.001193")),
    extensions(
        ("x-roles" = json!(CatalogueWriters::NAMES)),
        ("x-problem-codes" = json!(["invalid_route", "unknown_agency"]))
    )
)]
#[post("/api/v1/procedures/{code}/versions")]
async fn create_procedure_version(
    app: web::Data<App>,
    caller: Caller<CatalogueWriters>,
    code: Path<String>,
    repeat: Idempotency,
    body: Json<SubmitProcedure>,
) -> Result<Answer> {
    let claim = caller.claim(&repeat, body.digest());
    let (caller, body) = (caller.into_identity(), body.into_inner());
    app.write(claim, move |conn, _| {
        let (version, draft) = view(&service::create_version(conn, &caller, &code, &body)?);
        let place = format!("/api/v1/procedures/{}/versions/{}", draft.code, draft.version);
        Answer::created(&place, version, &draft)
    })
    .await
}

/// Read a version
///
/// Published, or a draft for those who may publish it.
#[utoipa::path(
    tag = "procedures",
    responses((status = 200, description = "The version", body = ProcedureView)),
    params(
        ("code" = String, Path, description = "The procedure's code", example = "1.001193"),
        ("version" = i32, Path, description = "The version's number", example = 1)
    ),
    extensions(("x-roles" = json!(Anyone::NAMES)))
)]
#[get("/api/v1/procedures/{code}/versions/{version}")]
async fn get_procedure_version(
    app: web::Data<App>,
    caller: Caller<Anyone>,
    path: Path<(String, i32)>,
) -> Result<Answer> {
    let (caller, (code, number)) = (caller.into_identity(), path.into_inner());
    let versions = app
        .read(move |conn, world| service::list_versions(conn, &caller, &world.catalogue.tree, &code))
        .await?;
    let found = versions.iter().find(|version| version.number == number).ok_or(Code::NotFound)?;
    let (version, shown) = view(found);
    Answer::view(version, &shown, Caching::Catalogue)
}

/// Publish a version
///
/// From then on it never changes. It may not begin before the version published last, which ends where this one begins.
/// Dossiers keep the version that they were received under.
#[utoipa::path(
    tag = "procedures",
    responses((status = 200, description = "The published version", body = ProcedureView)),
    params(
        ("code" = String, Path, description = "The procedure's code", example = "1.001193"),
        ("version" = i32, Path, description = "The version's number", example = 2),
        IfMatch
    ),
    extensions(
        ("x-roles" = json!(CatalogueWriters::NAMES)),
        ("x-problem-codes" = json!(["version_published", "conflict"]))
    )
)]
#[post("/api/v1/procedures/{code}/versions/{version}/publish")]
async fn publish_procedure_version(
    app: web::Data<App>,
    caller: Caller<CatalogueWriters>,
    path: Path<(String, i32)>,
    if_match: IfMatch,
    repeat: Idempotency,
) -> Result<Answer> {
    let claim = caller.claim(&repeat, BodyDigest::default());
    let (caller, (code, number)) = (caller.into_identity(), path.into_inner());
    app.write(claim, move |conn, world| {
        let published = service::publish_version(conn, &caller, &code, number, &if_match, world.now)?;
        let (version, shown) = view(&published);
        Answer::view(version, &shown, Caching::Private)
    })
    .await
}
