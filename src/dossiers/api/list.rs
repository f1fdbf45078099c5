//! Lists, search and single dossiers.

use actix_web::{get, post, web};

use super::super::listing::{self, DossierFilter, Listing, SearchDossiers};
use super::super::view::{self, Reader};
use super::super::{DossierView, service};
use crate::App;
use crate::World;
use crate::access::{Caller, DossierReaders, Operation, RoleSet};
use crate::db::{Conn, Page};
use crate::http::{Answer, Caching, Json, ListQuery, PageParams, Path, Problem};

/// List dossiers
///
/// Everything the caller sees, newest first, each in the best view that he has of it (`view`). Without `agency` that is
/// all; with it, what the agency and those below it received.
#[utoipa::path(
    tag = "dossiers",
    params(DossierFilter, PageParams),
    responses((status = 200, description = "A page of dossiers", body = Page<DossierView>)),
    extensions(
        ("x-roles" = json!(DossierReaders::NAMES)),
        ("x-problem-codes" = json!(["filter_not_allowed", "cursor_invalid", "calendar_missing"])),
    )
)]
#[get("/api/v1/dossiers")]
pub(super) async fn list_dossiers(
    app: web::Data<App>,
    caller: Caller<DossierReaders>,
    query: ListQuery<DossierFilter>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let ListQuery { filter, page } = query;
    let search = SearchDossiers { filter, ..SearchDossiers::default() };
    let listing = Listing { limit: page.limit, cursor: page.cursor.clone(), count: page.count };
    let found = app
        .read(move |conn, world| {
            rendered(conn, world, Reader(&caller, Operation::ListDossiers), &search, &listing)
        })
        .await?;
    Answer::page(&found, &page, Caching::Private)
}

/// Search dossiers
///
/// The list with its filters in a body, and with names and numbers that must not stand in URLs and logs.
#[utoipa::path(
    tag = "dossiers",
    request_body = SearchDossiers,
    responses((status = 200, description = "A page of dossiers", body = Page<DossierView>)),
    extensions(
        ("x-roles" = json!(DossierReaders::NAMES)),
        ("x-problem-codes" = json!(["filter_not_allowed", "cursor_invalid", "calendar_missing"])),
    )
)]
#[post("/api/v1/dossiers/search")]
pub(super) async fn search_dossiers(
    app: web::Data<App>,
    caller: Caller<DossierReaders>,
    body: Json<SearchDossiers>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let search = body.into_inner();
    let listing = Listing {
        limit: search.numbers.limit.unwrap_or_default(),
        cursor: search.numbers.cursor.clone(),
        count: search.numbers.count.unwrap_or(false),
    };
    let found = app
        .read(move |conn, world| {
            rendered(conn, world, Reader(&caller, Operation::SearchDossiers), &search, &listing)
        })
        .await?;
    Answer::json(&found, Caching::Private)
}

/// Get a dossier
///
/// By code, reference or id, as far as the caller's view goes. Whoever must not know that it exists gets 404.
#[utoipa::path(
    tag = "dossiers",
    params(("code" = String, Path)),
    responses((status = 200, description = "The dossier", body = DossierView)),
    extensions(("x-roles" = json!(DossierReaders::NAMES)))
)]
#[get("/api/v1/dossiers/{code}")]
pub(super) async fn get_dossier(
    app: web::Data<App>,
    caller: Caller<DossierReaders>,
    address: Path<String>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let view = app.read(move |conn, world| service::show(conn, world, &caller, &address)).await?;
    Answer::view(view.version, &view, Caching::Private)
}

fn rendered(
    conn: &mut Conn,
    world: &World,
    reader: Reader<'_>,
    search: &SearchDossiers,
    listing: &Listing,
) -> Result<Page<DossierView>, Problem> {
    let Page { items, next_cursor, total } = listing::list(conn, world, reader.0, search, listing)?;
    Ok(Page { items: view::render(conn, world, reader, items)?, next_cursor, total })
}
