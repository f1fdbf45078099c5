//! Intake (tiếp nhận): from a request body to a dossier with its code, receipt and look-up secret.
//!
//! Staff intake is received at once; online and postal dossiers are submissions until the desk accepts them or the second
//! side signs the manifest. Decree 61/2018 art. 17.
//!
//! Two steps: [`prepare`] does all that needs no database (checks, due dates, sealing), [`submit`] asks who may take in, draws the
//! number and writes. So little is done while others wait for their turn to write.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod check;

use super::content::{Applicant, Component, ExternalReference, Fee, Representative};
use super::events::Personal;
use super::secrets::new_lookup_secret;
use super::{
    Actor, At, Change, Channel, Mark, NewDossier, ReturnBy, Status, Transition, apply, rules, store,
};
use crate::World;
use crate::access::{Identity, Role, Scope, Sealed};
use crate::agencies::AgencyId;
use crate::db::{Conn, Instant, Json};
use crate::http::{Code, Faults, Problem};
use crate::procedures::VersionId;

use check::{Checked, Plan, check};

pub(super) use check::check_components;

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

/// An intake made ready by [`prepare`].
#[derive(Clone)]
pub struct Ready {
    /// For whom, by what and how; none when the body does not tell.
    asked: Option<(AgencyId, VersionId, Channel)>,
    faults: Faults,
    /// None when there are faults.
    entry: Option<Entry>,
}

/// All of a new dossier but its number.
#[derive(Clone)]
struct Entry {
    row: NewDossier,
    personal: Option<Personal>,
    lookup_secret: String,
    at: At,
    actions: Vec<LateAction>,
}

/// Checks an intake, counts its dates and seals what was brought. What is wrong with it is told by [`submit`], which knows
/// whether the caller may know.
///
/// # Errors
/// `calendar_missing`.
pub fn prepare(world: &World, caller: &Identity, command: SubmitDossier, at: At) -> Result<Ready, Problem> {
    let Checked { asked, faults, plan } = check(world, caller, command, at)?;
    let asked = asked.map(|(agency, version, channel)| (agency.id, version.id, channel));
    let entry = plan.map(|plan| enter(world, plan, at)).transpose()?;
    Ok(Ready { asked, faults, entry })
}

fn enter(world: &World, plan: Plan<'_>, at: At) -> Result<Entry, Problem> {
    let at = At { occurred: plan.received_at.unwrap_or(at.occurred), ..at };
    let lookup_secret = new_lookup_secret();
    Ok(Entry {
        row: new_row(world, &plan, &lookup_secret, at)?,
        personal: Personal::of_intake(&world.vault, &plan.content, plan.late_entry_reason.as_deref()),
        lookup_secret,
        at,
        actions: plan.actions,
    })
}

/// Takes a dossier in.
///
/// # Errors
/// All faults of the body at once; 403 when the agency is not the caller's to take in for.
pub fn submit(conn: &mut Conn, world: &World, caller: &Identity, ready: Ready) -> Result<Reception, Problem> {
    let Ready { asked, mut faults, entry } = ready;
    if let Some(asked) = asked
        && let Some(code) = check_reach(conn, world, caller, asked)?
    {
        faults.note("/agency", code);
        return Err(Problem::new(code).faults(faults.into_vec()));
    }
    faults.into_result()?;
    let Some(Entry { mut row, personal, lookup_secret, at, actions }) = entry else {
        return Err(Problem::new(Code::InvalidBody));
    };
    if row.status == Status::Received {
        row.code = Some(store::next_code(conn, world, &row, at)?);
    } else {
        row.reference = Some(store::next_reference(conn, world, &row, at)?);
    }
    let actor = Actor::from(caller);
    let mut change = apply::insert(conn, world, &actor, row, personal, at)?;
    for action in actions {
        let done = At { occurred: action.occurred_at, ..at };
        change = apply::apply(conn, world, &actor, change.after, action.transition, done)?;
    }
    Ok(Reception { change, lookup_secret })
}

/// Whether this caller may take in for this agency: a clerk for his own, a post clerk within a delegation, a client below
/// its agency. None: he may.
fn check_reach(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    (agency, version, channel): (AgencyId, VersionId, Channel),
) -> Result<Option<Code>, Problem> {
    if caller.is_client() {
        let may =
            caller.may(Scope::DossiersWrite) && world.catalogue.tree.is_within(agency, caller.agency_id);
        return Ok((!may).then_some(Code::AgencyOutOfReach));
    }
    if caller.has(Role::Clerk) && caller.agency_id == agency {
        return Ok((channel == Channel::PostOffice).then_some(Code::NotDelegated));
    }
    if caller.has(Role::PostClerk) {
        if !matches!(channel, Channel::PostOffice | Channel::Postal) {
            return Ok(Some(Code::NotDelegated));
        }
        let version = world.catalogue.procedures.version(version)?;
        for effect in world.effects.iter() {
            if let Some(may) = effect.may_take_in(conn, world, caller.agency_id, agency, version)? {
                return Ok((!may).then_some(Code::NotDelegated));
            }
        }
        return Ok(Some(Code::NotDelegated));
    }
    Ok(Some(Code::AgencyOutOfReach))
}

fn new_row(world: &World, plan: &Plan<'_>, lookup_secret: &str, at: At) -> Result<NewDossier, Problem> {
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
    } else {
        let calendar = world.catalogue.calendars.for_agency(row.agency_id)?;
        row.answer_by(rules::accept_due(&calendar, at.occurred, world.accept_within_minutes)?);
    }
    Ok(row)
}
