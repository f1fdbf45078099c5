//! The state machine under random histories: whatever is done in whatever order, state, clock and figures agree.

mod promises;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::access::Sealed;
use crate::agencies::{Agency, Kind};
use crate::calendar::rules::{Amount, HoursHistory, Outcome, TimeLimit, Unit, YearCalendar, at as local};
use crate::dossiers::{Channel, NewDossier, OpenLeg, Recipient, RequestedItem, ReturnBy, Slip};
use crate::procedures::{Approval, FieldView, OnlineLevel, ProcedureContent};

const RECEIVER: AgencyId = 2;
const DEPARTMENT: AgencyId = 3;

fn tree() -> Tree {
    Tree::new(vec![
        Agency::sample(1, "P", Kind::Province, None),
        Agency::sample(RECEIVER, "D", Kind::District, Some(1)),
        Agency::sample(DEPARTMENT, "D.1", Kind::Department, Some(RECEIVER)),
    ])
}

fn calendar() -> Calendar {
    let years =
        (2018..=2021).map(|year| YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() });
    Calendar::prepare(years, Vec::new(), &HoursHistory::default(), false)
}

fn version(unit: Unit, supplement_clock: SupplementClock) -> Version {
    let amount = Amount::try_from(if unit == Unit::SameDay { 1.0 } else { 5.0 }).unwrap();
    Version {
        id: 1,
        procedure_id: 1,
        procedure_code: "1.000001".to_owned(),
        number: 1,
        content: ProcedureContent {
            name: "Thủ tục".to_owned(),
            field: FieldView { code: "f".to_owned(), name: "F".to_owned() },
            levels: vec![Kind::District],
            online_level: OnlineLevel::None,
            time_limit: TimeLimit::new(amount, unit).unwrap(),
            fees: Vec::new(),
            components: Vec::new(),
            route: Vec::new(),
            approval: Approval::Officer,
            supplement_clock,
            postal: false,
            sensitive: false,
            needs_review: false,
            legal_basis: None,
            decision: None,
        },
        effective_from: NaiveDate::from_ymd_opt(2018, 1, 1).unwrap(),
        effective_to: None,
        published_at: None,
        row_version: 1,
    }
}

fn monday(hour: u16) -> Instant {
    local(NaiveDate::from_ymd_opt(2019, 3, 4).unwrap(), hour * 60).into()
}

fn submission(at: Instant) -> Dossier {
    let row = NewDossier {
        public_id: "id".to_owned(),
        code: None,
        reference: Some("D-T-190304-0001".to_owned()),
        status: Status::Submitted,
        status_before: None,
        status_kept: None,
        procedure_id: 1,
        procedure_version_id: 1,
        agency_id: RECEIVER,
        competent_id: RECEIVER,
        holder_id: RECEIVER,
        previous_holder_id: None,
        post_office_id: None,
        assignee_id: None,
        slip_id: None,
        channel: Channel::Online,
        search_name: String::new(),
        identity_hash: None,
        phone_hash: None,
        content: Sealed::default(),
        lookup_hash: String::new(),
        submitted_at: Some(at),
        accept_due_at: Some(accept_due(&calendar(), at, 480).unwrap()),
        received_at: None,
        due_at: None,
        judged_due_at: None,
        first_due_at: None,
        expected_due_at: None,
        finished_at: None,
        returned_at: None,
        last_event_at: at,
        clock: None,
        is_paused: false,
        paused_in_time: false,
        overdue_on: None,
        waiting_late_on: None,
        result: None,
        outcome: None,
        rule_set: None,
        marks: Json(Vec::new()),
        proposal: None,
        supplements: 0,
        event_count: 0,
        head_hash: Vec::new(),
        version: 1,
    };
    let mut dossier = Dossier { id: 1, row };
    settle(None, &mut dossier.row, At::now(at));
    dossier
}

/// What the effects would say, and do to the row, in this small world: one slip, one opinion.
fn facts_of(dossier: &Dossier, opinion: bool) -> Facts {
    let to = if dossier.holder_id == RECEIVER { DEPARTMENT } else { RECEIVER };
    let slip =
        dossier.slip_id.map(|id| Slip { id, from: dossier.holder_id, to, sent_at: dossier.last_event_at });
    let open_legs = if opinion {
        vec![OpenLeg { key: "y-kien".to_owned(), agency: DEPARTMENT, is_lead: false }]
    } else {
        Vec::new()
    };
    Facts { forward_to: Some(to), slip, open_legs, ..Facts::default() }
}

fn reason() -> String {
    "lý do".to_owned()
}

fn any_transition() -> impl Strategy<Value = Transition> {
    let items = vec![RequestedItem { code: "TK".to_owned(), note: None }];
    let recipient =
        Recipient { full_name: "Hoa".to_owned(), identity_number: None, phone: None, address: None };
    prop::sample::select(vec![
        Transition::AskCompletion { items: items.clone(), reason: reason() },
        Transition::Accept { components: None },
        Transition::Accept { components: None },
        Transition::Decline { reason: reason() },
        Transition::RequestWithdrawal { reason: reason() },
        Transition::Withdraw { reason: reason() },
        Transition::Keep { reason: reason() },
        Transition::Start {},
        Transition::Start {},
        Transition::Forward { to_agency: None, note: None, slip: None },
        Transition::Recall { reason: reason() },
        Transition::Acknowledge { missing: None },
        Transition::Acknowledge { missing: Some(vec!["TK".to_owned()]) },
        Transition::SendBack { reason: reason() },
        Transition::FinishLeg { key: "y-kien".to_owned(), note: None },
        Transition::RequestSupplement { items, reason: reason(), respond_by: None },
        Transition::Supplement { components: None },
        Transition::RequestPayment { amount: 1, reason: reason() },
        Transition::ConfirmPayment { receipt_number: None },
        Transition::Propose { result: ResultKind::Granted, reason: None },
        Transition::Extend {
            new_due_at: local(NaiveDate::from_ymd_opt(2019, 3, 15).unwrap(), 17 * 60).into(),
            reason: reason(),
        },
        Transition::Resolve { result: ResultKind::Granted, reason: None, documents: None },
        Transition::ReplaceResult { reason: reason(), documents: None },
        Transition::ReturnResult { by: ReturnBy::Counter, recipient, tracking_code: None },
        Transition::HandBack { note: None },
        Transition::Stop { reason: reason() },
    ])
}

/// A step in the small world; a forward or `send_back` gets its slip, as routing would give it one.
fn go(
    dossier: &Dossier,
    transition: &Transition,
    version: &Version,
    at: Instant,
) -> Result<Dossier, Refusal> {
    let (tree, calendar) = (tree(), calendar());
    let setting =
        Setting { tree: &tree, calendar: &calendar, receiving_calendar: &calendar, version, corrected: None };
    let facts = facts_of(dossier, false);
    let mut next = step(dossier, transition, &facts, &Actor::system(), &setting, At::now(at))?;
    if matches!(transition, Transition::Forward { .. } | Transition::SendBack { .. }) {
        next.slip_id = Some(1);
    }
    next.last_event_at = at;
    Ok(next)
}

fn assert_agrees(dossier: &Dossier) {
    let status = dossier.status;
    let awaits = |status| matches!(status, Status::AwaitingSupplement | Status::AwaitingPayment);
    assert_eq!(dossier.outcome.is_some(), matches!(status, Status::Resolved | Status::Returned), "{status}");
    assert_eq!(
        dossier.finished_at.is_some(),
        matches!(status, Status::Resolved | Status::Returned | Status::Withdrawn | Status::Stopped),
        "{status}"
    );
    assert_eq!(dossier.received_at.is_some(), !matches!(status, Status::Submitted | Status::Declined));
    assert_eq!(dossier.status_kept.is_some(), status == Status::WithdrawalRequested);
    let waits = awaits(status) || dossier.status_kept.is_some_and(awaits);
    assert_eq!(dossier.is_paused, waits, "{status}");
    assert!(dossier.is_paused || !dossier.paused_in_time);
    let counts_as_running = status.is_open() && !dossier.paused_in_time;
    assert_eq!(dossier.overdue_on.is_some(), counts_as_running, "{status}");
    assert_eq!(dossier.waiting_late_on.is_some(), status == Status::Submitted);
    if let Some(Json(clock)) = &dossier.clock {
        assert_eq!(dossier.due_at, Some(clock.due.due_at.into()));
        assert_eq!(dossier.judged_due_at, Some(clock.judged.due_at.into()));
        assert!(dossier.first_due_at.is_some());
    }
}

proptest! {
    #[test]
    fn no_history_leads_to_an_undefined_state(
        history in prop::collection::vec((any_transition(), 0..3000_i64), 1..40),
        unit in prop::sample::select(vec![Unit::WorkingDays, Unit::CalendarDays, Unit::WorkingHours, Unit::SameDay]),
        clock in prop::sample::select(vec![SupplementClock::Restart, SupplementClock::Resume]),
    ) {
        let version = version(unit, clock);
        let mut at = monday(8);
        let mut dossier = submission(at);
        assert_agrees(&dossier);
        let mut was_late = false;
        for (transition, minutes) in history {
            at = at + TimeDelta::minutes(minutes);
            was_late |= dossier.is_overdue(at);
            match go(&dossier, &transition, &version, at) {
                Ok(next) => {
                    assert_agrees(&next);
                    dossier = next;
                }
                Err(Refusal::CalendarMissing { .. }) => break,
                Err(_) => {}
            }
        }
        if was_late {
            prop_assert!(matches!(dossier.outcome, None | Some(Outcome::Late)));
        }
    }

    #[test]
    fn what_is_listed_as_allowed_is_not_refused_for_the_state(
        history in prop::collection::vec(any_transition(), 1..12),
    ) {
        let version = version(Unit::WorkingDays, SupplementClock::Restart);
        let at = monday(8);
        let mut dossier = submission(at);
        for transition in history {
            let listed = allowed(&dossier, &Actor::system(), &facts_of(&dossier, false), &tree());
            let done = go(&dossier, &transition, &version, at);
            let is_listed = listed.iter().any(|(action, _)| *action == transition.action());
            let not_from_here = matches!(done, Err(Refusal::NotFromHere { .. }));
            prop_assert_eq!(is_listed, !not_from_here);
            if let Ok(next) = done {
                let to = listed.iter().find(|(action, _)| *action == transition.action()).map(|(_, to)| *to);
                prop_assert_eq!(to, Some(next.status));
                dossier = next;
            }
        }
    }
}

#[test]
fn final_states_lead_nowhere() {
    for status in [Status::Declined, Status::Withdrawn, Status::Stopped, Status::Returned] {
        let mut dossier = submission(monday(8));
        dossier.status = status;
        for action in Action::ALL {
            assert!(target(&dossier, *action).is_none_or(|to| to == status), "{status} {action}");
        }
    }
}

#[test]
fn a_withdrawal_keeps_a_pause_and_gives_it_back() {
    let version = version(Unit::WorkingDays, SupplementClock::Resume);
    let mut dossier = submission(monday(8));
    for transition in [
        Transition::Accept { components: None },
        Transition::Start {},
        Transition::RequestPayment { amount: 1, reason: reason() },
        Transition::RequestWithdrawal { reason: reason() },
    ] {
        dossier = go(&dossier, &transition, &version, monday(9)).unwrap();
    }
    assert!(dossier.is_paused && dossier.paused_in_time);
    dossier = go(&dossier, &Transition::Keep { reason: reason() }, &version, monday(10)).unwrap();
    assert_eq!(dossier.status, Status::AwaitingPayment);
    dossier =
        go(&dossier, &Transition::ConfirmPayment { receipt_number: None }, &version, monday(10)).unwrap();
    assert_eq!(dossier.status, Status::Processing);
    assert!(!dossier.is_paused);
}

#[test]
fn an_acknowledgement_moves_what_a_withdrawal_remembers() {
    let version = version(Unit::WorkingDays, SupplementClock::Resume);
    let mut dossier = submission(monday(8));
    for transition in [
        Transition::Accept { components: None },
        Transition::Forward { to_agency: None, note: None, slip: None },
        Transition::RequestWithdrawal { reason: reason() },
        Transition::Acknowledge { missing: None },
    ] {
        dossier = go(&dossier, &transition, &version, monday(9)).unwrap();
    }
    assert_eq!((dossier.status, dossier.holder_id), (Status::WithdrawalRequested, DEPARTMENT));
    dossier = go(&dossier, &Transition::Keep { reason: reason() }, &version, monday(10)).unwrap();
    assert_eq!(dossier.status, Status::Processing);
}

#[test]
fn open_legs_hold_forward_and_resolve() {
    let version = version(Unit::WorkingDays, SupplementClock::Resume);
    let mut dossier = submission(monday(8));
    for transition in [Transition::Accept { components: None }, Transition::Start {}] {
        dossier = go(&dossier, &transition, &version, monday(9)).unwrap();
    }
    let (tree, calendar) = (tree(), calendar());
    let setting = Setting {
        tree: &tree,
        calendar: &calendar,
        receiving_calendar: &calendar,
        version: &version,
        corrected: None,
    };
    let facts = facts_of(&dossier, true);
    for transition in [
        Transition::Forward { to_agency: None, note: None, slip: None },
        Transition::Resolve { result: ResultKind::Granted, reason: None, documents: None },
    ] {
        let refused = step(&dossier, &transition, &facts, &Actor::system(), &setting, At::now(monday(9)));
        assert_eq!(refused.unwrap_err(), Refusal::LegsOpen(vec!["y-kien".to_owned()]));
    }
}

#[test]
fn under_decree_118_the_clock_waits_for_the_competent_agency() {
    let version = version(Unit::WorkingDays, SupplementClock::Resume);
    let years =
        (2024..=2026).map(|year| YearCalendar { year, days_off: Vec::new(), makeup_workdays: Vec::new() });
    let calendar = Calendar::prepare(years, Vec::new(), &HoursHistory::default(), false);
    let tree = tree();
    let setting = Setting {
        tree: &tree,
        calendar: &calendar,
        receiving_calendar: &calendar,
        version: &version,
        corrected: None,
    };
    let on = |day, minute| Instant::from(local(NaiveDate::from_ymd_opt(2025, 7, day).unwrap(), minute));
    let mut dossier = submission(monday(8));
    dossier.competent_id = DEPARTMENT;
    let mut go = |transition: Transition, at: Instant| {
        let facts = facts_of(&dossier, false);
        let done = step(&dossier, &transition, &facts, &Actor::system(), &setting, At::now(at));
        if let Ok(next) = &done {
            dossier = next.clone();
            dossier.slip_id = (transition.action() == Action::Forward).then_some(1);
        }
        done
    };
    let received = go(Transition::Accept { components: None }, on(1, 8 * 60)).unwrap();
    assert_eq!((received.rule_set, received.due_at), (Some(RuleSet::Nd118), None));
    assert_eq!(received.expected_due_at, Some(on(8, 17 * 60)));
    assert_eq!(go(Transition::Start {}, on(1, 9 * 60)).unwrap_err(), Refusal::ClockNotStarted);
    go(Transition::Forward { to_agency: None, note: None, slip: None }, on(1, 9 * 60)).unwrap();
    let acknowledged = go(Transition::Acknowledge { missing: None }, on(3, 8 * 60)).unwrap();
    assert_eq!(acknowledged.due_at, Some(on(10, 17 * 60)));
}
