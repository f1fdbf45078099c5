//! What the post tells the rules of dossiers: whether a post office may act for an agency, and whether papers are on
//! their way on a manifest that only one side has signed.

use super::{delegations, manifests, shipments};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::AgencyId;
use crate::db::Conn;
use crate::dossiers::{Action, Actor, Change, Dossier, Effect, Facts, Status, Transition};
use crate::http::{Code, Problem};
use crate::procedures::Version;
use crate::routing::{self, Keeper};

/// Delegations, manifests and shipments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Post;

impl Effect for Post {
    fn facts(
        &self,
        conn: &mut Conn,
        world: &World,
        actor: &Actor,
        dossier: &Dossier,
        transition: Option<&Transition>,
        facts: &mut Facts,
    ) -> Result<(), Problem> {
        let asked = transition.map(Transition::action);
        if dossier.status == Status::Submitted && matches!(asked, None | Some(Action::Accept)) {
            facts.on_open_manifest = !manifests::on_open(conn, &[dossier.id])?.is_empty();
        }
        if let Some(caller) = actor.identity.as_ref().filter(|caller| caller.has(Role::PostClerk)) {
            let (office, day) = (caller.agency_id, world.now.local_day());
            let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
            facts.delegated = delegations::holds(conn, office, dossier.agency_id, version, day)?;
            facts.at_office = facts.delegated || is_at_office(conn, caller, dossier, transition)?;
        }
        Ok(())
    }

    fn may_take_in(
        &self,
        conn: &mut Conn,
        world: &World,
        office: AgencyId,
        agency: AgencyId,
        version: &Version,
    ) -> Result<Option<bool>, Problem> {
        Ok(Some(delegations::holds(conn, office, agency, version, world.now.local_day())?))
    }

    fn prepare(&self, conn: &mut Conn, _world: &World, change: &mut Change) -> Result<(), Problem> {
        let Some(Transition::ReturnResult { tracking_code: Some(code), .. }) = &change.transition else {
            return Ok(());
        };
        match shipments::find(conn, code)? {
            Some(shipment) if shipment.dossier_id != change.after.id => Err(Problem::new(Code::InvalidBody)
                .error(
                    "/tracking_code",
                    Code::Duplicate,
                    ("Số hiệu bưu gửi thuộc hồ sơ khác", "The tracking code belongs to another dossier"),
                )),
            _ => Ok(()),
        }
    }
}

/// The office took the dossier in, or a manifest brought it: neither manifests nor giving out need a delegation.
fn is_at_office(
    conn: &mut Conn,
    caller: &Identity,
    dossier: &Dossier,
    transition: Option<&Transition>,
) -> Result<bool, Problem> {
    let office = caller.agency_id;
    if dossier.post_office_id == Some(office) {
        return Ok(true);
    }
    if let Some(Transition::Handoff { office, .. }) = transition {
        return Ok(*office == caller.agency_code);
    }
    Ok(dossier.status == Status::Resolved
        && routing::has_papers(conn, dossier.id, Keeper::PostOffice(office))?)
}
