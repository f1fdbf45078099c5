//! Lists of dossiers: a query that begins, like every query on dossiers, with what the caller may see.

mod conditions;
mod filter;
mod legs;
mod past;
mod posted;

use diesel::prelude::*;

use super::Dossier;
use crate::World;
use crate::access::{Columns, Identity, View, views, visible_dossiers};
use crate::db::schema::dossiers;
use crate::db::{self, Conn, Cursor, Instant, Limit, Page, keyset};
use crate::http::{Code, Problem};

use conditions::Wanted;
pub use filter::{DossierFilter, SearchDossiers, Sort};

/// One page's worth of a list.
pub struct Listing {
    pub limit: Limit,
    pub cursor: Option<Cursor>,
    pub count: bool,
}

/// A page of dossiers, each with the caller's view.
///
/// # Errors
/// 422 for names that nothing has and for foreign cursors, 403 for filters by what the caller never sees.
pub fn list(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    search: &SearchDossiers,
    listing: &Listing,
) -> Result<Page<(Dossier, View)>, Problem> {
    let reach = world.reach(caller);
    let filter = &search.filter;
    let numbers = search.numbers.identity_number.is_some() || search.numbers.phone.is_some();
    // Who sees a member masked must not learn it by searching.
    let at_least = match (numbers, filter.q.is_some()) {
        (true, _) => View::Full,
        (false, true) => View::Masked,
        (false, false) => View::Row,
    };
    if !reach.allows(at_least) {
        return Err(Problem::new(Code::FilterNotAllowed));
    }
    let wanted = Wanted::parse(world, caller, search)?;
    let total = if listing.count {
        let mut query = visible_dossiers(&reach, at_least);
        for condition in wanted.conditions(world, &reach) {
            query = query.filter(condition);
        }
        Some(query.count().get_result::<i64>(conn).map_err(db::Error::from)?)
    } else {
        None
    };
    let mut query = visible_dossiers(&reach, at_least);
    for condition in wanted.conditions(world, &reach) {
        query = query.filter(condition);
    }
    let sort = filter.sort.unwrap_or(Sort::Newest);
    let bad_cursor = |_| Problem::new(Code::CursorInvalid);
    macro_rules! by_column {
        ($column:ident, $compare:ident, $order:ident) => {{
            query = query
                .filter(dossiers::$column.is_not_null())
                .order((dossiers::$column.assume_not_null().$order(), dossiers::id.$order()));
            if let Some(cursor) = &listing.cursor {
                let (at, id): (Instant, i64) = cursor.key(sort.as_str()).map_err(bad_cursor)?;
                query = query.filter(keyset!($compare; (dossiers::$column.assume_not_null(), at), (dossiers::id, id)));
            }
        }};
    }
    macro_rules! by_id {
        ($compare:ident, $order:ident) => {{
            query = query.order(dossiers::id.$order());
            if let Some(cursor) = &listing.cursor {
                let id: i64 = cursor.key(sort.as_str()).map_err(bad_cursor)?;
                query = query.filter(dossiers::id.$compare(id));
            }
        }};
    }
    match sort {
        Sort::Newest => by_id!(lt, desc),
        Sort::Oldest => by_id!(gt, asc),
        Sort::ReceivedAt => by_column!(received_at, gt, asc),
        Sort::ReceivedAtDescending => by_column!(received_at, lt, desc),
        Sort::DueAt => by_column!(judged_due_at, gt, asc),
        Sort::DueAtDescending => by_column!(judged_due_at, lt, desc),
        Sort::FinishedAt => by_column!(finished_at, gt, asc),
        Sort::FinishedAtDescending => by_column!(finished_at, lt, desc),
    }
    let rows: Vec<Dossier> =
        query.select(Dossier::as_select()).limit(listing.limit.rows()).load(conn).map_err(db::Error::from)?;
    let page = Page::of(rows, listing.limit, |dossier| cursor_after(sort, dossier))?;
    let columns: Vec<Columns> = page.items.iter().map(Columns::from).collect();
    let mut seen = views(conn, &reach, &world.catalogue.tree, &columns)?.into_iter();
    let mut page = page.map(|dossier| (dossier, seen.next().unwrap_or(View::None)));
    page.total = total;
    Ok(page)
}

fn cursor_after(sort: Sort, dossier: &Dossier) -> Result<Cursor, Problem> {
    let at = match sort {
        Sort::Newest | Sort::Oldest => return Ok(Cursor::after(sort.as_str(), &dossier.id)?),
        Sort::ReceivedAt | Sort::ReceivedAtDescending => dossier.received_at,
        Sort::DueAt | Sort::DueAtDescending => dossier.judged_due_at,
        Sort::FinishedAt | Sort::FinishedAtDescending => dossier.finished_at,
    };
    Ok(Cursor::after(sort.as_str(), &(at, dossier.id))?)
}
