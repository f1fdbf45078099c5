//! Dossiers by their legs: what the report on legs counts. Legs belong to `routing`, above; here their table is read, as the
//! predicate of who sees what reads it.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::filter::DossierFilter;
use crate::access::Visible;
use crate::agencies::AgencyId;
use crate::db::Instant;
use crate::db::schema::{dossiers, legs};

/// That a dossier has a leg like the one asked for, or, for `leg_overran=false`, none like it that overran. `agency` is that
/// of `leg_agency`.
pub(super) fn has_leg(filter: &DossierFilter, agency: Option<AgencyId>) -> Option<Visible> {
    let DossierFilter { leg, leg_agency, leg_ended_from, leg_ended_to, leg_overran, leg_has_share, .. } =
        filter;
    let is_ended = leg_ended_from.is_some() || leg_ended_to.is_some();
    if leg.is_none() && leg_agency.is_none() && !is_ended && leg_overran.is_none() && leg_has_share.is_none()
    {
        return None;
    }
    let flag = |value: bool| value.into_sql::<Bool>();
    let ended = sql::<Bool>("legs.state = 'done' AND legs.used_minutes IS NOT NULL");
    // One shape for all questions, with flags for what is not asked: the union of both engines takes no boxed subquery.
    let wanted = legs::table
        .filter(flag(leg.is_none()).or(legs::key.eq(leg.clone().unwrap_or_default())))
        .filter(flag(!is_ended).or(ended))
        .filter(
            flag(leg_ended_from.is_none()).or(legs::finished_at
                .is_not_null()
                .and(legs::finished_at.assume_not_null().ge(start(*leg_ended_from)))),
        )
        .filter(flag(leg_ended_to.is_none()).or(
            legs::finished_at.is_not_null().and(legs::finished_at.assume_not_null().lt(start(*leg_ended_to))),
        ))
        .filter(
            flag(leg_overran.is_none())
                .or(legs::balance_minutes.is_not_null().and(legs::balance_minutes.assume_not_null().lt(0))),
        )
        .filter(
            flag(leg_has_share.is_none())
                .or(legs::share_minutes.is_not_null().eq(leg_has_share.unwrap_or_default())),
        )
        .select(legs::dossier_id);
    Some(match (agency, *leg_overran == Some(false)) {
        (Some(agency), false) => Box::new(dossiers::id.eq_any(wanted.filter(legs::agency_id.eq(agency)))),
        (Some(agency), true) => Box::new(dossiers::id.ne_all(wanted.filter(legs::agency_id.eq(agency)))),
        (None, false) => Box::new(dossiers::id.eq_any(wanted)),
        (None, true) => Box::new(dossiers::id.ne_all(wanted)),
    })
}

fn start(day: Option<chrono::NaiveDate>) -> Instant {
    day.map_or(Instant::MIN, Instant::start_of)
}
