//! The life of a manifest: drawn up, dispatched by the giving side, accepted by the other, or cancelled. Whoever asks has
//! been checked before (`intake`); the sample year calls these with its own times.

use super::manifests::{self, LineColumns, LineRow, Manifest, ManifestColumns};
use super::rules::{self, Step};
use super::shipments::{self, Booking};
use super::{Direction, HandoffState, ItemState, ShipmentState};
use crate::World;
use crate::access::{AccountId, Sealed};
use crate::agencies::AgencyId;
use crate::db::{Conn, Instant, Json, PublicId};
use crate::dossiers::{
    self, Actor, ActorKind, Arrival, At, Change, Channel, Dossier, DossierId, Recipient, Status, Transition,
};
use crate::http::{Code, Faults, Problem};
use crate::routing::{self, Keeper, Which, add_refusal};

/// A manifest to be drawn up.
#[derive(Debug, Clone, PartialEq)]
pub struct NewManifest {
    pub direction: Direction,
    pub office: AgencyId,
    pub agency: AgencyId,
    pub items: Vec<Item>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub dossier: DossierId,
    /// A right S10 code.
    pub tracking_code: Option<String>,
    pub recipient: Option<Recipient>,
    /// Whole đồng that the recipient pays.
    pub cod_amount: i64,
    /// Whole đồng that go along.
    pub fees: i64,
    /// Codes of papers; empty: all that the giver has.
    pub papers: Vec<String>,
}

/// A line that did not come as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub dossier: DossierId,
    /// Missing or damaged.
    pub arrival: Arrival,
    pub reason: String,
}

/// Draws a manifest up; nobody has signed it yet.
///
/// # Errors
/// 409 `on_open_manifest` or `conflict` for dossiers and shipments that are on another one; those of the database.
pub fn draw_up(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    new: &NewManifest,
    at: Instant,
) -> Result<Manifest, Problem> {
    let day = at.local_day();
    // The number comes first: its row is a lock, and nobody else lists the same dossier while it is looked for.
    let serial = dossiers::next_number(conn, new.agency, day, "manifest")?;
    let known = refuse_listed(conn, &new.items)?;
    let code = &world.catalogue.tree.agency(new.agency)?.code;
    let columns = ManifestColumns {
        public_id: PublicId::new(at),
        number: format!("{code}-BK-{}-{serial:04}", day.format("%y%m%d")),
        direction: new.direction,
        office_id: new.office,
        agency_id: new.agency,
        state: HandoffState::Draft,
        created_by: account_of(actor),
        created_at: at,
        version: 1,
    };
    let manifest = manifests::insert(conn, &columns)?;
    let place = manifests::place_of_recipients(columns.public_id);
    let seal = |recipient| Sealed::seal(&world.vault, &place, recipient);
    for (line, (item, known)) in (1..).zip(new.items.iter().zip(known)) {
        let shipment_id = match &item.tracking_code {
            None => None,
            Some(tracking_code) => {
                let booking = Booking {
                    tracking_code,
                    dossier: item.dossier,
                    direction: new.direction,
                    office: new.office,
                    agency: new.agency,
                    cod_amount: item.cod_amount,
                };
                let shipment = shipments::book(conn, booking, known.as_ref(), at)?;
                shipments::set_state(conn, shipment, ShipmentState::Manifested, at, Some(new.office))?;
                Some(shipment)
            }
        };
        let columns = LineColumns {
            handoff_id: manifest,
            line,
            dossier_id: item.dossier,
            shipment_id,
            recipient: item.recipient.as_ref().map(seal).transpose().map_err(Problem::internal)?,
            cod_amount: item.cod_amount,
            fees: item.fees,
            papers: Json(item.papers.clone()),
            state: ItemState::Listed,
        };
        manifests::insert_line(conn, &columns)?;
    }
    Ok(manifests::get(conn, manifest)?)
}

/// A dossier and a shipment are on one open manifest only. Gives the shipments that exist already, beside their items.
fn refuse_listed(conn: &mut Conn, items: &[Item]) -> Result<Vec<Option<shipments::Shipment>>, Problem> {
    let mut faults = Faults::default();
    let mut only_open = true;
    let listed = manifests::on_open(conn, &items.iter().map(|item| item.dossier).collect::<Vec<_>>())?;
    let mut known = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if listed.contains(&item.dossier) {
            faults.note(format!("/items/{index}/dossier"), Code::OnOpenManifest);
        }
        let shipment = match &item.tracking_code {
            Some(code) => shipments::find(conn, code)?,
            None => None,
        };
        if let Some(shipment) = &shipment {
            let pointer = format!("/items/{index}/tracking_code");
            if manifests::is_shipment_on_open(conn, shipment.id)? {
                faults.note(pointer, Code::OnOpenManifest);
            } else if !rules::can_be_listed(shipment.state) || shipment.dossier_id != item.dossier {
                only_open = false;
                faults.add(
                    pointer,
                    Code::Duplicate,
                    ("Số hiệu bưu gửi đã được dùng", "The tracking code was used already"),
                );
            }
        }
        known.push(shipment);
    }
    match faults.into_result() {
        Ok(()) => Ok(known),
        Err(problem) => {
            let code = if only_open { Code::OnOpenManifest } else { Code::Conflict };
            Err(Problem::new(code).faults(problem.field_faults().to_vec()))
        }
    }
}

/// The account behind an actor; clients and the system have none.
fn account_of(actor: &Actor) -> Option<AccountId> {
    actor.id().filter(|_| actor.kind == ActorKind::Account)
}

/// The first signature: the giving side hands over what is listed.
///
/// # Errors
/// 409 when it is no draft, 412 when somebody was faster.
pub fn dispatch(
    conn: &mut Conn,
    actor: &Actor,
    manifest: &Manifest,
    at: Instant,
) -> Result<Manifest, Problem> {
    manifests::advance(conn, manifest, Step::Dispatch, account_of(actor), at)?;
    Ok(manifests::get(conn, manifest.id)?)
}

/// The manifest never took place.
///
/// # Errors
/// 409 when it was accepted or cancelled already, 412 when somebody was faster.
pub fn cancel(conn: &mut Conn, actor: &Actor, manifest: &Manifest, at: Instant) -> Result<Manifest, Problem> {
    manifests::advance(conn, manifest, Step::Cancel, account_of(actor), at)?;
    for line in manifests::lines(conn, manifest.id)? {
        settle(conn, manifest, &line, ItemState::Cancelled, None, at)?;
    }
    Ok(manifests::get(conn, manifest.id)?)
}

/// The second signature: the other side has what is listed, but for the exceptions. For a dossier that was sent by post
/// and still waits, it is the filing moment: its line's acceptance is its `accept`.
///
/// # Errors
/// 409 when it is not dispatched, 412 when somebody was faster; the refusals of the single lines, each at
/// `/items/<index>` of the manifest; nothing is left then.
pub fn accept(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    manifest: &Manifest,
    exceptions: &[Exception],
    at: At,
) -> Result<(Manifest, Vec<Change>), Problem> {
    // First, so that its dossiers are on no open manifest any more when they are accepted.
    manifests::advance(conn, manifest, Step::Accept, account_of(actor), at.occurred)?;
    let mut changes = Vec::new();
    let mut refused: Option<Problem> = None;
    for (index, line) in manifests::lines(conn, manifest.id)?.iter().enumerate() {
        let exception = exceptions.iter().find(|exception| exception.dossier == line.dossier_id);
        match arrive(conn, world, actor, manifest, line, exception, at) {
            Ok(change) => changes.push(change),
            Err(problem) if problem.status().is_server_error() => return Err(problem),
            Err(problem) => refused = Some(add_refusal(refused, problem, &format!("/items/{index}"))),
        }
    }
    match refused {
        None => Ok((manifests::get(conn, manifest.id)?, changes)),
        Some(problem) => Err(problem),
    }
}

fn arrive(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    manifest: &Manifest,
    line: &LineRow,
    exception: Option<&Exception>,
    at: At,
) -> Result<Change, Problem> {
    let arrival = exception.map_or(Arrival::Accepted, |exception| exception.arrival);
    let state = match arrival {
        Arrival::Accepted => ItemState::Accepted,
        Arrival::Missing => ItemState::Missing,
        Arrival::Damaged => ItemState::Damaged,
    };
    settle(conn, manifest, line, state, exception.map(|exception| exception.reason.as_str()), at.occurred)?;
    let dossier = dossiers::get(conn, line.dossier_id)?;
    if arrival != Arrival::Missing {
        move_papers(conn, world, manifest, line, &dossier, at.occurred)?;
    }
    let is_filed = manifest.direction == Direction::FromPost
        && dossier.status == Status::Submitted
        && dossier.channel == Channel::Postal
        && arrival == Arrival::Accepted;
    let transition = if is_filed {
        Transition::Accept { components: None }
    } else {
        Transition::Handoff {
            manifest: manifest.number.clone(),
            office: world.catalogue.tree.agency(manifest.office_id)?.code.clone(),
            to_post: manifest.direction == Direction::ToPost,
            arrival,
        }
    };
    dossiers::apply(conn, world, actor, dossier, transition, at)
}

fn settle(
    conn: &mut Conn,
    manifest: &Manifest,
    line: &LineRow,
    state: ItemState,
    reason: Option<&str>,
    at: Instant,
) -> Result<(), Problem> {
    manifests::settle_line(conn, line.id, state, reason)?;
    if let (Some(shipment), Some(next)) = (line.shipment_id, rules::settled(manifest.direction, state)) {
        shipments::set_state(conn, shipment, next, at, Some(manifest.office_id))?;
    }
    Ok(())
}

/// Papers go from the giver to the taker, with the manifest's number. What a citizen has given to the post without
/// anybody writing it down comes from the post as well.
fn move_papers(
    conn: &mut Conn,
    world: &World,
    manifest: &Manifest,
    line: &LineRow,
    dossier: &Dossier,
    at: Instant,
) -> Result<(), Problem> {
    let (office, agency) = (Keeper::PostOffice(manifest.office_id), Keeper::Agency(manifest.agency_id));
    let (from, to) = match manifest.direction {
        Direction::ToPost => (agency, office),
        Direction::FromPost if routing::has_papers(conn, dossier.id, Keeper::Citizen)? => {
            (Keeper::Citizen, agency)
        }
        Direction::FromPost => (office, agency),
    };
    if !routing::has_papers(conn, dossier.id, from)? {
        return Err(Problem::new(Code::Conflict).detail((
            "Bên giao không còn giữ giấy tờ của hồ sơ; hãy ghi là thiếu",
            "The giving side no longer has the dossier's papers; tell it as missing",
        )));
    }
    let at = at.max(dossier.last_event_at);
    let which = Which::Only(&line.papers.0);
    routing::hand_over(conn, world, dossier, (Some(from), to), which, Some(&manifest.number), at)
}
