//! The table `calendars`. Every change renames the catalogue's revision.

use std::collections::HashMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::rules::YearCalendar;
use crate::{
    agencies::{AgencyId, CATALOGUE},
    db::{Conn, Error, Json, revision, schema::calendars},
};

/// The country's calendars by rising year, and those of single agencies.
pub type Years = (Vec<YearCalendar>, HashMap<AgencyId, Vec<YearCalendar>>);

/// The calendars of all years: the country's, and those of single agencies.
///
/// # Errors
/// What the database refuses.
pub fn load_years(
    conn: &mut Conn,
) -> Result<(Vec<YearCalendar>, HashMap<AgencyId, Vec<YearCalendar>>), Error> {
    let rows: Vec<(Option<AgencyId>, Json<YearCalendar>)> = calendars::table
        .order((calendars::year, calendars::id))
        .select((calendars::agency_id, calendars::days))
        .load(conn)?;
    let mut national = Vec::new();
    let mut own: HashMap<AgencyId, Vec<YearCalendar>> = HashMap::new();
    for (agency, Json(year)) in rows {
        match agency {
            None => national.push(year),
            Some(agency) => own.entry(agency).or_default().push(year),
        }
    }
    Ok((national, own))
}

/// The calendar of a year with its version; `agency`: that agency's own instead of the country's.
pub(super) fn find_year(
    conn: &mut Conn,
    year: i32,
    agency: Option<AgencyId>,
) -> Result<Option<(YearCalendar, i64)>, Error> {
    let columns = (calendars::days, calendars::version);
    let years = calendars::table.filter(calendars::year.eq(year)).select(columns);
    let found: Option<(Json<YearCalendar>, i64)> = match agency {
        None => years.filter(calendars::agency_id.is_null()).first(conn).optional()?,
        Some(agency) => years.filter(calendars::agency_id.eq(agency)).first(conn).optional()?,
    };
    Ok(found.map(|(Json(year), version)| (year, version)))
}

/// Writes a year's calendar in place of what was there. `version` is the new one; 1 when there was nothing.
pub(super) fn put_year(
    conn: &mut Conn,
    calendar: &YearCalendar,
    agency: Option<AgencyId>,
    version: i64,
) -> Result<(), Error> {
    let year = calendar.year;
    match agency {
        None => diesel::delete(
            calendars::table.filter(calendars::year.eq(year)).filter(calendars::agency_id.is_null()),
        )
        .execute(conn)?,
        Some(agency) => diesel::delete(
            calendars::table.filter(calendars::year.eq(year)).filter(calendars::agency_id.eq(agency)),
        )
        .execute(conn)?,
    };
    diesel::insert_into(calendars::table)
        .values((
            calendars::agency_id.eq(agency),
            calendars::year.eq(year),
            calendars::days.eq(Json(calendar.clone())),
            calendars::version.eq(version),
        ))
        .execute(conn)?;
    revision::bump(conn, CATALOGUE)
}
