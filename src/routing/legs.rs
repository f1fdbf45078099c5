//! The table `legs`. What opens and ends a leg stands in `course`.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::outlook::{Outlook, outlook};
use super::{LegState, rules};
use crate::World;
use crate::access::{AccountId, accounts};
use crate::agencies::AgencyId;
use crate::calendar::rules::{Calendar, Deadline, Missing, TimeLimit};
use crate::db::dialect::{load_among, on_engine, raw};
use crate::db::schema::legs;
use crate::db::{self, Conn, Instant, InstantSql, Json, MultiBackend};
use crate::dossiers::{DossierId, LegView, Refusal, agency_name};
use crate::http::Problem;

/// A leg as it lies in the database.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = legs, check_for_backend(MultiBackend))]
pub(super) struct LegRow {
    pub id: i64,
    pub dossier_id: DossierId,
    pub seq: i32,
    pub key: String,
    pub name: String,
    pub agency_id: AgencyId,
    pub role: String,
    /// Key of the lead leg that it opens together with.
    pub parallel_with: Option<String>,
    pub is_lead: bool,
    pub state: LegState,
    pub officer_id: Option<AccountId>,
    /// The agency's share of the time; none outside of the route, unless somebody gave one.
    pub share: Option<Json<TimeLimit>>,
    pub clock: Option<Json<Deadline>>,
    pub started_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    pub finished_at: Option<Instant>,
    /// Once it is done, all that it used; before, what it had used when its count began anew after a pause.
    pub used_minutes: Option<i64>,
    /// Once it is done and had a share: that, in opening minutes.
    pub share_minutes: Option<i64>,
    /// And what of it was left; negative: what it overran.
    pub balance_minutes: Option<i64>,
}

/// A leg before it is written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = legs, treat_none_as_default_value = false)]
pub(super) struct NewLeg {
    pub dossier_id: DossierId,
    pub seq: i32,
    pub key: String,
    pub name: String,
    pub agency_id: AgencyId,
    pub role: String,
    pub parallel_with: Option<String>,
    pub is_lead: bool,
    pub state: LegState,
    pub share: Option<Json<TimeLimit>>,
    pub clock: Option<Json<Deadline>>,
    pub started_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
}

impl NewLeg {
    /// Opened at once, with this clock.
    pub(super) fn opened(self, at: Instant, clock: Option<Deadline>) -> Self {
        Self {
            state: LegState::Open,
            started_at: Some(at),
            due_at: clock.map(|clock| clock.due.due_at.into()),
            judged_due_at: clock.map(|clock| clock.judged.due_at.into()),
            clock: clock.map(Json),
            ..self
        }
    }
}

impl LegRow {
    /// As the rules see it.
    pub(super) fn place(&self) -> rules::Leg<'_> {
        rules::Leg {
            seq: self.seq,
            key: &self.key,
            agency: self.agency_id,
            is_lead: self.is_lead,
            parallel_with: self.parallel_with.as_deref(),
            state: self.state,
        }
    }

    /// How what it used until `at` stands to its share; none without a clock.
    pub(super) fn weigh(&self, calendar: &Calendar, at: Instant) -> Result<Option<rules::Weight>, Missing> {
        let clock = self.clock.as_ref().map(|clock| &clock.0);
        clock.map(|clock| rules::weigh(calendar, clock, at.into())).transpose()
    }

    /// Opening minutes used until `at`, or in all; none before it starts.
    pub(super) fn used(&self, calendar: &Calendar, at: Instant) -> Result<Option<i64>, Missing> {
        match (self.state, self.started_at) {
            (LegState::Done, _) => Ok(self.used_minutes),
            (_, None) => Ok(None),
            (_, Some(started_at)) => {
                let clock = self.clock.as_ref().map(|clock| &clock.0);
                let before = self.used_minutes.unwrap_or(0);
                rules::used(calendar, started_at.into(), clock, before, at.into()).map(Some)
            }
        }
    }
}

/// A dossier's legs in their order.
pub(super) fn of_dossier(conn: &mut Conn, dossier: DossierId) -> Result<Vec<LegRow>, db::Error> {
    let own = legs::table.filter(legs::dossier_id.eq(dossier)).order(legs::seq);
    Ok(on_engine!(conn, native => own.select(LegRow::as_select()).load(native))?)
}

/// The open legs of some dossiers.
pub(super) fn open_of(conn: &mut Conn, dossiers: Vec<DossierId>) -> Result<Vec<LegRow>, db::Error> {
    Ok(legs::table
        .filter(legs::dossier_id.eq_any(dossiers))
        .filter(legs::state.eq(LegState::Open))
        .order((legs::dossier_id, legs::seq))
        .select(LegRow::as_select())
        .load(conn)?)
}

/// Writes new legs.
pub(super) fn insert(conn: &mut Conn, rows: &[NewLeg]) -> Result<(), db::Error> {
    if !rows.is_empty() {
        on_engine!(conn, native => diesel::insert_into(legs::table).values(rows).execute(native))?;
    }
    Ok(())
}

/// Takes legs away that never began.
pub(super) fn delete_waiting(conn: &mut Conn, dossier: DossierId, seqs: Vec<i32>) -> Result<(), db::Error> {
    if !seqs.is_empty() {
        let waiting = legs::table
            .filter(legs::dossier_id.eq(dossier))
            .filter(legs::state.eq(LegState::Waiting))
            .filter(legs::seq.eq_any(seqs));
        diesel::delete(waiting).execute(conn)?;
    }
    Ok(())
}

raw! {
    struct Open {
        id: i64 => BigInt,
        at: Instant => InstantSql,
        due_at: Option<Instant> => Nullable<InstantSql>,
        judged_due_at: Option<Instant> => Nullable<InstantSql>,
        clock: Option<Json<Deadline>> => Nullable<Text>,
    };
    both: "UPDATE legs SET state = 'open', started_at = :at, due_at = :due_at, judged_due_at = :judged_due_at,
             clock = :clock WHERE id = :id"
}

/// Opens a waiting leg.
pub(super) fn open(conn: &mut Conn, id: i64, at: Instant, clock: Option<Deadline>) -> Result<(), db::Error> {
    let due_at = clock.map(|clock| clock.due.due_at.into());
    let judged_due_at = clock.map(|clock| clock.judged.due_at.into());
    Open { id, at, due_at, judged_due_at, clock: clock.map(Json) }.execute(conn)?;
    Ok(())
}

/// Writes a leg's clock and what it had used before.
pub(super) fn set_clock(conn: &mut Conn, id: i64, clock: Deadline, used: i64) -> Result<(), db::Error> {
    diesel::update(legs::table.find(id))
        .set((
            legs::due_at.eq(Some(Instant::from(clock.due.due_at))),
            legs::judged_due_at.eq(Some(Instant::from(clock.judged.due_at))),
            legs::clock.eq(Some(Json(clock))),
            legs::used_minutes.eq(Some(used)),
        ))
        .execute(conn)?;
    Ok(())
}

raw! {
    struct Finish {
        id: i64 => BigInt,
        at: Instant => InstantSql,
        used: Option<i64> => Nullable<BigInt>,
        share: Option<i64> => Nullable<BigInt>,
        balance: Option<i64> => Nullable<BigInt>,
    };
    both: "UPDATE legs SET state = 'done', finished_at = :at, used_minutes = :used, share_minutes = :share,
             balance_minutes = :balance
           WHERE id = :id"
}

/// Ends a leg, and weighs it: what it used, and how that stands to its share. Counted now, so that a later change of the
/// calendar blames nobody.
pub(super) fn finish(conn: &mut Conn, leg: &LegRow, calendar: &Calendar, at: Instant) -> Result<(), Problem> {
    let used = leg.used(calendar, at).map_err(missing)?;
    let weight = leg.weigh(calendar, at).map_err(missing)?;
    let (share, balance) = (weight.map(|weight| weight.share), weight.map(|weight| weight.balance));
    Finish { id: leg.id, at, used, share, balance }.execute(conn).map_err(db::Error::from)?;
    Ok(())
}

/// Opens a leg again that had ended too early; `used` is what it had used before its last pause.
pub(super) fn reopen(conn: &mut Conn, id: i64, used: Option<i64>) -> Result<(), db::Error> {
    diesel::update(legs::table.find(id))
        .set((
            legs::state.eq(LegState::Open),
            legs::finished_at.eq(None::<Instant>),
            legs::share_minutes.eq(None::<i64>),
            legs::balance_minutes.eq(None::<i64>),
            legs::used_minutes.eq(used),
        ))
        .execute(conn)?;
    Ok(())
}

/// Names who works on the open lead leg.
pub(super) fn assign(
    conn: &mut Conn,
    dossier: DossierId,
    officer: Option<AccountId>,
) -> Result<(), db::Error> {
    let open = legs::table
        .filter(legs::dossier_id.eq(dossier))
        .filter(legs::state.eq(LegState::Open))
        .filter(legs::is_lead.eq(true));
    diesel::update(open).set(legs::officer_id.eq(officer)).execute(conn)?;
    Ok(())
}

/// The legs of each of these dossiers, for their views: two queries at most.
pub(super) fn views(
    conn: &mut Conn,
    world: &World,
    ids: &[DossierId],
) -> Result<HashMap<DossierId, Vec<LegView>>, Problem> {
    let rows: Vec<LegRow> = load_among!(conn, legs::dossier_id, ids, these => {
        legs::table.filter(these).order((legs::dossier_id, legs::seq)).select(LegRow::as_select())
    })
    .map_err(db::Error::from)?;
    let mut officers: Vec<_> = rows.iter().filter_map(|leg| leg.officer_id).collect();
    officers.sort_unstable();
    officers.dedup();
    let names = if officers.is_empty() { HashMap::new() } else { accounts::names(conn, &officers)? };
    let mut views: HashMap<DossierId, Vec<LegView>> = HashMap::new();
    for legs in rows.chunk_by(|one, other| one.dossier_id == other.dossier_id) {
        let mut outlook = outlook(world, legs, world.now)?;
        for leg in legs {
            let told = outlook.remove(&leg.id).unwrap_or_default();
            views.entry(leg.dossier_id).or_default().push(view(world, leg.clone(), told, &names)?);
        }
    }
    Ok(views)
}

fn view(
    world: &World,
    row: LegRow,
    told: Outlook,
    names: &HashMap<AccountId, String>,
) -> Result<LegView, Problem> {
    let calendar = world.catalogue.calendars.for_agency(row.agency_id)?;
    // A year without a calendar leaves the running time open; what is done was counted when it could be.
    let used = row.used(&calendar, world.now).unwrap_or_default();
    Ok(LegView {
        key: row.key,
        name: row.name,
        agency: agency_name(world, row.agency_id)?,
        state: row.state.as_str().to_owned(),
        parallel_with: row.parallel_with,
        officer: row.officer_id.and_then(|id| names.get(&id).cloned()),
        started_at: row.started_at,
        due_at: row.due_at,
        judged_due_at: row.judged_due_at,
        finished_at: row.finished_at,
        used,
        share: row.share.map(|share| share.0),
        balance: told.balance,
        carried: told.carried,
        expected_due_at: told.expected_due_at,
    })
}

/// A year without a calendar, as a refusal of the change.
pub(super) fn missing(missing: Missing) -> Problem {
    Refusal::from(missing).into()
}
