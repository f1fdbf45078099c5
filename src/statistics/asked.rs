//! Whom a question about figures is about, and whether the caller may ask it.

use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::{Agency, AgencyId};
use crate::http::{Code, Problem};

/// The agency with this code, the caller's own when left out, as far as his figures reach: everything below his agency for
/// leaders, inspectors and machines, his own agency for others.
///
/// # Errors
/// 422 `invalid_query`, 403 `agency_out_of_reach`.
pub(super) fn agency<'w>(
    world: &'w World,
    caller: &Identity,
    code: Option<&str>,
) -> Result<&'w Agency, Problem> {
    let agency = named(world, code.unwrap_or(&caller.agency_code))?;
    if reaches(world, caller, agency.id) { Ok(agency) } else { Err(Problem::new(Code::AgencyOutOfReach)) }
}

/// The agency with this code, whoever asks.
///
/// # Errors
/// 422 `invalid_query`.
pub(super) fn named<'w>(world: &'w World, code: &str) -> Result<&'w Agency, Problem> {
    world.catalogue.tree.by_code(code).ok_or_else(|| {
        Problem::new(Code::InvalidQuery).error(
            "/query/agency",
            Code::UnknownAgency,
            Code::UnknownAgency.title(),
        )
    })
}

/// Whether the caller sees the figures of an agency.
pub(super) fn reaches(world: &World, caller: &Identity, agency: AgencyId) -> bool {
    let sees_below = caller.has(Role::Leader) || caller.has(Role::Inspector) || caller.has(Role::Integration);
    let mine = caller.agency_id;
    agency == mine || (sees_below && world.catalogue.tree.is_within(agency, mine))
}
