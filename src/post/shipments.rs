//! The tables `shipments` and `shipment_events`: one parcel or letter with its tracking code, and what happened to it.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::IntoBoxed;
use diesel::prelude::*;

use super::{Direction, ShipmentState};
use crate::access::{Identity, Role};
use crate::agencies::AgencyId;
use crate::db::dialect::{among, on_engine};
use crate::db::schema::{agency_closure, shipment_events, shipments};
use crate::db::{self, Conn, Cursor, Instant, Limit, MultiBackend, Page, PublicId, page_by_id};
use crate::dossiers::DossierId;
use crate::http::{Code, Problem};

/// A shipment.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = shipments, check_for_backend(MultiBackend))]
pub(super) struct Shipment {
    pub id: i64,
    pub public_id: PublicId,
    pub tracking_code: String,
    pub dossier_id: DossierId,
    pub direction: Direction,
    pub office_id: AgencyId,
    pub agency_id: AgencyId,
    pub state: ShipmentState,
    pub cod_amount: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub version: i64,
}

/// Something that happened to a shipment.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = shipment_events, check_for_backend(MultiBackend))]
pub(super) struct ShipmentEvent {
    pub id: i64,
    pub shipment_id: i64,
    pub state: ShipmentState,
    pub occurred_at: Instant,
    pub recorded_at: Instant,
    pub office_id: Option<AgencyId>,
    pub note: Option<String>,
}

/// What a shipment is booked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Booking<'a> {
    pub tracking_code: &'a str,
    pub dossier: DossierId,
    pub direction: Direction,
    pub office: AgencyId,
    pub agency: AgencyId,
    pub cod_amount: i64,
}

/// The shipment with this code, whoever asks.
pub(super) fn find(conn: &mut Conn, tracking_code: &str) -> Result<Option<Shipment>, db::Error> {
    Ok(shipments::table
        .filter(shipments::tracking_code.eq(tracking_code))
        .select(Shipment::as_select())
        .first(conn)
        .optional()?)
}

/// Books a shipment, or one again whose manifest was cancelled or that did not come.
pub(super) fn book(
    conn: &mut Conn,
    booking: Booking<'_>,
    known: Option<&Shipment>,
    at: Instant,
) -> Result<i64, db::Error> {
    let columns = (
        shipments::dossier_id.eq(booking.dossier),
        shipments::direction.eq(booking.direction),
        shipments::office_id.eq(booking.office),
        shipments::agency_id.eq(booking.agency),
        shipments::cod_amount.eq(booking.cod_amount),
        shipments::state.eq(ShipmentState::Booked),
        shipments::updated_at.eq(at),
    );
    let id = match known {
        Some(shipment) => {
            diesel::update(shipments::table.find(shipment.id))
                .set((columns, shipments::version.eq(shipments::version + 1)))
                .execute(conn)?;
            shipment.id
        }
        None => diesel::insert_into(shipments::table)
            .values((
                columns,
                shipments::public_id.eq(PublicId::new(at)),
                shipments::tracking_code.eq(booking.tracking_code),
                shipments::created_at.eq(at),
                shipments::version.eq(1_i64),
            ))
            .returning(shipments::id)
            .get_result(conn)?,
    };
    note(conn, id, ShipmentState::Booked, at, Some(booking.office))?;
    Ok(id)
}

/// Moves a shipment on, with an event.
pub(super) fn set_state(
    conn: &mut Conn,
    id: i64,
    state: ShipmentState,
    at: Instant,
    office: Option<AgencyId>,
) -> Result<(), db::Error> {
    diesel::update(shipments::table.find(id))
        .set((
            shipments::state.eq(state),
            shipments::updated_at.eq(at),
            shipments::version.eq(shipments::version + 1),
        ))
        .execute(conn)?;
    note(conn, id, state, at, office)
}

fn note(
    conn: &mut Conn,
    shipment: i64,
    state: ShipmentState,
    at: Instant,
    office: Option<AgencyId>,
) -> Result<(), db::Error> {
    diesel::insert_into(shipment_events::table)
        .values((
            shipment_events::shipment_id.eq(shipment),
            shipment_events::state.eq(state),
            shipment_events::occurred_at.eq(at),
            shipment_events::recorded_at.eq(at),
            shipment_events::office_id.eq(office),
        ))
        .execute(conn)?;
    Ok(())
}

/// A shipment's events in the order in which they happened.
pub(super) fn events(conn: &mut Conn, shipment: i64) -> Result<Vec<ShipmentEvent>, db::Error> {
    Ok(shipment_events::table
        .filter(shipment_events::shipment_id.eq(shipment))
        .order((shipment_events::occurred_at, shipment_events::id))
        .select(ShipmentEvent::as_select())
        .load(conn)?)
}

/// The tracking codes of these shipments.
pub(super) fn tracking_codes(conn: &mut Conn, ids: &[i64]) -> Result<HashMap<i64, String>, db::Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = shipments::table.filter(among(shipments::id, ids));
    let codes = wanted.select((shipments::id, shipments::tracking_code));
    let rows: Vec<(i64, String)> = on_engine!(conn, native => codes.load(native))?;
    Ok(rows.into_iter().collect())
}

/// What a list of shipments can be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ShipmentFilter {
    pub office: Option<AgencyId>,
    pub agency: Option<AgencyId>,
    /// With those of all agencies below it.
    pub below: bool,
    pub dossier: Option<DossierId>,
    pub direction: Option<Direction>,
    pub state: Option<ShipmentState>,
    pub under_way: Option<bool>,
    /// The local days of booking: from, and before.
    pub created_from: Option<NaiveDate>,
    pub created_to: Option<NaiveDate>,
}

type Query = IntoBoxed<'static, shipments::table, MultiBackend>;

/// The shipments that a caller sees: a clerk his agency's, a post clerk his office's, an inspector those of his subtree.
fn visible(caller: &Identity) -> Query {
    visible_to!(caller, shipments, caller.has(Role::Inspector))
}

/// The shipment with this code, if the caller sees it.
///
/// # Errors
/// 404.
pub(super) fn find_visible(
    conn: &mut Conn,
    caller: &Identity,
    tracking_code: &str,
) -> Result<Shipment, Problem> {
    let found: Option<Shipment> = visible(caller)
        .filter(shipments::tracking_code.eq(tracking_code.to_owned()))
        .select(Shipment::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

/// A page of the shipments that the caller sees, the newest first.
///
/// # Errors
/// A cursor of another list; those of the database.
pub(super) fn list(
    conn: &mut Conn,
    caller: &Identity,
    filter: &ShipmentFilter,
    cursor: Option<&Cursor>,
    limit: Limit,
    count: bool,
) -> Result<Page<Shipment>, Problem> {
    let wanted = || {
        let mut query = visible(caller);
        if let Some(office) = filter.office {
            query = query.filter(shipments::office_id.eq(office));
        }
        match filter.agency {
            Some(agency) if filter.below => {
                let below = agency_closure::table
                    .filter(agency_closure::ancestor_id.eq(agency))
                    .select(agency_closure::descendant_id);
                query = query.filter(shipments::agency_id.eq_any(below));
            }
            Some(agency) => query = query.filter(shipments::agency_id.eq(agency)),
            None => {}
        }
        if let Some(dossier) = filter.dossier {
            query = query.filter(shipments::dossier_id.eq(dossier));
        }
        if let Some(direction) = filter.direction {
            query = query.filter(shipments::direction.eq(direction));
        }
        if let Some(state) = filter.state {
            query = query.filter(shipments::state.eq(state));
        }
        if let Some(wanted) = filter.under_way {
            let states = ShipmentState::ALL.iter().copied().filter(|state| state.is_under_way() == wanted);
            query = query.filter(shipments::state.eq_any(states.collect::<Vec<_>>()));
        }
        if let Some(day) = filter.created_from {
            query = query.filter(shipments::created_at.ge(Instant::start_of(day)));
        }
        if let Some(day) = filter.created_to {
            query = query.filter(shipments::created_at.lt(Instant::start_of(day)));
        }
        query
    };
    page_by_id!(conn, shipments => Shipment, desc, wanted, (cursor, limit, count))
}
