//! The endpoints of the audit.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::inspection;
use super::views::{ListReadings, ReadingView, VerifyQuery, VerifyReport};
use crate::App;
use crate::access::{Auditors, Caller, RoleSet};
use crate::db::Page;
use crate::http::{Answer, Caching, Language, ListQuery, PageParams, Problem, Query};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_readings).service(verify_histories);
}

/// List who read what
///
/// Every full reading of the dossiers that the inspector's agency and those below it received, the newest first: when, whose,
/// by which operation, and the reason that was given. Readings by inspectors and by agencies that neither received nor hold
/// the dossier were written down before they were answered, all others within a second.
#[utoipa::path(
    tag = "audit",
    params(ListReadings, PageParams),
    responses((status = 200, description = "A page of readings", body = Page<ReadingView>, example = json!({
        "items": [{
            "at": "2019-03-04T09:12:31.204113+07:00", "dossier": "000.33.31.H20-190304-0001",
            "caller": {
                "kind": "account", "name": "inspector@thanh-binh",
                "agency": {"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"}
            },
            "operation": "get_dossier", "reason": "Kiểm tra theo kế hoạch năm 2019"
        }],
        "next_cursor": null
    }))),
    extensions(
        ("x-roles" = json!(Auditors::NAMES)),
        ("x-problem-codes" = json!(["not_found", "unknown_agency", "cursor_invalid"])),
    )
)]
#[get("/api/v1/audit/access")]
async fn list_readings(
    app: web::Data<App>,
    caller: Caller<Auditors>,
    query: ListQuery<ListReadings>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let ListQuery { filter, page } = query;
    let wanted = page.clone();
    let found = app
        .read(move |conn, world| inspection::list_readings(conn, world, &caller, &filter, &wanted))
        .await?;
    Answer::page(&found, &page, Caching::Private)
}

/// Verify histories
///
/// Recomputes the chain of HMACs of the dossiers that the inspector sees, `limit` in a call, and names each place where one
/// breaks: an event that was changed, moved, taken out or cut off, a personal part that is another one (one that was deleted
/// after its retention is no break), a dossier that is not where its last event led, an anchored event that is gone. `anchors`
/// is the chain of daily anchors; keep `latest` elsewhere to prove later that nothing written up to it was taken away.
#[utoipa::path(
    tag = "audit",
    params(VerifyQuery),
    responses((status = 200, description = "What was verified, and what breaks", body = VerifyReport)),
    extensions(
        ("x-roles" = json!(Auditors::NAMES)),
        ("x-problem-codes" = json!(["not_found", "agency_out_of_reach", "unknown_agency", "cursor_invalid"])),
    )
)]
#[get("/api/v1/audit/verify")]
async fn verify_histories(
    app: web::Data<App>,
    caller: Caller<Auditors>,
    query: Query<VerifyQuery>,
    language: Language,
) -> Result<Answer, Problem> {
    let (caller, Query(query)) = (caller.into_identity(), query);
    let report =
        app.read(move |conn, world| inspection::verify(conn, world, &caller, &query, language)).await?;
    Answer::json(&report, Caching::Private)
}
