//! SQL on dossiers and numbers. Every function takes the connection and opens no transaction.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Date, Integer, Nullable, Text};

use super::events::{self, Entry};
use super::{
    Actor, At, Channel, Dossier, DossierId, Mark, NewDossier, Proposal, ResultKind, Secrets, Status,
};
use crate::World;
use crate::access::{AccountId, Columns};
use crate::agencies::AgencyId;
use crate::calendar::rules::{Deadline, Outcome};
use crate::db::dialect::{on_engine, raw};
use crate::db::schema::dossiers;
use crate::db::{self, Conn, Instant, InstantSql, Json, PublicId};
use crate::http::{Code, Problem};
use crate::procedures::VersionId;

raw! {
    /// The next number of an agency, local day and series.
    struct NextNumber<'a> { agency_id: AgencyId => BigInt, day: NaiveDate => Date, series: &'a str => Text } -> BigInt;
    both: "INSERT INTO numbers (agency_id, day, series, last) VALUES (:agency_id, :day, :series, 1)
           ON CONFLICT (agency_id, day, series) DO UPDATE SET last = numbers.last + 1 RETURNING last"
}

raw! {
    /// Holds the row until the transaction ends. SQLite has one writer and needs no lock.
    struct Lock { id: DossierId => BigInt } -> BigInt;
    sqlite: "SELECT :id",
    postgres: "SELECT id FROM dossiers WHERE id = :id FOR UPDATE"
}

raw! {
    /// What a change of a dossier writes each time. A diesel update would be prepared anew each time.
    struct Advance<'a> {
        id: DossierId => BigInt,
        was_version: i64 => BigInt,
        status: Status => Text,
        status_before: Option<Status> => Nullable<Text>,
        status_kept: Option<Status> => Nullable<Text>,
        procedure_version_id: VersionId => BigInt,
        holder_id: AgencyId => BigInt,
        previous_holder_id: Option<AgencyId> => Nullable<BigInt>,
        assignee_id: Option<AccountId> => Nullable<BigInt>,
        slip_id: Option<i64> => Nullable<BigInt>,
        channel: Channel => Text,
        due_at: Option<Instant> => Nullable<InstantSql>,
        first_due_at: Option<Instant> => Nullable<InstantSql>,
        expected_due_at: Option<Instant> => Nullable<InstantSql>,
        returned_at: Option<Instant> => Nullable<InstantSql>,
        last_event_at: Instant => InstantSql,
        clock: &'a Option<Json<Deadline>> => Nullable<Text>,
        is_paused: bool => Bool,
        paused_in_time: bool => Bool,
        overdue_on: Option<NaiveDate> => Nullable<Date>,
        waiting_late_on: Option<NaiveDate> => Nullable<Date>,
        result: Option<ResultKind> => Nullable<Text>,
        outcome: Option<Outcome> => Nullable<Text>,
        marks: &'a Json<Vec<Mark>> => Text,
        proposal: &'a Option<Json<Proposal>> => Nullable<Text>,
        supplements: i32 => Integer,
        event_count: i64 => BigInt,
        head_hash: &'a Vec<u8> => Binary,
        version: i64 => BigInt,
    };
    both: "UPDATE dossiers SET status = :status, status_before = :status_before, status_kept = :status_kept,
             procedure_version_id = :procedure_version_id, holder_id = :holder_id,
             previous_holder_id = :previous_holder_id, assignee_id = :assignee_id, slip_id = :slip_id,
             channel = :channel, due_at = :due_at, first_due_at = :first_due_at,
             expected_due_at = :expected_due_at, returned_at = :returned_at,
             last_event_at = :last_event_at, clock = :clock, is_paused = :is_paused,
             paused_in_time = :paused_in_time, overdue_on = :overdue_on,
             waiting_late_on = :waiting_late_on, result = :result, outcome = :outcome, marks = :marks,
             proposal = :proposal, supplements = :supplements, event_count = :event_count,
             head_hash = :head_hash, version = :version
           WHERE id = :id AND version = :was_version"
}

impl<'a> Advance<'a> {
    fn of(was_version: i64, after: &'a Dossier) -> Self {
        Self {
            id: after.id,
            was_version,
            status: after.status,
            status_before: after.status_before,
            status_kept: after.status_kept,
            procedure_version_id: after.procedure_version_id,
            holder_id: after.holder_id,
            previous_holder_id: after.previous_holder_id,
            assignee_id: after.assignee_id,
            slip_id: after.slip_id,
            channel: after.channel,
            due_at: after.due_at,
            first_due_at: after.first_due_at,
            expected_due_at: after.expected_due_at,
            returned_at: after.returned_at,
            last_event_at: after.last_event_at,
            clock: &after.clock,
            is_paused: after.is_paused,
            paused_in_time: after.paused_in_time,
            overdue_on: after.overdue_on,
            waiting_late_on: after.waiting_late_on,
            result: after.result,
            outcome: after.outcome,
            marks: &after.marks,
            proposal: &after.proposal,
            supplements: after.supplements,
            event_count: after.event_count,
            head_hash: &after.head_hash,
            version: after.version,
        }
    }
}

raw! {
    /// The dates that the indexes of open deadlines and of waiting submissions are made of.
    struct SetDates {
        id: DossierId => BigInt,
        accept_due_at: Option<Instant> => Nullable<InstantSql>,
        judged_due_at: Option<Instant> => Nullable<InstantSql>,
        finished_at: Option<Instant> => Nullable<InstantSql>,
    };
    both: "UPDATE dossiers SET accept_due_at = :accept_due_at, judged_due_at = :judged_due_at,
             finished_at = :finished_at
           WHERE id = :id"
}

/// The dossier with this key, for a change: whoever comes second waits, and reads what the first has made of it.
///
/// # Errors
/// [`db::Error::NotFound`].
pub fn get_for_change(conn: &mut Conn, id: DossierId) -> Result<Dossier, db::Error> {
    Lock { id }.get_result::<DossierId>(conn)?;
    get(conn, id)
}

/// The next number of `series` (`dossier`, `submission`, `slip`, `manifest`) for this agency and day: no gaps and no doubles
/// among what is committed.
///
/// # Errors
/// Those of the database.
pub fn next_number(
    conn: &mut Conn,
    agency_id: AgencyId,
    day: NaiveDate,
    series: &str,
) -> Result<i64, db::Error> {
    Ok(NextNumber { agency_id, day, series }.get_result(conn)?)
}

/// The code of a dossier that is received: `<agency code>-YYMMDD-NNNN`, by the local day of reception.
///
/// # Errors
/// Those of the database.
pub fn next_code(conn: &mut Conn, world: &World, row: &NewDossier, at: At) -> Result<String, Problem> {
    let day = row.received_at.unwrap_or(at.occurred).local_day();
    let number = next_number(conn, row.agency_id, day, "dossier")?;
    let agency = world.catalogue.tree.agency(row.agency_id)?;
    Ok(format!("{}-{}-{number:04}", agency.code, day.format("%y%m%d")))
}

/// The reference of a submission: `<agency code>-T-YYMMDD-NNNN`.
///
/// # Errors
/// Those of the database.
pub fn next_reference(conn: &mut Conn, world: &World, row: &NewDossier, at: At) -> Result<String, Problem> {
    let day = at.occurred.local_day();
    let number = next_number(conn, row.agency_id, day, "submission")?;
    let agency = world.catalogue.tree.agency(row.agency_id)?;
    Ok(format!("{}-T-{}-{number:04}", agency.code, day.format("%y%m%d")))
}

/// Writes a new dossier with its first event; gives both keys.
///
/// # Errors
/// Those of the database.
pub(super) fn insert_dossier(
    conn: &mut Conn,
    secrets: &Secrets,
    row: &mut NewDossier,
    actor: &Actor,
    entry: &Entry,
) -> Result<(DossierId, i64), db::Error> {
    let line = events::next_line(secrets, row, actor, entry);
    let id: DossierId = on_engine!(conn, native => {
        diesel::insert_into(dossiers::table).values(&*row).returning(dossiers::id).get_result(native)
    })?;
    Ok((id, events::write(conn, id, &line)?))
}

/// Writes what changed, if nobody else changed the dossier since `before` was read.
///
/// What changes seldom is written only then: content, names and codes are long, and SQLite would write the entry of every
/// index whose columns are named, changed or not.
///
/// # Errors
/// `stale_version` when somebody did.
pub(super) fn update_dossier(conn: &mut Conn, before: &Dossier, after: &Dossier) -> Result<(), Problem> {
    if Advance::of(before.version, after).execute(conn).map_err(db::Error::from)? != 1 {
        return Err(Problem::new(Code::StaleVersion));
    }
    if before.judged_due_at != after.judged_due_at
        || before.finished_at != after.finished_at
        || before.accept_due_at != after.accept_due_at
    {
        let Dossier { id, row: NewDossier { accept_due_at, judged_due_at, finished_at, .. } } = *after;
        SetDates { id, accept_due_at, judged_due_at, finished_at }.execute(conn).map_err(db::Error::from)?;
    }
    if before.code != after.code
        || before.content != after.content
        || before.procedure_id != after.procedure_id
    {
        diesel::update(dossiers::table.find(after.id))
            .set((
                dossiers::code.eq(&after.code),
                dossiers::received_at.eq(after.received_at),
                dossiers::rule_set.eq(after.rule_set),
                dossiers::procedure_id.eq(after.procedure_id),
                dossiers::content.eq(&after.content),
                dossiers::search_name.eq(&after.search_name),
                dossiers::identity_hash.eq(&after.identity_hash),
                dossiers::phone_hash.eq(&after.phone_hash),
            ))
            .execute(conn)
            .map_err(db::Error::from)?;
    }
    Ok(())
}

/// The dossier with this key.
///
/// # Errors
/// [`db::Error::NotFound`].
pub fn get(conn: &mut Conn, id: DossierId) -> Result<Dossier, db::Error> {
    let found = dossiers::table.find(id);
    Ok(on_engine!(conn, native => found.select(Dossier::as_select()).get_result(native))?)
}

/// The dossier with this code, reference or id, whoever asks: only for callers that then ask for the view.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, address: &str) -> Result<Option<Dossier>, db::Error> {
    // Each form has its own unique index; one OR over three columns would have none on either engine.
    macro_rules! first {
        ($condition:expr) => {{
            let found = dossiers::table.filter($condition);
            on_engine!(conn, native => found.select(Dossier::as_select()).first(native).optional())?
        }};
    }
    if let Ok(id) = address.parse::<PublicId>() {
        return Ok(first!(dossiers::public_id.eq(id)));
    }
    Ok(match first!(dossiers::code.eq(address)) {
        None => first!(dossiers::reference.eq(address)),
        found => found,
    })
}

/// What the views of these dossiers depend on, for the log of who read them.
///
/// # Errors
/// Those of the database.
pub fn columns(conn: &mut Conn, ids: &[DossierId]) -> Result<Vec<Columns>, db::Error> {
    Ok(dossiers::table.filter(dossiers::id.eq_any(ids)).select(Columns::as_select()).load(conn)?)
}

/// Code, reference or id of each of these dossiers, for lists of what a caller sees that name them.
///
/// # Errors
/// Those of the database.
pub fn addresses(conn: &mut Conn, ids: Vec<DossierId>) -> Result<HashMap<DossierId, String>, db::Error> {
    type Names = (DossierId, Option<String>, Option<String>, String);
    let rows: Vec<Names> = dossiers::table
        .filter(dossiers::id.eq_any(ids))
        .select((dossiers::id, dossiers::code, dossiers::reference, dossiers::public_id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, code, reference, public)| (id, code.or(reference).unwrap_or(public)))
        .collect())
}
