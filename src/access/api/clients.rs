//! The endpoints of machine clients, for administrators.

use actix_web::{get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::views::{ChangeClient, ClientView, ClientWithSecret, ListFilter, SubmitClient};
use crate::access::{Access, Admin, Caller, RoleSet, service, store, tokens};
use crate::db::Page;
use crate::http::{
    Answer, BodyDigest, Caching, Claim, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Problem,
    Result,
};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list_clients).service(create_client).service(change_client).service(rotate_secret);
}

/// List clients
///
/// Those of one's own agency and of all below it, the oldest first. Their secrets are shown to nobody.
#[utoipa::path(
    tag = "access",
    params(ListFilter, PageParams),
    responses((status = 200, description = "A page of clients", body = Page<ClientView>)),
    extensions(("x-roles" = json!(Admin::NAMES)), ("x-problem-codes" = json!(["unknown_agency", "cursor_invalid"])))
)]
#[get("/api/v1/clients")]
async fn list_clients(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    query: ListQuery<ListFilter>,
) -> Result<Answer> {
    let caller = caller.into_identity();
    let read = move |conn: &mut _| {
        let wanted = service::wanted(conn, &query.filter)?;
        let page = &query.page;
        let rows =
            store::list_clients(conn, &caller, wanted, (page.cursor.as_ref(), page.limit, page.count))?;
        Answer::page(&rows.map(ClientView::from), page, Caching::Private)
    };
    access.db.read(read).await
}

/// Make a client
///
/// A machine that signs in with `client_credentials`, at one's own agency or one below it: it sees that agency's subtree
/// as far as its scopes go. Its secret is made here and shown once.
#[utoipa::path(
    tag = "access",
    responses((status = 201, description = "The client with its secret", body = ClientWithSecret)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed", "duplicate"]))
    )
)]
#[post("/api/v1/clients")]
async fn create_client(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    once: Idempotency,
    body: Json<SubmitClient>,
) -> Result<Answer> {
    let claim = caller.claim(&once, body.digest());
    let (caller, body) = (caller.into_identity(), body.into_inner());
    let secret = tokens::new_secret().map_err(Problem::internal)?;
    let hash = access.hash(&secret).await?;
    let made = move |conn: &mut _, moment: service::Moment| {
        let client = service::create_client(conn, &caller, &body, &hash, moment.now)?;
        let view = ClientWithSecret { client: client.into(), client_secret: secret.clone() };
        Answer::created(&format!("/api/v1/clients/{}", view.client.id), view.client.version, &view)
    };
    access.change(claim, made).await
}

/// Change a client
///
/// Of one's own agency or of one below it. Every token that the client has ends, here at once and on other copies within
/// a second; with `"is_active": false` it gets no more.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "The client's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22")),
    responses((status = 200, description = "The client as it is now", body = ClientView)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed", "duplicate"]))
    )
)]
#[patch("/api/v1/clients/{id}")]
async fn change_client(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<ChangeClient>,
) -> Result<Answer> {
    let (caller, body) = (caller.into_identity(), body.into_inner());
    let changed = move |conn: &mut _, moment| {
        let client = service::change_client(conn, &caller, &id, &if_match, &body, moment)?;
        Answer::view(client.version, &ClientView::from(client), Caching::Private)
    };
    access.change(Claim::none(), changed).await
}

/// Rotate a client's secret
///
/// The new one is made here and shown once. The old one ends at once, with every token that it gave.
#[utoipa::path(
    tag = "access",
    params(
        ("id" = String, Path, description = "The client's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"),
        IfMatch
    ),
    responses((status = 200, description = "The client with its secret", body = ClientWithSecret)),
    extensions(("x-roles" = json!(Admin::NAMES)))
)]
#[post("/api/v1/clients/{id}/rotate-secret")]
async fn rotate_secret(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    id: Path<String>,
    if_match: IfMatch,
    once: Idempotency,
) -> Result<Answer> {
    let claim = caller.claim(&once, BodyDigest::default());
    let caller = caller.into_identity();
    let secret = tokens::new_secret().map_err(Problem::internal)?;
    let hash = access.hash(&secret).await?;
    let rotated = move |conn: &mut _, moment| {
        let client = service::rotate_secret(conn, &caller, &id, &if_match, &hash, moment)?;
        let view = ClientWithSecret { client: client.into(), client_secret: secret.clone() };
        Answer::view(view.client.version, &view, Caching::Private)
    };
    access.change(claim, rotated).await
}
