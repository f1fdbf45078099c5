//! What may be wrong with an intake: all faults of a body at once, found by the catalogue alone.

use super::super::content::{self, Component, Content, Fee};
use super::super::{At, Channel};
use super::{LateAction, SubmitDossier};
use crate::World;
use crate::access::{Identity, Role};
use crate::agencies::Agency;
use crate::calendar::rules::local_day;
use crate::db::Instant;
use crate::http::{Code, Faults, Problem};
use crate::procedures::Version;

/// How many working days a late entry may lie back.
const LATE_ENTRY_DAYS: u32 = 3;

/// An intake in order.
pub(super) struct Plan<'w> {
    pub(super) version: &'w Version,
    pub(super) agency: &'w Agency,
    pub(super) competent: &'w Agency,
    pub(super) post_office: Option<&'w Agency>,
    pub(super) channel: Channel,
    pub(super) is_received: bool,
    pub(super) content: Content,
    pub(super) received_at: Option<Instant>,
    pub(super) late_entry_reason: Option<String>,
    pub(super) actions: Vec<LateAction>,
}

/// What was checked.
pub(super) struct Checked<'w> {
    /// For whom it is, by what and how, as far as it can be told: what the caller's reach is asked by.
    pub(super) asked: Option<(&'w Agency, &'w Version, Channel)>,
    /// All that is wrong.
    pub(super) faults: Faults,
    /// None when anything is.
    pub(super) plan: Option<Plan<'w>>,
}

/// Checks a body by the catalogue.
///
/// # Errors
/// `calendar_missing`.
pub(super) fn check<'w>(
    world: &'w World,
    caller: &Identity,
    mut command: SubmitDossier,
    at: At,
) -> Result<Checked<'w>, Problem> {
    let tree = &world.catalogue.tree;
    let mut faults = Faults::default();
    let received_at = command.received_at;
    let day = local_day(received_at.unwrap_or(at.occurred).into());
    let agency_at = |code: &str, pointer: &str, faults: &mut Faults| {
        let found = tree.by_code(code);
        match found {
            None => faults.note(pointer, Code::UnknownAgency),
            Some(agency) if !agency.is_open_on(day) => faults.note(pointer, Code::AgencyClosed),
            Some(_) => {}
        }
        found
    };
    let agency = agency_at(&command.agency, "/agency", &mut faults);
    let competent = match &command.competent_agency {
        Some(code) => agency_at(code, "/competent_agency", &mut faults),
        None => agency,
    };
    let version = world.catalogue.procedures.current(&command.procedure, day);
    if version.is_none() {
        let code = match world.catalogue.procedures.by_code(&command.procedure) {
            Some(_) => Code::ProcedureNotInForce,
            None => Code::UnknownProcedure,
        };
        faults.note("/procedure", code);
    }
    if let (Some(agency), Some(version)) = (agency, version)
        && tree.level(agency.id).is_none_or(|level| !version.content.levels.contains(&level))
    {
        faults.note("/agency", Code::WrongLevel);
    }
    content::check_applicant(&mut command.applicant, "/applicant", &mut faults);
    if let Some(person) = &mut command.representative {
        content::check_person(&person.identity_number, &mut person.phone, "/representative", &mut faults);
    }
    let by_staff = matches!(command.channel, Channel::Counter | Channel::PostOffice | Channel::AtHome);
    let is_received = by_staff && command.accept.unwrap_or(true) && !caller.is_client();
    if command.accept == Some(true) && !is_received {
        faults.add("/accept", Code::NotOneOf, "online and postal dossiers are accepted by the desk");
    }
    let components = match (command.components.take(), version) {
        (Some(given), _) => given,
        (None, Some(version)) => required_components(version),
        (None, None) => Vec::new(),
    };
    let mut fees = command.fees.take().unwrap_or_default();
    if let Some(version) = version {
        check_components(&components, version, is_received, "/components", &mut faults);
        check_fees(&mut fees, version, &mut faults);
    }
    if let Some(agency) = agency {
        check_late_entry(world, agency, &command, at, &mut faults)?;
    }
    if !is_received && command.received_at.is_some() {
        faults.note("/received_at", Code::ReadOnlyField);
    }
    let asked = agency.zip(version).map(|(agency, version)| (agency, version, command.channel));
    let (true, Some(agency), Some(competent), Some(version)) =
        (faults.is_empty(), agency, competent, version)
    else {
        return Ok(Checked { asked, faults, plan: None });
    };
    let post_office = caller.has(Role::PostClerk).then(|| tree.get(caller.agency_id)).flatten();
    let plan = Plan {
        version,
        agency,
        competent,
        post_office,
        channel: command.channel,
        is_received,
        content: Content {
            applicant: command.applicant,
            representative: command.representative,
            components: with_names(components, version),
            fees,
            return_by: command.return_by,
            external_references: command.external_references.unwrap_or_default(),
            note: command.note,
        },
        received_at,
        late_entry_reason: command.late_entry_reason,
        actions: command.actions.unwrap_or_default(),
    };
    Ok(Checked { asked, faults, plan: Some(plan) })
}

fn check_late_entry(
    world: &World,
    agency: &Agency,
    command: &SubmitDossier,
    at: At,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let Some(received_at) = command.received_at else {
        if command.actions.as_ref().is_some_and(|actions| !actions.is_empty()) {
            faults.note("/received_at", Code::Required);
        }
        return Ok(());
    };
    if received_at > at.recorded {
        faults.note("/received_at", Code::InTheFuture);
        return Ok(());
    }
    if command.late_entry_reason.is_none() {
        faults.note("/late_entry_reason", Code::LateEntryReasonRequired);
    }
    let calendar = world.catalogue.calendars.for_agency(agency.id)?;
    let today = local_day(at.recorded.into());
    // The day itself counts where it is no working day: three working days back from a Sunday start on Wednesday.
    let earliest = calendar.subtract_working_days(today, LATE_ENTRY_DAYS)?;
    if local_day(received_at.into()) < earliest {
        faults.note("/received_at", Code::TooFarBack);
    }
    let mut after = received_at;
    for (index, action) in command.actions.iter().flatten().enumerate() {
        if action.occurred_at < after || action.occurred_at > at.recorded {
            faults.note(format!("/actions/{index}/occurred_at"), Code::OutOfRange);
        }
        after = after.max(action.occurred_at);
    }
    Ok(())
}

/// Every code known and named once; when `complete`, every required one there.
pub fn check_components(
    given: &[Component],
    version: &Version,
    complete: bool,
    at: &str,
    faults: &mut Faults,
) {
    let catalogue = &version.content.components;
    for (index, component) in given.iter().enumerate() {
        let pointer = format!("{at}/{index}/code");
        if !catalogue.iter().any(|known| known.code == component.code) {
            faults.note(pointer, Code::UnknownComponent);
        } else if given.iter().take(index).any(|earlier| earlier.code == component.code) {
            faults.note(pointer, Code::DuplicateComponent);
        }
    }
    if complete {
        for required in catalogue.iter().filter(|known| known.required) {
            if !given.iter().any(|component| component.code == required.code) {
                faults.add(at, Code::MissingComponent, required.code.as_str());
            }
        }
    }
}

fn required_components(version: &Version) -> Vec<Component> {
    version
        .content
        .components
        .iter()
        .filter(|component| component.required)
        .map(|component| Component {
            code: component.code.clone(),
            name: None,
            originals: component.originals,
            copies: component.copies,
            document: None,
        })
        .collect()
}

fn with_names(mut components: Vec<Component>, version: &Version) -> Vec<Component> {
    for component in &mut components {
        if component.name.is_none() {
            let known = version.content.components.iter().find(|known| known.code == component.code);
            component.name = known.map(|known| known.name.clone());
        }
    }
    components
}

/// Codes of the catalogue, each once; amounts that are left out follow from it.
fn check_fees(fees: &mut [Fee], version: &Version, faults: &mut Faults) {
    let mut seen: Vec<String> = Vec::new();
    for (index, fee) in fees.iter_mut().enumerate() {
        let pointer = format!("/fees/{index}/code");
        if seen.contains(&fee.code) {
            faults.note(pointer, Code::Duplicate);
            continue;
        }
        seen.push(fee.code.clone());
        match version.content.fees.iter().find(|known| known.code == fee.code) {
            None => faults.note(pointer, Code::NotOneOf),
            Some(known) => {
                let charged = known.amount * i64::from(fee.quantity);
                fee.amount.get_or_insert(known.max.map_or(charged, |max| charged.min(max)));
            }
        }
    }
}
