//! The tables `transfers` and `transfer_lines`: slips (phiếu bàn giao) and their lines.
//!
//! Numbers are `<agency code>-BG-YYMMDD-NNNN` of the sending agency and the local day.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{LineState, SlipKind, SlipState};
use crate::World;
use crate::access::{AccountId, Identity, Role};
use crate::agencies::AgencyId;
use crate::calendar::rules as working_time;
use crate::db::dialect::{on_engine, raw};
use crate::db::schema::{agency_closure, transfer_lines, transfers};
use crate::db::{
    self, Conn, Cursor, Instant, InstantSql, Json, Limit, MultiBackend, Page, PublicId, page_by_id,
};
use crate::dossiers::{self, Actor, ActorKind, DossierId};
use crate::http::{Code, Problem};

/// A slip.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = transfers, check_for_backend(MultiBackend))]
pub struct Slip {
    pub id: i64,
    pub public_id: PublicId,
    pub number: String,
    pub kind: SlipKind,
    pub from_id: AgencyId,
    pub to_id: AgencyId,
    pub state: SlipState,
    pub note: Option<String>,
    pub sent_by: Option<AccountId>,
    pub sent_at: Instant,
    /// Until when the papers must be handed over.
    pub due_at: Option<Instant>,
    pub acknowledged_by: Option<AccountId>,
    pub acknowledged_at: Option<Instant>,
    pub version: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = transfers, treat_none_as_default_value = false)]
struct NewSlip<'a> {
    public_id: PublicId,
    number: String,
    kind: SlipKind,
    from_id: AgencyId,
    to_id: AgencyId,
    state: SlipState,
    note: Option<&'a str>,
    sent_by: Option<AccountId>,
    sent_at: Instant,
    due_at: Option<Instant>,
    version: i64,
}

/// A line of a slip: one dossier with its papers.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = transfer_lines, check_for_backend(MultiBackend))]
pub(super) struct LineRow {
    pub id: i64,
    pub transfer_id: i64,
    pub line: i32,
    pub dossier_id: DossierId,
    pub state: LineState,
    /// Codes of the papers that go with it.
    pub papers: Json<Vec<String>>,
    /// Codes of those that did not arrive.
    pub missing: Json<Vec<String>>,
    pub reason: Option<String>,
}

/// What goes onto a new slip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    pub kind: SlipKind,
    pub from: AgencyId,
    pub to: AgencyId,
    pub note: Option<&'a str>,
    pub at: Instant,
}

/// The account behind an actor; clients and the system have none.
pub(super) fn account_of(actor: &Actor) -> Option<AccountId> {
    actor.id().filter(|_| actor.kind == ActorKind::Account)
}

/// Makes a slip without lines.
///
/// # Errors
/// `calendar_missing` when nobody can say until when it must be handed over; those of the database.
pub(super) fn insert(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    sending: Sending<'_>,
) -> Result<Slip, Problem> {
    let Sending { kind, from, to, note, at } = sending;
    let day = at.local_day();
    let serial = dossiers::next_number(conn, from, day, "slip")?;
    let code = &world.catalogue.tree.agency(from)?.code;
    let calendar = world.catalogue.calendars.for_agency(from)?;
    let due_at = working_time::transfer_due(&calendar, at.into()).map_err(super::legs::missing)?;
    let row = NewSlip {
        public_id: PublicId::new(at),
        number: format!("{code}-BG-{}-{serial:04}", day.format("%y%m%d")),
        kind,
        from_id: from,
        to_id: to,
        state: SlipState::Sent,
        note,
        sent_by: account_of(actor),
        sent_at: at,
        due_at: Some(due_at.into()),
        version: 1,
    };
    let new = diesel::insert_into(transfers::table).values(&row).returning(transfers::id);
    let id: i64 = on_engine!(conn, native => new.get_result(native)).map_err(db::Error::from)?;
    Ok(get(conn, id)?)
}

raw! {
    /// The next line of a slip.
    struct AddLine {
        slip: i64 => BigInt,
        dossier: DossierId => BigInt,
        papers: Json<Vec<String>> => Text,
    };
    both: "INSERT INTO transfer_lines (transfer_id, line, dossier_id, state, papers, missing)
           SELECT :slip, COALESCE(MAX(line), 0) + 1, :dossier, 'sent', :papers, '[]'
           FROM transfer_lines WHERE transfer_id = :slip"
}

/// Adds a dossier to a slip.
pub(super) fn add_line(
    conn: &mut Conn,
    slip: i64,
    dossier: DossierId,
    papers: Vec<String>,
) -> Result<(), db::Error> {
    AddLine { slip, dossier, papers: Json(papers) }.execute(conn)?;
    Ok(())
}

/// The slip with this key.
pub(super) fn get(conn: &mut Conn, id: i64) -> Result<Slip, db::Error> {
    let slip = transfers::table.find(id);
    Ok(on_engine!(conn, native => slip.select(Slip::as_select()).get_result(native))?)
}

/// The slip that a dossier is on, while its line is not answered.
pub(super) fn open_for(conn: &mut Conn, slip: i64, dossier: DossierId) -> Result<Option<Slip>, db::Error> {
    let open = transfers::table
        .inner_join(transfer_lines::table.on(transfer_lines::transfer_id.eq(transfers::id)))
        .filter(transfers::id.eq(slip))
        .filter(transfer_lines::dossier_id.eq(dossier))
        .filter(transfer_lines::state.eq(LineState::Sent));
    Ok(on_engine!(conn, native => open.select(Slip::as_select()).first(native).optional())?)
}

/// A slip's lines in their order.
pub(super) fn lines(conn: &mut Conn, slip: i64) -> Result<Vec<LineRow>, db::Error> {
    Ok(transfer_lines::table
        .filter(transfer_lines::transfer_id.eq(slip))
        .order(transfer_lines::line)
        .select(LineRow::as_select())
        .load(conn)?)
}

/// What became of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub state: LineState,
    pub missing: &'a [String],
    pub reason: Option<&'a str>,
}

raw! {
    struct AnswerLine<'a> {
        slip: i64 => BigInt,
        dossier: DossierId => BigInt,
        state: LineState => Text,
        missing: Json<&'a [String]> => Text,
        reason: Option<&'a str> => Nullable<Text>,
    };
    both: "UPDATE transfer_lines SET state = :state, missing = :missing, reason = :reason
           WHERE transfer_id = :slip AND dossier_id = :dossier"
}

raw! {
    /// A slip is open while one of its lines is; with the last answer it is acknowledged, or recalled if all of it was.
    struct CloseSlip { slip: i64 => BigInt, by: Option<AccountId> => Nullable<BigInt>, at: Instant => InstantSql };
    both: "UPDATE transfers SET
             version = version + 1,
             state = CASE WHEN lines.open > 0 THEN state WHEN lines.kept = 0 THEN 'recalled' ELSE 'acknowledged' END,
             acknowledged_by = CASE WHEN lines.open = 0 AND lines.kept > 0 THEN :by ELSE acknowledged_by END,
             acknowledged_at = CASE WHEN lines.open = 0 AND lines.kept > 0 THEN :at ELSE acknowledged_at END
           FROM (SELECT SUM(CASE WHEN state = 'sent' THEN 1 ELSE 0 END) AS open,
                        SUM(CASE WHEN state = 'recalled' THEN 0 ELSE 1 END) AS kept
                 FROM transfer_lines WHERE transfer_id = :slip) AS lines
           WHERE transfers.id = :slip"
}

/// Writes what became of a dossier's line, and closes the slip when it was the last.
pub(super) fn answer(
    conn: &mut Conn,
    slip: i64,
    dossier: DossierId,
    answer: Answer<'_>,
    actor: &Actor,
    at: Instant,
) -> Result<(), db::Error> {
    let Answer { state, missing, reason } = answer;
    AnswerLine { slip, dossier, state, missing: Json(missing), reason }.execute(conn)?;
    CloseSlip { slip, by: account_of(actor), at }.execute(conn)?;
    Ok(())
}

/// Whose slips a caller sees: his own agency's; a leader and an inspector also those of all agencies below. The addressee
/// of a slip that was taken back whole never had anything to do with it.
fn sees_below(caller: &Identity) -> bool {
    caller.has(Role::Leader) || caller.has(Role::Inspector)
}

/// The slip with this id, if the caller stands for its sender or addressee.
///
/// # Errors
/// 404 when there is none or he must not know.
pub(super) fn find_visible(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    public_id: &str,
) -> Result<Slip, Problem> {
    let found: Option<Slip> = transfers::table
        .filter(transfers::public_id.eq(public_id))
        .select(Slip::as_select())
        .first(conn)
        .optional()
        .map_err(db::Error::from)?;
    let tree = &world.catalogue.tree;
    let mine = |agency: AgencyId| {
        agency == caller.agency_id || (sees_below(caller) && tree.is_within(agency, caller.agency_id))
    };
    let sees = |slip: &Slip| mine(slip.from_id) || (slip.state != SlipState::Recalled && mine(slip.to_id));
    found.filter(sees).ok_or_else(|| Problem::new(Code::NotFound))
}

/// What a list of slips can be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SlipFilter {
    pub from: Option<AgencyId>,
    pub to: Option<AgencyId>,
    pub state: Option<SlipState>,
    pub kind: Option<SlipKind>,
    pub sent_from: Option<NaiveDate>,
    pub sent_to: Option<NaiveDate>,
}

/// A page of the slips that the caller sees, the newest first.
///
/// # Errors
/// A cursor of another list; those of the database.
pub(super) fn list(
    conn: &mut Conn,
    caller: &Identity,
    filter: &SlipFilter,
    cursor: Option<&Cursor>,
    limit: Limit,
    count: bool,
) -> Result<Page<Slip>, Problem> {
    let below = sees_below(caller);
    let mine = caller.agency_id;
    let wanted = || {
        let mut query = transfers::table.into_boxed();
        query = if below {
            let subtree = || {
                agency_closure::table
                    .filter(agency_closure::ancestor_id.eq(mine))
                    .select(agency_closure::descendant_id)
            };
            let arrived = transfers::to_id.eq_any(subtree()).and(transfers::state.ne(SlipState::Recalled));
            query.filter(transfers::from_id.eq_any(subtree()).or(arrived))
        } else {
            let arrived = transfers::to_id.eq(mine).and(transfers::state.ne(SlipState::Recalled));
            query.filter(transfers::from_id.eq(mine).or(arrived))
        };
        if let Some(from) = filter.from {
            query = query.filter(transfers::from_id.eq(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(transfers::to_id.eq(to));
        }
        if let Some(state) = filter.state {
            query = query.filter(transfers::state.eq(state));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(transfers::kind.eq(kind));
        }
        if let Some(day) = filter.sent_from {
            query = query.filter(transfers::sent_at.ge(Instant::from(working_time::at(day, 0))));
        }
        if let Some(day) = filter.sent_to {
            query = query.filter(transfers::sent_at.lt(Instant::from(working_time::at(day, 0))));
        }
        query
    };
    page_by_id!(conn, transfers => Slip, desc, wanted, (cursor, limit, count))
}

/// How many dossiers each of these slips has.
pub(super) fn sizes(conn: &mut Conn, slips: Vec<i64>) -> Result<HashMap<i64, i64>, db::Error> {
    let counted = transfer_lines::table
        .filter(transfer_lines::transfer_id.eq_any(slips))
        .group_by(transfer_lines::transfer_id)
        .select((transfer_lines::transfer_id, diesel::dsl::count_star()));
    let counted: Vec<(i64, i64)> = counted.load(conn)?;
    Ok(counted.into_iter().collect())
}
