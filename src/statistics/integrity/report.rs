//! The integrity report: counts of marks beside counted figures, each with its list.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{COUNTED, store};
use crate::World;
use crate::access::Identity;
use crate::agencies::{Agency, AgencyId};
use crate::calendar::rules::at;
use crate::db::Conn;
use crate::dossiers::{Figure, Mark, Period, Units};
use crate::http::{Faults, Language, Problem};
use crate::statistics::asked::{Own, PeriodQuery, Scope};
use crate::statistics::cube::{GroupBy, Line, Total};
use crate::statistics::links::{Links, List};
use crate::statistics::members::Members;
use crate::statistics::names::{self, Group};
use crate::statistics::refusal::refuse;
use crate::statistics::row::prove;
use crate::statistics::service::{self, Asked};

/// What an integrity report is asked for.
pub(in crate::statistics) type IntegrityQuery = PeriodQuery<Own>;

/// What hints at polished figures at one agency.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "group": {"agency": "000.33.31.H20"}, "names": {"agency": "Xã Tân Long"}, "received": 7328, "resolved": 7313,
    "marks": {
        "late_entry": 2, "completion_asked": 0, "late_supplement_request": 0, "second_supplement": 1, "pause_on_due_day": 3,
        "pause_after_due": 0, "late_extension": 0, "extension_after_due": 0, "result_outside_hours": 4, "result_replaced": 0,
        "corrected": 1, "transfer_refused": 0
    },
    "submissions_declined": 0, "submissions_waiting_late": 0,
    "links": {"second_supplement": "/api/v1/dossiers?mark=second_supplement&marked_from=2019-01-01&marked_to=2020-01-01&agency=000.33.31.H20&own=true"}
}))]
pub(in crate::statistics) struct IntegrityRow {
    /// The receiving agency; empty in the total.
    group: BTreeMap<&'static str, String>,
    /// The same for people.
    names: BTreeMap<&'static str, String>,
    /// Taken in during the period: what to hold the counts against.
    received: i64,
    /// Resolved during the period.
    resolved: i64,
    /// How many dossiers got each mark during the period, by the codes of GET `/labels` (`mark`).
    marks: BTreeMap<&'static str, i64>,
    /// Submissions that the desk sent away.
    submissions_declined: i64,
    /// Submissions that wait at the end of the period, longer than the desk may take.
    submissions_waiting_late: i64,
    /// For each mark, and for `received`, `resolved`, `submissions_declined`, `submissions_waiting_late`: GET `/dossiers` with
    /// exactly the dossiers behind it.
    links: BTreeMap<&'static str, String>,
}

/// What hints at polished figures.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct IntegrityReport {
    from: NaiveDate,
    to: NaiveDate,
    /// Agencies with anything received, resolved, waiting or marked.
    items: Vec<IntegrityRow>,
    total: IntegrityRow,
}

type Marks = BTreeMap<Mark, i64>;

/// Reports for an agency and those below it.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`, 500 `figures_inconsistent`.
pub(in crate::statistics) fn integrity(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &IntegrityQuery,
    language: Language,
) -> Result<IntegrityReport, Problem> {
    let scope = query.scope(world, caller, query.more.own, Faults::default())?;
    let period = Period::new(query.from(), query.to(), None, world.now);
    let groups = vec![GroupBy::Agency];
    let booked = Asked { scope, groups, period, units: Units::Then };
    let cube = service::read(conn, world, &booked)?;
    let mut lines: BTreeMap<&str, Line<'_>> = BTreeMap::new();
    for line in cube.lines() {
        if let Some((_, code)) = line.members.first().copied() {
            lines.insert(code, line);
        }
    }
    let (mut marks, all) = count(conn, scope, query)?;
    let row = |groups: &[GroupBy], line: &Line<'_>, marks: &Marks| {
        let group = names::group(world, scope, groups, &line.members, period.from, language);
        prove(&line.before, &line.during).map_err(|broken| refuse(scope.agency, &group.codes, broken))?;
        Ok::<_, Problem>(render(group, line, &period, query, marks))
    };
    let total = row(&[], &cube.total(), &all)?;
    let mut items = Vec::new();
    let below = if scope.own {
        std::slice::from_ref(scope.agency)
    } else {
        world.catalogue.tree.below(scope.agency.id)
    };
    for agency in below {
        let (line, marks) = (lines.remove(agency.code.as_str()), marks.remove(&agency.id));
        if line.is_none() && marks.is_none() {
            continue;
        }
        let line = line.unwrap_or_else(|| empty(agency, &period));
        items.push(row(&booked.groups, &line, &marks.unwrap_or_default())?);
    }
    Ok(IntegrityReport { from: query.from(), to: query.to(), items, total })
}

/// An agency of which nothing is counted.
fn empty<'w>(agency: &'w Agency, period: &Period) -> Line<'w> {
    Line {
        members: Members::from_iter([(0, agency.code.as_str())]),
        span: (period.from, period.end),
        before: Total::default(),
        during: Total::default(),
    }
}

/// The marks of each agency, and of all.
fn count(
    conn: &mut Conn,
    scope: Scope<'_>,
    query: &IntegrityQuery,
) -> Result<(BTreeMap<AgencyId, Marks>, Marks), Problem> {
    let span = (at(query.from(), 0).into(), at(query.to(), 0).into());
    let (mut by_agency, mut all) = (BTreeMap::<_, Marks>::new(), Marks::new());
    for count in store::count(conn, (scope.agency.id, !scope.own), span)? {
        *by_agency.entry(count.agency_id).or_default().entry(count.mark).or_default() += count.dossiers;
        *all.entry(count.mark).or_default() += count.dossiers;
    }
    Ok((by_agency, all))
}

fn render(
    group: Group,
    line: &Line<'_>,
    period: &Period,
    query: &IntegrityQuery,
    marks: &Marks,
) -> IntegrityRow {
    let (flow, end) = (line.during.figures, line.before.plus(&line.during).figures);
    let booked = Links::new(line.span, period.moment, Units::Then).within(&group.cells);
    let mut links = BTreeMap::from([
        ("received", booked.figure(Figure::Received)),
        ("resolved", booked.figure(Figure::Resolved)),
        ("submissions_declined", booked.figure(Figure::SubmissionsDeclined)),
        ("submissions_waiting_late", booked.figure(Figure::SubmissionsWaitingLate)),
    ]);
    for mark in COUNTED {
        let list = List::default()
            .with("mark", mark.as_str())
            .with("marked_from", &query.from().to_string())
            .with("marked_to", &query.to().to_string())
            .within(&group.cells);
        links.insert(mark.as_str(), list.address());
    }
    IntegrityRow {
        received: flow.received,
        resolved: flow.early + flow.on_time + flow.late,
        marks: COUNTED.iter().map(|mark| (mark.as_str(), marks.get(mark).copied().unwrap_or(0))).collect(),
        submissions_declined: flow.declined,
        submissions_waiting_late: end.waiting_late,
        links,
        group: group.codes,
        names: group.names,
    }
}
