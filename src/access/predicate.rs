//! The rule of [`reach`](super::reach) in SQL: which rows of `dossiers` a caller sees. The same rule in the other
//! file works on rows that are already there; the test in `tests.rs` holds them against each other.
//!
//! Cheap tests come first, so that a row of the caller's own agency is decided by a column. What hangs on other
//! tables is asked per row through an index on the dossier (`EXISTS`), because most queries have found few rows by
//! then: by code, by another filter, or by the order of the list. Measured on 103,000 dossiers in SQLite, asking
//! `id IN (…)` of the same tables instead is a hundred times slower for a dossier by its code and for the first page
//! of most agencies; it only wins for the first page of an agency that has next to none.

use diesel::dsl::{IntoBoxed, exists};
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Reach, View};
use crate::db::schema::{agency_closure, dossiers, handoff_lines, handoffs, legs, shipments, transfers};
use crate::db::{Instant, MultiBackend};

/// A condition on a row of `dossiers`.
pub type Visible = Box<dyn BoxableExpression<dossiers::table, MultiBackend, SqlType = Bool>>;

/// A query on dossiers that has its condition of visibility; more filters, an order and a limit can be added.
pub type VisibleDossiers = IntoBoxed<'static, dossiers::table, MultiBackend>;

/// Builds a condition around one on a party's column: the party is the caller's agency, or, for a leader, that or
/// one below. Two Rust types, so a closure cannot do it.
macro_rules! party {
    ($reach:expr, $column:expr, |$mine:ident| $condition:expr) => {
        if $reach.leads() {
            let $mine = $column.eq_any(
                agency_closure::table
                    .filter(agency_closure::ancestor_id.eq($reach.agency()))
                    .select(agency_closure::descendant_id),
            );
            boxed($condition)
        } else {
            let $mine = $column.eq($reach.agency());
            boxed($condition)
        }
    };
}

fn boxed(
    condition: impl BoxableExpression<dossiers::table, MultiBackend, SqlType = Bool> + 'static,
) -> Visible {
    Box::new(condition)
}

/// The dossiers that the caller sees at least as well as this; [`View::None`] counts as [`View::Row`]. This is where
/// a query on dossiers begins.
#[must_use]
pub fn visible_dossiers(reach: &Reach, at_least: View) -> VisibleDossiers {
    dossiers::table.into_boxed().filter(is_visible(reach, at_least))
}

/// Whether the caller is shown the names of a dossier that he sees masked or better: those of a sensitive procedure only in
/// full. Whatever finds dossiers by a name asks for this too.
#[must_use]
pub fn shows_names(reach: &Reach) -> Visible {
    let sensitive = reach.sensitive().ids().to_vec();
    boxed(dossiers::procedure_version_id.ne_all(sensitive).or(is_visible(reach, View::Full)))
}

/// The condition alone, for a query that has dossiers joined to something else.
#[must_use]
pub fn is_visible(reach: &Reach, at_least: View) -> Visible {
    let mut ways: Vec<Visible> = Vec::new();
    if reach.subtree() >= at_least.max(View::Row) {
        let within = dossiers::agency_id.eq_any(
            agency_closure::table
                .filter(agency_closure::ancestor_id.eq(reach.agency()))
                .select(agency_closure::descendant_id),
        );
        let sensitive = reach.sensitive().ids();
        if at_least == View::Full && !sensitive.is_empty() {
            ways.push(boxed(within.and(dossiers::procedure_version_id.ne_all(sensitive.to_vec()))));
        } else {
            ways.push(boxed(within));
        }
    }
    if reach.works() || reach.leads() {
        ways.push(party!(reach, dossiers::agency_id, |mine| mine));
        ways.push(party!(reach, dossiers::holder_id, |mine| mine));
        ways.push(party!(reach, dossiers::competent_id, |mine| mine));
        ways.push(party!(reach, transfers::to_id, |mine| exists(
            transfers::table
                .filter(transfers::id.nullable().eq(dossiers::slip_id))
                .filter(transfers::state.eq("sent"))
                .filter(mine)
        )));
        // A leg that ended long ago still gives the masked view.
        let ended_after = if at_least == View::Full { reach.masked_before() } else { Instant::MIN };
        ways.push(party!(reach, legs::agency_id, |mine| exists(
            legs::table
                .filter(legs::dossier_id.eq(dossiers::id))
                .filter(legs::started_at.is_not_null())
                .filter(legs::finished_at.is_null().or(legs::finished_at.assume_not_null().ge(ended_after)))
                .filter(mine)
        )));
    }
    if reach.at_post() || reach.leads() {
        ways.push(party!(reach, dossiers::post_office_id.assume_not_null(), |mine| dossiers::post_office_id
            .is_not_null()
            .and(mine)));
        ways.push(party!(reach, handoffs::office_id, |mine| exists(
            handoff_lines::table
                .inner_join(handoffs::table.on(handoffs::id.eq(handoff_lines::handoff_id)))
                .filter(handoff_lines::dossier_id.eq(dossiers::id))
                .filter(handoff_lines::state.ne("cancelled"))
                .filter(handoffs::state.ne("cancelled"))
                .filter(mine)
        )));
        ways.push(party!(reach, shipments::office_id, |mine| exists(
            shipments::table
                .filter(shipments::dossier_id.eq(dossiers::id))
                .filter(shipments::state.ne("cancelled"))
                .filter(mine)
        )));
    }
    ways.into_iter()
        .reduce(|one, other| boxed(one.or(other)))
        .unwrap_or_else(|| boxed(diesel::dsl::sql::<Bool>("1 = 0")))
}
