//! Transfers of many dossiers: one slip with a line for each. Each line goes through the same `apply` as a single
//! dossier's action, and all of them happen or none.

use super::effect::{addressee, unknown_papers};
use super::slips::{self, Sending};
use super::views::{AcknowledgeTransfer, AnsweredState, LineAnswer, RecallTransfer, SubmitTransfer};
use super::{LineState, Slip, SlipKind};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::AgencyId;
use crate::db::Conn;
use crate::dossiers::{self, Actor, At, Change, Dossier, DossierId, Transition};
use crate::http::{Code, Detail, Faults, IfMatch, Problem};

/// What the addressee says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is here, without the papers of these codes.
    Received { missing: Vec<String> },
    /// It did not arrive.
    Missing { reason: String },
    /// He does not take it.
    Refused { reason: String },
}

/// Hands `dossiers` over from one agency to another on one slip.
///
/// # Errors
/// The refusals of the single lines, each at `/dossiers/<index>`; nothing is left then.
pub fn send(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    (from, to): (AgencyId, AgencyId),
    note: Option<&str>,
    dossiers: Vec<Dossier>,
    at: At,
) -> Result<(Slip, Vec<Change>), Problem> {
    let sending = Sending { kind: SlipKind::Forward, from, to, note, at: at.occurred };
    let slip = slips::insert(conn, world, actor, sending)?;
    let code = &world.catalogue.tree.agency(to)?.code;
    let changes = each(dossiers, "/dossiers", |dossier| {
        let transition = Transition::Forward {
            to_agency: Some(code.clone()),
            note: note.map(str::to_owned),
            slip: Some(slip.id),
        };
        dossiers::apply(conn, world, actor, dossier, transition, at)
    })?;
    Ok((slips::get(conn, slip.id)?, changes))
}

/// Answers the open slip of each of these dossiers.
///
/// # Errors
/// The refusals of the single lines, each at `/lines/<index>`; nothing is left then.
pub fn acknowledge(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    answers: Vec<(DossierId, Answered)>,
    at: At,
) -> Result<Vec<Change>, Problem> {
    each(answers, "/lines", |(id, answered)| {
        let dossier = dossiers::get(conn, id)?;
        let transition = match answered {
            Answered::Received { missing } => {
                Transition::Acknowledge { missing: Some(missing).filter(|codes| !codes.is_empty()) }
            }
            Answered::Missing { reason } => Transition::RefuseTransfer { reason, missing: true },
            Answered::Refused { reason } => Transition::RefuseTransfer { reason, missing: false },
        };
        dossiers::apply(conn, world, actor, dossier, transition, at)
    })
}

/// The sender takes back every line that is not answered yet.
///
/// # Errors
/// The refusals of the single lines; 409 `conflict` when nothing is left to take back.
pub fn recall(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    slip: &Slip,
    reason: &str,
    at: At,
) -> Result<Vec<Change>, Problem> {
    let open = unanswered(conn, slip)?;
    each(open, "/lines", |(_, id)| {
        let dossier = dossiers::get(conn, id)?;
        let transition = Transition::Recall { reason: reason.to_owned() };
        dossiers::apply(conn, world, actor, dossier, transition, at)
    })
}

/// Line number and dossier of every line that is not answered yet.
fn unanswered(conn: &mut Conn, slip: &Slip) -> Result<Vec<(i32, DossierId)>, Problem> {
    let lines = slips::lines(conn, slip.id)?;
    let open: Vec<_> = lines
        .iter()
        .filter(|line| line.state == LineState::Sent)
        .map(|line| (line.line, line.dossier_id))
        .collect();
    if open.is_empty() {
        return Err(Problem::new(Code::Conflict)
            .detail(("Mọi hồ sơ trên phiếu đã có trả lời", "Every line of the slip is answered already")));
    }
    Ok(open)
}

/// Does something with each item. Refusals are told all at once, under the code of the first, each at its place.
fn each<T>(
    items: Vec<T>,
    list: &str,
    mut work: impl FnMut(T) -> Result<Change, Problem>,
) -> Result<Vec<Change>, Problem> {
    let mut changes = Vec::with_capacity(items.len());
    let mut refused: Option<Problem> = None;
    for (index, item) in items.into_iter().enumerate() {
        match work(item) {
            Ok(change) => changes.push(change),
            Err(problem) if problem.status().is_server_error() => return Err(problem),
            Err(problem) => refused = Some(add_refusal(refused, problem, &format!("{list}/{index}"))),
        }
    }
    match refused {
        None => Ok(changes),
        Some(problem) => Err(problem),
    }
}

/// Adds one item's refusal to those before it, at its place. The code is that of the first.
#[must_use]
pub fn add_refusal(before: Option<Problem>, problem: Problem, at: &str) -> Problem {
    let code = problem.code();
    let problem = match problem.field_faults() {
        [] => problem.error(at, code, code.title()),
        _ => problem.below(at),
    };
    match before {
        None => problem,
        Some(before) => before.faults(problem.field_faults().to_vec()),
    }
}

/// Makes a slip for a caller.
///
/// # Errors
/// All faults of the body at once; the refusals of the single dossiers.
pub(super) fn create_transfer(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    submit: &SubmitTransfer,
) -> Result<Slip, Problem> {
    let to = addressee(world, &submit.to_agency, "/to_agency")?;
    let mut faults = Faults::default();
    let mut dossiers: Vec<Dossier> = Vec::with_capacity(submit.dossiers.len());
    for (index, address) in submit.dossiers.iter().enumerate() {
        let pointer = format!("/dossiers/{index}");
        match dossiers::find_for_change(conn, world, caller, address) {
            Ok(dossier) if dossiers.iter().any(|earlier| earlier.id == dossier.id) => {
                faults.note(pointer, Code::Duplicate);
            }
            Ok(dossier) => dossiers.push(dossier),
            Err(problem) if problem.status().is_server_error() => return Err(problem),
            Err(problem) => faults.add(pointer, problem.code(), problem.code().title()),
        }
    }
    let from = dossiers.first().map_or(caller.agency_id, |first| first.holder_id);
    if let Some(index) = dossiers.iter().position(|dossier| dossier.holder_id != from) {
        let detail: Detail =
            ("Mọi hồ sơ trên phiếu phải do cùng một cơ quan giữ", "One agency holds all dossiers of a slip")
                .into();
        faults.add(format!("/dossiers/{index}"), Code::InvalidValue, detail);
    }
    faults.into_result()?;
    let note = submit.note.as_deref();
    let actor = Actor::from(caller);
    Ok(send(conn, world, &actor, (from, to), note, dossiers, At::now(world.now))?.0)
}

/// Answers a slip for its addressee. Lines that are not named are received.
///
/// # Errors
/// 404, 412, 403 for anybody but the addressee; all faults of the body at once; the refusals of the single lines.
pub(super) fn acknowledge_transfer(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    answers: &AcknowledgeTransfer,
) -> Result<Slip, Problem> {
    let slip = slips::find_visible(conn, world, caller, id)?;
    stands_for(world, caller, slip.to_id)?;
    if_match.check(slip.version)?;
    let open = unanswered(conn, &slip)?;
    let mut plan: Vec<(DossierId, Answered)> = Vec::with_capacity(open.len());
    let mut faults = Faults::default();
    let named = answers.lines.as_deref().unwrap_or_default();
    let addresses = dossiers::addresses(conn, open.iter().map(|(_, id)| *id).collect())?;
    for (index, line) in named.iter().enumerate() {
        let pointer = format!("/lines/{index}");
        let found = open.iter().map(|(_, id)| *id).find(|id| addresses.get(id) == Some(&line.dossier));
        let Some(dossier) = found else {
            let detail: Detail =
                ("Hồ sơ không còn chờ trả lời trên phiếu này", "Not an unanswered line of this slip").into();
            faults.add(format!("{pointer}/dossier"), Code::NotOneOf, detail);
            continue;
        };
        if plan.iter().any(|(earlier, _)| *earlier == dossier) {
            faults.note(format!("{pointer}/dossier"), Code::Duplicate);
            continue;
        }
        if let Some(answered) = answered(conn, world, (line, dossier), &pointer, &mut faults)? {
            plan.push((dossier, answered));
        }
    }
    faults.into_result()?;
    for (_, dossier) in open {
        if !plan.iter().any(|(named, _)| *named == dossier) {
            plan.push((dossier, Answered::Received { missing: Vec::new() }));
        }
    }
    acknowledge(conn, world, &Actor::from(caller), plan, At::now(world.now))?;
    Ok(slips::get(conn, slip.id)?)
}

fn answered(
    conn: &mut Conn,
    world: &World,
    (line, dossier): (&LineAnswer, DossierId),
    pointer: &str,
    faults: &mut Faults,
) -> Result<Option<Answered>, Problem> {
    let missing = line.missing.clone().unwrap_or_default();
    let reason = line.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let state = line.state.unwrap_or(AnsweredState::Received);
    if state == AnsweredState::Received {
        if !missing.is_empty() {
            let dossier = dossiers::get(conn, dossier)?;
            for (index, _) in unknown_papers(world, &dossier, &missing)? {
                let at = format!("{pointer}/missing/{index}");
                faults.note(at, Code::UnknownComponent);
            }
        }
        return Ok(Some(Answered::Received { missing }));
    }
    if !missing.is_empty() {
        let detail: Detail = ("Chỉ dùng khi đã nhận hồ sơ", "Only with a line that is received").into();
        faults.add(format!("{pointer}/missing"), Code::InvalidValue, detail);
    }
    let Some(reason) = reason else {
        faults.note(format!("{pointer}/reason"), Code::ReasonRequired);
        return Ok(None);
    };
    let reason = reason.to_owned();
    Ok(Some(if state == AnsweredState::Missing {
        Answered::Missing { reason }
    } else {
        Answered::Refused { reason }
    }))
}

/// Takes a slip back for its sender.
///
/// # Errors
/// 404, 412, 403 for anybody but the sender; 409 when it is answered; the refusals of the single lines.
pub(super) fn recall_transfer(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    body: &RecallTransfer,
) -> Result<Slip, Problem> {
    let slip = slips::find_visible(conn, world, caller, id)?;
    stands_for(world, caller, slip.from_id)?;
    if_match.check(slip.version)?;
    recall(conn, world, &Actor::from(caller), &slip, &body.reason, At::now(world.now))?;
    Ok(slips::get(conn, slip.id)?)
}

/// Whether the caller acts for this agency: his own; a leader also for any below.
fn stands_for(world: &World, caller: &Identity, agency: AgencyId) -> Result<(), Problem> {
    let below = caller.has(Role::Leader) && world.catalogue.tree.is_within(agency, caller.agency_id);
    if agency == caller.agency_id || below { Ok(()) } else { Err(Problem::new(Code::WrongParty)) }
}
