//! Reports as pictures (`Accept: image/svg+xml`): the same figures as the JSON, proved in the same way, drawn.
//!
//! Colours are those of Okabe and Ito, which people with any kind of colour blindness can tell apart; each series also has
//! its place in the bar and its name in the legend.
//!
//! | file | owns |
//! | --- | --- |
//! | `canvas` | text, bars and lines on an SVG |
//! | `chart` | a chart of bars with title, axes and legend |

mod canvas;
mod chart;

use actix_web::http::StatusCode;
use plotters::style::RGBColor;

use super::backlog::{BacklogQuery, backlog};
use super::cube::GroupBy;
use super::legs::{LegsQuery, legs};
use super::ranking::{RankingQuery, ranking};
use super::service::{OnTimeQuery, on_time};
use crate::access::Identity;
use crate::db::Conn;
use crate::http::{Answer, Caching, Code, Language, Problem, Text};
use crate::{App, World};
use chart::{Bar, Bars, Chart, grouped};

const SKY_BLUE: RGBColor = RGBColor(86, 180, 233);
const BLUISH_GREEN: RGBColor = RGBColor(0, 158, 115);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILION: RGBColor = RGBColor(213, 94, 0);

/// What an endpoint with a picture can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Svg,
}

/// What such an endpoint offers, JSON first.
pub(super) const FORMATS: [(&str, Format); 2] =
    [("application/json", Format::Json), ("image/svg+xml", Format::Svg)];

/// The answer with the picture that `draw` makes.
pub(super) async fn answer<F>(app: &App, draw: F) -> Result<Answer, Problem>
where
    F: FnOnce(&mut Conn, &World) -> Result<String, Problem> + Send + 'static,
{
    let svg = app.read(draw).await?;
    Ok(Answer::bytes(StatusCode::OK, "image/svg+xml", svg).cached(Caching::Private))
}

fn say(vi: &'static str, en: &'static str, language: Language) -> String {
    Text { vi, en }.in_language(language).to_owned()
}

/// Whose figures, and of when.
fn subtitle(world: &World, caller: &Identity, agency: Option<&str>, rest: &str) -> String {
    let tree = &world.catalogue.tree;
    let found = agency.map_or_else(|| tree.get(caller.agency_id), |code| tree.by_code(code));
    format!("{} · {rest}", found.map_or("", |agency| agency.name.as_str()))
}

/// A half-open period as people say it.
fn period(from: chrono::NaiveDate, to: chrono::NaiveDate) -> String {
    let day = |day: chrono::NaiveDate| day.format("%d/%m/%Y");
    format!("{} – {}", day(from), day(to.pred_opt().unwrap_or(to)))
}

/// `99,86 %` in Vietnamese, `99.86%` in English.
fn percent(rate: Option<f64>, language: Language) -> String {
    let Some(rate) = rate else { return "–".to_owned() };
    let text = format!("{:.2}", rate * 100.0);
    match language {
        Language::Vietnamese => format!("{} %", text.replace('.', ",")),
        Language::English => format!("{text}%"),
    }
}

/// What was resolved, month by month.
///
/// # Errors
/// Those of the report; 422 for groups other than the month.
pub(super) fn draw_on_time(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &OnTimeQuery,
    language: Language,
) -> Result<String, Problem> {
    if query.group_by.as_ref().is_some_and(|groups| groups.iter().any(|group| *group != GroupBy::Month)) {
        return Err(Problem::new(Code::InvalidQuery).error(
            "/query/group_by",
            Code::NotOneOf,
            ("Biểu đồ chỉ theo tháng (`month`)", "The picture is by `month` alone"),
        ));
    }
    let monthly = OnTimeQuery { group_by: Some(vec![GroupBy::Month]), ..query.clone() };
    let report = on_time(conn, world, caller, &monthly, language)?;
    let bars = report.months().map(|(month, [early, on_time, late], rate)| Bar {
        label: month,
        parts: vec![early, on_time, late],
        note: percent(rate, language),
    });
    let chart = Chart {
        title: say("Hồ sơ đã giải quyết theo tháng", "Dossiers resolved by month", language),
        subtitle: subtitle(world, caller, query.agency.as_deref(), &period(query.from, query.to)),
        categories: say(
            "Tháng (trên cột: tỷ lệ trước hạn và đúng hạn)",
            "Month (above each bar: share early or on time)",
            language,
        ),
        values: say("Số hồ sơ", "Dossiers", language),
        divisor: 1,
        series: vec![
            (say("Trước hạn", "Early", language), BLUISH_GREEN),
            (say("Đúng hạn", "On time", language), SKY_BLUE),
            (say("Quá hạn", "Late", language), VERMILION),
        ],
        bars: bars.collect(),
        way: Bars::Upright,
        language,
    };
    chart.draw()
}

/// What is open, by age.
///
/// # Errors
/// Those of the report.
pub(super) fn draw_backlog(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &BacklogQuery,
    language: Language,
) -> Result<String, Problem> {
    let report = backlog(conn, world, caller, &BacklogQuery { group_by: None, ..query.clone() }, language)?;
    let bars = report.ages().map(|(key, [in_time, overdue])| Bar {
        label: key.replace('-', "–"),
        parts: vec![in_time, overdue],
        note: grouped(in_time + overdue, language),
    });
    let day = report.day.format("%d/%m/%Y").to_string();
    let chart = Chart {
        title: say("Hồ sơ đang giải quyết theo thời gian chờ", "Open dossiers by age", language),
        subtitle: subtitle(world, caller, query.agency.as_deref(), &day),
        categories: say(
            "Số ngày làm việc từ ngày tiếp nhận",
            "Working days since the day of reception",
            language,
        ),
        values: say("Số hồ sơ", "Dossiers", language),
        divisor: 1,
        series: vec![
            (say("Còn hạn hoặc tạm dừng", "In time or paused", language), SKY_BLUE),
            (say("Quá hạn", "Overdue", language), VERMILION),
        ],
        bars: bars.collect(),
        way: Bars::Upright,
        language,
    };
    chart.draw()
}

/// What agencies used for their steps.
///
/// # Errors
/// Those of the report.
pub(super) fn draw_legs(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &LegsQuery,
    language: Language,
) -> Result<String, Problem> {
    let report = legs(conn, world, caller, query)?;
    let bars = report.items.iter().map(|row| {
        let (median, ninth) = (row.used.median.unwrap_or(0), row.used.ninth_decile.unwrap_or(0));
        Bar {
            label: format!("{} · {}", row.agency.name, row.name),
            parts: vec![median, ninth - median],
            note: format!("{} / {}", hours(median, language), hours(ninth, language)),
        }
    });
    let chart = Chart {
        title: say("Thời gian xử lý của từng bước", "Working time of each step", language),
        subtitle: subtitle(world, caller, query.agency(), &period(query.from(), query.to())),
        categories: say("Cơ quan · bước", "Agency · step", language),
        values: say("Giờ làm việc", "Working hours", language),
        divisor: 60,
        series: vec![
            (say("Trung vị: một nửa số lượt không quá", "Median: half took no longer", language), BLUE),
            (say("Đến phân vị 90: chín phần mười không quá", "To the 90th percentile", language), SKY_BLUE),
        ],
        bars: bars.collect(),
        way: Bars::Lying,
        language,
    };
    chart.draw()
}

/// `15,5`: hours of so many minutes, to one decimal.
fn hours(minutes: i64, language: Language) -> String {
    let tenths = (minutes * 10 + 30) / 60;
    let point = if language == Language::Vietnamese { ',' } else { '.' };
    format!("{}{point}{}", tenths / 10, tenths % 10)
}

/// Agencies by their share of timely ones.
///
/// # Errors
/// Those of the report.
pub(super) fn draw_ranking(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &RankingQuery,
    language: Language,
) -> Result<String, Problem> {
    let report = ranking(conn, world, caller, query, language)?;
    // In hundredths of a percent, as the axis counts percents.
    let share = |part: i64, all: i64| if all == 0 { 0 } else { part * 10_000 / all };
    let bars = report.items.iter().map(|row| {
        let timely = share(row.timely, row.resolved);
        Bar {
            label: format!("{}. {}", row.rank.unwrap_or(0), row.agency.name),
            parts: vec![timely, 10_000 - timely],
            note: format!(
                "{} ({}/{})",
                percent(row.on_time_rate, language),
                grouped(row.timely, language),
                grouped(row.resolved, language)
            ),
        }
    });
    let chart = Chart {
        title: say(
            "Xếp hạng tỷ lệ giải quyết trước hạn và đúng hạn",
            "Agencies by share resolved in time",
            language,
        ),
        subtitle: subtitle(world, caller, query.agency(), &period(query.from(), query.to())),
        categories: say("Hạng, cơ quan", "Rank, agency", language),
        values: say("Phần trăm hồ sơ đã giải quyết", "Per cent of resolved dossiers", language),
        divisor: 100,
        series: vec![
            (say("Trước hạn và đúng hạn", "Early or on time", language), BLUE),
            (say("Quá hạn", "Late", language), VERMILION),
        ],
        bars: bars.collect(),
        way: Bars::Lying,
        language,
    };
    chart.draw()
}
