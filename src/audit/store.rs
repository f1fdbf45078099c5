//! SQL of the audit.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};

use super::rules::Anchor;
use crate::access::{CallerKind, Operation, Reach, SealedReason, View, visible_dossiers};
use crate::agencies::AgencyId;
use crate::db::dialect::{portable, raw};
use crate::db::schema::{agency_closure, anchor_heads, anchors, dossiers, events, readings};
use crate::db::{Conn, Cursor, Error, Instant, Limit, MultiBackend, Page, page_by_id};
use crate::dossiers::{DossierId, Status};
use crate::http::Problem;

/// The head of a history as an anchor knows it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = anchor_heads)]
pub(super) struct HeadRow {
    pub(super) dossier_id: DossierId,
    /// How many events it had.
    pub(super) seq: i64,
    /// The hash of the last one.
    pub(super) hash: Vec<u8>,
}

raw! {
    /// Notes the heads of all histories that went on since an event and stand under no anchor.
    struct InsertHeads { day: NaiveDate => Date, after: i64 => BigInt };
    both: "INSERT INTO anchor_heads (dossier_id, seq, day, hash)
           SELECT head.dossier_id, head.seq, :day, head.hash FROM events AS head
           WHERE head.id > :after
             AND NOT EXISTS (SELECT 1 FROM events AS later
                             WHERE later.dossier_id = head.dossier_id AND later.seq > head.seq)
             AND NOT EXISTS (SELECT 1 FROM anchor_heads AS known
                             WHERE known.dossier_id = head.dossier_id AND known.seq = head.seq)"
}

/// Begins the anchor of a day; false if it is there already.
pub(super) fn insert_anchor(
    conn: &mut Conn,
    day: NaiveDate,
    made_at: Instant,
    last_event_id: i64,
) -> Result<bool, Error> {
    let row = (
        anchors::day.eq(day),
        anchors::made_at.eq(made_at),
        anchors::last_event_id.eq(last_event_id),
        anchors::heads.eq(0_i64),
        anchors::heads_digest.eq(Vec::new()),
        anchors::hash.eq(Vec::new()),
    );
    let rows =
        portable(diesel::insert_into(anchors::table).values(row).on_conflict(anchors::day).do_nothing())
            .execute(conn)?;
    Ok(rows == 1)
}

/// Notes the heads that an anchor is over: those that changed after an event.
pub(super) fn insert_heads(conn: &mut Conn, day: NaiveDate, after: i64) -> Result<(), Error> {
    InsertHeads { day, after }.execute(conn)?;
    Ok(())
}

/// Completes an anchor.
pub(super) fn finish_anchor(conn: &mut Conn, anchor: &Anchor) -> Result<(), Error> {
    diesel::update(anchors::table.find(anchor.day))
        .set((
            anchors::heads.eq(anchor.heads),
            anchors::heads_digest.eq(&anchor.heads_digest),
            anchors::hash.eq(&anchor.hash),
        ))
        .execute(conn)?;
    Ok(())
}

/// Key of the last event that there is.
pub(super) fn last_event(conn: &mut Conn) -> Result<i64, Error> {
    let last: Option<i64> = events::table.select(diesel::dsl::max(events::id)).get_result(conn)?;
    Ok(last.unwrap_or(0))
}

type AnchorRow = (NaiveDate, Instant, i64, i64, Vec<u8>, Vec<u8>);

fn anchor((day, made_at, last_event_id, heads, heads_digest, hash): AnchorRow) -> Anchor {
    Anchor { day, made_at, last_event_id, heads, heads_digest, hash }
}

/// All anchors, the oldest first: one a day.
pub(super) fn all_anchors(conn: &mut Conn) -> Result<Vec<Anchor>, Error> {
    let rows: Vec<AnchorRow> = anchors::table.order(anchors::day).load(conn)?;
    Ok(rows.into_iter().map(anchor).collect())
}

/// The latest anchors, the newest first.
pub(super) fn latest_anchors(conn: &mut Conn, most: i64) -> Result<Vec<Anchor>, Error> {
    let rows: Vec<AnchorRow> = anchors::table.order(anchors::day.desc()).limit(most).load(conn)?;
    Ok(rows.into_iter().map(anchor).collect())
}

/// How many heads are read at once.
const HEADS_AT_ONCE: i64 = 10_000;

/// Walks over the heads of an anchor, by dossier.
pub(super) fn each_head(
    conn: &mut Conn,
    day: NaiveDate,
    mut look: impl FnMut(&HeadRow),
) -> Result<i64, Error> {
    let (mut count, mut after) = (0, DossierId::MIN);
    loop {
        let rows: Vec<HeadRow> = anchor_heads::table
            .filter(anchor_heads::day.eq(day).and(anchor_heads::dossier_id.gt(after)))
            .order(anchor_heads::dossier_id)
            .limit(HEADS_AT_ONCE)
            .select(HeadRow::as_select())
            .load(conn)?;
        let Some(last) = rows.last() else { return Ok(count) };
        after = last.dossier_id;
        rows.iter().for_each(&mut look);
        count += i64::try_from(rows.len()).unwrap_or(0);
    }
}

/// The anchored heads of some dossiers.
pub(super) fn heads_of(conn: &mut Conn, ids: &[DossierId]) -> Result<Vec<HeadRow>, Error> {
    let rows = anchor_heads::table
        .filter(anchor_heads::dossier_id.eq_any(ids))
        .order((anchor_heads::dossier_id, anchor_heads::seq))
        .select(HeadRow::as_select())
        .load(conn)?;
    Ok(rows)
}

/// Anchored heads whose event is not there, or is another one: day, dossier, number of the event.
pub(super) fn lost_heads(conn: &mut Conn, most: i64) -> Result<Vec<(NaiveDate, DossierId, i64)>, Error> {
    let same = events::dossier_id
        .eq(anchor_heads::dossier_id)
        .and(events::seq.eq(anchor_heads::seq))
        .and(events::hash.eq(anchor_heads::hash));
    Ok(anchor_heads::table
        .left_join(events::table.on(same))
        .filter(events::id.nullable().is_null())
        .order((anchor_heads::day, anchor_heads::dossier_id))
        .limit(most)
        .select((anchor_heads::day, anchor_heads::dossier_id, anchor_heads::seq))
        .load(conn)?)
}

/// What is looked at of a dossier.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = dossiers, check_for_backend(MultiBackend))]
pub(super) struct Inspected {
    pub(super) id: DossierId,
    pub(super) public_id: String,
    pub(super) code: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) status: Status,
    pub(super) head_hash: Vec<u8>,
    pub(super) event_count: i64,
}

impl Inspected {
    /// How people know it.
    pub(super) fn address(&self) -> &str {
        self.code.as_deref().or(self.reference.as_deref()).unwrap_or(&self.public_id)
    }
}

/// Which dossiers are inspected.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Which {
    /// Only this one.
    pub(super) dossier: Option<DossierId>,
    /// Only what this agency and those below it received.
    pub(super) agency: Option<AgencyId>,
    /// Only those with keys after this one.
    pub(super) after: Option<DossierId>,
}

/// The next dossiers that the caller sees at all, by their keys.
pub(super) fn inspected(
    conn: &mut Conn,
    reach: &Reach,
    which: Which,
    most: i64,
) -> Result<Vec<Inspected>, Error> {
    let mut query = visible_dossiers(reach, View::Row).order(dossiers::id).limit(most);
    if let Some(after) = which.after {
        query = query.filter(dossiers::id.gt(after));
    }
    if let Some(dossier) = which.dossier {
        query = query.filter(dossiers::id.eq(dossier));
    }
    if let Some(agency) = which.agency {
        query = query.filter(dossiers::agency_id.eq_any(subtree(agency)));
    }
    Ok(query.select(Inspected::as_select()).load(conn)?)
}

type Subtree = diesel::dsl::Select<
    diesel::dsl::Filter<agency_closure::table, diesel::dsl::Eq<agency_closure::ancestor_id, AgencyId>>,
    agency_closure::descendant_id,
>;

fn subtree(agency: AgencyId) -> Subtree {
    agency_closure::table.filter(agency_closure::ancestor_id.eq(agency)).select(agency_closure::descendant_id)
}

/// A line of the reading log.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = readings, check_for_backend(MultiBackend))]
pub(super) struct ReadingRow {
    pub(super) id: i64,
    pub(super) at: Instant,
    pub(super) dossier_id: DossierId,
    pub(super) caller_kind: CallerKind,
    pub(super) caller_id: i64,
    pub(super) agency_id: AgencyId,
    pub(super) operation: Operation,
    pub(super) reason: Option<SealedReason>,
}

/// Which readings are wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadingFilter {
    /// Of this dossier.
    pub(super) dossier: Option<DossierId>,
    /// By this account or client.
    pub(super) caller: Option<(CallerKind, i64)>,
    /// By callers of this agency and those below it.
    pub(super) agency: Option<AgencyId>,
    pub(super) operation: Option<Operation>,
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
}

/// A page of the readings of what `auditor` and the agencies below it received, the newest first. This is the row view of an
/// inspector, said once more because the log is what leads here, not the dossiers.
pub(super) fn readings(
    conn: &mut Conn,
    auditor: AgencyId,
    filter: &ReadingFilter,
    (cursor, limit, count): (Option<&Cursor>, Limit, bool),
) -> Result<Page<ReadingRow>, Problem> {
    let wanted = || {
        let mut query = readings::table
            .inner_join(dossiers::table.on(dossiers::id.eq(readings::dossier_id)))
            .filter(dossiers::agency_id.eq_any(subtree(auditor)))
            .into_boxed();
        if let Some(dossier) = filter.dossier {
            query = query.filter(readings::dossier_id.eq(dossier));
        }
        if let Some((kind, id)) = filter.caller {
            query = query.filter(readings::caller_kind.eq(kind).and(readings::caller_id.eq(id)));
        }
        if let Some(agency) = filter.agency {
            query = query.filter(readings::agency_id.eq_any(subtree(agency)));
        }
        if let Some(operation) = filter.operation {
            query = query.filter(readings::operation.eq(operation));
        }
        if let Some(from) = filter.from {
            query = query.filter(readings::at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(readings::at.lt(to));
        }
        query
    };
    page_by_id!(conn, readings => ReadingRow, desc, wanted, (cursor, limit, count))
}
