//! The endpoint of statutory forms.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{ReportQuery, ReportView};
use super::{Layouts, csv, service, sheet};
use crate::App;
use crate::access::{Caller, RoleSet, SubtreeStatisticsReaders};
use crate::http::{Accept, Answer, Caching, Language, Path, Problem, Query};

/// Registers the operation.
pub(in crate::statistics) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_statutory_report);
}

/// How it is wanted.
#[derive(Debug, Clone, Copy)]
enum As {
    Json,
    Csv,
    Sheet,
}

const CSV: &str = "text/csv; charset=utf-8; header=present";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Fill in a statutory form
///
/// `06a` (one agency, by field) and `06b` (an agency with all below it, by level and field) of Circular 01/2020/TT-VPCP,
/// `tien-do` (progress by agency), `qd766` (indicators of Decision 766/QĐ-TTg as far as they can be known), and what the
/// installation added. As JSON, CSV or a spreadsheet ready to be printed and signed, by `Accept`.
///
/// Every row satisfies the form's identities, or the answer is refused; what was carried over is what was pending at the end of
/// the period before. The withdrawn and stopped stand among the resolved, by when they ended. In a period that was closed the
/// figures are the frozen ones, and what has come to them since stands in `differences`.
#[utoipa::path(
    tag = "statistics",
    params(("form" = String, Path, description = "Code of the form: `06a`, `06b`, `tien-do`, `qd766` …", example = "06b"), ReportQuery),
    responses((status = 200, description = "The form", content(
        (ReportView = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
    extensions(
        ("x-roles" = json!(SubtreeStatisticsReaders::NAMES)),
        ("x-problem-codes" = json!(["agency_out_of_reach", "not_acceptable", "figures_inconsistent"])),
    )
)]
#[get("/api/v1/statistics/reports/{form}")]
async fn get_statutory_report(
    app: Data<App>,
    layouts: Data<Layouts>,
    caller: Caller<SubtreeStatisticsReaders>,
    form: Path<String>,
    query: Query<ReportQuery>,
    accept: Accept,
    language: Language,
) -> Result<Answer, Problem> {
    let wanted = accept.choose(&[("application/json", As::Json), (CSV, As::Csv), (SHEET, As::Sheet)])?;
    let (caller, Query(query), form) = (caller.into_identity(), query, form.into_inner());
    app.read(move |conn, world| {
        let report = service::report(conn, world, &layouts, &caller, &form, &query, language)?;
        match wanted {
            As::Json => Answer::view(1, &report, Caching::Private),
            As::Csv => file(&report, CSV, "csv", csv::write(&report).into_bytes()),
            As::Sheet => {
                let form = layouts.get(&form).ok_or_else(|| Problem::internal("the form is gone"))?;
                file(
                    &report,
                    SHEET,
                    "xlsx",
                    sheet::write(form, &report, language).map_err(Problem::internal)?,
                )
            }
        }
    })
    .await
}

fn file(
    report: &ReportView,
    media_type: &'static str,
    ending: &str,
    body: Vec<u8>,
) -> Result<Answer, Problem> {
    let name = format!("{}_{}_{}.{ending}", report.form, report.agency.code, report.period);
    Answer::bytes(StatusCode::OK, media_type, body)
        .cached(Caching::Private)
        .with(CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
}
