//! A dossier's marks in the ledger against those of its row.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::Report;
use super::replay::Row;
use crate::agencies::AgencyId;
use crate::db::schema::dossier_marks;
use crate::db::{Conn, Error};
use crate::dossiers::{DossierId, Mark};

/// The marks of the dossiers in `(after, last]`.
///
/// # Errors
/// Those of the database.
pub(super) fn load(
    conn: &mut Conn,
    (after, last): (DossierId, DossierId),
) -> Result<HashMap<DossierId, Vec<(Mark, AgencyId)>>, Error> {
    let rows: Vec<(DossierId, Mark, AgencyId)> = dossier_marks::table
        .filter(dossier_marks::dossier_id.gt(after).and(dossier_marks::dossier_id.le(last)))
        .select((dossier_marks::dossier_id, dossier_marks::mark, dossier_marks::agency_id))
        .load(conn)?;
    let mut marks: HashMap<_, Vec<_>> = HashMap::new();
    for (dossier, mark, agency) in rows {
        marks.entry(dossier).or_default().push((mark, agency));
    }
    Ok(marks)
}

/// Notes marks that only one of both has, or that stand at another agency.
pub(super) fn compare(row: &Row, made: &[(Mark, AgencyId)], report: &mut Report) {
    let of_row: BTreeSet<Mark> = row.marks.0.iter().copied().collect();
    let of_ledger: BTreeSet<Mark> = made.iter().map(|(mark, _)| *mark).collect();
    for mark in of_row.symmetric_difference(&of_ledger) {
        report
            .differs(format!("{}: the mark {mark} stands in its row or in the ledger alone", row.address()));
    }
    for (mark, _) in made.iter().filter(|(_, agency)| *agency != row.agency_id) {
        report.differs(format!("{}: the mark {mark} stands at another agency", row.address()));
    }
}
