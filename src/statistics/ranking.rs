//! Agencies in the order of how well they kept to their time. Whoever resolved too few is not ranked: one dossier of two
//! says nothing. Whoever is as good as another has the same place, and is told so.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{self, PeriodQuery};
use super::cube::GroupBy;
use super::links::Links;
use super::names;
use super::refusal::refuse;
use super::row::{on_time_rate, prove};
use super::service::{self, Asked};
use crate::World;
use crate::access::Identity;
use crate::agencies::Kind;
use crate::db::Conn;
use crate::dossiers::{AgencyName, AsOf, Figure, Period, Units, agency_name};
use crate::http::{Faults, Language, Problem};

/// How many dossiers an agency must have resolved to be ranked, when nobody says.
const MINIMUM: i64 = 30;

/// What a ranking is asked for: the agency is the one above those that are ranked, itself among them.
pub(super) type RankingQuery = PeriodQuery<Ranked>;

/// What of a ranking is asked for beside agency and period.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Ranked {
    /// Only agencies of this level: like with like.
    #[param(inline)]
    pub(super) level: Option<Kind>,
    /// Agencies that resolved fewer are not ranked; 30 when left out.
    #[param(minimum = 1, maximum = 1_000_000)]
    pub(super) minimum: Option<i64>,
    /// The figures as they stood at the end of this local day, or at this moment; now when left out.
    #[param(min_length = 1, max_length = 40, example = "2019-12-31")]
    pub(super) as_of: Option<String>,
    /// Whose figures those of a merged or divided agency are.
    #[param(inline)]
    pub(super) units: Option<Units>,
}

/// An agency's place.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "rank": 1, "tied_with": 1, "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"},
    "resolved": 7313, "timely": 7303, "late": 10, "on_time_rate": 0.9986,
    "links": {"resolved.late": "/api/v1/dossiers?figure=resolved.late&figure_from=2019-01-01&figure_to=2020-01-01&units=then&agency=000.33.31.H20&own=true"}
}))]
pub(super) struct RankedAgency {
    /// Its place, by the exact share of timely ones; after two on the first comes the third. Null when it is not ranked.
    pub(super) rank: Option<u32>,
    /// How many others have the same place.
    tied_with: u32,
    pub(super) agency: AgencyName,
    /// All that it resolved in the period.
    pub(super) resolved: i64,
    /// Early or on time.
    pub(super) timely: i64,
    late: i64,
    /// `timely` / `resolved` to four decimals; null when nothing was resolved.
    #[schema(minimum = 0, maximum = 1)]
    pub(super) on_time_rate: Option<f64>,
    /// GET `/dossiers` with exactly the dossiers behind `resolved.total`, `resolved.timely`, `resolved.early`,
    /// `resolved.on_time` and `resolved.late`.
    links: BTreeMap<&'static str, String>,
}

/// Agencies by how well they kept to their time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RankingReport {
    from: NaiveDate,
    to: NaiveDate,
    /// Where the figures stand.
    #[schema(value_type = String, example = "2019-12-31")]
    as_of: AsOf,
    units: Units,
    /// How many an agency must have resolved to be ranked.
    minimum: i64,
    /// The best first; those of one place by their code.
    pub(super) items: Vec<RankedAgency>,
    /// Those with some figures in the period that resolved too few.
    unranked: Vec<RankedAgency>,
}

/// Ranks the agencies below one.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`, 500 `figures_inconsistent`.
pub(super) fn ranking(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &RankingQuery,
    language: Language,
) -> Result<RankingReport, Problem> {
    let (mut faults, asked) = (Faults::default(), &query.more);
    let as_of = asked::check_as_of(asked.as_of.as_deref(), &mut faults);
    let scope = query.scope(world, caller, None, faults)?;
    let units = asked.units.unwrap_or_default();
    let period = Period::new(query.from(), query.to(), as_of, world.now);
    let groups = [GroupBy::Agency];
    let booked = Asked { scope, groups: groups.to_vec(), period, units };
    let (minimum, tree) = (asked.minimum.unwrap_or(MINIMUM), &world.catalogue.tree);
    let (mut items, mut unranked) = (Vec::new(), Vec::new());
    for line in service::read(conn, world, &booked)?.lines() {
        let group = names::group(world, scope, &groups, &line.members, period.from, language);
        prove(&line.before, &line.during).map_err(|broken| refuse(scope.agency, &group.codes, broken))?;
        let found = group.codes.get(GroupBy::Agency.as_str()).and_then(|code| tree.by_code(code));
        let fits = |id| asked.level.is_none_or(|level| tree.level(id) == Some(level));
        let Some(agency) = found.filter(|agency| fits(agency.id)) else { continue };
        let figures = line.during.figures;
        let (timely, late) = (figures.early + figures.on_time, figures.late);
        let resolved = timely + late;
        let links = Links::new(line.span, period.moment, units).within(&group.cells);
        let shown = [
            Figure::Resolved,
            Figure::ResolvedTimely,
            Figure::ResolvedEarly,
            Figure::ResolvedOnTime,
            Figure::ResolvedLate,
        ];
        let agency = RankedAgency {
            rank: None,
            tied_with: 0,
            agency: agency_name(world, agency.id)?,
            resolved,
            timely,
            late,
            on_time_rate: on_time_rate(timely, resolved),
            links: shown.iter().map(|figure| (figure.as_str(), links.figure(*figure))).collect(),
        };
        if resolved >= minimum { items.push(agency) } else { unranked.push(agency) }
    }
    place(&mut items);
    Ok(RankingReport {
        from: query.from(),
        to: query.to(),
        as_of: period.stands(),
        units,
        minimum,
        items,
        unranked,
    })
}

/// Orders agencies and gives them their places.
fn place(agencies: &mut [RankedAgency]) {
    agencies.sort_by(|one, other| {
        compare(one, other).reverse().then_with(|| one.agency.code.cmp(&other.agency.code))
    });
    let mut place = 1;
    for tied in agencies.chunk_by_mut(|one, other| compare(one, other) == Ordering::Equal) {
        let count = u32::try_from(tied.len()).unwrap_or(u32::MAX);
        for agency in tied {
            agency.rank = Some(place);
            agency.tied_with = count - 1;
        }
        place += count;
    }
}

/// By the exact share: rounded ones would tie agencies that differ.
fn compare(one: &RankedAgency, other: &RankedAgency) -> Ordering {
    let crosswise = |timely: i64, resolved: i64| i128::from(timely) * i128::from(resolved);
    crosswise(one.timely, other.resolved).cmp(&crosswise(other.timely, one.resolved))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agency(code: &str, timely: i64, resolved: i64) -> RankedAgency {
        RankedAgency {
            rank: None,
            tied_with: 0,
            agency: AgencyName { code: code.to_owned(), name: code.to_owned() },
            resolved,
            timely,
            late: resolved - timely,
            on_time_rate: on_time_rate(timely, resolved),
            links: BTreeMap::new(),
        }
    }

    #[test]
    fn the_same_share_is_the_same_place_and_the_next_is_left_free() {
        let mut all = [
            agency("d", 1, 3),
            agency("b", 2, 4),
            agency("c", 50, 100),
            agency("a", 9, 10),
            agency("e", 0, 7),
        ];
        place(&mut all);
        let told: Vec<_> = all.iter().map(|it| (it.agency.code.as_str(), it.rank, it.tied_with)).collect();
        assert_eq!(
            told,
            [("a", Some(1), 0), ("b", Some(2), 1), ("c", Some(2), 1), ("d", Some(4), 0), ("e", Some(5), 0)]
        );
    }

    #[test]
    fn what_only_looks_the_same_is_not() {
        let mut all = [agency("a", 99_999, 100_000), agency("b", 199_999, 200_000)];
        assert_eq!(all[0].on_time_rate, all[1].on_time_rate);
        place(&mut all);
        assert_eq!((all[0].agency.code.as_str(), all[1].rank), ("b", Some(2)));
    }
}
