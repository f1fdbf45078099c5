//! A small world for tests: agencies, dossiers, and what hangs on them, written straight into the tables and kept as
//! plain values beside, so that the test needs no query to know it.

use diesel::insert_into;
use diesel::prelude::*;
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::access::{AgencyId, Hierarchy, Leg, RowKeys};
use crate::db::schema::{
    agencies, agency_closure, dossiers, fields, handoff_lines, handoffs, legs, procedure_versions,
    procedures, shipments, transfer_lines, transfers,
};
use crate::db::{Conn, Error, Instant, PublicId};

/// How many agencies there are; their ids are 1 to this.
pub(super) const AGENCIES: i64 = 6;

/// The version that is sensitive; the other one is 1.
pub(super) const SENSITIVE: i64 = 2;

/// The moment at which the test happens.
pub(super) fn now() -> Instant {
    "2019-06-03T09:00:00+07:00".parse().unwrap()
}

/// Everything there is.
#[derive(Debug, Clone)]
pub(super) struct World {
    /// Parent of each agency; agencies come after their parents.
    pub(super) parents: Vec<Option<AgencyId>>,
    pub(super) dossiers: Vec<Life>,
}

/// One dossier and what hangs on it.
#[derive(Debug, Clone)]
pub(super) struct Life {
    is_sensitive: bool,
    receiver: AgencyId,
    competent: AgencyId,
    holder: AgencyId,
    post_office: Option<AgencyId>,
    /// To whom, and the state of the slip.
    slip: Option<(AgencyId, &'static str)>,
    /// Whose; nothing: not begun; days since it ended.
    legs: Vec<(AgencyId, Option<Option<i64>>)>,
    /// Office, state of the manifest, state of the line.
    manifests: Vec<(AgencyId, &'static str, &'static str)>,
    /// Office, state.
    shipments: Vec<(AgencyId, &'static str)>,
}

pub(super) fn any_world() -> impl Strategy<Value = World> {
    let parents = (2..=AGENCIES).map(|id| option::weighted(0.8, 1..id).boxed()).collect::<Vec<_>>().prop_map(
        |mut rest| {
            rest.insert(0, None);
            rest
        },
    );
    (parents, vec(any_life(), 1..6)).prop_map(|(parents, dossiers)| World { parents, dossiers })
}

fn any_life() -> impl Strategy<Value = Life> {
    let agency = || 1..=AGENCIES;
    let slip = (agency(), prop_oneof![Just("sent"), Just("acknowledged"), Just("recalled")]);
    // Around the edge of thirty days, the edge itself included.
    let leg = (
        agency(),
        option::weighted(0.8, option::of(prop_oneof![Just(29_i64), Just(30), Just(31), 0..60_i64])),
    );
    let manifest = (
        agency(),
        prop_oneof![Just("draft"), Just("dispatched"), Just("accepted"), Just("cancelled")],
        prop_oneof![Just("listed"), Just("accepted"), Just("missing"), Just("cancelled")],
    );
    let shipment = (agency(), prop_oneof![Just("booked"), Just("delivered"), Just("cancelled")]);
    (
        (agency(), agency(), agency(), option::weighted(0.2, agency()), option::weighted(0.3, slip)),
        weighted(0.3),
        (vec(leg, 0..3), vec(manifest, 0..2), vec(shipment, 0..2)),
    )
        .prop_map(|((receiver, competent, holder, post_office, slip), is_sensitive, hanging)| {
            let (legs, manifests, shipments) = hanging;
            Life { is_sensitive, receiver, competent, holder, post_office, slip, legs, manifests, shipments }
        })
}

impl Hierarchy for World {
    fn is_within(&self, agency: AgencyId, ancestor: AgencyId) -> bool {
        let mut at = Some(agency);
        while let Some(here) = at {
            if here == ancestor {
                return true;
            }
            at = self.parents[usize::try_from(here - 1).unwrap()];
        }
        false
    }
}

impl Life {
    /// What its view depends on, worked out without the database.
    pub(super) fn keys(&self, id: i64) -> RowKeys {
        RowKeys {
            id,
            is_sensitive: self.is_sensitive,
            agency_id: self.receiver,
            competent_id: self.competent,
            holder_id: self.holder,
            post_office_id: self.post_office,
            slip_to: self.slip.filter(|(_, state)| *state == "sent").map(|(to, _)| to),
            legs: self
                .legs
                .iter()
                .filter_map(|(agency_id, ended)| Some((*agency_id, (*ended)?)))
                .map(|(agency_id, ended)| Leg { agency_id, finished_at: ended.map(days_ago) })
                .collect(),
            offices: self
                .manifests
                .iter()
                .filter(|(_, manifest, line)| *manifest != "cancelled" && *line != "cancelled")
                .map(|(office, ..)| *office)
                .chain(
                    self.shipments
                        .iter()
                        .filter(|(_, state)| *state != "cancelled")
                        .map(|(office, _)| *office),
                )
                .collect(),
        }
    }

    fn insert(&self, conn: &mut Conn, id: i64) -> Result<(), Error> {
        let slip_id = self.slip.map(|_| id);
        insert_into(dossiers::table)
            .values((
                (
                    dossiers::id.eq(id),
                    dossiers::public_id.eq(public_id(id)),
                    dossiers::code.eq(Some(code(id))),
                    dossiers::status.eq("processing"),
                    dossiers::procedure_id.eq(1_i64),
                    dossiers::procedure_version_id.eq(if self.is_sensitive { SENSITIVE } else { 1 }),
                    dossiers::agency_id.eq(self.receiver),
                    dossiers::competent_id.eq(self.competent),
                    dossiers::holder_id.eq(self.holder),
                    dossiers::post_office_id.eq(self.post_office),
                    dossiers::slip_id.eq(slip_id),
                    dossiers::channel.eq("counter"),
                ),
                (
                    dossiers::search_name.eq(""),
                    dossiers::content.eq("{}"),
                    dossiers::lookup_hash.eq(""),
                    dossiers::last_event_at.eq(now()),
                    dossiers::is_paused.eq(false),
                    dossiers::paused_in_time.eq(false),
                    dossiers::marks.eq("[]"),
                    dossiers::supplements.eq(0_i32),
                    dossiers::event_count.eq(0_i64),
                    dossiers::head_hash.eq(Vec::<u8>::new()),
                    dossiers::version.eq(1_i64),
                ),
            ))
            .execute(conn)?;
        if let Some((to, state)) = self.slip {
            insert_slip(conn, id, to, state)?;
        }
        for (seq, (agency_id, begun)) in (1_i32..).zip(&self.legs) {
            insert_into(legs::table)
                .values((
                    legs::dossier_id.eq(id),
                    legs::seq.eq(seq),
                    legs::key.eq(seq.to_string()),
                    legs::name.eq("leg"),
                    legs::agency_id.eq(agency_id),
                    legs::role.eq("officer"),
                    legs::is_lead.eq(true),
                    legs::state.eq(if begun.is_some() { "open" } else { "waiting" }),
                    legs::started_at.eq(begun.map(|_| days_ago(90))),
                    legs::finished_at.eq(begun.flatten().map(days_ago)),
                ))
                .execute(conn)?;
        }
        for (n, (office, state, line)) in (1_i64..).zip(&self.manifests) {
            insert_manifest(conn, id * 10 + n, id, *office, state, line)?;
        }
        for (n, (office, state)) in (1_i64..).zip(&self.shipments) {
            insert_shipment(conn, id * 10 + n, id, *office, state)?;
        }
        Ok(())
    }
}

impl World {
    /// Writes everything; the dossiers get the ids 1, 2, … in their order.
    pub(super) fn insert(&self, conn: &mut Conn) -> Result<(), Error> {
        for (id, parent) in (1_i64..).zip(&self.parents) {
            insert_agency(conn, id, *parent)?;
        }
        for descendant in 1..=AGENCIES {
            for ancestor in (1..=AGENCIES).filter(|ancestor| self.is_within(descendant, *ancestor)) {
                insert_into(agency_closure::table)
                    .values((
                        agency_closure::ancestor_id.eq(ancestor),
                        agency_closure::descendant_id.eq(descendant),
                    ))
                    .execute(conn)?;
            }
        }
        insert_procedure(conn)?;
        for (id, life) in (1_i64..).zip(&self.dossiers) {
            life.insert(conn, id)?;
        }
        Ok(())
    }
}

pub(super) fn code(id: i64) -> String {
    format!("D{id}")
}

fn public_id(id: i64) -> PublicId {
    PublicId::with_random(now(), [u8::try_from(id % 250).unwrap(); 10])
}

fn days_ago(days: i64) -> Instant {
    now() - chrono::TimeDelta::days(days)
}

pub(super) fn insert_agency(conn: &mut Conn, id: AgencyId, parent: Option<AgencyId>) -> Result<(), Error> {
    insert_into(agencies::table)
        .values((
            agencies::id.eq(id),
            agencies::code.eq(format!("A{id}")),
            agencies::official.eq(false),
            agencies::name.eq(format!("Cơ quan {id}")),
            agencies::kind.eq("commune"),
            agencies::parent_id.eq(parent),
            agencies::after_cutoff_counts_next_day.eq(false),
            agencies::version.eq(1_i64),
        ))
        .execute(conn)?;
    Ok(())
}

fn insert_procedure(conn: &mut Conn) -> Result<(), Error> {
    insert_into(fields::table)
        .values((fields::id.eq(1_i64), fields::code.eq("F"), fields::name.eq("F")))
        .execute(conn)?;
    insert_into(procedures::table)
        .values((procedures::id.eq(1_i64), procedures::code.eq("P"), procedures::field_id.eq(1_i64)))
        .execute(conn)?;
    for (id, version) in [(1, 1), (SENSITIVE, 2)] {
        insert_into(procedure_versions::table)
            .values((
                procedure_versions::id.eq(id),
                procedure_versions::procedure_id.eq(1_i64),
                procedure_versions::version.eq(version),
                procedure_versions::state.eq("published"),
                procedure_versions::content.eq("{}"),
                procedure_versions::effective_from.eq(now().local_day()),
                procedure_versions::row_version.eq(1_i64),
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn insert_slip(conn: &mut Conn, dossier: i64, to: AgencyId, state: &str) -> Result<(), Error> {
    insert_into(transfers::table)
        .values((
            transfers::id.eq(dossier),
            transfers::public_id.eq(public_id(dossier)),
            transfers::number.eq(code(dossier)),
            transfers::kind.eq("forward"),
            transfers::from_id.eq(1_i64),
            transfers::to_id.eq(to),
            transfers::state.eq(state),
            transfers::sent_at.eq(now()),
            transfers::version.eq(1_i64),
        ))
        .execute(conn)?;
    insert_into(transfer_lines::table)
        .values((
            transfer_lines::transfer_id.eq(dossier),
            transfer_lines::line.eq(1_i32),
            transfer_lines::dossier_id.eq(dossier),
            transfer_lines::state.eq("sent"),
            transfer_lines::papers.eq("[]"),
            transfer_lines::missing.eq("[]"),
        ))
        .execute(conn)?;
    Ok(())
}

fn insert_manifest(
    conn: &mut Conn,
    id: i64,
    dossier: i64,
    office: AgencyId,
    state: &str,
    line: &str,
) -> Result<(), Error> {
    insert_into(handoffs::table)
        .values((
            handoffs::id.eq(id),
            handoffs::public_id.eq(public_id(id)),
            handoffs::number.eq(code(id)),
            handoffs::direction.eq("to_post"),
            handoffs::office_id.eq(office),
            handoffs::agency_id.eq(1_i64),
            handoffs::state.eq(state),
            handoffs::created_at.eq(now()),
            handoffs::version.eq(1_i64),
        ))
        .execute(conn)?;
    insert_into(handoff_lines::table)
        .values((
            handoff_lines::handoff_id.eq(id),
            handoff_lines::line.eq(1_i32),
            handoff_lines::dossier_id.eq(dossier),
            handoff_lines::cod_amount.eq(0_i64),
            handoff_lines::fees.eq(0_i64),
            handoff_lines::papers.eq("[]"),
            handoff_lines::state.eq(line),
        ))
        .execute(conn)?;
    Ok(())
}

fn insert_shipment(
    conn: &mut Conn,
    id: i64,
    dossier: i64,
    office: AgencyId,
    state: &str,
) -> Result<(), Error> {
    insert_into(shipments::table)
        .values((
            shipments::id.eq(id),
            shipments::public_id.eq(public_id(id)),
            shipments::tracking_code.eq(code(id)),
            shipments::dossier_id.eq(dossier),
            shipments::direction.eq("to_post"),
            shipments::office_id.eq(office),
            shipments::agency_id.eq(1_i64),
            shipments::state.eq(state),
            shipments::cod_amount.eq(0_i64),
            shipments::created_at.eq(now()),
            shipments::updated_at.eq(now()),
            shipments::version.eq(1_i64),
        ))
        .execute(conn)?;
    Ok(())
}
