//! The one way in which dossiers come to be and change: rules decide, row and event are written, effects take part.

use std::sync::Arc;

use super::events::{self, Entry, Personal};
use super::{
    Action, Actor, At, Change, Dossier, Facts, NewDossier, Transition, content, intake, recompute, rules,
    store,
};
use crate::World;
use crate::access::{AccountId, accounts};
use crate::calendar::rules::Calendar;
use crate::db::Conn;
use crate::http::{Code, Faults, Problem};
use crate::procedures::Version;

/// Writes a new dossier and its first event, with what of that is personal.
///
/// # Errors
/// What an effect refuses, or a problem of the database; nothing is left then.
pub fn insert(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    mut row: NewDossier,
    personal: Option<Personal>,
    at: At,
) -> Result<Change, Problem> {
    rules::settle(None, &mut row, at);
    let entry = Entry::of_intake(&row, personal, at);
    let id = store::insert_dossier(conn, &world.secrets, &mut row, actor, &entry)?;
    let change = Change {
        before: None,
        after: Dossier { id: id.0, row },
        action: Action::Submit,
        transition: None,
        actor: actor.clone(),
        at,
        facts: Facts::default(),
        event_id: id.1,
    };
    announce(conn, world, change)
}

/// Applies `transition` to `dossier`.
///
/// `at.occurred` never lies before the dossier's last event, even when the machine's clock went back.
///
/// # Errors
/// What the rules or an effect refuse (see [`Refusal`]), faults of the body, a problem of the database; nothing is left
/// then.
pub fn apply(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    dossier: Dossier,
    mut transition: Transition,
    at: At,
) -> Result<Change, Problem> {
    let at = At {
        occurred: at.occurred.max(dossier.last_event_at),
        recorded: at.recorded.max(dossier.last_event_at),
    };
    let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
    let corrected = check(world, &dossier, version, &mut transition)?;
    let mut facts = facts(conn, world, actor, &dossier, Some(&transition))?;
    if let Transition::Assign { lead, cooperating, following } = &transition {
        facts.lead = Some(find_lead(conn, &dossier, lead, cooperating.iter().chain(following).flatten())?);
    }
    if let Transition::Recompute { .. } = transition {
        facts.dates = recompute::dates_now(conn, world, &dossier)?;
    }
    let calendar = calendar_of(world, &dossier, at)?;
    let receiving = world.catalogue.calendars.for_agency(dossier.agency_id)?;
    let setting = rules::Setting {
        tree: &world.catalogue.tree,
        calendar: &calendar,
        receiving_calendar: &receiving,
        version,
        corrected,
    };
    let mut next = rules::step(&dossier, &transition, &facts, actor, &setting, at)?;
    bring(world, &mut next, &transition)?;
    if transition.action() == Action::Accept {
        next.code = Some(store::next_code(conn, world, &next, at)?);
    }
    let mut change = Change {
        action: transition.action(),
        transition: Some(transition),
        before: Some(dossier),
        after: next,
        actor: actor.clone(),
        at,
        facts,
        event_id: 0,
    };
    for effect in world.effects.iter() {
        effect.prepare(conn, world, &mut change)?;
    }
    if let (Some(before), Some(transition)) = (&change.before, &change.transition) {
        let entry = Entry::of_transition(&world.vault, before, &change.after, transition, at);
        let line = events::next_line(&world.secrets, &mut change.after, actor, &entry);
        change.after.row.version += 1;
        store::update_dossier(conn, before, &change.after)?;
        change.event_id = events::write(conn, before.id, &line)?;
    }
    announce(conn, world, change)
}

/// What the applicant brought, as it is from now on.
fn bring(world: &World, next: &mut Dossier, transition: &Transition) -> Result<(), Problem> {
    let (applicant, representative, components, fees) = match transition {
        Transition::Accept { components } | Transition::Supplement { components } => {
            (None, None, components.as_ref(), None)
        }
        Transition::Correct { applicant, representative, components, fees, .. } => {
            (applicant.as_deref(), representative.as_deref(), components.as_ref(), fees.as_ref())
        }
        _ => return Ok(()),
    };
    if applicant.is_none() && representative.is_none() && components.is_none() && fees.is_none() {
        return Ok(());
    }
    let mut content = next.open_content(&world.vault)?;
    if let Some(applicant) = applicant {
        content.applicant.clone_from(applicant);
    }
    if let Some(person) = representative {
        content.representative = Some(person.clone());
    }
    if let Some(components) = components {
        content.components.clone_from(components);
    }
    if let Some(fees) = fees {
        content.fees.clone_from(fees);
    }
    Ok(next.row.set_content(&world.vault, &content)?)
}

fn announce(conn: &mut Conn, world: &World, change: Change) -> Result<Change, Problem> {
    for effect in world.effects.iter() {
        effect.announce(conn, world, &change)?;
    }
    Ok(change)
}

/// What the effects know of a dossier; `transition` is None when only the possible actions are asked for.
///
/// # Errors
/// A problem of the database.
pub fn facts(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    dossier: &Dossier,
    transition: Option<&Transition>,
) -> Result<Facts, Problem> {
    let mut facts = Facts::default();
    for effect in world.effects.iter() {
        effect.facts(conn, world, actor, dossier, transition, &mut facts)?;
    }
    Ok(facts)
}

fn calendar_of(world: &World, dossier: &Dossier, at: At) -> Result<Arc<Calendar>, Problem> {
    let agency = rules::deciding_agency(dossier, at.occurred);
    Ok(world.catalogue.calendars.for_agency(agency)?)
}

/// The account of the officer in the lead. Everybody named must work at the holding agency.
fn find_lead<'n>(
    conn: &mut Conn,
    dossier: &Dossier,
    lead: &str,
    others: impl Iterator<Item = &'n String>,
) -> Result<AccountId, Problem> {
    let officers = accounts::list_officers(conn, dossier.holder_id)?;
    let find =
        |name: &str| officers.iter().find(|officer| officer.username == name).map(|officer| officer.id);
    let mut faults = Faults::default();
    for name in others.filter(|name| find(name).is_none()) {
        faults.add("/cooperating", Code::NotOneOf, name.as_str());
    }
    let found = find(lead);
    if found.is_none() {
        faults.note("/lead", Code::NotOneOf);
    }
    faults.into_result()?;
    found.ok_or_else(|| Problem::new(Code::InvalidBody))
}

/// Checks of a body that need the catalogue: all faults at once. For `correct` gives the right procedure's version.
fn check<'w>(
    world: &'w World,
    dossier: &Dossier,
    version: &Version,
    transition: &mut Transition,
) -> Result<Option<&'w Version>, Problem> {
    let mut faults = Faults::default();
    let mut corrected = None;
    if transition.reason().is_some_and(|reason| reason.trim().is_empty()) {
        faults.note("/reason", Code::Required);
    }
    match transition {
        Transition::Accept { components } => {
            let brought = dossier.open_content(&world.vault)?.components;
            let given = components.as_ref().unwrap_or(&brought);
            intake::check_components(given, version, true, "/components", &mut faults);
        }
        Transition::Supplement { components: Some(components) } => {
            intake::check_components(components, version, false, "/components", &mut faults);
        }
        Transition::ReturnResult { recipient, tracking_code, .. } => {
            content::check_person(
                &recipient.identity_number,
                &mut recipient.phone,
                "/recipient",
                &mut faults,
            );
            if let Some(code) = tracking_code {
                faults.take("/tracking_code", super::check_tracking_code(code));
            }
        }
        Transition::Correct { procedure, applicant, representative, components, .. } => {
            if let Some(code) = procedure {
                corrected = right_version(world, dossier, code, &mut faults);
            }
            if let Some(applicant) = applicant {
                content::check_applicant(applicant, "/applicant", &mut faults);
            }
            if let Some(person) = representative {
                content::check_person(
                    &person.identity_number,
                    &mut person.phone,
                    "/representative",
                    &mut faults,
                );
            }
            if let Some(components) = components {
                intake::check_components(
                    components,
                    corrected.unwrap_or(version),
                    true,
                    "/components",
                    &mut faults,
                );
            }
        }
        _ => {}
    }
    faults.into_result()?;
    Ok(corrected)
}

/// The version of procedure `code` that was in force when the dossier was received.
fn right_version<'w>(
    world: &'w World,
    dossier: &Dossier,
    code: &str,
    faults: &mut Faults,
) -> Option<&'w Version> {
    let at = dossier.received_at.unwrap_or(dossier.last_event_at);
    let version = world.catalogue.procedures.current(code, crate::calendar::rules::local_day(at.into()));
    let level = world.catalogue.tree.level(dossier.agency_id);
    match version {
        None => faults.note("/procedure", Code::UnknownProcedure),
        Some(version) if level.is_none_or(|level| !version.content.levels.contains(&level)) => {
            faults.note("/procedure", Code::WrongLevel);
        }
        Some(_) => {}
    }
    version
}

/// The dossier's possible actions for this caller.
///
/// # Errors
/// A problem of the database.
pub fn allowed(
    conn: &mut Conn,
    world: &World,
    actor: &Actor,
    dossier: &Dossier,
) -> Result<Vec<(Action, super::Status)>, Problem> {
    let facts = facts(conn, world, actor, dossier, None)?;
    Ok(rules::allowed(dossier, actor, &facts, &world.catalogue.tree))
}
