//! Manifests and delegations as callers ask for them: who he is, and all faults of the body at once.

use chrono::NaiveDate;

use super::delegations::{self, Delegation, NewDelegation};
use super::manifests::{self, Manifest};
use super::rules::{self, Extent, Side, Step};
use super::service::{self, Exception, Item, NewManifest};
use super::views::delegations::{ChangeDelegation, SubmitDelegation};
use super::views::manifests::{AcceptHandoff, ExceptionState, HandoffItem, SubmitHandoff};
use super::{Direction, HandoffState};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::{Agency, AgencyId, Kind, may_manage};
use crate::db::{Conn, Json};
use crate::dossiers::{self, Actor, Arrival, At, Dossier, check_person, check_tracking_code};
use crate::http::{Code, Faults, IfMatch, Problem};
use crate::routing::{self, Keeper};

/// The open agency with this code.
fn agency_at<'w>(
    world: &'w World,
    code: &str,
    day: NaiveDate,
    pointer: &str,
    faults: &mut Faults,
) -> Option<&'w Agency> {
    let found = world.catalogue.tree.by_code(code);
    match found {
        None => faults.note(pointer, Code::UnknownAgency),
        Some(agency) if !agency.is_open_on(day) => {
            faults.note(pointer, Code::AgencyClosed);
        }
        Some(_) => {}
    }
    found
}

fn must_be_office(office: Option<&Agency>, faults: &mut Faults) {
    if office.is_some_and(|office| office.kind != Kind::PostOffice) {
        faults.add("/office", Code::InvalidValue, ("Phải là bưu cục", "It must be a post office"));
    }
}

fn must_not_be_office(agency: Option<&Agency>, faults: &mut Faults) {
    if agency.is_some_and(|agency| agency.kind == Kind::PostOffice) {
        faults.add("/agency", Code::InvalidValue, ("Không được là bưu cục", "It must not be a post office"));
    }
}

/// The side of a manifest that the caller stands on.
///
/// # Errors
/// 403 `wrong_party`.
fn side_of(caller: &Identity, office: AgencyId, agency: AgencyId) -> Result<Side, Problem> {
    if caller.has(Role::Clerk) && caller.agency_id == agency {
        Ok(Side::Agency)
    } else if caller.has(Role::PostClerk) && caller.agency_id == office {
        Ok(Side::Office)
    } else {
        Err(Problem::new(Code::WrongParty))
    }
}

/// Draws a manifest up for one of its sides.
///
/// # Errors
/// 403 for anybody else; all faults of the body at once; 409 for what is on another open manifest.
pub(super) fn create_handoff(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    submit: &SubmitHandoff,
) -> Result<Manifest, Problem> {
    let mut faults = Faults::default();
    let day = world.now.local_day();
    let office = agency_at(world, &submit.office, day, "/office", &mut faults);
    must_be_office(office, &mut faults);
    let agency = agency_at(world, &submit.agency, day, "/agency", &mut faults);
    must_not_be_office(agency, &mut faults);
    let (Some(office), Some(agency)) = (office, agency) else {
        return faults.into_result().and(Err(Problem::new(Code::UnknownAgency)));
    };
    side_of(caller, office.id, agency.id)?;
    let sides = Sides { direction: submit.direction, office, agency };
    let mut items: Vec<Item> = Vec::with_capacity(submit.items.len());
    for (index, wanted) in submit.items.iter().enumerate() {
        let pointer = format!("/items/{index}");
        let Some(dossier) = find_dossier(conn, world, caller, &wanted.dossier, &pointer, &mut faults)? else {
            continue;
        };
        let item = sides.check(conn, world, wanted, &dossier, &pointer, &mut faults)?;
        if items.iter().any(|earlier| earlier.dossier == item.dossier) {
            faults.note(format!("{pointer}/dossier"), Code::Duplicate);
        }
        let twice = item.tracking_code.is_some()
            && items.iter().any(|earlier| earlier.tracking_code == item.tracking_code);
        if twice {
            faults.note(format!("{pointer}/tracking_code"), Code::Duplicate);
        }
        items.push(item);
    }
    faults.into_result()?;
    let new = NewManifest { direction: submit.direction, office: office.id, agency: agency.id, items };
    service::draw_up(conn, world, &Actor::from(caller), &new, world.now)
}

fn find_dossier(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    address: &str,
    pointer: &str,
    faults: &mut Faults,
) -> Result<Option<Dossier>, Problem> {
    match dossiers::find_for_change(conn, world, caller, address) {
        Ok(dossier) => Ok(Some(dossier)),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            faults.note(format!("{pointer}/dossier"), problem.code());
            Ok(None)
        }
    }
}

/// Between whom a manifest is.
struct Sides<'a> {
    direction: Direction,
    office: &'a Agency,
    agency: &'a Agency,
}

impl Sides<'_> {
    fn check(
        &self,
        conn: &mut Conn,
        world: &World,
        wanted: &HandoffItem,
        dossier: &Dossier,
        pointer: &str,
        faults: &mut Faults,
    ) -> Result<Item, Problem> {
        if dossier.agency_id != self.agency.id {
            faults.add(
                format!("{pointer}/dossier"),
                Code::InvalidValue,
                ("Hồ sơ do cơ quan khác tiếp nhận", "Another agency received this dossier"),
            );
        } else if !self.giver_has_papers(conn, dossier)? {
            faults.add(
                format!("{pointer}/dossier"),
                Code::InvalidValue,
                (
                    "Bên giao không giữ giấy tờ của hồ sơ",
                    "The giving side does not have the dossier's papers",
                ),
            );
        }
        if let Some(code) = &wanted.tracking_code {
            faults.take(format!("{pointer}/tracking_code"), check_tracking_code(code));
        }
        let mut recipient = wanted.recipient.clone();
        if let Some(person) = &mut recipient {
            let at = format!("{pointer}/recipient");
            check_person(&person.identity_number, &mut person.phone, &at, faults);
        }
        let papers = wanted.papers.clone().unwrap_or_default();
        let known = dossier.open_content(&world.vault)?.components;
        for (place, code) in papers.iter().enumerate() {
            let at = format!("{pointer}/papers/{place}");
            if !known.iter().any(|component| component.code == *code) {
                faults.note(at, Code::UnknownComponent);
            } else if papers.iter().take(place).any(|earlier| earlier == code) {
                faults.note(at, Code::DuplicateComponent);
            }
        }
        Ok(Item {
            dossier: dossier.id,
            tracking_code: wanted.tracking_code.clone(),
            recipient,
            cod_amount: wanted.cod_amount,
            fees: wanted.fees,
            papers,
        })
    }

    /// What is still with the citizen may come by post.
    fn giver_has_papers(&self, conn: &mut Conn, dossier: &Dossier) -> Result<bool, Problem> {
        Ok(match self.direction {
            Direction::ToPost => routing::has_papers(conn, dossier.id, Keeper::Agency(self.agency.id))?,
            Direction::FromPost => {
                routing::has_papers(conn, dossier.id, Keeper::PostOffice(self.office.id))?
                    || routing::has_papers(conn, dossier.id, Keeper::Citizen)?
            }
        })
    }
}

/// Whether the caller may take this step with a manifest that he sees.
fn may(caller: &Identity, manifest: &Manifest, step: Step) -> Result<(), Problem> {
    let side = side_of(caller, manifest.office_id, manifest.agency_id)?;
    // From a state that it does not lead on from, the answer is that, not whose turn it would be.
    let possible = rules::next(manifest.state, step).is_some();
    if possible && !rules::may(manifest.direction, manifest.state, step, side) {
        return Err(Problem::new(Code::WrongParty));
    }
    Ok(())
}

/// Signs a manifest for the giving side.
///
/// # Errors
/// 404, 412, 403 for anybody else, 409 when it is no draft.
pub(super) fn dispatch_handoff(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
) -> Result<Manifest, Problem> {
    let manifest = manifests::find_visible(conn, caller, id)?;
    may(caller, &manifest, Step::Dispatch)?;
    if_match.check(manifest.version)?;
    service::dispatch(conn, &Actor::from(caller), &manifest, world.now)
}

/// Signs a manifest for the other side.
///
/// # Errors
/// 404, 412, 403 for anybody else, 409 when it is not dispatched; all faults of the body at once; the refusals of the
/// single lines.
pub(super) fn accept_handoff(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    body: &AcceptHandoff,
) -> Result<Manifest, Problem> {
    let manifest = manifests::find_visible(conn, caller, id)?;
    may(caller, &manifest, Step::Accept)?;
    if_match.check(manifest.version)?;
    let exceptions = if manifest.state == HandoffState::Dispatched {
        exceptions(conn, &manifest, body)?
    } else {
        // Refused for its state, which says more than faults of the body would.
        Vec::new()
    };
    let at = At::now(world.now);
    Ok(service::accept(conn, world, &Actor::from(caller), &manifest, &exceptions, at)?.0)
}

fn exceptions(conn: &mut Conn, manifest: &Manifest, body: &AcceptHandoff) -> Result<Vec<Exception>, Problem> {
    let mut faults = Faults::default();
    let lines = manifests::lines(conn, manifest.id)?;
    let ids = lines.iter().map(|line| line.dossier_id).collect();
    let addresses = dossiers::addresses(conn, ids)?;
    let mut exceptions: Vec<Exception> = Vec::new();
    for (index, told) in body.exceptions.iter().flatten().enumerate() {
        let pointer = format!("/exceptions/{index}");
        let found = addresses.iter().find(|(_, address)| **address == told.dossier).map(|(id, _)| *id);
        if told.reason.trim().is_empty() {
            faults.note(format!("{pointer}/reason"), Code::ReasonRequired);
        }
        let Some(dossier) = found else {
            faults.add(
                format!("{pointer}/dossier"),
                Code::NotOneOf,
                ("Hồ sơ không có trên bảng kê này", "Not on this manifest"),
            );
            continue;
        };
        if exceptions.iter().any(|earlier| earlier.dossier == dossier) {
            faults.note(format!("{pointer}/dossier"), Code::Duplicate);
        }
        let arrival = if told.state == ExceptionState::Missing { Arrival::Missing } else { Arrival::Damaged };
        exceptions.push(Exception { dossier, arrival, reason: told.reason.clone() });
    }
    faults.into_result()?;
    Ok(exceptions)
}

/// Drops a manifest.
///
/// # Errors
/// 404, 412, 403 for a side that may not, 409 when it was accepted or cancelled.
pub(super) fn cancel_handoff(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
) -> Result<Manifest, Problem> {
    let manifest = manifests::find_visible(conn, caller, id)?;
    may(caller, &manifest, Step::Cancel)?;
    if_match.check(manifest.version)?;
    service::cancel(conn, &Actor::from(caller), &manifest, world.now)
}

/// Lets an office receive for an agency, for an administrator of the agency.
///
/// # Errors
/// 403 `agency_out_of_reach`; all faults of the body at once; 409 when it overlaps with another.
pub(super) fn create_delegation(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    submit: &SubmitDelegation,
) -> Result<Delegation, Problem> {
    let mut faults = Faults::default();
    let office = agency_at(world, &submit.office, submit.valid_from, "/office", &mut faults);
    must_be_office(office, &mut faults);
    let agency = agency_at(world, &submit.agency, submit.valid_from, "/agency", &mut faults);
    must_not_be_office(agency, &mut faults);
    if agency.is_some_and(|agency| !may_manage(caller, &world.catalogue.tree, agency.id)) {
        return Err(Problem::new(Code::AgencyOutOfReach));
    }
    check_procedures(world, submit.procedures.as_deref(), &mut faults);
    check_end(submit.valid_from, submit.valid_to, &mut faults);
    faults.into_result()?;
    let (Some(office), Some(agency)) = (office, agency) else {
        return Err(Problem::new(Code::UnknownAgency));
    };
    // Its row is the lock under which overlaps are looked for.
    crate::db::revision::bump(conn, DELEGATIONS)?;
    let extent =
        Extent { from: submit.valid_from, to: submit.valid_to, procedures: submit.procedures.as_deref() };
    refuse_overlap(conn, (office.id, agency.id), &extent, None)?;
    let new = NewDelegation {
        office: office.id,
        agency: agency.id,
        procedures: submit.procedures.clone(),
        valid_from: submit.valid_from,
        valid_to: submit.valid_to,
    };
    Ok(delegations::insert(conn, &new, world.now)?)
}

/// The revision that every change of a delegation raises.
const DELEGATIONS: &str = "delegations";

/// Changes end and procedures of a delegation, for an administrator of its agency.
///
/// # Errors
/// 404, 403, 412; all faults of the body at once; 409 when it would overlap with another.
pub(super) fn change_delegation(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    id: &str,
    if_match: &IfMatch,
    change: &ChangeDelegation,
) -> Result<Delegation, Problem> {
    crate::db::revision::bump(conn, DELEGATIONS)?;
    let mut delegation = delegations::find_visible(conn, caller, id)?;
    if !may_manage(caller, &world.catalogue.tree, delegation.agency_id) {
        return Err(Problem::new(Code::AgencyOutOfReach));
    }
    if_match.check(delegation.version)?;
    let mut faults = Faults::default();
    if let Some(procedures) = &change.procedures {
        check_procedures(world, procedures.as_deref(), &mut faults);
        delegation.procedures = procedures.clone().map(Json);
    }
    if let Some(valid_to) = change.valid_to {
        check_end(delegation.valid_from, valid_to, &mut faults);
        delegation.valid_to = valid_to;
    }
    faults.into_result()?;
    let between = (delegation.office_id, delegation.agency_id);
    refuse_overlap(conn, between, &delegation.extent(), Some(delegation.id))?;
    delegations::update(conn, &delegation)
}

fn check_procedures(world: &World, codes: Option<&[String]>, faults: &mut Faults) {
    let Some(codes) = codes else { return };
    let procedures = &world.catalogue.procedures;
    for (index, code) in codes.iter().enumerate() {
        let pointer = format!("/procedures/{index}");
        let Some(procedure) = procedures.by_code(code) else {
            faults.note(pointer, Code::UnknownProcedure);
            continue;
        };
        if !procedures.versions_of(procedure).any(|version| version.content.postal) {
            faults.add(
                pointer,
                Code::InvalidValue,
                ("Thủ tục không thực hiện qua bưu chính", "The procedure may not go by post"),
            );
        } else if codes.iter().take(index).any(|earlier| earlier == code) {
            faults.note(pointer, Code::Duplicate);
        }
    }
}

fn check_end(from: NaiveDate, to: Option<NaiveDate>, faults: &mut Faults) {
    if to.is_some_and(|to| to <= from) {
        faults.add(
            "/valid_to",
            Code::InvalidValue,
            ("Ngày kết thúc phải sau ngày bắt đầu", "The end must come after the beginning"),
        );
    }
}

fn refuse_overlap(
    conn: &mut Conn,
    (office, agency): (AgencyId, AgencyId),
    extent: &Extent<'_>,
    itself: Option<i64>,
) -> Result<(), Problem> {
    let others = delegations::between(conn, office, agency)?;
    let overlaps = |other: &&Delegation| Some(other.id) != itself && other.extent().overlaps(extent);
    match others.iter().find(overlaps) {
        None => Ok(()),
        Some(other) => Err(Problem::new(Code::Conflict)
            .detail((
                "Đã có ủy quyền khác cho cùng thủ tục trong khoảng thời gian đó",
                "Another delegation says the same for a part of that time",
            ))
            .member("delegation", other.public_id.to_string())),
    }
}
