//! The backlog's rows: counted, proved against the counters, linked.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::buckets::{AGES, Days, Edges, LEFT, OVERDUE, Span};
use super::lists::{self, Part, Stands};
use super::store::{self, Count};
use super::{BacklogGroup, BacklogQuery, past};
use crate::World;
use crate::access::Identity;
use crate::db::{Conn, Instant};
use crate::dossiers::{AsOf, Period, Units};
use crate::http::{Faults, Language, Problem};
use crate::statistics::Cell;
use crate::statistics::asked::{self, Scope};
use crate::statistics::cube::{GroupBy, Line};
use crate::statistics::figures::Figures;
use crate::statistics::members::{self, Member, Members};
use crate::statistics::names::{self, Group};
use crate::statistics::refusal::refuse;
use crate::statistics::row::Broken;
use crate::statistics::service::{self, Asked};

/// The buckets of one kind, each with the days that it stands for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"key": "6-10", "least": 6, "most": 10, "from": "2019-03-01", "to": "2019-03-08"}))]
pub(in crate::statistics) struct Bucket {
    /// As the rows call it.
    key: String,
    /// Working days, at least.
    least: u32,
    /// Working days, at most; null: any number.
    most: Option<u32>,
    /// The first day that lies in it; null: any earlier.
    from: Option<NaiveDate>,
    /// The first day that no longer does; null: any later.
    to: Option<NaiveDate>,
}

/// What the rows' buckets mean, in working days of the agency asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct Buckets {
    /// Working days since the day of reception.
    age: Vec<Bucket>,
    /// Working days until the day that the agency is judged by, of those that have not missed it.
    time_left: Vec<Bucket>,
    /// Working days since that day, of those that have.
    overdue: Vec<Bucket>,
}

/// What is open in one group. `total` is the sum of `age`, and that of `time_left`, `overdue`, `paused` and `not_started`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "group": {"level": "commune"}, "names": {"level": "Cấp xã"}, "total": 214,
    "age": {"0-5": 201, "6-10": 13, "11-20": 0, "21-30": 0, "31-60": 0, "61+": 0},
    "time_left": {"0": 60, "1-2": 121, "3-5": 21, "6-10": 0, "11+": 0},
    "overdue": {"0-5": 0, "6-10": 0, "11-20": 0, "21+": 0}, "paused": 12, "not_started": 0,
    "links": {"total": "/api/v1/dossiers?open_at=2019-12-31T17%3A00%3A00%2B07%3A00&agency=000.00.31.H20&level=commune"}
}))]
pub(in crate::statistics) struct BacklogRow {
    /// Codes, one for each `group_by`; empty in the total.
    group: BTreeMap<&'static str, String>,
    /// The same for people.
    names: BTreeMap<&'static str, String>,
    /// All that is open.
    total: i64,
    /// By working days since reception.
    age: BTreeMap<String, i64>,
    /// By working days until the day that the agency is judged by.
    time_left: BTreeMap<String, i64>,
    /// By working days since that day was missed.
    overdue: BTreeMap<String, i64>,
    /// In a pause begun in time: its time does not run.
    paused: i64,
    /// Its time has not begun: the competent agency has not acknowledged it yet.
    not_started: i64,
    /// For each figure, by its path (`age.6-10`): GET `/dossiers` with exactly the dossiers behind it.
    links: BTreeMap<String, String>,
}

/// What is open.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::statistics) struct BacklogReport {
    /// Where the figures stand: at the end of a local day that has passed, or at a moment.
    #[schema(value_type = String, example = "2019-12-31")]
    as_of: AsOf,
    /// What the buckets are counted in.
    #[schema(example = "working_days")]
    unit: &'static str,
    buckets: Buckets,
    items: Vec<BacklogRow>,
    total: BacklogRow,
    /// The day whose distances the buckets are.
    #[serde(skip)]
    pub(in crate::statistics) day: NaiveDate,
    /// What the total was made of.
    #[serde(skip)]
    whole: Tally,
}

impl BacklogReport {
    /// All that is open by age, youngest first: the bucket, how many have not missed their date, and how many have.
    pub(in crate::statistics) fn ages(&self) -> impl Iterator<Item = (String, [i64; 2])> {
        let Tally { ages, overdue_ages, .. } = &self.whole;
        let counts = ages.iter().zip(overdue_ages).map(|(all, overdue)| [all - overdue, *overdue]);
        AGES.iter().map(|days| days.key()).zip(counts)
    }
}

/// What one group has in each bucket.
#[derive(Debug, Clone, Default)]
struct Tally {
    ages: [i64; AGES.len()],
    /// Of these, those that missed their date.
    overdue_ages: [i64; AGES.len()],
    overdue: [i64; OVERDUE.len()],
    left: [i64; LEFT.len()],
    paused: i64,
    not_started: i64,
}

impl Tally {
    fn add(&mut self, count: &Count) {
        let at = |place: i32| usize::try_from(place).unwrap_or(usize::MAX);
        let (age, time) = (at(count.age), at(count.time));
        let (missed, all) = (OVERDUE.len(), OVERDUE.len() + LEFT.len());
        if let Some(slot) = self.ages.get_mut(age) {
            *slot += count.dossiers;
        }
        if let Some(slot) = self.overdue_ages.get_mut(age).filter(|_| time < missed) {
            *slot += count.dossiers;
        }
        let slot = match time {
            time if time < missed => self.overdue.get_mut(time),
            time if time < all => self.left.get_mut(time - missed),
            time if time == all => Some(&mut self.paused),
            _ => Some(&mut self.not_started),
        };
        if let Some(slot) = slot {
            *slot += count.dossiers;
        }
    }

    /// Holds it against what the counters have standing.
    fn prove(&self, stock: &Figures) -> Result<(), Broken> {
        let total: i64 = self.ages.iter().sum();
        let overdue: i64 = self.overdue.iter().sum();
        for (counted, booked, figure) in [
            (total, stock.open, "total"),
            (overdue, stock.overdue, "overdue"),
            (self.paused, stock.paused, "paused"),
        ] {
            if counted != booked {
                return Err(Broken { figure });
            }
        }
        Ok(())
    }
}

/// The backlog of an agency, or of it and all below it, now or at a past moment.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`, 409 `calendar_missing`, 500 `figures_inconsistent` naming row and figure.
pub(in crate::statistics) fn backlog(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &BacklogQuery,
    language: Language,
) -> Result<BacklogReport, Problem> {
    let (scope, groups, as_of) = parse(world, caller, query)?;
    let calendar = world.catalogue.calendars.for_agency(scope.agency.id)?;
    let (period, stands) = standing(as_of, world.now);
    let day = period.from;
    let edges = Edges::on(&calendar, day)?;
    let (mut tallies, whole) = count(conn, world, scope, &groups, &edges, stands)?;
    let booked = Asked { scope, groups: groups.clone(), period, units: Units::Then };
    let cube = service::read(conn, world, &booked)?;
    let row = |groups: &[GroupBy], members: &[Member<'_>], tally: &Tally, line: &Line<'_>| {
        let group = names::group(world, scope, groups, members, day, language);
        let stock = line.before.plus(&line.during).figures;
        tally.prove(&stock).map_err(|broken| refuse(scope.agency, &group.codes, broken))?;
        Ok::<_, Problem>(render(group, tally, &edges, stands))
    };
    let total = row(&[], &[], &whole, &cube.total())?;
    let mut items = Vec::new();
    for line in cube.lines() {
        let tally = tallies.remove(&line.members).unwrap_or_default();
        if !groups.is_empty()
            && (line.before.plus(&line.during).figures.open != 0 || tally.ages != [0; AGES.len()])
        {
            items.push(row(&groups, &line.members, &tally, &line)?);
        }
    }
    // Open dossiers of which no counter knows.
    if let Some(members) = tallies.keys().next().filter(|_| !groups.is_empty()) {
        let group = names::group(world, scope, &groups, members, day, language);
        return Err(refuse(scope.agency, &group.codes, Broken { figure: "total" }));
    }
    let (as_of, buckets) = (period.stands(), told(&edges));
    Ok(BacklogReport { as_of, unit: "working_days", buckets, items, total, day, whole })
}

/// The day that is asked for, and where in it the backlog stands; what is still to come stands now.
fn standing(as_of: Option<AsOf>, now: Instant) -> (Period, Stands) {
    let day = match as_of {
        None => now.local_day(),
        Some(AsOf::Day(day)) => day.min(now.local_day()),
        Some(AsOf::Moment(moment)) => moment.min(now).local_day(),
    };
    let next = day.succ_opt().unwrap_or(day);
    let period = Period::new(day, next, as_of, now);
    let last = Instant::start_of(next) - TimeDelta::microseconds(1);
    let stands = match period.moment {
        Some(moment) if moment == now => Stands::Now(now),
        until => Stands::Then { day, until, moment: until.unwrap_or(last) },
    };
    (period, stands)
}

fn parse<'w>(
    world: &'w World,
    caller: &Identity,
    query: &BacklogQuery,
) -> Result<(Scope<'w>, Vec<GroupBy>, Option<AsOf>), Problem> {
    let mut faults = Faults::default();
    let groups: Vec<GroupBy> =
        query.group_by.iter().flatten().map(|group: &BacklogGroup| GroupBy::from(*group)).collect();
    asked::check_groups(&groups, &mut faults);
    let as_of = asked::check_as_of(query.as_of.as_deref(), &mut faults);
    let scope = asked::scope(world, caller, query.agency.as_deref(), query.own, faults)?;
    Ok((scope, groups, as_of))
}

/// Counts what is open: of each group, and of all together.
fn count<'w>(
    conn: &mut Conn,
    world: &'w World,
    scope: Scope<'_>,
    groups: &[GroupBy],
    edges: &Edges,
    stands: Stands,
) -> Result<(BTreeMap<Members<'w>, Tally>, Tally), Problem> {
    let has = |one, other| groups.iter().any(|group| *group == one || *group == other);
    let asked = store::Asked {
        agency_id: scope.agency.id,
        with_below: !scope.own,
        by_agency: has(GroupBy::Agency, GroupBy::Level),
        by_procedure: has(GroupBy::Procedure, GroupBy::Field),
    };
    let counts = match stands {
        Stands::Now(now) => store::count_open(conn, asked, edges, now)?,
        Stands::Then { day, moment, .. } => {
            let open = store::list_open_then(conn, (asked.agency_id, asked.with_below), (day, moment))?;
            past::count(open, asked, edges, moment)?
        }
    };
    let (mut tallies, mut whole) = (BTreeMap::<_, Tally>::new(), Tally::default());
    for count in counts {
        let cell =
            Cell { agency_id: count.agency_id, procedure_id: count.procedure_id, channel: count.channel };
        tallies.entry(members::of(&world.catalogue, groups, cell)?).or_default().add(&count);
        whole.add(&count);
    }
    Ok((tallies, whole))
}

fn render(group: Group, tally: &Tally, edges: &Edges, stands: Stands) -> BacklogRow {
    let list = |part| lists::address(stands, &group.cells, part);
    let mut links = BTreeMap::from([
        ("total".to_owned(), list(Part::Total)),
        ("paused".to_owned(), list(Part::Paused)),
        ("not_started".to_owned(), list(Part::NotStarted)),
    ]);
    let mut sorted = |name: &str, part: fn(Span) -> Part, days: &[Days], spans: &[Span], counts: &[i64]| {
        let mut buckets = BTreeMap::new();
        for ((days, span), count) in days.iter().zip(spans).zip(counts) {
            links.insert(format!("{name}.{}", days.key()), list(part(*span)));
            buckets.insert(days.key(), *count);
        }
        buckets
    };
    BacklogRow {
        total: tally.ages.iter().sum(),
        age: sorted("age", Part::Age, &AGES, &edges.ages, &tally.ages),
        time_left: sorted("time_left", Part::TimeLeft, &LEFT, &edges.left, &tally.left),
        overdue: sorted("overdue", Part::Overdue, &OVERDUE, &edges.overdue, &tally.overdue),
        paused: tally.paused,
        not_started: tally.not_started,
        links,
        group: group.codes,
        names: group.names,
    }
}

/// The buckets as the answer explains them.
fn told(edges: &Edges) -> Buckets {
    let all = |days: &[Days], spans: &[Span]| {
        let bucket = |(days, span): (&Days, &Span)| Bucket {
            key: days.key(),
            least: days.least,
            most: days.most,
            from: span.from,
            to: span.to,
        };
        days.iter().zip(spans).map(bucket).collect()
    };
    Buckets {
        age: all(&AGES, &edges.ages),
        time_left: all(&LEFT, &edges.left),
        overdue: all(&OVERDUE, &edges.overdue),
    }
}
