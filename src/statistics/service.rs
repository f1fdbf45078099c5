//! The report on time: what may be asked, what is read, and that nothing wrong is given out.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cube::{Bucket, Cube, GroupBy, Line, Sign};
use super::names;
use super::plan::Plan;
use super::row::{Broken, Links, StatisticsRow};
use super::store::{self, Slice, Sums};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::Agency;
use crate::db::Conn;
use crate::dossiers::{AsOf, Period, Units};
use crate::http::{Code, Fault, Language, Problem};

/// The longest period, in months.
const LONGEST: u32 = 20 * 12;

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
struct Asked<'w> {
    agency: &'w Agency,
    own: bool,
    groups: Vec<GroupBy>,
    period: Period,
    units: Units,
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
    let row = |groups: &[GroupBy], line: &Line| render(world, &asked, groups, line, language);
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
    let mut faults = Vec::new();
    let mut note = |name: &str, code: Code, detail: String| {
        faults.push(Fault { pointer: format!("/query/{name}"), code, detail: detail.into() });
    };
    let longest = query.from.checked_add_months(Months::new(LONGEST));
    if query.to <= query.from || longest.is_none_or(|longest| query.to > longest) {
        note("to", Code::OutOfRange, "after `from`, and at most twenty years after it".to_owned());
    }
    let groups = query.group_by.clone().unwrap_or_default();
    if groups.len() > 2 {
        note("group_by", Code::TooManyItems, "at most two".to_owned());
    }
    if groups.iter().enumerate().any(|(at, group)| groups.iter().take(at).any(|other| other == group)) {
        note("group_by", Code::Duplicate, "each group once".to_owned());
    }
    let as_of = query.as_of.as_deref().map(str::parse::<AsOf>);
    if let Some(Err(expected)) = &as_of {
        note("as_of", Code::InvalidFormat, (*expected).to_owned());
    }
    let tree = &world.catalogue.tree;
    let agency = match &query.agency {
        None => Some(tree.agency(caller.agency_id)?),
        Some(code) => tree.by_code(code),
    };
    let Some(agency) = agency.filter(|_| faults.is_empty()) else {
        if agency.is_none() {
            faults.push(Fault {
                pointer: "/query/agency".to_owned(),
                code: Code::UnknownAgency,
                detail: Code::UnknownAgency.title().into(),
            });
        }
        return Err(Problem::new(Code::InvalidQuery).faults(faults));
    };
    let sees_below = caller.has(Role::Leader) || caller.has(Role::Inspector) || caller.has(Role::Integration);
    let is_within =
        if sees_below { tree.is_within(agency.id, caller.agency_id) } else { agency.id == caller.agency_id };
    if !is_within {
        return Err(Problem::new(Code::AgencyOutOfReach));
    }
    Ok(Asked {
        agency,
        own: query.own == Some(true) || !sees_below,
        groups,
        period: Period::new(query.from, query.to, as_of.and_then(Result::ok), world.now),
        units: query.units.unwrap_or_default(),
    })
}

/// Sums the counters.
fn read(conn: &mut Conn, world: &World, asked: &Asked<'_>) -> Result<Cube, Problem> {
    let bucket = Bucket::of(&asked.groups);
    let plan = Plan::new(&asked.period, bucket);
    let has =
        |one: GroupBy, other: GroupBy| asked.groups.iter().any(|group| *group == one || *group == other);
    let slice = Slice {
        agency_id: asked.agency.id,
        with_below: !asked.own,
        from: asked.period.from,
        by_agency: has(GroupBy::Agency, GroupBy::Level),
        by_procedure: has(GroupBy::Procedure, GroupBy::Field),
        by_time: bucket != Bucket::Whole,
    };
    let has_groups = asked.groups.iter().any(|group| !matches!(group, GroupBy::Month | GroupBy::Day));
    let mut cube = Cube::new(asked.period, bucket, has_groups);
    let mut put = |sums: Vec<Sums>, sign| -> Result<(), Problem> {
        for one in &sums {
            let mut members = Vec::with_capacity(asked.groups.len());
            for group in &asked.groups {
                members.extend(names::member(&world.catalogue, *group, one)?);
            }
            cube.add(members, one, sign);
        }
        Ok(())
    };
    for (grain, range) in plan.pieces {
        put(store::sum(conn, &slice, grain, range)?, Sign::Plus)?;
    }
    if let Some((day, moment)) = plan.later {
        put(store::sum_later(conn, &slice, day, moment)?, Sign::Minus)?;
    }
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

/// One row with names and links, when its figures agree.
fn render(
    world: &World,
    asked: &Asked<'_>,
    groups: &[GroupBy],
    line: &Line,
    language: Language,
) -> Result<StatisticsRow, Problem> {
    let (mut codes, mut names) = (BTreeMap::new(), BTreeMap::new());
    // Only the last bucket can end in the middle of a day.
    let moment = asked.period.moment.filter(|_| line.span.1 == asked.period.end);
    let mut links = Links::new(line.span, moment, asked.units);
    let mut members = line.members.iter();
    for group in groups {
        let (code, name) = if let Some(code) = names::bucket_code(*group, line.span.0) {
            (code, names::bucket_name(*group, line.span.0, language))
        } else {
            let (_, code) = members.next().cloned().unwrap_or_default();
            if *group != GroupBy::Agency {
                links = links.with(group.as_str(), &code);
            }
            let name = names::name(&world.catalogue, *group, &code, language);
            (code, name)
        };
        codes.insert(group.as_str(), code);
        names.insert(group.as_str(), name);
    }
    let (agency, own) = match codes.get(GroupBy::Agency.as_str()) {
        Some(code) => (code.as_str(), true),
        None => (asked.agency.code.as_str(), asked.own),
    };
    links = links.with("agency", agency);
    if own {
        links = links.with("own", "true");
    }
    StatisticsRow::new(codes.clone(), names, line, &links).map_err(|broken| refuse(asked, &codes, broken))
}

/// The problem that names the row and the figure.
fn refuse(asked: &Asked<'_>, codes: &BTreeMap<&'static str, String>, Broken { figure }: Broken) -> Problem {
    let groups: Vec<_> = codes.iter().map(|(group, code)| format!("{group}={code}")).collect();
    let row = if groups.is_empty() { "total".to_owned() } else { groups.join(", ") };
    log::error!(
        "figures of {} do not agree: row {row}, figure {figure}; run `motcua verify`",
        asked.agency.code
    );
    Problem::new(Code::FiguresInconsistent)
        .detail((
            format!("Dòng {row}: số liệu `{figure}` không khớp"),
            format!("Row {row}: the figure `{figure}` does not agree with the others"),
        ))
        .member("row", serde_json::json!(codes))
        .member("figure", figure)
}
