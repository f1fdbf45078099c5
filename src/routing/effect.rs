//! Routing's part in every change of a dossier: what the rules must know of legs and slips, the slips of single
//! dossiers, and custody, which follows the slips.
//!
//! Custody, as the contract leaves it to us: a paper dossier is with whoever took it in (a desk, or the post office
//! whose clerk did); what comes online or is announced for the post is with the citizen until the desk accepts it or the
//! post has it on a manifest; a slip moves papers when it is acknowledged, never when it is sent; with the result the
//! citizen gets his papers back (Decree 61/2018 art. 20), and `hand_back` gives them back where there is no result.

use std::collections::HashMap;

use super::custody::{component_codes, main_keeper, open, papers_with};
use super::papers::{Keeper, Which};
use super::slips::{self, Answer, Sending};
use super::{LegState, LineState, SlipKind, course, custody, legs, recount, rules};
use crate::World;
use crate::access::Role;
use crate::agencies::{AgencyId, Kind};
use crate::calendar::MovedLeg;
use crate::db::Conn;
use crate::dossiers::{
    self, Action, Actor, ActorKind, Change, Channel, Dossier, DossierId, Effect, Facts, Moment, OpenLeg,
    Parts, Status, Transition,
};
use crate::http::{Code, Faults, Problem};

/// Legs, slips and custody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Routing;

impl Effect for Routing {
    fn facts(
        &self,
        conn: &mut Conn,
        world: &World,
        _actor: &Actor,
        dossier: &Dossier,
        transition: Option<&Transition>,
        facts: &mut Facts,
    ) -> Result<(), Problem> {
        if let Some(slip) = dossier.slip_id {
            facts.slip = slips::open_for(conn, slip, dossier.id)?.map(|slip| dossiers::Slip {
                id: slip.id,
                from: slip.from_id,
                to: slip.to_id,
                sent_at: slip.sent_at,
            });
        }
        let asks_for_legs = transition.is_none_or(|transition| {
            matches!(
                transition.action(),
                Action::Forward | Action::SendBack | Action::Resolve | Action::OpenLeg | Action::FinishLeg
            )
        });
        if !asks_for_legs {
            return Ok(());
        }
        let all = legs::of_dossier(conn, dossier.id)?;
        facts.open_legs = all
            .iter()
            .filter(|leg| leg.state == LegState::Open)
            .map(|leg| OpenLeg { key: leg.key.clone(), agency: leg.agency_id, is_lead: leg.is_lead })
            .collect();
        match transition {
            Some(Transition::Forward { to_agency, .. }) => {
                facts.forward_to = if let Some(code) = to_agency {
                    Some(addressee(world, code, "/to_agency")?)
                } else {
                    let places: Vec<_> = all.iter().map(legs::LegRow::place).collect();
                    rules::next_agency(&places, dossier.holder_id)
                };
            }
            Some(Transition::OpenLeg { key, agency, .. }) => {
                addressee(world, agency, "/agency")?;
                if all.iter().any(|leg| leg.key == *key) {
                    let mut faults = Faults::default();
                    faults.note("/key", Code::Duplicate);
                    faults.into_result()?;
                }
            }
            Some(Transition::FinishLeg { key, .. }) => {
                // Only the agency of this very leg may end it.
                let is_it = |leg: &OpenLeg| !leg.is_lead && leg.key == *key;
                if facts.open_legs.iter().any(is_it) {
                    facts.open_legs.retain(is_it);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn prepare(&self, conn: &mut Conn, world: &World, change: &mut Change) -> Result<(), Problem> {
        match &change.transition {
            Some(Transition::Forward { note, slip, .. }) => {
                let (note, slip) = (note.clone(), *slip);
                let Some(to) = change.facts.forward_to else { return Ok(()) };
                send(conn, world, change, Leaving { kind: SlipKind::Forward, to, note, slip })
            }
            Some(Transition::SendBack { reason }) => {
                let note = Some(reason.clone());
                let Some(to) = change.after.previous_holder_id else { return Ok(()) };
                // What is sent back unacknowledged has arrived all the same.
                arrived(conn, world, change, &[])?;
                send(conn, world, change, Leaving { kind: SlipKind::SendBack, to, note, slip: None })
            }
            Some(Transition::HandBack { .. }) => {
                change.after.holder_id = change.after.agency_id;
                change.after.slip_id = None;
                Ok(())
            }
            Some(Transition::Acknowledge { missing }) => {
                let missing = missing.clone().unwrap_or_default();
                let mut faults = Faults::default();
                for (index, _) in unknown_papers(world, &change.after, &missing)? {
                    faults.note(format!("/missing/{index}"), Code::UnknownComponent);
                }
                faults.into_result()?;
                // Before a slip home lists what its sender has.
                arrived(conn, world, change, &missing)?;
                send_home(conn, world, change)
            }
            Some(
                Transition::Resolve { .. }
                | Transition::Withdraw { .. }
                | Transition::Stop { .. }
                | Transition::RefuseTransfer { .. },
            ) => send_home(conn, world, change),
            _ => Ok(()),
        }
    }

    fn announce(&self, conn: &mut Conn, world: &World, change: &Change) -> Result<(), Problem> {
        course::follow(conn, world, change)?;
        let dossier = &change.after;
        let at = change.at.occurred;
        match &change.transition {
            None => custody::begin(conn, dossier.id, first_keeper(dossier, &change.actor), at)?,
            Some(Transition::Accept { .. }) => {
                // A post clerk who accepts keeps the papers until a manifest takes them to the agency.
                let at_post = change.actor.identity.as_ref().is_some_and(|caller| {
                    caller.has(Role::PostClerk) && caller.agency_id != dossier.agency_id
                });
                if !at_post {
                    move_all(conn, world, change, Keeper::Agency(dossier.agency_id), None)?;
                }
            }
            Some(Transition::RefuseTransfer { reason, missing }) => {
                let state = if *missing { LineState::Missing } else { LineState::Refused };
                answer(conn, change, state, Some(reason))?;
            }
            Some(Transition::Recall { reason }) => answer(conn, change, LineState::Recalled, Some(reason))?,
            Some(Transition::ReturnResult { .. }) => {
                arrived(conn, world, change, &[])?;
                custody::hand_over(
                    conn,
                    world,
                    dossier,
                    (None, Keeper::Citizen),
                    Which::AllBut(&[]),
                    None,
                    at,
                )?;
            }
            Some(Transition::HandBack { .. }) => {
                let to_desk = change.facts.slip.is_none_or(|slip| slip.to == dossier.agency_id);
                answer(conn, change, if to_desk { LineState::Received } else { LineState::Recalled }, None)?;
                custody::hand_over(
                    conn,
                    world,
                    dossier,
                    (None, Keeper::Citizen),
                    Which::AllBut(&[]),
                    None,
                    at,
                )?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn moved_legs(
        &self,
        conn: &mut Conn,
        world: &World,
        histories: &HashMap<DossierId, Vec<Moment>>,
        moved: &mut HashMap<DossierId, Vec<MovedLeg>>,
    ) -> Result<(), Problem> {
        recount::moved(conn, world, histories, moved)
    }

    fn parts(
        &self,
        conn: &mut Conn,
        world: &World,
        ids: &[DossierId],
        parts: &mut Parts,
    ) -> Result<(), Problem> {
        parts.legs = legs::views(conn, world, ids)?;
        parts.custody = custody::current(conn, world, ids)?;
        Ok(())
    }
}

/// The open agency with this code that a case can go to. Post offices get papers by manifest.
pub(super) fn addressee(world: &World, code: &str, pointer: &str) -> Result<AgencyId, Problem> {
    let mut faults = Faults::default();
    let found = world.catalogue.tree.by_code(code);
    match found {
        None => faults.note(pointer, Code::UnknownAgency),
        Some(agency) if !agency.is_open_on(world.now.local_day()) => {
            faults.note(pointer, Code::AgencyClosed);
        }
        Some(agency) if agency.kind == Kind::PostOffice => faults.add(
            pointer,
            Code::InvalidValue,
            ("Bưu cục nhận hồ sơ bằng bảng kê", "A post office gets papers by a manifest (/postal/handoffs)"),
        ),
        Some(_) => {}
    }
    faults.into_result()?;
    found.map(|agency| agency.id).ok_or_else(|| Problem::new(Code::UnknownAgency))
}

/// A dossier that leaves its holder.
struct Leaving {
    kind: SlipKind,
    to: AgencyId,
    note: Option<String>,
    /// The slip that it is to be a line of; none: it gets one of its own.
    slip: Option<i64>,
}

fn send(conn: &mut Conn, world: &World, change: &mut Change, leaving: Leaving) -> Result<(), Problem> {
    let from = change.after.holder_id;
    let slip = if let Some(slip) = leaving.slip {
        slip
    } else {
        let Leaving { kind, to, ref note, .. } = leaving;
        let sending = Sending { kind, from, to, note: note.as_deref(), at: change.at.occurred };
        slips::insert(conn, world, &change.actor, sending)?.id
    };
    let held = open(conn, change.after.id)?;
    let papers = papers_with(world, &change.after, &held, Keeper::Agency(from))?;
    slips::add_line(conn, slip, change.after.id, papers)?;
    change.after.slip_id = Some(slip);
    Ok(())
}

/// A case that has ended away from the receiving agency: a slip brings papers and result home, where the citizen gets
/// them. After a refused slip home the papers are still owed.
fn send_home(conn: &mut Conn, world: &World, change: &mut Change) -> Result<(), Problem> {
    let dossier = &change.after;
    let is_owed = match dossier.status {
        Status::Resolved | Status::Withdrawn | Status::Stopped => true,
        Status::Submitted
        | Status::Received
        | Status::Declined
        | Status::InTransfer
        | Status::Processing
        | Status::AwaitingSupplement
        | Status::AwaitingPayment
        | Status::WithdrawalRequested
        | Status::Returned => false,
    };
    let home = dossier.agency_id;
    if !is_owed || dossier.slip_id.is_some() || dossier.holder_id == home {
        return Ok(());
    }
    send(conn, world, change, Leaving { kind: SlipKind::Home, to: home, note: None, slip: None })
}

/// Who has the papers of a new dossier.
fn first_keeper(dossier: &Dossier, actor: &Actor) -> Keeper {
    if let Some(office) = dossier.post_office_id {
        return Keeper::PostOffice(office);
    }
    match dossier.channel {
        _ if dossier.status == Status::Received => Keeper::Agency(dossier.agency_id),
        Channel::Online | Channel::Postal => Keeper::Citizen,
        Channel::Counter | Channel::PostOffice | Channel::AtHome if actor.kind == ActorKind::Client => {
            Keeper::Citizen
        }
        Channel::Counter | Channel::PostOffice | Channel::AtHome => Keeper::Agency(dossier.agency_id),
    }
}

fn move_all(
    conn: &mut Conn,
    world: &World,
    change: &Change,
    to: Keeper,
    slip: Option<&str>,
) -> Result<(), Problem> {
    let dossier = &change.after;
    let from = main_keeper(&open(conn, dossier.id)?);
    custody::hand_over(conn, world, dossier, (from, to), Which::AllBut(&[]), slip, change.at.occurred)
}

/// The open slip's line has arrived: papers follow, but for those that are missing.
fn arrived(conn: &mut Conn, world: &World, change: &Change, missing: &[String]) -> Result<(), Problem> {
    let Some(slip) = change.facts.slip else { return Ok(()) };
    let number = slips::get(conn, slip.id)?.number;
    let dossier = &change.after;
    let line = Answer { state: LineState::Received, missing, reason: None };
    slips::answer(conn, slip.id, dossier.id, line, &change.actor, change.at.occurred)?;
    // Whoever is written down as having the papers: he who says that they arrived has them now. Only a citizen's are
    // not the agencies' to move.
    let from = match main_keeper(&open(conn, dossier.id)?) {
        Some(Keeper::Citizen) | None => return Ok(()),
        Some(keeper) => keeper,
    };
    let to = Keeper::Agency(slip.to);
    custody::hand_over(
        conn,
        world,
        dossier,
        (Some(from), to),
        Which::AllBut(missing),
        Some(&number),
        change.at.occurred,
    )
}

fn answer(conn: &mut Conn, change: &Change, state: LineState, reason: Option<&str>) -> Result<(), Problem> {
    if let Some(slip) = change.facts.slip {
        let line = Answer { state, missing: &[], reason };
        slips::answer(conn, slip.id, change.after.id, line, &change.actor, change.at.occurred)?;
    }
    Ok(())
}

/// Codes that are no papers of the dossier.
pub(super) fn unknown_papers<'c>(
    world: &World,
    dossier: &Dossier,
    codes: &'c [String],
) -> Result<Vec<(usize, &'c str)>, Problem> {
    let known = component_codes(world, dossier)?;
    let listed = codes.iter().map(String::as_str).enumerate();
    Ok(listed.filter(|(_, code)| !known.iter().any(|known| known == code)).collect())
}
