//! What the endpoints of the post take and give, a file for each topic.

pub(super) mod delegations;
pub(super) mod manifests;
pub(super) mod shipments;

use crate::World;
use crate::agencies::AgencyId;
use crate::http::{Code, Faults, Problem};

/// The agencies that a query names, or all faults at once.
pub(in crate::post) fn agencies<const N: usize>(
    world: &World,
    named: [(&str, &Option<String>); N],
) -> Result<[Option<AgencyId>; N], Problem> {
    let mut faults = Faults::default();
    let found = named.map(|(name, code)| {
        let code = code.as_deref()?;
        let agency = world.catalogue.tree.by_code(code).map(|agency| agency.id);
        if agency.is_none() {
            faults.note(format!("/query/{name}"), Code::UnknownAgency);
        }
        agency
    });
    faults.into_query_result()?;
    Ok(found)
}
