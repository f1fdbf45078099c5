//! Which leg opens when, and what time it used. Pure; knows no clock and no database.
//!
//! Legs stand in the order of `seq`. Those of the route lie [`SPACING`] apart, so that a leg that must be done again
//! finds its place behind the one that is repeated. Where the dossier stands on its way is the last lead leg that has
//! begun: what waits behind it is still to come, what waits before it was skipped.

use chrono::{DateTime, Utc};

use super::LegState;
use crate::agencies::AgencyId;
use crate::calendar::rules::{Calendar, Deadline, Missing};

/// Distance between two steps of the route.
const SPACING: i32 = 1000;

/// What the rules need of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg<'a> {
    pub seq: i32,
    pub key: &'a str,
    pub agency: AgencyId,
    pub is_lead: bool,
    /// Key of the lead leg that it opens together with.
    pub parallel_with: Option<&'a str>,
    pub state: LegState,
}

impl Leg<'_> {
    fn waits(&self) -> bool {
        self.state == LegState::Waiting
    }
}

/// A step of the route with a place in the order and an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned<'a> {
    /// Which step.
    pub step: usize,
    pub seq: i32,
    pub agency: AgencyId,
    pub parallel_with: Option<&'a str>,
}

/// The legs of a route. A step that no agency answers to here is left out; what ran beside it stands for itself.
///
/// `steps` are key, agency expression and the key that it runs beside.
pub fn plan<'a>(
    steps: &[(&'a str, &'a str, Option<&'a str>)],
    resolve: impl Fn(&str) -> Option<AgencyId>,
) -> Vec<Planned<'a>> {
    // Each step's lead: a step may run beside one that itself runs beside another.
    let mut lead_of: Vec<(&str, &'a str)> = Vec::new();
    let mut legs = Vec::new();
    for (step, (key, expression, beside)) in steps.iter().enumerate() {
        let Some(agency) = resolve(expression) else { continue };
        let lead = beside
            .and_then(|beside| lead_of.iter().find(|(known, _)| *known == beside))
            .map(|(_, lead)| *lead);
        lead_of.push((key, lead.unwrap_or(key)));
        let place = i32::try_from(step).unwrap_or(i32::MAX).saturating_add(1);
        legs.push(Planned { step, seq: place.saturating_mul(SPACING), agency, parallel_with: lead });
    }
    legs
}

/// Where the dossier stands: the last lead leg that has begun; 0 before any has.
fn position(legs: &[Leg<'_>]) -> i32 {
    legs.iter().filter(|leg| leg.is_lead && !leg.waits()).map(|leg| leg.seq).max().unwrap_or(0)
}

fn ahead<'l, 'a>(legs: &'l [Leg<'a>]) -> impl Iterator<Item = &'l Leg<'a>> {
    let position = position(legs);
    legs.iter().filter(move |leg| leg.is_lead && leg.waits() && leg.seq > position)
}

/// Where `forward` goes when nobody says: the next step that is not the holder's own.
#[must_use]
pub fn next_agency(legs: &[Leg<'_>], holder: AgencyId) -> Option<AgencyId> {
    ahead(legs).find(|leg| leg.agency != holder).map(|leg| leg.agency)
}

/// The legs that open when the holder starts: its own, if the next one is its own, and those beside it.
#[must_use]
pub fn opened_by_start(legs: &[Leg<'_>], holder: AgencyId) -> Vec<i32> {
    ahead(legs).next().filter(|leg| leg.agency == holder).map(|leg| stage(legs, leg)).unwrap_or_default()
}

/// The legs that open when papers arrive at an agency: its next one, also when steps before it were passed over.
#[must_use]
pub fn opened_by_arrival(legs: &[Leg<'_>], holder: AgencyId) -> Vec<i32> {
    ahead(legs).find(|leg| leg.agency == holder).map(|leg| stage(legs, leg)).unwrap_or_default()
}

fn stage(legs: &[Leg<'_>], lead: &Leg<'_>) -> Vec<i32> {
    let beside = legs.iter().filter(|leg| leg.waits() && leg.parallel_with == Some(lead.key));
    std::iter::once(lead.seq).chain(beside.map(|leg| leg.seq)).collect()
}

/// A leg that is to be done again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// The leg that it repeats.
    pub of: i32,
    pub seq: i32,
    pub key: String,
}

/// What must be done again when `from` sends the dossier back to `back_to`: the part of the one, then that of the other,
/// as far as they had parts and have begun them.
#[must_use]
pub fn repeats(legs: &[Leg<'_>], from: AgencyId, back_to: AgencyId) -> Vec<Repeat> {
    let at = position(legs);
    let mut seq = legs.iter().map(|leg| leg.seq).filter(|seq| is_repeat_of(*seq, at)).max().unwrap_or(at);
    let mut repeats = Vec::new();
    for agency in [back_to, from] {
        let is_there = legs
            .iter()
            .any(|leg| leg.is_lead && leg.waits() && leg.agency == agency && is_repeat_of(leg.seq, at));
        let mine = legs.iter().filter(|leg| leg.is_lead && leg.agency == agency && leg.seq <= at);
        let Some(last) = mine.max_by_key(|leg| leg.seq).filter(|_| !is_there) else { continue };
        if agency == from && last.waits() {
            continue;
        }
        seq += 1;
        repeats.push(Repeat { of: last.seq, seq, key: again(legs, last.key) });
    }
    repeats
}

/// The repeats that wait at the dossier's place: what a send-back made, and what goes when it is taken back.
#[must_use]
pub fn waiting_repeats(legs: &[Leg<'_>]) -> Vec<i32> {
    let at = position(legs);
    legs.iter().filter(|leg| leg.waits() && is_repeat_of(leg.seq, at)).map(|leg| leg.seq).collect()
}

fn is_repeat_of(seq: i32, at: i32) -> bool {
    seq > at && seq / SPACING == at / SPACING && seq % SPACING != 0
}

/// `cong-an` → `cong-an-2` → `cong-an-3`.
fn again(legs: &[Leg<'_>], key: &str) -> String {
    let first = match key.rsplit_once('-') {
        Some((first, number)) if number.parse::<u32>().is_ok() && legs.iter().any(|leg| leg.key == first) => {
            first
        }
        _ => key,
    };
    let taken = |key: &str| legs.iter().any(|leg| leg.key == key);
    // One of so many names is free.
    let mut names = (2..).take(legs.len() + 1).map(|number: u32| format!("{first}-{number}"));
    names.find(|key| !taken(key)).unwrap_or_default()
}

/// A place and key for a leg outside of the route: behind everything that has begun, before what is still to come.
#[must_use]
pub fn extra_seq(legs: &[Leg<'_>], is_lead: bool) -> i32 {
    let at = if is_lead { position(legs) } else { legs.iter().map(|leg| leg.seq).max().unwrap_or(0) };
    legs.iter().map(|leg| leg.seq).filter(|seq| is_repeat_of(*seq, at)).max().unwrap_or(at) + 1
}

/// Opening minutes that a leg has used until `at`: what was used before its last pause, and since.
///
/// # Errors
/// A year without a calendar.
pub fn used(
    calendar: &Calendar,
    started_at: DateTime<Utc>,
    clock: Option<&Deadline>,
    before: i64,
    at: DateTime<Utc>,
) -> Result<i64, Missing> {
    let from = clock.map_or(started_at, |clock| clock.due.counts_from);
    let until = clock.and_then(|clock| clock.paused).map_or(at, |pause| pause.since.min(at));
    Ok(before + i64::from(calendar.opening_minutes_between(from, until)?))
}

/// How a leg stands to its share, in opening minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// From where its count began to the date that it is judged by.
    pub share: i64,
    /// What was left of it; negative: what it overran.
    pub balance: i64,
}

/// How a leg with this clock stands at `at`.
///
/// # Errors
/// A year without a calendar.
pub fn weigh(calendar: &Calendar, clock: &Deadline, at: DateTime<Utc>) -> Result<Weight, Missing> {
    let due = clock.judged.due_at;
    // A pause begun in time holds the share as it was then.
    let end = clock.paused.filter(|pause| pause.in_time).map_or(at, |pause| pause.since.min(at));
    let minutes = |from, until| calendar.opening_minutes_between(from, until).map(i64::from);
    let balance = if end <= due { minutes(end, due)? } else { -minutes(due, end)? };
    Ok(Weight { share: minutes(clock.judged.counts_from, due)?, balance })
}

/// What a leg had used when its pause began, if the count begins anew when the pause ends (`after`).
///
/// # Errors
/// A year without a calendar.
pub fn used_before_pause(
    calendar: &Calendar,
    paused: &Deadline,
    after: &Deadline,
    before: i64,
) -> Result<i64, Missing> {
    if paused.due.counts_from == after.due.counts_from {
        return Ok(before);
    }
    used(calendar, paused.started_at, Some(paused), before, after.due.counts_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: AgencyId = 1;
    const POLICE: AgencyId = 2;
    const INSURANCE: AgencyId = 3;
    const TAX: AgencyId = 4;

    fn leg(seq: i32, key: &'static str, agency: AgencyId, state: LegState) -> Leg<'static> {
        Leg { seq, key, agency, is_lead: true, parallel_with: None, state }
    }

    fn beside(
        seq: i32,
        key: &'static str,
        agency: AgencyId,
        lead: &'static str,
        state: LegState,
    ) -> Leg<'static> {
        Leg { seq, key, agency, is_lead: false, parallel_with: Some(lead), state }
    }

    use LegState::{Done, Open, Waiting};

    #[test]
    fn a_route_is_planned_in_its_order_with_stages() {
        let steps = [
            ("ho-tich", "receiver", None),
            ("cong-an", "parent/cong-an", None),
            ("thue", "parent/thue", Some("cong-an")),
            ("bhxh", "parent/bhxh", Some("thue")),
        ];
        let resolve = |expression: &str| match expression {
            "receiver" => Some(DESK),
            "parent/cong-an" => Some(POLICE),
            "parent/thue" => Some(TAX),
            "parent/bhxh" => Some(INSURANCE),
            _ => None,
        };
        let planned = plan(&steps, resolve);
        let told: Vec<_> =
            planned.iter().map(|leg| (leg.step, leg.seq, leg.agency, leg.parallel_with)).collect();
        assert_eq!(
            told,
            [
                (0, 1000, DESK, None),
                (1, 2000, POLICE, None),
                (2, 3000, TAX, Some("cong-an")),
                (3, 4000, INSURANCE, Some("cong-an")),
            ]
        );
    }

    #[test]
    fn a_step_without_an_agency_is_left_out_and_what_ran_beside_it_leads() {
        let steps = [("cong-an", "parent/cong-an", None), ("thue", "parent/thue", Some("cong-an"))];
        let planned = plan(&steps, |expression| (expression == "parent/thue").then_some(TAX));
        assert_eq!(planned, [Planned { step: 1, seq: 2000, agency: TAX, parallel_with: None }]);
    }

    #[test]
    fn forward_goes_to_the_next_step_that_is_not_the_holders() {
        let fresh =
            [leg(1000, "a", DESK, Waiting), leg(2000, "b", POLICE, Waiting), leg(3000, "c", DESK, Waiting)];
        assert_eq!(next_agency(&fresh, DESK), Some(POLICE), "the desk's own first step is passed over");
        let at_police =
            [leg(1000, "a", DESK, Waiting), leg(2000, "b", POLICE, Open), leg(3000, "c", DESK, Waiting)];
        assert_eq!(
            next_agency(&at_police, POLICE),
            Some(DESK),
            "to the last step, not back to the one passed over"
        );
        let done = [leg(1000, "a", DESK, Done), leg(2000, "b", POLICE, Open)];
        assert_eq!(next_agency(&done, POLICE), None);
    }

    #[test]
    fn a_stage_opens_together_and_only_for_its_own_agency() {
        let legs = [
            leg(1000, "a", DESK, Waiting),
            leg(2000, "b", POLICE, Waiting),
            beside(3000, "c", TAX, "b", Waiting),
            leg(4000, "d", INSURANCE, Waiting),
        ];
        assert_eq!(opened_by_start(&legs, DESK), [1000]);
        assert!(opened_by_start(&legs, POLICE).is_empty(), "not its turn");
        assert_eq!(opened_by_arrival(&legs, POLICE), [2000, 3000]);
        assert!(opened_by_arrival(&legs, TAX).is_empty(), "a parallel leg is no place for the papers");
        assert!(opened_by_arrival(&legs, 99).is_empty());
    }

    #[test]
    fn what_is_sent_back_is_done_again_by_both() {
        let legs =
            [leg(1000, "a", DESK, Done), leg(2000, "b", POLICE, Done), leg(3000, "c", INSURANCE, Waiting)];
        let repeats = repeats(&legs, POLICE, DESK);
        let told: Vec<_> =
            repeats.iter().map(|repeat| (repeat.of, repeat.seq, repeat.key.as_str())).collect();
        assert_eq!(told, [(1000, 2001, "a-2"), (2000, 2002, "b-2")]);
        let after =
            [legs[0], legs[1], leg(2001, "a-2", DESK, Waiting), leg(2002, "b-2", POLICE, Waiting), legs[2]];
        assert_eq!(opened_by_arrival(&after, DESK), [2001]);
        assert_eq!(waiting_repeats(&after), [2001, 2002], "and they go again when it is recalled");
        assert!(super::repeats(&after, POLICE, DESK).is_empty(), "no second pair while the first waits");
        let reworked =
            [legs[0], legs[1], leg(2001, "a-2", DESK, Open), leg(2002, "b-2", POLICE, Waiting), legs[2]];
        assert_eq!(next_agency(&reworked, DESK), Some(POLICE));
        let again = [legs[0], legs[1], leg(2001, "a-2", DESK, Done), leg(2002, "b-2", POLICE, Done), legs[2]];
        let keys: Vec<_> =
            super::repeats(&again, POLICE, DESK).into_iter().map(|repeat| (repeat.seq, repeat.key)).collect();
        assert_eq!(keys, [(2003, "a-3".to_owned()), (2004, "b-3".to_owned())]);
    }

    #[test]
    fn a_desk_without_a_part_repeats_nothing_and_neither_does_who_never_began() {
        let no_desk = [leg(1000, "b", POLICE, Done)];
        let told: Vec<_> = repeats(&no_desk, POLICE, DESK).into_iter().map(|repeat| repeat.of).collect();
        assert_eq!(told, [1000]);
        let unopened = [leg(1000, "a", DESK, Done), leg(2000, "b", POLICE, Waiting)];
        let told: Vec<_> =
            repeats(&unopened, POLICE, DESK).into_iter().map(|repeat| (repeat.of, repeat.seq)).collect();
        assert_eq!(told, [(1000, 1001)], "the police's part still waits behind");
    }

    #[test]
    fn legs_outside_of_the_route_find_a_place() {
        let legs = [leg(1000, "a", DESK, Open), leg(2000, "b", POLICE, Waiting)];
        assert_eq!(extra_seq(&legs, true), 1001);
        assert_eq!(extra_seq(&legs, false), 2001);
        assert_eq!(extra_seq(&[], true), 1);
    }
}
