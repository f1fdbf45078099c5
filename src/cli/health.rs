//! What `/readyz` and `/metrics` tell beside the requests: whether the database answers, how long the calendars last, and
//! what waits.

use crate::{
    App,
    calendar::{Outlook, rules::local_day},
    db::Error,
    dossiers::count_waiting,
    http::{
        Code, Gauge, Gauges, Problem,
        system::{Readiness, Warning},
    },
    statistics::refused_answers,
};

/// Ready when the database gives the catalogue; warned in time when its calendars come to their end.
pub(super) fn readiness(app: &App) -> Readiness {
    let app = app.clone();
    Readiness::new(move || {
        let app = app.clone();
        Box::pin(async move {
            let outlook = outlook(&app).await.map_err(|error| {
                log::warn!("not ready: {error}");
                Problem::new(Code::Busy)
            })?;
            Ok(calendar_ends(outlook).into_iter().collect())
        })
    })
}

/// The figures that no request counts.
pub(super) fn gauges(app: &App) -> Gauges {
    let app = app.clone();
    Gauges::new(move || {
        let app = app.clone();
        Box::pin(async move {
            let now = app.clock.now();
            let waiting = app.db.read(move |conn| count_waiting(conn, now)).await?;
            let gauge = |name, help, value| Gauge { name, help, value, grows: false };
            Ok(vec![
                gauge(
                    "motcua_calendar_days_left",
                    "Days until the country's loaded calendars end and nothing can be taken in; act at 90.",
                    outlook(&app).await?.days_left,
                ),
                gauge(
                    "motcua_submissions_waiting",
                    "Submissions that no desk has answered.",
                    waiting.submissions,
                ),
                gauge(
                    "motcua_submissions_waiting_late",
                    "Of these, those that should have been answered by now.",
                    waiting.submissions_late,
                ),
                gauge(
                    "motcua_dossiers_overdue",
                    "Open dossiers past the date that their agency is judged by.",
                    waiting.overdue,
                ),
                Gauge {
                    name: "motcua_figures_inconsistent_total",
                    help: "Answers with figures that this process refused because they did not agree; act at the first.",
                    value: refused_answers(),
                    grows: true,
                },
            ])
        })
    })
}

async fn outlook(app: &App) -> Result<Outlook, Error> {
    let today = local_day(app.clock.now().into());
    Ok(app.catalogue().await?.calendars.outlook(today))
}

fn calendar_ends(outlook: Outlook) -> Option<Warning> {
    if !outlook.is_short() {
        return None;
    }
    let detail = match outlook.last_on {
        None => (
            "Chưa có lịch nghỉ của năm nay: không tiếp nhận được hồ sơ".to_owned(),
            "This year has no calendar: no dossier can be taken in".to_owned(),
        ),
        Some(last_on) => (
            format!("Lịch nghỉ chỉ có đến {last_on}, còn {} ngày: cần nhập lịch năm sau", outlook.days_left),
            format!(
                "The calendars end on {last_on}, in {} days: enter the next year's holidays",
                outlook.days_left
            ),
        ),
    };
    Some(Warning { code: "calendar_ends", detail: detail.into() })
}
