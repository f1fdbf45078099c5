//! SQL on dossiers and numbers. Every function takes the connection and opens no transaction.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text};

use super::events::{self, Entry};
use super::{Actor, At, Dossier, DossierId, NewDossier, Secrets};
use crate::World;
use crate::agencies::AgencyId;
use crate::db::dialect::raw;
use crate::db::schema::dossiers;
use crate::db::{self, Conn};
use crate::http::{Code, Problem};

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
    let id: DossierId =
        diesel::insert_into(dossiers::table).values(&*row).returning(dossiers::id).get_result(conn)?;
    Ok((id, events::write(conn, id, &line)?))
}

/// Writes what changed, if nobody else changed the dossier since `before` was read.
///
/// Columns that never change after intake are left out, and so are code, content and reception where they stayed: their
/// indexes need not be touched.
///
/// # Errors
/// `stale_version` when somebody did.
pub(super) fn update_dossier(conn: &mut Conn, before: &Dossier, after: &Dossier) -> Result<(), Problem> {
    let is_new_code = before.code != after.code;
    let is_new_content = before.content != after.content;
    let written = diesel::update(dossiers::table)
        .filter(dossiers::id.eq(after.id).and(dossiers::version.eq(before.version)))
        .set((
            (
                is_new_code.then(|| dossiers::code.eq(&after.code)),
                is_new_code.then(|| dossiers::received_at.eq(after.received_at)),
                is_new_code.then(|| dossiers::rule_set.eq(after.rule_set)),
                is_new_content.then(|| dossiers::content.eq(&after.content)),
                is_new_content.then(|| dossiers::search_name.eq(&after.search_name)),
                is_new_content.then(|| dossiers::identity_hash.eq(&after.identity_hash)),
                is_new_content.then(|| dossiers::phone_hash.eq(&after.phone_hash)),
                (before.procedure_id != after.procedure_id)
                    .then(|| dossiers::procedure_id.eq(after.procedure_id)),
                (before.holder_id != after.holder_id).then(|| dossiers::holder_id.eq(after.holder_id)),
                (before.slip_id != after.slip_id).then(|| dossiers::slip_id.eq(after.slip_id)),
                (before.accept_due_at != after.accept_due_at)
                    .then(|| dossiers::accept_due_at.eq(after.accept_due_at)),
                (before.judged_due_at != after.judged_due_at)
                    .then(|| dossiers::judged_due_at.eq(after.judged_due_at)),
                (before.finished_at != after.finished_at)
                    .then(|| dossiers::finished_at.eq(after.finished_at)),
            ),
            dossiers::status.eq(after.status),
            dossiers::status_before.eq(after.status_before),
            dossiers::status_kept.eq(after.status_kept),
            dossiers::procedure_version_id.eq(after.procedure_version_id),
            dossiers::previous_holder_id.eq(after.previous_holder_id),
            dossiers::assignee_id.eq(after.assignee_id),
            dossiers::channel.eq(after.channel),
            dossiers::due_at.eq(after.due_at),
            dossiers::first_due_at.eq(after.first_due_at),
            dossiers::expected_due_at.eq(after.expected_due_at),
            dossiers::returned_at.eq(after.returned_at),
            dossiers::last_event_at.eq(after.last_event_at),
            dossiers::clock.eq(&after.clock),
            dossiers::is_paused.eq(after.is_paused),
            dossiers::paused_in_time.eq(after.paused_in_time),
            dossiers::overdue_on.eq(after.overdue_on),
            dossiers::waiting_late_on.eq(after.waiting_late_on),
            dossiers::result.eq(after.result),
            dossiers::outcome.eq(after.outcome),
            dossiers::marks.eq(&after.marks),
            dossiers::proposal.eq(&after.proposal),
            dossiers::supplements.eq(after.supplements),
            dossiers::event_count.eq(after.event_count),
            dossiers::head_hash.eq(&after.head_hash),
            dossiers::version.eq(after.version),
        ))
        .execute(conn)
        .map_err(db::Error::from)?;
    if written == 1 { Ok(()) } else { Err(Problem::new(Code::StaleVersion)) }
}

/// The dossier with this key.
///
/// # Errors
/// [`db::Error::NotFound`].
pub fn get(conn: &mut Conn, id: DossierId) -> Result<Dossier, db::Error> {
    Ok(dossiers::table.find(id).select(Dossier::as_select()).get_result(conn)?)
}

/// The dossier with this code, reference or id, whoever asks: only for callers that then ask for the view.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut Conn, address: &str) -> Result<Option<Dossier>, db::Error> {
    // Each form has its own unique index; one OR over three columns would have none on either engine.
    let by_code = dossiers::table.filter(dossiers::code.eq(address)).select(Dossier::as_select());
    if let Some(found) = by_code.first(conn).optional()? {
        return Ok(Some(found));
    }
    let by_id = dossiers::table.filter(dossiers::public_id.eq(address)).select(Dossier::as_select());
    if let Some(found) = by_id.first(conn).optional()? {
        return Ok(Some(found));
    }
    let by_reference = dossiers::table.filter(dossiers::reference.eq(address)).select(Dossier::as_select());
    Ok(by_reference.first(conn).optional()?)
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
