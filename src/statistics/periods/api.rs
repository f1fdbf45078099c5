//! The endpoints of closed periods.

use actix_web::web::Data;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::views::{ClosePeriod, ClosingView, ListPeriods};
use crate::App;
use crate::access::{Caller, Leader, RoleSet, SubtreeStatisticsReaders};
use crate::db::Page;
use crate::http::{Answer, Caching, Idempotency, IfMatch, Json, ListQuery, PageParams, Path, Problem};

/// Registers the operations.
pub(in crate::statistics) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_periods).service(close_period);
}

/// List closed periods
///
/// Whose figures were frozen, by whom, how far they are on their way up, and what has come to them since: the newest first, an
/// agency's with those of all below it. A period that was given back and closed anew has a revision for each closing.
#[utoipa::path(
    tag = "statistics",
    params(ListPeriods, PageParams),
    responses((status = 200, description = "A page of closings", body = Page<ClosingView>, example = json!({"items": [{
        "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"},
        "period": "2019-03", "period_kind": "calendar", "from": "2019-03-01", "to": "2019-04-01", "revision": 1,
        "state": "closed", "figures": {"received.total": 7, "pending.total": 2}, "differences": {"received.total": 1, "pending.total": 1},
        "signed_by": "leader@tan-long", "closed_at": "2019-04-02T08:10:00+07:00",
        "seal": "5f0a3c1de2b94b7f8a6d0c9e1b2a3f4455667788990011223344556677889900",
        "steps": [{"action": "close", "by": "leader@tan-long", "at": "2019-04-02T08:10:00+07:00", "reason": null}], "version": 1
    }], "next_cursor": null}))),
    extensions(
        ("x-roles" = json!(SubtreeStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "cursor_invalid", "figures_inconsistent"])),
    )
)]
#[get("/api/v1/statistics/periods")]
async fn list_periods(
    app: Data<App>,
    caller: Caller<SubtreeStatisticsReaders>,
    query: ListQuery<ListPeriods>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    app.read(move |conn, world| {
        let page = service::list(conn, world, &caller, &query.filter, &query.page)?;
        Answer::page(&page, &query.page, Caching::Private)
    })
    .await
}

/// Close a period, or take a step with its closed figures
///
/// By `action`: `close` (the default) freezes the figures of the agency and all below it, signed by the caller: once, and only
/// when the period has ended. `submit` hands them to the agency above. There a leader does `accept`, or `return` for
/// correction with a `reason`, after which the period can be closed anew, as its next revision. Every step is sealed with a
/// key outside the database; `motcua verify` follows the seals.
///
/// Leaders close and submit for their agency and those below it, and accept and return what agencies below theirs submitted.
#[utoipa::path(
    tag = "statistics",
    params(
        ("period" = String, Path, description = "The period: `2019`, `2019-H1`, `2019-9M`, `2019-Q3`, `2019-07`", example = "2019-Q1"),
        IfMatch,
    ),
    responses((status = 200, description = "The closing after the step", body = ClosingView)),
    extensions(
        ("x-roles" = json!(Leader::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "period_not_ended", "period_closed", "conflict", "reason_required",
            "unknown_agency", "figures_inconsistent"])),
    )
)]
#[post("/api/v1/statistics/periods/{period}/close")]
async fn close_period(
    app: Data<App>,
    caller: Caller<Leader>,
    period: Path<String>,
    if_match: IfMatch,
    once: Idempotency,
    body: Json<ClosePeriod>,
) -> Result<Answer, Problem> {
    let caller = caller.into_identity();
    let claim = caller.claim(&once, body.digest());
    let (period, body) = (period.into_inner(), body.into_inner());
    app.write(claim, move |conn, world| {
        let closing = service::act(conn, world, &caller, &period, &if_match, &body)?;
        Answer::view(closing.version, &closing, Caching::Private)
    })
    .await
}
