//! The two dates under random histories: what was missed stays missed, what was stopped in time stays timely, and a clock is
//! what its history makes of it.

use super::*;
use crate::calendar::rules::{Certainty, Counting, DayOff, Deadline};
use crate::dossiers::Dates;
use crate::dossiers::rules::{Tick, replay};

/// What moves or stops a clock, and what leads there.
fn any_act() -> impl Strategy<Value = Transition> {
    let march = |day| local(NaiveDate::from_ymd_opt(2019, 3, day).unwrap(), 17 * 60).into();
    let extend =
        (8..29_u32).prop_map(move |day| Transition::Extend { new_due_at: march(day), reason: reason() });
    let correct = Transition::Correct {
        procedure: Some("1.000002".to_owned()),
        applicant: None,
        representative: None,
        components: None,
        fees: None,
        channel: None,
        reason: reason(),
    };
    prop_oneof![4 => any_transition(), 1 => extend, 1 => Just(correct)]
}

/// Minutes between two acts: at once, within the day, over days.
fn any_history() -> impl Strategy<Value = Vec<(Transition, i64)>> {
    let minutes = prop_oneof![1 => Just(0), 3 => 0..300_i64, 3 => 0..3_000_i64, 1 => 0..20_000_i64];
    prop::collection::vec((any_act(), minutes), 1..40)
}

fn any_version() -> impl Strategy<Value = Version> {
    let units = vec![Unit::WorkingDays, Unit::CalendarDays, Unit::WorkingHours, Unit::SameDay];
    let clocks = vec![SupplementClock::Restart, SupplementClock::Resume];
    (prop::sample::select(units), prop::sample::select(clocks)).prop_map(|(unit, clock)| version(unit, clock))
}

/// The right procedure's version, for corrections: eight working days.
fn right_version() -> Version {
    let mut right = version(Unit::WorkingDays, SupplementClock::Resume);
    right.id = 2;
    right.procedure_id = 2;
    right.content.time_limit = TimeLimit::new(Amount::try_from(8.0).unwrap(), Unit::WorkingDays).unwrap();
    right
}

/// A moment of a life: when, the dossier after it, and what happened to its clock.
struct Lived {
    at: Instant,
    dossier: Dossier,
    tick: Option<Tick>,
}

/// Lives a history that begins with the acceptance; what is refused did not happen.
fn live(history: &[(Transition, i64)], version: &Version) -> Vec<Lived> {
    let (tree, calendar, right) = (tree(), calendar(), right_version());
    let mut at = monday(8);
    let mut dossier = submission(at);
    let mut lived = Vec::new();
    let accept = (Transition::Accept { components: None }, 0);
    for (transition, minutes) in std::iter::once(&accept).chain(history) {
        at = at + TimeDelta::minutes(*minutes);
        let is_right = dossier.procedure_version_id == right.id;
        let setting = Setting {
            tree: &tree,
            calendar: &calendar,
            receiving_calendar: &calendar,
            version: if is_right { &right } else { version },
            corrected: (transition.action() == Action::Correct).then_some(&right),
        };
        let facts = facts_of(&dossier, false);
        let done = step(&dossier, transition, &facts, &Actor::system(), &setting, At::now(at));
        let Ok(mut next) = done else { continue };
        if matches!(transition, Transition::Forward { .. } | Transition::SendBack { .. }) {
            next.slip_id = Some(1);
        }
        next.last_event_at = at;
        let tick = tick_of(&dossier, transition, &next, setting.version);
        lived.push(Lived { at, dossier: next.clone(), tick });
        dossier = next;
    }
    lived
}

/// As `timeline` reads it from the events.
fn tick_of(before: &Dossier, transition: &Transition, after: &Dossier, version: &Version) -> Option<Tick> {
    let limit = |dossier: &Dossier| dossier.clock.map(|clock| clock.0.limit);
    match (limit(before), transition) {
        (None, _) => limit(after).map(Tick::Start),
        (_, Transition::RequestSupplement { .. } | Transition::RequestPayment { .. }) => Some(Tick::Pause),
        (_, Transition::Supplement { .. }) => Some(match version.content.supplement_clock {
            SupplementClock::Restart => Tick::Restart,
            SupplementClock::Resume => Tick::Resume,
        }),
        (_, Transition::ConfirmPayment { .. }) => Some(Tick::Resume),
        (_, Transition::Extend { new_due_at, .. }) => Some(Tick::Extend(*new_due_at)),
        (was, Transition::Correct { .. }) if was != limit(after) => limit(after).map(Tick::Correct),
        _ => None,
    }
}

fn told(lived: &[Lived], calendar: &Calendar) -> Option<Deadline> {
    let ticks = lived.iter().filter_map(|lived| Some((lived.tick?, At::now(lived.at))));
    replay(calendar, Counting::Reception, ticks).unwrap()
}

/// The same country with some more days off.
fn calendar_with(days: &[u32]) -> Calendar {
    let first = NaiveDate::from_ymd_opt(2019, 3, 1).unwrap();
    let mut off: Vec<NaiveDate> = days.iter().map(|day| first + TimeDelta::days(i64::from(*day))).collect();
    off.sort_unstable();
    off.dedup();
    let off = |year| {
        let of_year = off.iter().filter(move |_| year == 2019);
        of_year
            .map(|date| DayOff { date: *date, name: "Lũ".to_owned(), certainty: Certainty::Certain })
            .collect()
    };
    let years =
        (2018..=2021).map(|year| YearCalendar { year, days_off: off(year), makeup_workdays: Vec::new() });
    Calendar::prepare(years, Vec::new(), &HoursHistory::default(), false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_missed_stays_missed(history in any_history(), version in any_version()) {
        let lived = live(&history, &version);
        let mut missed_since = None;
        for pair in lived.windows(2) {
            let (before, after) = (&pair[0].dossier, &pair[1]);
            if before.is_overdue(after.at) {
                missed_since.get_or_insert(after.at);
            }
            if missed_since.is_some() {
                let now = &after.dossier;
                prop_assert_eq!(now.is_overdue(after.at), now.status.is_open());
                prop_assert!(matches!(now.outcome, None | Some(Outcome::Late)));
                prop_assert_eq!(now.judged_due_at, before.judged_due_at, "only a recompute moves a missed date");
            }
        }
    }

    #[test]
    fn a_pause_begun_in_time_makes_nothing_late(history in any_history(), version in any_version()) {
        for pair in live(&history, &version).windows(2) {
            let (before, after) = (&pair[0].dossier, &pair[1]);
            if before.paused_in_time {
                prop_assert!(!before.is_overdue(after.at), "while it lasts");
                prop_assert!(!after.dossier.is_overdue(after.at), "and when it ends");
                prop_assert!(after.dossier.outcome != Some(Outcome::Late));
            }
        }
    }

    #[test]
    fn the_first_promise_is_kept(history in any_history(), version in any_version()) {
        let firsts: Vec<_> =
            live(&history, &version).iter().filter_map(|lived| lived.dossier.first_due_at).collect();
        prop_assert!(firsts.windows(2).all(|pair| pair[0] == pair[1]), "{:?}", firsts);
    }

    #[test]
    fn a_clock_is_what_its_history_makes_of_it(history in any_history(), version in any_version()) {
        let lived = live(&history, &version);
        for until in 1..=lived.len() {
            let now = lived[until - 1].dossier.clock.map(|clock| clock.0);
            prop_assert_eq!(told(&lived[..until], &calendar()), now);
        }
    }

    /// A recompute by the same calendar moves nothing; by another one it is done after one go, keeps the first promise, and
    /// does not depend on when it is made.
    #[test]
    fn a_recompute_follows_the_calendar_and_nothing_else(
        history in any_history(),
        version in any_version(),
        days in prop::collection::vec(0..40_u32, 0..5),
    ) {
        let lived = live(&history, &version);
        let Some(last) = lived.last() else { return Ok(()) };
        let (Some(Dates::Running(clock)), other) = (Dates::of(&last.dossier), calendar_with(&days)) else {
            return Ok(());
        };
        let recompute = |dossier: &Dossier, calendar: &Calendar| {
            let dates = told(&lived, calendar).map(|told| Dates::Running(Deadline { first_due_at: clock.first_due_at, ..told }));
            let facts = Facts { dates, ..Facts::default() };
            let tree = tree();
            let setting = Setting { tree: &tree, calendar, receiving_calendar: calendar, version: &version, corrected: None };
            let transition = Transition::Recompute { year: 2019, reason: reason() };
            step(dossier, &transition, &facts, &Actor::system(), &setting, At::now(last.at)).unwrap()
        };
        let same = recompute(&last.dossier, &calendar());
        prop_assert_eq!(&same, &last.dossier);
        let moved = recompute(&last.dossier, &other);
        assert_agrees(&moved);
        prop_assert_eq!(moved.first_due_at, last.dossier.first_due_at);
        prop_assert_eq!(moved.status, last.dossier.status);
        prop_assert_eq!(&recompute(&moved, &other), &moved);
        // Its +1 of overdue may be booked on a later day then: figures never change in the past.
        prop_assert_eq!(recompute(&moved, &calendar()).clock, last.dossier.clock, "and back");
    }
}

#[test]
fn an_extension_counts_from_when_it_was_recorded() {
    let version = version(Unit::WorkingDays, SupplementClock::Resume);
    let mut dossier = submission(monday(8));
    for transition in [Transition::Accept { components: None }, Transition::Start {}] {
        dossier = go(&dossier, &transition, &version, monday(9)).unwrap();
    }
    let march =
        |day, hour: u16| Instant::from(local(NaiveDate::from_ymd_opt(2019, 3, day).unwrap(), hour * 60));
    let extend = Transition::Extend { new_due_at: march(15, 17), reason: reason() };
    let (tree, calendar) = (tree(), calendar());
    let setting = Setting {
        tree: &tree,
        calendar: &calendar,
        receiving_calendar: &calendar,
        version: &version,
        corrected: None,
    };
    // Said to have been granted in time, written down when the date was missed.
    let at = At { occurred: march(11, 9), recorded: march(12, 9) };
    let late = step(&dossier, &extend, &Facts::default(), &Actor::system(), &setting, at).unwrap();
    assert_eq!((late.due_at, late.judged_due_at), (Some(march(15, 17)), Some(march(11, 17))));
}
