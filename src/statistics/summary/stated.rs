//! The table `stated_figures`: what sources state about an agency's year, for comparison. Never counted with.

use diesel::prelude::*;

use super::figure::SummaryFigure;
use crate::agencies::{AgencyId, Kind};
use crate::db::schema::stated_figures;
use crate::db::{Conn, Error, MultiBackend, text_enum};

text_enum! {
    /// How a stated figure is known.
    pub enum Basis {
        /// The source says so.
        Published = "published",
        /// It follows from what the source says.
        Derived = "derived",
        /// Nobody says so: it was made up so that there is something to show.
        Assumed = "assumed",
    }
}

text_enum! {
    /// How exact the source is.
    pub enum Qualifier {
        Exactly = "exactly",
        MoreThan = "more_than",
    }
}

/// What a source states.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stated_figures, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
pub struct StatedFigure {
    /// About the subtree of this agency,
    pub agency_id: AgencyId,
    pub year: i64,
    /// the agencies of this level in it.
    pub level: Kind,
    pub figure: SummaryFigure,
    pub value: i64,
    pub qualifier: Qualifier,
    pub basis: Basis,
    /// Who states it.
    pub source: String,
}

/// Keeps what a source states.
///
/// # Errors
/// `Conflict` when something is stated of this figure already.
pub fn insert_stated(conn: &mut Conn, stated: &StatedFigure) -> Result<(), Error> {
    diesel::insert_into(stated_figures::table).values(stated).execute(conn)?;
    Ok(())
}

/// What is stated of an agency's year.
pub(super) fn load(conn: &mut Conn, agency: AgencyId, year: i32) -> Result<Vec<StatedFigure>, Error> {
    Ok(stated_figures::table
        .filter(stated_figures::agency_id.eq(agency))
        .filter(stated_figures::year.eq(i64::from(year)))
        .select(StatedFigure::as_select())
        .load(conn)?)
}
