//! Every agency's working time, prepared when it is first asked for and then kept as long as the catalogue's snapshot.
//!
//! An agency's calendar is the national one, with the closures of all agencies above it, and the opening hours of the
//! lowest agency above it that has any. Most agencies add nothing of their own, so one prepared calendar serves a whole
//! subtree: what is kept grows with the number of differences, not of agencies.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use chrono::NaiveDate;

use super::outlook::Outlook;
use super::rules::{Calendar, HoursHistory, WeeklyHours, YearCalendar};
use crate::{
    agencies::{AgencyId, HoursFrom, Tree, Unknown, Week, hours_in_force},
    db::Error,
};

/// Working time by agency.
#[derive(Debug, Default)]
pub struct Calendars {
    national: Vec<YearCalendar>,
    recipes: Vec<Recipe>,
    by_agency: HashMap<AgencyId, usize>,
}

/// What a calendar is made of, and the calendar once it was needed.
#[derive(Debug)]
struct Recipe {
    /// From the top of the tree downwards.
    own: Vec<YearCalendar>,
    hours: HoursHistory,
    after_cutoff_counts_next_day: bool,
    prepared: OnceLock<Arc<Calendar>>,
}

/// Rows of working hours cannot be read as hours: somebody wrote past the rules.
#[derive(Debug, thiserror::Error)]
#[error("the opening hours of agency {agency} cannot be used: {why}")]
pub struct BadHours {
    agency: AgencyId,
    why: serde_json::Error,
}

impl Calendars {
    /// Lays out the calendars of all agencies; prepares none.
    ///
    /// # Errors
    /// When stored opening hours break their rules.
    pub fn new(
        tree: &Tree,
        national: Vec<YearCalendar>,
        own: &HashMap<AgencyId, Vec<YearCalendar>>,
        hours: &HashMap<AgencyId, Vec<HoursFrom>>,
    ) -> Result<Calendars, BadHours> {
        let mut calendars = Calendars { national, ..Calendars::default() };
        // Agencies with the same source and the same cut-off have the same calendar.
        let mut known: HashMap<(Option<AgencyId>, bool), usize> = HashMap::new();
        for agency in tree.all() {
            let has_own = |id: AgencyId| own.contains_key(&id) || hours.contains_key(&id);
            let source = tree.upward(agency.id).map(|above| above.id).find(|id| has_own(*id));
            let key = (source, agency.after_cutoff_counts_next_day);
            let place = match known.get(&key) {
                Some(place) => *place,
                None => {
                    let recipe = recipe(tree, source, agency.after_cutoff_counts_next_day, own, hours)?;
                    calendars.recipes.push(recipe);
                    known.insert(key, calendars.recipes.len() - 1);
                    calendars.recipes.len() - 1
                }
            };
            calendars.by_agency.insert(agency.id, place);
        }
        Ok(calendars)
    }

    /// The working time of an agency.
    ///
    /// # Errors
    /// `Internal` for an unknown key, as [`Tree::agency`].
    pub fn for_agency(&self, agency: AgencyId) -> Result<Arc<Calendar>, Error> {
        let place = self.by_agency.get(&agency);
        let recipe = place
            .and_then(|place| self.recipes.get(*place))
            .ok_or_else(|| Error::Internal(Arc::new(Unknown("agency", agency))))?;
        Ok(Arc::clone(recipe.prepared.get_or_init(|| {
            Arc::new(Calendar::prepare(
                self.national.iter().cloned(),
                recipe.own.iter().cloned(),
                &recipe.hours,
                recipe.after_cutoff_counts_next_day,
            ))
        })))
    }

    /// How long the country's calendars last from a day on.
    #[must_use]
    pub fn outlook(&self, today: NaiveDate) -> Outlook {
        Outlook::on(today, &self.national)
    }
}

fn recipe(
    tree: &Tree,
    source: Option<AgencyId>,
    after_cutoff_counts_next_day: bool,
    own: &HashMap<AgencyId, Vec<YearCalendar>>,
    hours: &HashMap<AgencyId, Vec<HoursFrom>>,
) -> Result<Recipe, BadHours> {
    let chain: Vec<AgencyId> =
        source.map(|source| tree.upward(source).map(|agency| agency.id).collect()).unwrap_or_default();
    let rows = |id: &AgencyId| (*id, hours.get(id).map(Vec::as_slice).unwrap_or_default());
    let layers = hours_in_force(&chain.iter().map(rows).collect::<Vec<_>>());
    let mut changes = Vec::new();
    for layer in layers {
        // The layer since ever holds the usual hours, which the history begins with by itself.
        if let Some(from) = layer.from {
            let agency = layer.owner.or(source).unwrap_or_default();
            let week = weekly(&layer.week).map_err(|why| BadHours { agency, why })?;
            changes.push((from, week));
        }
    }
    let closures = chain.iter().rev().filter_map(|id| own.get(id)).flatten().cloned().collect();
    Ok(Recipe {
        own: closures,
        hours: HoursHistory::new(changes),
        after_cutoff_counts_next_day,
        prepared: OnceLock::new(),
    })
}

/// The week as the working-time library wants it; both write a week the same way in JSON.
fn weekly(week: &Week) -> Result<WeeklyHours, serde_json::Error> {
    serde_json::to_value(week).and_then(serde_json::from_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        agencies::{Agency, Kind},
        calendar::rules::{Certainty, DayKind, DayOff},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn year(days_off: &[&str]) -> YearCalendar {
        let off =
            |text: &&str| DayOff { date: day(text), name: "nghỉ".into(), certainty: Certainty::Certain };
        YearCalendar { year: 2019, days_off: days_off.iter().map(off).collect(), makeup_workdays: Vec::new() }
    }

    fn tree() -> Tree {
        Tree::new(vec![
            Agency::sample(1, "000.00.00.H20", Kind::Province, None),
            Agency::sample(2, "000.00.31.H20", Kind::District, Some(1)),
            Agency::sample(3, "000.21.31.H20", Kind::Commune, Some(2)),
            Agency::sample(4, "000.22.31.H20", Kind::Commune, Some(2)),
        ])
    }

    #[test]
    fn both_sides_agree_on_the_usual_week() {
        assert_eq!(weekly(&Week::usual()).unwrap(), WeeklyHours::default());
    }

    proptest::proptest! {
        /// Or one PUT of working hours would stop the whole catalogue from loading.
        #[test]
        fn every_week_that_agencies_take_can_be_used(
            times in proptest::collection::vec((0_u32..1440, 0_u32..1440), 1..5), sorted: bool,
        ) {
            let mut minutes: Vec<u32> = times.into_iter().flat_map(|(from, to)| [from, to]).collect();
            if sorted {
                minutes.sort_unstable();
            }
            let at = |minute: u32| chrono::NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
            let period = |pair: &[u32]| crate::agencies::Period { from: at(pair[0]), to: at(pair[1]) };
            let mut week = Week::usual();
            week.monday = minutes.chunks(2).map(period).collect();
            proptest::prop_assert_eq!(week.check("").is_empty(), weekly(&week).is_ok(), "{:?}", week.monday);
        }
    }

    #[test]
    fn a_day_around_the_clock_is_none_for_either() {
        for (from, to) in [("00:00", "23:59"), ("00:00", "23:58")] {
            let mut week = Week::usual();
            week.monday = serde_json::from_value(serde_json::json!([{"from": from, "to": to}])).unwrap();
            assert_eq!(week.check("").is_empty(), weekly(&week).is_ok(), "{from} to {to}");
        }
    }

    #[test]
    fn closures_hold_below_and_hours_are_inherited() {
        let mut late = Week::usual();
        late.monday.remove(0);
        let own = HashMap::from([(2, vec![year(&["2019-03-05"])])]);
        let row = HoursFrom { effective_from: day("2019-02-01"), week: Some(late), version: 1 };
        let hours = HashMap::from([(3, vec![row])]);
        let calendars = Calendars::new(&tree(), vec![year(&["2019-01-01"])], &own, &hours).unwrap();
        let kind = |agency, on| calendars.for_agency(agency).unwrap().kind(day(on)).unwrap().clone();
        for agency in 1..=4 {
            assert!(matches!(kind(agency, "2019-01-01"), DayKind::DayOff { .. }), "{agency}");
            assert_eq!(kind(agency, "2019-03-05").is_working(), agency == 1, "{agency}");
        }
        let opens =
            |agency, on| calendars.for_agency(agency).unwrap().opening_time(day(on)).unwrap().unwrap();
        assert_eq!(opens(3, "2019-01-28").to_rfc3339(), "2019-01-28T00:00:00+00:00");
        assert_eq!(opens(3, "2019-02-04").to_rfc3339(), "2019-02-04T06:30:00+00:00");
        assert_eq!(opens(4, "2019-02-04").to_rfc3339(), "2019-02-04T00:00:00+00:00");
        assert_eq!(
            calendars.recipes.len(),
            3,
            "one for the province, one for the district, one for the late commune"
        );
        assert!(Arc::ptr_eq(&calendars.for_agency(2).unwrap(), &calendars.for_agency(4).unwrap()));
    }
}
