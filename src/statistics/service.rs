//! The report on time: what may be asked, what is read, and that nothing wrong is given out.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Cell;
use super::asked::{self, Scope};
use super::cube::{Bucket, Cube, GroupBy, Line, Sign};
use super::links::Links;
use super::members;
use super::names::{self, Group};
use super::plan::Plan;
use super::refusal::refuse;
use super::row::StatisticsRow;
use super::store::{self, Slice, Sums};
use crate::World;
use crate::access::Identity;
use crate::db::Conn;
use crate::dossiers::{AsOf, Period, Units};
use crate::http::{Code, Faults, Language, Problem};

/// The most rows of one answer. A row with its links takes about four kilobytes.
const MOST_ROWS: usize = 10_000;

/// What a report on time is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OnTimeQuery {
    /// First local day of the period.
    #[param(example = "2019-01-01")]
    pub(super) from: NaiveDate,
    /// The day after its last day; at most twenty years after `from`.
    #[param(example = "2020-01-01")]
    pub(super) to: NaiveDate,
    /// Code of the receiving agency, with all below it; the caller's own when left out. A clerk gets the figures of his own
    /// agency alone.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
    /// Only that agency, without those below it.
    pub(super) own: Option<bool>,
    /// What rows are kept apart by, at most two.
    #[param(inline, max_items = 20)]
    pub(super) group_by: Option<Vec<GroupBy>>,
    /// The figures as they stood at the end of this local day, or at this moment; now when left out.
    #[param(min_length = 1, max_length = 40, example = "2019-12-31")]
    pub(super) as_of: Option<String>,
    /// Whose figures those of a merged or divided agency are.
    #[param(inline)]
    pub(super) units: Option<Units>,
}

/// Figures by group, and of everything together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OnTimeReport {
    from: NaiveDate,
    to: NaiveDate,
    /// Where the figures stand: at the end of a local day, or at a moment of a day that has not passed.
    #[schema(value_type = String, example = "2019-12-31")]
    as_of: AsOf,
    units: Units,
    items: Vec<StatisticsRow>,
    total: StatisticsRow,
}

/// A query that was found in order.
pub(super) struct Asked<'w> {
    pub(super) scope: Scope<'w>,
    pub(super) groups: Vec<GroupBy>,
    pub(super) period: Period,
    pub(super) units: Units,
}

impl OnTimeReport {
    /// The rows of a report by month: the month, what was resolved early, on time and late, and the share of timely ones.
    pub(super) fn months(&self) -> impl Iterator<Item = (String, [i64; 3], Option<f64>)> {
        self.items.iter().map(|row| {
            let month = match row.code(GroupBy::Month.as_str()).split_once('-') {
                Some((year, month)) => format!("{month}/{year}"),
                None => String::new(),
            };
            (month, row.resolved(), row.on_time_rate())
        })
    }
}

/// The report on time for one agency, or for it and all below it.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`, 500 `figures_inconsistent` naming row and figure.
pub(super) fn on_time(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &OnTimeQuery,
    language: Language,
) -> Result<OnTimeReport, Problem> {
    let asked = parse(world, caller, query)?;
    let cube = read(conn, world, &asked)?;
    let row = |groups: &[GroupBy], line: &Line<'_>| render(world, &asked, groups, line, language);
    let items = cube.lines().iter().map(|line| row(&asked.groups, line)).collect::<Result<_, _>>()?;
    let total = row(&[], &cube.total())?;
    Ok(OnTimeReport {
        from: query.from,
        to: query.to,
        as_of: asked.period.stands(),
        units: asked.units,
        items,
        total,
    })
}

fn parse<'w>(world: &'w World, caller: &Identity, query: &OnTimeQuery) -> Result<Asked<'w>, Problem> {
    let mut faults = Faults::default();
    let groups = query.group_by.clone().unwrap_or_default();
    asked::check_period(query.from, query.to, &mut faults);
    asked::check_groups(&groups, &mut faults);
    let as_of = asked::check_as_of(query.as_of.as_deref(), &mut faults);
    let scope = asked::scope(world, caller, query.agency.as_deref(), query.own, faults)?;
    let period = Period::new(query.from, query.to, as_of, world.now);
    Ok(Asked { scope, groups, period, units: query.units.unwrap_or_default() })
}

/// Sums the counters, as far as an answer can hold the rows.
///
/// # Errors
/// 422 when there would be too many rows.
pub(super) fn read<'w>(conn: &mut Conn, world: &'w World, asked: &Asked<'_>) -> Result<Cube<'w>, Problem> {
    let cube = sum(conn, world, asked)?;
    if cube.most_lines() > MOST_ROWS {
        return Err(Problem::new(Code::InvalidQuery).error(
            "/query/group_by",
            Code::TooManyItems,
            (
                format!("Kết quả có quá {MOST_ROWS} dòng; hãy chọn kỳ ngắn hơn hoặc ít nhóm hơn"),
                format!("More than {MOST_ROWS} rows; ask for a shorter period or fewer groups"),
            ),
        ));
    }
    Ok(cube)
}

/// Sums the counters, by however many groups.
pub(super) fn sum<'w>(conn: &mut Conn, world: &'w World, asked: &Asked<'_>) -> Result<Cube<'w>, Problem> {
    let bucket = Bucket::of(&asked.groups);
    let plan = Plan::new(&asked.period, bucket);
    let has =
        |one: GroupBy, other: GroupBy| asked.groups.iter().any(|group| *group == one || *group == other);
    let slice = Slice {
        agency_id: asked.scope.agency.id,
        with_below: !asked.scope.own,
        from: asked.period.from,
        by_agency: has(GroupBy::Agency, GroupBy::Level),
        by_procedure: has(GroupBy::Procedure, GroupBy::Field),
        by_time: bucket != Bucket::Whole,
    };
    let has_groups = asked.groups.iter().any(|group| !matches!(group, GroupBy::Month | GroupBy::Day));
    let mut cube = Cube::new(asked.period, bucket, has_groups);
    let mut put = |sums: Vec<Sums>, sign| -> Result<(), Problem> {
        for one in &sums {
            let Sums { agency_id, procedure_id, channel, .. } = *one;
            let cell = Cell { agency_id, procedure_id, channel };
            let members = members::of(&world.catalogue, &asked.groups, cell)?;
            cube.add(members, one, sign);
        }
        Ok(())
    };
    let whose = (slice.agency_id, slice.with_below);
    put(store::opening(conn, whose, slice.by_procedure, plan.opening)?, Sign::Plus)?;
    for (grain, range) in plan.pieces {
        put(store::sum(conn, &slice, grain, range)?, Sign::Plus)?;
    }
    if let Some((day, moment)) = plan.later {
        put(store::sum_later(conn, &slice, day, moment)?, Sign::Minus)?;
    }
    Ok(cube)
}

/// One row with names and links, when its figures agree.
fn render(
    world: &World,
    asked: &Asked<'_>,
    groups: &[GroupBy],
    line: &Line<'_>,
    language: Language,
) -> Result<StatisticsRow, Problem> {
    // Only the last bucket can end in the middle of a day.
    let moment = asked.period.moment.filter(|_| line.span.1 == asked.period.end);
    let Group { codes, names, cells } =
        names::group(world, asked.scope, groups, &line.members, line.span.0, language);
    let links = Links::new(line.span, moment, asked.units).within(&cells);
    StatisticsRow::new(codes.clone(), names, line, &links)
        .map_err(|broken| refuse(asked.scope.agency, &codes, broken))
}
