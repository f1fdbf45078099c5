//! The histories and readings that an inspector asks for.

use super::rules::broken;
use super::store::{self, HeadRow, Inspected, ReadingFilter, Which};
use super::views::{
    self, AnchorView, AnchorsView, BreakView, ListReadings, ReadingView, VerifyQuery, VerifyReport,
};
use crate::World;
use crate::access::{CallerKind, Identity, accounts};
use crate::agencies::AgencyId;
use crate::db::{Conn, Cursor, Error, Instant, Page};
use crate::dossiers::{
    self, Break, ChainFault, DossierId, Head, Of, Recorded, breaks, histories, private_digests,
};
use crate::http::{Code, Faults, Language, PageRequest, Problem};

/// A page of the readings of what the caller's agency and those below it received.
///
/// # Errors
/// 404 for a dossier that he does not see, 422 for names that nobody has and for foreign cursors.
pub(super) fn list_readings(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    wanted: &ListReadings,
    page: &PageRequest,
) -> Result<Page<ReadingView>, Problem> {
    let filter = filter(conn, world, caller, wanted)?;
    let asked = (page.cursor.as_ref(), page.limit, page.count);
    let Page { items, next_cursor, total } = store::readings(conn, caller.agency_id, &filter, asked)?;
    Ok(Page { items: views::readings(conn, world, items)?, next_cursor, total })
}

fn filter(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    wanted: &ListReadings,
) -> Result<ReadingFilter, Problem> {
    let mut faults = Faults::default();
    let mut caller_of = |kind, parameter: &str, name: &Option<String>| -> Result<_, Problem> {
        let Some(name) = name else { return Ok(None) };
        let id = accounts::find_id(conn, kind, name)?;
        if id.is_none() {
            faults.note(format!("/query/{parameter}"), Code::InvalidValue);
        }
        Ok(id.map(|id| (kind, id)))
    };
    let account = caller_of(CallerKind::Account, "account", &wanted.account)?;
    let client = caller_of(CallerKind::Client, "client", &wanted.client)?;
    if wanted.account.is_some() && wanted.client.is_some() {
        faults.note("/query/client", Code::InvalidValue);
    }
    let agency = wanted.agency.as_deref().and_then(|code| agency(world, code, &mut faults));
    faults.into_query_result()?;
    Ok(ReadingFilter {
        dossier: find(conn, world, caller, wanted.dossier.as_deref())?,
        caller: account.or(client),
        agency,
        operation: wanted.operation,
        from: wanted.from.map(Instant::start_of),
        to: wanted.to.map(Instant::start_of),
    })
}

fn agency(world: &World, code: &str, faults: &mut Faults) -> Option<AgencyId> {
    let agency = world.catalogue.tree.by_code(code).map(|agency| agency.id);
    if agency.is_none() {
        faults.note("/query/agency", Code::UnknownAgency);
    }
    agency
}

fn find(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    address: Option<&str>,
) -> Result<Option<DossierId>, Problem> {
    address.map(|address| Ok(dossiers::find_visible(conn, world, caller, address)?.0.id)).transpose()
}

/// The order of cursors.
const ORDER: &str = "id";

/// Verifies the histories of some of the dossiers that the caller sees.
///
/// # Errors
/// 404 for a dossier that he does not see, 403 for an agency beyond his, 422 for one that there is not and for foreign
/// cursors. What breaks is no error.
pub(super) fn verify(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    query: &VerifyQuery,
    language: Language,
) -> Result<VerifyReport, Problem> {
    let mut faults = Faults::default();
    let agency = query.agency.as_deref().and_then(|code| agency(world, code, &mut faults));
    faults.into_query_result()?;
    if agency.is_some_and(|agency| !world.catalogue.tree.is_within(agency, caller.agency_id)) {
        return Err(Problem::new(Code::AgencyOutOfReach));
    }
    let which = Which {
        dossier: find(conn, world, caller, query.dossier.as_deref())?,
        agency,
        after: query.cursor.as_ref().map(|cursor| cursor.key(ORDER)).transpose()?,
    };
    let limit = query.limit.unwrap_or_default().get();
    let mut rows = store::inspected(conn, &world.reach(caller), which, limit + 1)?;
    let is_more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if is_more {
        rows.pop();
    }
    let next_cursor = match rows.last() {
        Some(last) if is_more => Some(Cursor::after(ORDER, &last.id)?),
        _ => None,
    };
    let (events, items) = inspect(conn, world, &rows, language)?;
    Ok(VerifyReport { dossiers: rows.len(), events, anchors: anchors(conn, world)?, items, next_cursor })
}

/// How many events the dossiers have, and where their histories break.
fn inspect(
    conn: &mut Conn,
    world: &World,
    rows: &[Inspected],
    language: Language,
) -> Result<(usize, Vec<BreakView>), Problem> {
    let ids: Vec<DossierId> = rows.iter().map(|row| row.id).collect();
    let histories = histories(conn, Of::These(&ids))?;
    let digests = private_digests(conn, &world.vault, Of::These(&ids))?;
    let anchored = store::heads_of(conn, &ids)?;
    let mut items = Vec::new();
    for row in rows {
        let history = histories.get(&row.id).map_or(&[][..], Vec::as_slice);
        let head = Head {
            public_id: &row.public_id,
            status: row.status,
            hash: &row.head_hash,
            event_count: row.event_count,
        };
        let mut found = breaks(&world.secrets, head, history, &digests);
        found.extend(lost(row.id, history, &anchored));
        items.extend(found.into_iter().map(|Break { seq, fault }| BreakView {
            dossier: row.address().to_owned(),
            seq,
            fault,
            detail: fault.words().in_language(language).to_owned(),
        }));
    }
    Ok((histories.values().map(Vec::len).sum(), items))
}

/// The events of a dossier that an anchor knows and that are not in its history.
fn lost(dossier: DossierId, history: &[Recorded], anchored: &[HeadRow]) -> impl Iterator<Item = Break> {
    let is_there =
        |head: &HeadRow| history.iter().any(|event| event.seq == head.seq && event.hash == head.hash);
    let from = anchored.partition_point(|head| head.dossier_id < dossier);
    anchored[from..]
        .iter()
        .take_while(move |head| head.dossier_id == dossier)
        .filter(move |head| !is_there(head))
        .map(|head| Break { seq: Some(head.seq), fault: ChainFault::AnchoredEventDiffers })
}

fn anchors(conn: &mut Conn, world: &World) -> Result<AnchorsView, Error> {
    let all = store::all_anchors(conn)?;
    Ok(AnchorsView {
        count: all.len(),
        broken: broken(&world.secrets, &all),
        latest: all.last().map(AnchorView::from),
    })
}
