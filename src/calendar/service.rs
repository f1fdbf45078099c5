//! Use cases of the calendar: reading and entering a year, and the preview of a due date.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{
    Calendars,
    faults::{missing, to_faults},
    rules::{ExplainError, PauseSpan, RuleSet, YearCalendar, explain, local_day},
    statutory, store,
    views::{
        CalendarWarning, ExplainedDay, HolidaysView, PreviewView, SubmitHolidays, SubmitPause, SubmitPreview,
    },
};
use crate::{
    access::Identity,
    agencies::{Agency, AgencyId, CATALOGUE, Kind, Tree, load_tree, may_manage},
    db::{Conn, Instant, revision},
    http::{Code, Faults, IfMatch, Language, Problem, Result, Text},
};

/// The calendar of a year. Of the country it must have been entered; an agency that has none of its own has an empty one.
pub(super) fn holidays(
    conn: &mut Conn,
    tree: &Tree,
    year: i32,
    agency: Option<&str>,
    language: Language,
) -> Result<HolidaysView> {
    let agency = agency.map(|code| find_agency(tree, code)).transpose()?;
    let found = store::find_year(conn, year, agency.map(|agency| agency.id))?;
    let (calendar, version) = match (found, agency) {
        (Some(found), _) => found,
        (None, Some(_)) => (YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() }, 0),
        (None, None) => {
            let detail =
                (format!("Chưa có lịch nghỉ của năm {year}"), format!("No calendar is loaded for {year}"));
            return Err(Problem::new(Code::NotFound).detail(detail));
        }
    };
    Ok(view(calendar, agency, version, language))
}

fn view(calendar: YearCalendar, agency: Option<&Agency>, version: i64, language: Language) -> HolidaysView {
    let warnings = warnings(&calendar, agency.is_none() && version > 0, language);
    HolidaysView::of(calendar, agency.map(|agency| agency.code.clone()), warnings, version)
}

/// Enters the calendar of a year: the country's by an administrator of a province, an agency's by one of its own.
/// Deadlines that run already don't move by it; recompute is for that.
pub(super) fn change_holidays(
    conn: &mut Conn,
    caller: &Identity,
    year: i32,
    agency: Option<&str>,
    if_match: &IfMatch,
    submit: SubmitHolidays,
    language: Language,
) -> Result<HolidaysView> {
    revision::bump(conn, CATALOGUE)?;
    let tree = load_tree(conn)?;
    let agency = agency.map(|code| find_agency(&tree, code)).transpose()?;
    match agency {
        Some(agency) if !may_manage(caller, &tree, agency.id) => return Err(Code::AgencyOutOfReach.into()),
        None if tree.get(caller.agency_id).is_none_or(|own| own.kind != Kind::Province) => {
            let detail = (
                "Lịch nghỉ chung chỉ do quản trị viên cấp tỉnh nhập",
                "The country's calendar is entered by an administrator at a province only",
            );
            return Err(Problem::new(Code::Forbidden).detail(detail));
        }
        _ => {}
    }
    let id = agency.map(|agency| agency.id);
    let version = store::find_year(conn, year, id)?.map_or(0, |(_, version)| version);
    if_match.check(version)?;
    let calendar = submit.into_year(year);
    put_year(conn, &calendar, id)?;
    Ok(view(calendar, agency, version + 1, language))
}

/// Enters the calendar of a year by the rules, whoever asks for it: for imports and the sample year.
///
/// # Errors
/// 422 `invalid_body` with all faults.
pub fn put_year(conn: &mut Conn, calendar: &YearCalendar, agency: Option<AgencyId>) -> Result<()> {
    let mut faults = Faults::default();
    let mut found = calendar.validate();
    for fault in found.iter_mut().filter(|fault| fault.pointer == "/year") {
        // The year stands in the address, not in the body.
        "/path/year".clone_into(&mut fault.pointer);
    }
    to_faults("", &found, &mut faults);
    let above = match agency {
        Some(agency) => years_above(conn, calendar.year, agency)?,
        None => Vec::new(),
    };
    check_swaps(calendar, &above, &mut faults);
    faults.into_result()?;
    revision::bump(conn, CATALOGUE)?;
    let version = store::find_year(conn, calendar.year, agency)?.map_or(0, |(_, version)| version);
    Ok(store::put_year(conn, calendar, agency, version + 1)?)
}

/// What holds for an agency in a year beside its own days: the country's calendar, and those of the agencies above it.
fn years_above(conn: &mut Conn, year: i32, agency: AgencyId) -> Result<Vec<YearCalendar>> {
    let tree = load_tree(conn)?;
    let above = tree.upward(agency).skip(1).map(|above| Some(above.id));
    let mut years = Vec::new();
    for whose in above.chain([None]) {
        years.extend(store::find_year(conn, year, whose)?.map(|(calendar, _)| calendar));
    }
    Ok(years)
}

/// A day can only be swapped with one that is then off, and only a day that isn't worked yet can be worked for it. What
/// lies in another year stands in that year's calendar.
fn check_swaps(calendar: &YearCalendar, above: &[YearCalendar], faults: &mut Faults) {
    let all = || above.iter().chain([calendar]);
    let off: BTreeSet<NaiveDate> = all().flat_map(|year| &year.days_off).map(|day| day.date).collect();
    let worked: BTreeSet<NaiveDate> =
        above.iter().flat_map(|year| &year.makeup_workdays).map(|day| day.date).collect();
    for (index, day) in calendar.makeup_workdays.iter().enumerate() {
        if day.replaces.year() == calendar.year && !is_weekend(day.replaces) && !off.contains(&day.replaces) {
            faults.add(
                format!("/makeup_workdays/{index}/replaces"),
                Code::InvalidValue,
                ("Ngày được hoán đổi phải là ngày nghỉ", "The day that is replaced must be a day off"),
            );
        }
        if worked.contains(&day.date) {
            faults.add(
                format!("/makeup_workdays/{index}/date"),
                Code::InvalidValue,
                ("Ngày làm bù vốn đã là ngày làm việc", "This is a working day already"),
            );
        }
    }
}

fn warnings(calendar: &YearCalendar, is_national: bool, language: Language) -> Vec<CalendarWarning> {
    // An agency may well close on a Saturday that the country works, and it need not repeat the country's days.
    if !is_national {
        return Vec::new();
    }
    let days_off: BTreeSet<NaiveDate> = calendar.days_off.iter().map(|day| day.date).collect();
    let missing = statutory::missing(calendar.year, &days_off).into_iter().map(|holiday| {
        let lacks = Text {
            vi: "Thiếu ngày nghỉ theo Bộ luật Lao động",
            en: "A day off of the Labour Code is missing",
        };
        CalendarWarning {
            code: "statutory_day_missing",
            date: holiday.on,
            detail: format!("{}: {}", lacks.in_language(language), holiday.name.in_language(language)),
        }
    });
    let idle = Text { vi: "Ngày cuối tuần vốn đã nghỉ", en: "Weekends are off anyway" };
    let weekends = days_off.iter().filter(|day| is_weekend(**day)).map(|day| CalendarWarning {
        code: "no_effect",
        date: *day,
        detail: idle.in_language(language).to_owned(),
    });
    missing.chain(weekends).collect()
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The agency that a query names.
fn find_agency<'a>(tree: &'a Tree, code: &str) -> Result<&'a Agency> {
    tree.by_code(code).ok_or_else(|| {
        Problem::new(Code::InvalidQuery).error(
            "/query/agency",
            Code::UnknownAgency,
            Code::UnknownAgency.title(),
        )
    })
}

/// The due date of a reception and how it comes about. Nothing is written, and the agency may be closed.
pub(super) fn preview(
    tree: &Tree,
    calendars: &Calendars,
    submit: &SubmitPreview,
    language: Language,
) -> Result<PreviewView> {
    let mut faults = Faults::default();
    let agency = tree.by_code(&submit.agency);
    if agency.is_none() {
        faults.add("/agency", Code::UnknownAgency, Code::UnknownAgency.title());
    }
    let limit = submit.time_limit.check("/time_limit", &mut faults);
    let (Some(agency), Some(limit)) = (agency, limit) else {
        faults.into_result()?;
        // Both are there unless a fault was noted.
        return Err(Problem::new(Code::InvalidBody));
    };
    let pause = |pause: &SubmitPause| PauseSpan {
        from: pause.from.to_utc(),
        to: pause.to.to_utc(),
        then: pause.then.into(),
    };
    let pauses: Vec<PauseSpan> = submit.pauses.iter().map(pause).collect();
    let received_at = submit.received_at.to_utc();
    let calendar = calendars.for_agency(agency.id)?;
    match explain(&calendar, received_at, limit, &pauses) {
        Ok(preview) => Ok(PreviewView {
            due_at: Instant::from(preview.due_at),
            rule_set: RuleSet::on(local_day(received_at)),
            explanation: preview.explanation.iter().map(|line| ExplainedDay::of(line, language)).collect(),
        }),
        Err(ExplainError::Missing(year)) => Err(missing(year)),
        Err(ExplainError::Pauses(found)) => {
            to_faults("/pauses", &found, &mut faults);
            faults.into_result()?;
            Err(Problem::new(Code::InvalidBody))
        }
    }
}
