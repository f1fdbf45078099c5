//! Intake (tiếp nhận): from a request body to a dossier with its code, receipt and look-up secret.
//!
//! Staff intake is received at once; online and postal dossiers are submissions until the desk accepts them or the second
//! side signs the manifest. Decree 61/2018 art. 17.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content::{self, Applicant, Component, Content, ExternalReference, Fee, Representative};
use super::secrets::new_lookup_secret;
use super::{
    Actor, At, Change, Channel, Mark, NewDossier, ReturnBy, Status, Transition, apply, rules, store,
};
use crate::World;
use crate::access::{Identity, Role, Scope, Sealed};
use crate::agencies::Agency;
use crate::calendar::rules::local_day;
use crate::db::{Conn, Instant, Json};
use crate::http::{Code, Faults, Problem};
use crate::procedures::Version;

/// How many working days a late entry may lie back.
const LATE_ENTRY_DAYS: u32 = 3;

/// What an applicant hands in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "procedure": "1.001193",
    "agency": "000.33.31.H20",
    "channel": "counter",
    "applicant": {"kind": "person", "full_name": "Nguyễn Thị Hoa", "identity_number": "087190001234", "phone": "0901234567"},
    "components": [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 1}],
    "return_by": "counter"
}))]
pub struct SubmitDossier {
    /// Official code of the procedure.
    #[schema(min_length = 1, max_length = 40)]
    pub procedure: String,
    /// Code of the receiving agency.
    #[schema(min_length = 1, max_length = 35)]
    pub agency: String,
    /// Code of the agency that decides; default: the receiving one.
    #[schema(max_length = 35)]
    pub competent_agency: Option<String>,
    pub channel: Channel,
    pub applicant: Applicant,
    pub representative: Option<Representative>,
    /// Default: every required component of the procedure, as the catalogue asks for it.
    #[schema(max_items = 100)]
    pub components: Option<Vec<Component>>,
    #[schema(max_items = 50)]
    pub fees: Option<Vec<Fee>>,
    pub return_by: Option<ReturnBy>,
    #[schema(max_items = 20)]
    pub external_references: Option<Vec<ExternalReference>>,
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// `false`: staff intake stays `submitted` until it is accepted.
    pub accept: Option<bool>,
    /// For a late entry: when it was received, at most three working days back.
    pub received_at: Option<Instant>,
    #[schema(min_length = 1, max_length = 500)]
    pub late_entry_reason: Option<String>,
    /// For a late entry: what was done at that time.
    #[schema(max_items = 20)]
    pub actions: Option<Vec<LateAction>>,
}

/// An action of a late entry, with its time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LateAction {
    /// Between `received_at` and now.
    pub occurred_at: Instant,
    #[serde(flatten)]
    pub transition: Transition,
}

/// What an intake gives: the dossier and, once, the secret of its look-up.
pub struct Reception {
    pub change: Change,
    pub lookup_secret: String,
}

/// Takes a dossier in.
///
/// # Errors
/// All faults of the body at once; 403 when the agency is not the caller's to take in for.
pub fn submit(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    command: SubmitDossier,
    at: At,
) -> Result<Reception, Problem> {
    let plan = check(conn, world, caller, command, at)?;
    let at = At { occurred: plan.received_at.unwrap_or(at.occurred), ..at };
    let lookup_secret = new_lookup_secret();
    let row = new_row(conn, world, &plan, &lookup_secret, at)?;
    let actor = Actor::from(caller);
    let brought = (&plan.content, plan.late_entry_reason.as_deref());
    let mut change = apply::insert(conn, world, &actor, row, brought, at)?;
    for action in plan.actions {
        let done = At { occurred: action.occurred_at, ..at };
        change = apply::apply(conn, world, &actor, change.after, action.transition, done)?;
    }
    Ok(Reception { change, lookup_secret })
}

/// A checked intake.
struct Plan<'w> {
    version: &'w Version,
    agency: &'w Agency,
    competent: &'w Agency,
    post_office: Option<&'w Agency>,
    channel: Channel,
    is_received: bool,
    content: Content,
    received_at: Option<Instant>,
    late_entry_reason: Option<String>,
    actions: Vec<LateAction>,
}

fn check<'w>(
    conn: &mut Conn,
    world: &'w World,
    caller: &Identity,
    mut command: SubmitDossier,
    at: At,
) -> Result<Plan<'w>, Problem> {
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
    if let (Some(agency), Some(version)) = (agency, version) {
        let refused = check_reach(conn, world, caller, agency, version, command.channel)?;
        if let Some(code) = refused {
            faults.note("/agency", code);
            return Err(Problem::new(code).faults(faults.into_vec()));
        }
    }
    faults.into_result()?;
    let (Some(agency), Some(competent), Some(version)) = (agency, competent, version) else {
        return Err(Problem::new(Code::InvalidBody));
    };
    let post_office = caller.has(Role::PostClerk).then(|| tree.get(caller.agency_id)).flatten();
    Ok(Plan {
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
    })
}

/// Whether this caller may take in for this agency: a clerk for his own, a post clerk within a delegation, a client below
/// its agency. None: he may.
fn check_reach(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    agency: &Agency,
    version: &Version,
    channel: Channel,
) -> Result<Option<Code>, Problem> {
    if caller.is_client() {
        let may =
            caller.may(Scope::DossiersWrite) && world.catalogue.tree.is_within(agency.id, caller.agency_id);
        return Ok((!may).then_some(Code::AgencyOutOfReach));
    }
    if caller.has(Role::Clerk) && caller.agency_id == agency.id {
        return Ok((channel == Channel::PostOffice).then_some(Code::NotDelegated));
    }
    if caller.has(Role::PostClerk) {
        if !matches!(channel, Channel::PostOffice | Channel::Postal) {
            return Ok(Some(Code::NotDelegated));
        }
        for effect in world.effects.iter() {
            if let Some(may) = effect.may_take_in(conn, world, caller.agency_id, agency.id, version)? {
                return Ok((!may).then_some(Code::NotDelegated));
            }
        }
        return Ok(Some(Code::NotDelegated));
    }
    Ok(Some(Code::AgencyOutOfReach))
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

fn new_row(
    conn: &mut Conn,
    world: &World,
    plan: &Plan<'_>,
    lookup_secret: &str,
    at: At,
) -> Result<NewDossier, Problem> {
    let mut row = NewDossier {
        public_id: uuid::Uuid::now_v7().to_string(),
        code: None,
        reference: None,
        status: if plan.is_received { Status::Received } else { Status::Submitted },
        status_before: None,
        status_kept: None,
        procedure_id: plan.version.procedure_id,
        procedure_version_id: plan.version.id,
        agency_id: plan.agency.id,
        competent_id: plan.competent.id,
        holder_id: plan.agency.id,
        previous_holder_id: None,
        post_office_id: plan.post_office.map(|office| office.id),
        assignee_id: None,
        slip_id: None,
        channel: plan.channel,
        search_name: String::new(),
        identity_hash: None,
        phone_hash: None,
        content: Sealed::default(),
        lookup_hash: world.secrets.lookup_hash(lookup_secret),
        submitted_at: Some(at.occurred),
        accept_due_at: None,
        received_at: None,
        due_at: None,
        judged_due_at: None,
        first_due_at: None,
        expected_due_at: None,
        finished_at: None,
        returned_at: None,
        last_event_at: at.occurred,
        clock: None,
        is_paused: false,
        paused_in_time: false,
        overdue_on: None,
        waiting_late_on: None,
        result: None,
        outcome: None,
        rule_set: None,
        marks: Json(Vec::new()),
        proposal: None,
        supplements: 0,
        event_count: 0,
        head_hash: Vec::new(),
        version: 1,
    };
    row.set_content(&world.vault, &plan.content)?;
    if plan.is_received {
        let decides = rules::deciding_agency(&row, at.occurred);
        let calendar = world.catalogue.calendars.for_agency(decides)?;
        let receiving = world.catalogue.calendars.for_agency(row.agency_id)?;
        let setting = rules::Setting {
            tree: &world.catalogue.tree,
            calendar: &calendar,
            receiving_calendar: &receiving,
            version: plan.version,
            corrected: None,
        };
        rules::receive(&mut row, &setting, at.occurred)?;
        if plan.received_at.is_some() {
            row.mark(Mark::LateEntry);
        }
        row.code = Some(store::next_code(conn, world, &row, at)?);
    } else {
        let calendar = world.catalogue.calendars.for_agency(row.agency_id)?;
        row.answer_by(rules::accept_due(&calendar, at.occurred, world.accept_within_minutes)?);
        row.reference = Some(store::next_reference(conn, world, &row, at)?);
    }
    Ok(row)
}
