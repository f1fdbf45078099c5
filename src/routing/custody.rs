//! The table `custody`: where every paper was, from when to when, and by which slip or manifest it came.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::papers::{self, Held, Keeper, Which};
use crate::World;
use crate::agencies::AgencyId;
use crate::db::dialect::{load_among, on_engine, raw};
use crate::db::schema::custody;
use crate::db::types::text_enum;
use crate::db::{self, Conn, Instant, InstantSql, Json, MultiBackend};
use crate::dossiers::{CustodyView, Dossier, DossierId, Party as PartyView};
use crate::http::Problem;

text_enum! {
    /// What sort of party has papers.
    pub(super) enum Party {
        Agency = "agency",
        PostOffice = "post_office",
        Citizen = "citizen",
    }
}

/// A line of custody.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = custody, check_for_backend(MultiBackend))]
pub(super) struct CustodyRow {
    pub id: i64,
    pub dossier_id: DossierId,
    pub papers: Option<Json<Vec<String>>>,
    pub party: Party,
    pub agency_id: Option<AgencyId>,
    pub from_at: Instant,
    pub until_at: Option<Instant>,
    pub slip: Option<String>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = custody, treat_none_as_default_value = false)]
struct NewCustody<'a> {
    dossier_id: DossierId,
    papers: Option<Json<Vec<String>>>,
    party: Party,
    agency_id: Option<AgencyId>,
    from_at: Instant,
    slip: Option<&'a str>,
}

raw! {
    /// A line of custody ends.
    struct End { id: i64 => BigInt, at: Instant => InstantSql };
    both: "UPDATE custody SET until_at = :at WHERE id = :id"
}

impl CustodyRow {
    fn keeper(&self) -> Keeper {
        match (self.party, self.agency_id) {
            (Party::Agency, Some(id)) => Keeper::Agency(id),
            (Party::PostOffice, Some(id)) => Keeper::PostOffice(id),
            // The table's check: whoever has no agency is the citizen.
            (Party::Citizen, _) | (_, None) => Keeper::Citizen,
        }
    }
}

fn columns(keeper: Keeper) -> (Party, Option<AgencyId>) {
    match keeper {
        Keeper::Agency(id) => (Party::Agency, Some(id)),
        Keeper::PostOffice(id) => (Party::PostOffice, Some(id)),
        Keeper::Citizen => (Party::Citizen, None),
    }
}

/// The first line of a dossier's custody.
///
/// # Errors
/// Those of the database.
pub(super) fn begin(
    conn: &mut Conn,
    dossier: DossierId,
    keeper: Keeper,
    at: Instant,
) -> Result<(), db::Error> {
    let (party, agency_id) = columns(keeper);
    let row = NewCustody { dossier_id: dossier, papers: None, party, agency_id, from_at: at, slip: None };
    on_engine!(conn, native => diesel::insert_into(custody::table).values(&row).execute(native))?;
    Ok(())
}

/// The lines that have not ended.
pub(super) fn open(conn: &mut Conn, dossier: DossierId) -> Result<Vec<Held>, db::Error> {
    let of_dossier = custody::table
        .filter(custody::dossier_id.eq(dossier))
        .filter(custody::until_at.is_null())
        .order(custody::id);
    let rows: Vec<CustodyRow> =
        on_engine!(conn, native => of_dossier.select(CustodyRow::as_select()).load(native))?;
    Ok(rows
        .into_iter()
        .map(|row| Held { id: row.id, keeper: row.keeper(), papers: row.papers.map(|papers| papers.0) })
        .collect())
}

/// Whether this party has the dossier's papers, those that lie apart left out.
///
/// # Errors
/// Those of the database.
pub fn has_papers(conn: &mut Conn, dossier: DossierId, keeper: Keeper) -> Result<bool, db::Error> {
    Ok(main_keeper(&open(conn, dossier)?) == Some(keeper))
}

/// Who has the papers, those that lie apart left out.
pub(super) fn main_keeper(open: &[Held]) -> Option<Keeper> {
    open.iter().find(|held| held.papers.is_none()).map(|held| held.keeper)
}

/// The codes of a dossier's papers that this party has.
///
/// # Errors
/// What the applicant brought does not open.
pub(super) fn papers_with(
    world: &World,
    dossier: &Dossier,
    open: &[Held],
    keeper: Keeper,
) -> Result<Vec<String>, Problem> {
    let rest = main_keeper(open) == Some(keeper);
    let apart = |code: &str| open.iter().find(|held| held.papers.iter().flatten().any(|other| other == code));
    let mut codes = component_codes(world, dossier)?;
    codes.retain(|code| apart(code).map_or(rest, |held| held.keeper == keeper));
    Ok(codes)
}

/// The codes of a dossier's papers.
///
/// # Errors
/// What the applicant brought does not open.
pub(super) fn component_codes(world: &World, dossier: &Dossier) -> Result<Vec<String>, Problem> {
    let brought = dossier.open_content(&world.vault)?.components;
    Ok(brought.into_iter().map(|component| component.code).collect())
}

/// `from` gives what it has (`None`: whoever has it) to `to`, by the slip or manifest of this number.
///
/// # Errors
/// Those of the database.
pub fn hand_over(
    conn: &mut Conn,
    world: &World,
    dossier: &Dossier,
    (from, to): (Option<Keeper>, Keeper),
    which: Which<'_>,
    slip: Option<&str>,
    at: Instant,
) -> Result<(), Problem> {
    let open = open(conn, dossier.id)?;
    let moves = papers::hand_over(&open, &component_codes(world, dossier)?, from, to, which);
    for id in moves.ended {
        End { id, at }.execute(conn).map_err(db::Error::from)?;
    }
    let rows: Vec<_> = moves
        .begun
        .into_iter()
        .map(|(papers, keeper)| {
            let (party, agency_id) = columns(keeper);
            let slip = slip.filter(|_| keeper == to);
            NewCustody {
                dossier_id: dossier.id,
                papers: papers.map(Json),
                party,
                agency_id,
                from_at: at,
                slip,
            }
        })
        .collect();
    if !rows.is_empty() {
        on_engine!(conn, native => diesel::insert_into(custody::table).values(&rows).execute(native))
            .map_err(db::Error::from)?;
    }
    Ok(())
}

/// A dossier's whole chain, in the order in which it came about.
pub(super) fn chain(conn: &mut Conn, dossier: DossierId) -> Result<Vec<CustodyRow>, db::Error> {
    Ok(custody::table
        .filter(custody::dossier_id.eq(dossier))
        .order(custody::id)
        .select(CustodyRow::as_select())
        .load(conn)?)
}

/// Who has the papers of each of these dossiers now.
pub(super) fn current(
    conn: &mut Conn,
    world: &World,
    ids: &[DossierId],
) -> Result<HashMap<DossierId, CustodyView>, db::Error> {
    let rows: Vec<CustodyRow> = load_among!(conn, custody::dossier_id, ids, these => {
        custody::table
            .filter(these)
            .filter(custody::until_at.is_null())
            .filter(custody::papers.is_null())
            .select(CustodyRow::as_select())
    })?;
    rows.into_iter()
        .map(|row| {
            let party = party_view(world, row.keeper())?;
            Ok((row.dossier_id, CustodyView { party, since: row.from_at, slip: row.slip }))
        })
        .collect()
}

/// A keeper for people.
fn party_view(world: &World, keeper: Keeper) -> Result<PartyView, db::Error> {
    let (party, agency) = columns(keeper);
    let agency = agency.map(|id| world.catalogue.tree.agency(id)).transpose()?;
    Ok(PartyView {
        kind: party.as_str().to_owned(),
        code: agency.map(|agency| agency.code.clone()),
        name: agency.map(|agency| agency.name.clone()),
    })
}

impl CustodyRow {
    /// Who it was.
    pub(super) fn party_view(&self, world: &World) -> Result<PartyView, db::Error> {
        party_view(world, self.keeper())
    }
}
