//! The report on legs.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Blame, Work};
use crate::World;
use crate::access::Identity;
use crate::calendar::rules::at;
use crate::db::Conn;
use crate::dossiers::{AgencyName, Figure, Period, Units, agency_name};
use crate::http::{Faults, Problem};
use crate::statistics::asked::{Own, PeriodQuery};
use crate::statistics::links::{Links, List};

/// What a report on legs is asked for: the period is that in which they ended.
pub(in crate::statistics) type LegsQuery = PeriodQuery<Own>;

/// What one agency used for one step.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "agency": {"code": "000.01.31.H20", "name": "Phòng Tài nguyên và Môi trường"}, "key": "tham-dinh", "name": "Thẩm định",
    "legs": 412, "used": {"total": 398_200, "median": 930, "ninth_decile": 1560},
    "share": {"legs": 410, "used": 397_100, "total": 492_000, "used_rate": 0.8071}, "overran": {"legs": 17, "excess": 6230},
    "links": {"overran.legs": "/api/v1/dossiers?leg_agency=000.01.31.H20&leg=tham-dinh&leg_ended_from=2019-01-01&leg_ended_to=2020-01-01&leg_overran=true"}
}))]
pub(in crate::statistics) struct LegsRow {
    pub(in crate::statistics) agency: AgencyName,
    /// The step's key in the route; one that was done again has a number behind it.
    key: String,
    /// What the route calls it.
    pub(in crate::statistics) name: String,
    /// How many ended in the period.
    legs: i64,
    pub(in crate::statistics) used: UsedMinutes,
    share: ShareMinutes,
    overran: Overran,
    /// For `legs`, `share.legs` and `overran.legs`: GET `/dossiers` with exactly the dossiers that these legs belong to, each to
    /// one, as far as the caller sees them: an inspector those that his subtree received.
    links: BTreeMap<&'static str, String>,
}

/// Opening minutes that legs used; pauses do not count.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct UsedMinutes {
    /// All together.
    total: i64,
    /// Half of them used no more.
    pub(in crate::statistics) median: Option<i64>,
    /// Nine of ten used no more.
    pub(in crate::statistics) ninth_decile: Option<i64>,
}

/// The shares of those legs that have one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct ShareMinutes {
    /// How many of the legs have a share of the time.
    legs: i64,
    /// What these used, in opening minutes.
    used: i64,
    /// What they were given, in opening minutes.
    total: i64,
    /// `used` / `total` to four decimals; null when none has a share. Above 1: more than they were given.
    used_rate: Option<f64>,
}

/// Legs that used more than their share.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct Overran {
    legs: i64,
    /// By so many opening minutes together.
    excess: i64,
}

/// Who used up the time of late dossiers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "agency": {"code": "000.01.31.H20", "name": "Phòng Tài nguyên và Môi trường"}, "key": "tham-dinh", "name": "Thẩm định",
    "dossiers": 9, "excess": 4110,
    "links": {"dossiers": "/api/v1/dossiers?figure=resolved.late&figure_from=2019-01-01&figure_to=2020-01-01&units=then&agency=000.00.31.H20&leg_agency=000.01.31.H20&leg=tham-dinh&leg_overran=true"}
}))]
pub(in crate::statistics) struct Attributed {
    agency: AgencyName,
    key: String,
    name: String,
    /// How many of the late dossiers had its step overrun.
    dossiers: i64,
    /// By so many opening minutes together.
    excess: i64,
    /// For `dossiers`: GET `/dossiers` with exactly these.
    links: BTreeMap<&'static str, String>,
}

/// The late dossiers of the period, and whose legs made them late.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct Lateness {
    /// Resolved late in the period by the receiving agency, or those below it.
    dossiers: i64,
    /// Of those: none of its legs used more than its share. The time went at the desk or on the way, or it has no legs.
    unattributed: i64,
    /// One late dossier stands here once for each step that overran, at whatever agency: the sum may exceed `dossiers`.
    items: Vec<Attributed>,
    /// For `dossiers` and `unattributed`: GET `/dossiers` with exactly these.
    links: BTreeMap<&'static str, String>,
}

/// Working time by agency and step.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct LegsReport {
    from: NaiveDate,
    to: NaiveDate,
    /// What all times are counted in.
    #[schema(example = "opening_minutes")]
    unit: &'static str,
    /// By agency and step.
    pub(in crate::statistics) items: Vec<LegsRow>,
    late: Lateness,
}

/// Reports on the legs of an agency and of those below it.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(in crate::statistics) fn legs(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &LegsQuery,
) -> Result<LegsReport, Problem> {
    let scope = query.scope(world, caller, query.more.own, Faults::default())?;
    let (whose, tree) = ((scope.agency.id, !scope.own), &world.catalogue.tree);
    let work = store::sum_legs(conn, whose, (at(query.from(), 0).into(), at(query.to(), 0).into()))?;
    let mut items = work.into_iter().map(|work| row(world, query, work)).collect::<Result<Vec<_>, _>>()?;
    // In the order of the tree, as other reports have agencies.
    let place = |code: &str| tree.all().iter().position(|agency| agency.code == code);
    items.sort_by_cached_key(|row| (place(&row.agency.code), row.key.clone()));
    let period = Period::new(query.from(), query.to(), None, world.now);
    let days = (period.from, period.end);
    let (dossiers, unattributed) = store::count_late(conn, whose, days)?;
    let blame = store::sum_blame(conn, whose, days)?;
    let mut cells = vec![("agency", scope.agency.code.clone())];
    cells.extend(scope.own.then(|| ("own", "true".to_owned())));
    let late = Links::new(days, period.moment, Units::Then).within(&cells);
    let attributed =
        blame.into_iter().map(|blame| attribute(world, &late, blame)).collect::<Result<_, _>>()?;
    let links = BTreeMap::from([
        ("dossiers", late.figure(Figure::ResolvedLate)),
        ("unattributed", late.with("leg_overran", "false").figure(Figure::ResolvedLate)),
    ]);
    let late = Lateness { dossiers, unattributed, items: attributed, links };
    Ok(LegsReport { from: query.from(), to: query.to(), unit: "opening_minutes", items, late })
}

fn row(world: &World, query: &LegsQuery, work: Work) -> Result<LegsRow, Problem> {
    let agency = agency_name(world, work.agency_id)?;
    let list = List::default()
        .with("leg_agency", &agency.code)
        .with("leg", &work.key)
        .with("leg_ended_from", &query.from().to_string())
        .with("leg_ended_to", &query.to().to_string());
    let links = BTreeMap::from([
        ("legs", list.address()),
        ("share.legs", list.clone().with("leg_has_share", "true").address()),
        ("overran.legs", list.with("leg_overran", "true").address()),
    ]);
    Ok(LegsRow {
        agency,
        key: work.key,
        name: work.name,
        legs: work.legs,
        used: UsedMinutes { total: work.total, median: work.median, ninth_decile: work.ninth_decile },
        share: ShareMinutes {
            legs: work.with_share,
            used: work.within_share,
            total: work.share,
            used_rate: crate::statistics::row::rate(work.within_share, work.share),
        },
        overran: Overran { legs: work.overran, excess: work.excess },
        links,
    })
}

/// A part of the lateness; `late` are the links to all late ones.
fn attribute(world: &World, late: &Links, blame: Blame) -> Result<Attributed, Problem> {
    let agency = agency_name(world, blame.agency_id)?;
    let overrun =
        late.clone().with("leg_agency", &agency.code).with("leg", &blame.key).with("leg_overran", "true");
    Ok(Attributed {
        agency,
        key: blame.key,
        name: blame.name,
        dossiers: blame.dossiers,
        excess: blame.excess,
        links: BTreeMap::from([("dossiers", overrun.figure(Figure::ResolvedLate))]),
    })
}
