//! The endpoints of accounts, for administrators.

use actix_web::{get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::views::{AccountView, AccountWithPassword, ChangeAccount, ListFilter, SubmitAccount};
use crate::access::{Access, Admin, Caller, RoleSet, passwords, service, store};
use crate::db::{Conn, Page};
use crate::http::{
    Answer, BodyDigest, Caching, Claim, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Problem,
    Result,
};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_accounts)
        .service(create_account)
        .service(get_account)
        .service(change_account)
        .service(reset_password);
}

/// List accounts
///
/// Those of one's own agency and of all below it, the oldest first.
#[utoipa::path(
    tag = "access",
    params(ListFilter, PageParams),
    responses((status = 200, description = "A page of accounts", body = Page<AccountView>)),
    extensions(("x-roles" = json!(Admin::NAMES)), ("x-problem-codes" = json!(["unknown_agency", "cursor_invalid"])))
)]
#[get("/api/v1/accounts")]
async fn list_accounts(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    query: ListQuery<ListFilter>,
) -> Result<Answer> {
    let caller = caller.into_identity();
    let read = move |conn: &mut _| {
        let wanted = service::wanted(conn, &query.filter)?;
        let page = &query.page;
        let rows =
            store::list_accounts(conn, &caller, wanted, (page.cursor.as_ref(), page.limit, page.count))?;
        let absences = service::absences(conn, &rows.items)?;
        let view = |account: store::Account| {
            let absence = absences.get(&account.id).cloned();
            AccountView::of(account, absence)
        };
        Answer::page(&rows.map(view), page, Caching::Private)
    };
    access.db.read(read).await
}

/// Make an account
///
/// At one's own agency or one below it. The password is made here, is shown once and must be changed at the first sign-in.
/// `post_clerk` is a role of post offices, `clerk` and `officer` of all others; `integration` is for clients.
#[utoipa::path(
    tag = "access",
    responses((status = 201, description = "The account with its password", body = AccountWithPassword)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed", "duplicate", "invalid_value"]))
    )
)]
#[post("/api/v1/accounts")]
async fn create_account(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    once: Idempotency,
    body: Json<SubmitAccount>,
) -> Result<Answer> {
    let claim = caller.claim(&once, body.digest());
    let (caller, body) = (caller.into_identity(), body.into_inner());
    let password = passwords::made_up().map_err(Problem::internal)?;
    let hash = access.hash(&password).await?;
    let made = move |conn: &mut _, moment: service::Moment| {
        let account = service::create_account(conn, &caller, &body, &hash, moment.now)?;
        let view = AccountWithPassword { account: shown(conn, account)?, password: password.clone() };
        Answer::created(&format!("/api/v1/accounts/{}", view.account.id), view.account.version, &view)
    };
    access.change(claim, made).await
}

/// Read an account
///
/// Of one's own agency or of one below it.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "The account's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22")),
    responses((status = 200, description = "The account", body = AccountView)),
    extensions(("x-roles" = json!(Admin::NAMES)))
)]
#[get("/api/v1/accounts/{id}")]
async fn get_account(access: web::Data<Access>, caller: Caller<Admin>, id: Path<String>) -> Result<Answer> {
    let caller = caller.into_identity();
    let read = move |conn: &mut _| {
        let account = service::get_account(conn, &caller, &id)?;
        answer(conn, account)
    };
    access.db.read(read).await
}

/// Change an account
///
/// Of one's own agency or of one below it. Other roles, another agency or `"is_active": false` end every token that the
/// account has, here at once and on other copies within a second. Nobody changes his own rights.
///
/// `absence` makes another account of the agency the deputy from a moment until another: it has this account's roles beside
/// its own in tokens that it is given during that time, which end with it at the latest.
#[utoipa::path(
    tag = "access",
    params(("id" = String, Path, description = "The account's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22")),
    responses((status = 200, description = "The account as it is now", body = AccountView)),
    extensions(
        ("x-roles" = json!(Admin::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "unknown_agency", "agency_closed", "duplicate", "invalid_value"]))
    )
)]
#[patch("/api/v1/accounts/{id}")]
async fn change_account(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    id: Path<String>,
    if_match: IfMatch,
    body: Json<ChangeAccount>,
) -> Result<Answer> {
    let (caller, body) = (caller.into_identity(), body.into_inner());
    let changed = move |conn: &mut _, moment| {
        let account = service::change_account(conn, &caller, &id, &if_match, &body, moment)?;
        answer(conn, account)
    };
    access.change(Claim::none(), changed).await
}

fn shown(conn: &mut Conn, account: store::Account) -> Result<AccountView> {
    let absence = service::absences(conn, std::slice::from_ref(&account))?.remove(&account.id);
    Ok(AccountView::of(account, absence))
}

fn answer(conn: &mut Conn, account: store::Account) -> Result<Answer> {
    Answer::view(account.version, &shown(conn, account)?, Caching::Private)
}

/// Reset a password
///
/// Of an account of one's own agency or of one below it: the new one is made here and shown once. Everything that was
/// given out to the account ends, and with the new password it may do nothing but change it. One's own password is
/// changed at `/me/password`.
#[utoipa::path(
    tag = "access",
    params(
        ("id" = String, Path, description = "The account's id", example = "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22"),
        IfMatch
    ),
    responses((status = 200, description = "The account with its password", body = AccountWithPassword)),
    extensions(("x-roles" = json!(Admin::NAMES)))
)]
#[post("/api/v1/accounts/{id}/reset-password")]
async fn reset_password(
    access: web::Data<Access>,
    caller: Caller<Admin>,
    id: Path<String>,
    if_match: IfMatch,
    once: Idempotency,
) -> Result<Answer> {
    let claim = caller.claim(&once, BodyDigest::default());
    let caller = caller.into_identity();
    let password = passwords::made_up().map_err(Problem::internal)?;
    let hash = access.hash(&password).await?;
    let reset = move |conn: &mut _, moment| {
        let account = service::reset_password(conn, &caller, &id, &if_match, &hash, moment)?;
        let view = AccountWithPassword { account: shown(conn, account)?, password: password.clone() };
        Answer::view(view.account.version, &view, Caching::Private)
    };
    access.change(claim, reset).await
}
