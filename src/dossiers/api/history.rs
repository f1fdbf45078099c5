//! History and ledger of a dossier.

use actix_web::{get, web};

use super::super::history::{HistoryView, history};
use super::super::ledger::{DeadlineView, ledger};
use super::super::service;
use super::super::view::Reader;
use crate::App;
use crate::access::{Caller, DossierReaders, Operation, RoleSet, View};
use crate::http::{Answer, Caching, Path, Problem};

/// List a dossier's events
///
/// Its whole history, each event with the hash that chains it to the one before. Reasons and names only in the full
/// view.
#[utoipa::path(
    tag = "dossiers",
    params(("code" = String, Path)),
    responses((status = 200, description = "The history", body = HistoryView)),
    extensions(("x-roles" = json!(DossierReaders::NAMES)))
)]
#[get("/api/v1/dossiers/{code}/events")]
pub(super) async fn list_dossier_events(
    app: web::Data<App>,
    caller: Caller<DossierReaders>,
    address: Path<String>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let history = app
        .read(move |conn, world| {
            let (dossier, sight) = service::find_visible(conn, world, &caller, &address)?;
            let reader = Reader(&caller, Operation::ListDossierEvents);
            history(conn, world, reader, &dossier, sight.at_least(View::Masked)?.view())
        })
        .await?;
    Answer::json(&history, Caching::Private)
}

/// Explain a dossier's deadline
///
/// The ledger: the procedure's limit, what was used of it, and every pause, restart, resumption and extension with who,
/// when and why.
#[utoipa::path(
    tag = "dossiers",
    params(("code" = String, Path)),
    responses((status = 200, description = "The ledger", body = DeadlineView)),
    extensions(
        ("x-roles" = json!(DossierReaders::NAMES)),
        ("x-problem-codes" = json!(["calendar_missing"])),
    )
)]
#[get("/api/v1/dossiers/{code}/deadline")]
pub(super) async fn get_dossier_deadline(
    app: web::Data<App>,
    caller: Caller<DossierReaders>,
    address: Path<String>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let ledger = app
        .read(move |conn, world| {
            let (dossier, sight) = service::find_visible(conn, world, &caller, &address)?;
            let reader = Reader(&caller, Operation::GetDossierDeadline);
            ledger(conn, world, reader, &dossier, sight.at_least(View::Masked)?.view())
        })
        .await?;
    Answer::json(&ledger, Caching::Private)
}
