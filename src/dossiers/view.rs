//! A dossier as callers see it: everything, numbers masked, or the bare row.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::content::Applicant;
use super::{
    Action, Channel, Component, Content, Dossier, ExternalReference, Fee, Mark, NewDossier, Parts,
    Representative, ResultKind, ReturnBy, Status,
};
use crate::World;
use crate::access::{Columns, Identity, Operation, View, mask};
use crate::agencies::AgencyId;
use crate::calendar::rules::{Outcome, RuleSet, TimeLimit};
use crate::db::{Conn, Instant};
use crate::http::Problem;
use crate::procedures::FieldView;

/// An agency by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"code": "000.33.31.H20", "name": "Xã Tân Long"}))]
pub struct AgencyName {
    pub code: String,
    pub name: String,
}

/// The procedure version that a dossier was received under.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProcedureName {
    pub code: String,
    pub name: String,
    pub version: i32,
    pub field: FieldView,
}

/// Who has the papers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustodyView {
    /// `citizen`, or the agency or post office.
    pub party: Party,
    pub since: Instant,
    /// Number of the slip or manifest by which they came.
    pub slip: Option<String>,
}

/// A keeper of papers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Party {
    /// `agency`, `post_office` or `citizen`.
    pub kind: String,
    /// Null for the citizen.
    pub code: Option<String>,
    pub name: Option<String>,
}

/// One leg (chặng) of the route.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LegView {
    pub key: String,
    pub name: String,
    pub agency: AgencyName,
    /// `waiting`, `open` or `done`.
    pub state: String,
    /// Key of the leg that it runs beside.
    pub parallel_with: Option<String>,
    pub officer: Option<String>,
    pub started_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub judged_due_at: Option<Instant>,
    pub finished_at: Option<Instant>,
    /// Opening minutes used so far or in all; null before it starts.
    pub used: Option<i64>,
    pub share: Option<TimeLimit>,
    /// Opening minutes of its share that are left or were saved; negative: by which it overran it.
    pub balance: Option<i64>,
    /// What the legs that are done before it saved together (negative: overran), in opening minutes of each.
    pub carried: Option<i64>,
    /// While it waits: when it will be due if those before it end on their dates.
    pub expected_due_at: Option<Instant>,
}

/// The legs of a dossier as they are told: those that will never begin are expected at no time.
pub(super) fn legs_of(row: &NewDossier, legs: Option<Vec<LegView>>) -> Vec<LegView> {
    let legs = legs.unwrap_or_default();
    if row.status.is_open() {
        return legs;
    }
    legs.into_iter().map(|leg| LegView { expected_due_at: None, ..leg }).collect()
}

/// What could be done next.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllowedTransition {
    pub action: Action,
    pub to: Status,
}

/// A dossier (hồ sơ).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0191d9d0-7f6c-7c2e-9a53-0d2d2f5c8a10", "code": "000.33.31.H20-190304-0007", "reference": null,
    "status": "received", "national_status": 2,
    "procedure": {"code": "1.001193", "name": "Đăng ký khai sinh", "version": 1, "field": {"code": "ho-tich", "name": "Hộ tịch"}},
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "competent_agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"},
    "holder": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "assignee": null, "channel": "counter",
    "applicant": {"kind": "person", "full_name": "Nguyễn Thị Hoa", "identity_number": "087190001234", "identity_document": null, "tax_code": null, "phone": "+84901234567", "email": null, "address": null},
    "representative": null, "components": [{"code": "TK", "name": "Tờ khai đăng ký khai sinh", "originals": 1, "copies": 0, "document": null}],
    "fees": [], "return_by": "counter", "external_references": [], "note": null,
    "submitted_at": "2019-03-04T08:30:00+07:00", "accept_due_at": null, "received_at": "2019-03-04T08:30:00+07:00",
    "due_at": "2019-03-04T17:00:00+07:00", "judged_due_at": "2019-03-04T17:00:00+07:00", "first_due_at": "2019-03-04T17:00:00+07:00",
    "expected_due_at": null, "finished_at": null, "returned_at": null, "result": null, "outcome": null,
    "is_overdue": false, "is_paused": false, "rule_set": "nd61", "marks": [],
    "custody": {"party": {"kind": "agency", "code": "000.33.31.H20", "name": "Xã Tân Long"}, "since": "2019-03-04T08:30:00+07:00", "slip": null},
    "legs": [], "allowed_transitions": [{"action": "start", "to": "processing"}], "view": "full", "version": 1
}))]
pub struct DossierView {
    pub id: String,
    pub code: Option<String>,
    pub reference: Option<String>,
    pub status: Status,
    /// Status of the national portal, 1–10.
    pub national_status: i32,
    pub procedure: ProcedureName,
    /// The agency that received it.
    pub agency: AgencyName,
    pub competent_agency: AgencyName,
    pub holder: AgencyName,
    /// Username of the officer in the lead.
    pub assignee: Option<String>,
    pub channel: Channel,
    /// Null in the row view, and so are the members up to `note`.
    pub applicant: Option<Applicant>,
    pub representative: Option<Representative>,
    pub components: Option<Vec<Component>>,
    pub fees: Option<Vec<Fee>>,
    pub return_by: Option<ReturnBy>,
    pub external_references: Option<Vec<ExternalReference>>,
    pub note: Option<String>,
    pub submitted_at: Option<Instant>,
    pub accept_due_at: Option<Instant>,
    pub received_at: Option<Instant>,
    /// The promise to the applicant.
    pub due_at: Option<Instant>,
    /// What the agency is judged by.
    pub judged_due_at: Option<Instant>,
    pub first_due_at: Option<Instant>,
    /// Decree 118/2025, while the competent agency has not acknowledged: the promise on the receipt.
    pub expected_due_at: Option<Instant>,
    pub finished_at: Option<Instant>,
    pub returned_at: Option<Instant>,
    pub result: Option<ResultKind>,
    pub outcome: Option<Outcome>,
    pub is_overdue: bool,
    pub is_paused: bool,
    pub rule_set: Option<RuleSet>,
    pub marks: Vec<Mark>,
    pub custody: Option<CustodyView>,
    /// Null in the row view.
    pub legs: Option<Vec<LegView>>,
    /// What this caller could do now; only with a single dossier.
    pub allowed_transitions: Option<Vec<AllowedTransition>>,
    /// How much this caller sees.
    pub view: View,
    pub version: i64,
}

/// Who is shown dossiers, and by which operation.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a Identity, pub Operation);

impl Reader<'_> {
    /// Notes that he is shown this one in full.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn note(self, world: &World, dossier: Columns) -> Result<(), Problem> {
        let Self(caller, operation) = self;
        world.readings.note(&world.vault, caller, operation, dossier, world.now)
    }
}

/// Views of `dossiers`, each as this caller sees it, in the same order.
///
/// # Errors
/// Those of the database.
pub fn render(
    conn: &mut Conn,
    world: &World,
    reader: Reader<'_>,
    dossiers: Vec<(Dossier, View)>,
) -> Result<Vec<DossierView>, Problem> {
    let ids: Vec<_> =
        dossiers.iter().filter(|(_, view)| *view >= View::Masked).map(|(dossier, _)| dossier.id).collect();
    let mut parts = Parts::default();
    if !ids.is_empty() {
        for effect in world.effects.iter() {
            effect.parts(conn, world, &ids, &mut parts)?;
        }
    }
    let assigned: Vec<_> = dossiers.iter().filter_map(|(dossier, _)| dossier.assignee_id).collect();
    let names =
        if assigned.is_empty() { HashMap::new() } else { crate::access::accounts::names(conn, &assigned)? };
    dossiers
        .into_iter()
        .map(|(dossier, view)| one(world, reader, dossier, view, &mut parts, &names))
        .collect()
}

fn one(
    world: &World,
    reader: Reader<'_>,
    dossier: Dossier,
    view: View,
    parts: &mut Parts,
    names: &HashMap<i64, String>,
) -> Result<DossierView, Problem> {
    let is_overdue = dossier.is_overdue(world.now);
    if view == View::Full {
        reader.note(world, Columns::from(&dossier))?;
    }
    let custody = parts.custody.remove(&dossier.id);
    let legs = parts.legs.remove(&dossier.id);
    let legs = legs_of(&dossier, legs);
    let row = dossier.row;
    let version = world.catalogue.procedures.version(row.procedure_version_id)?;
    let content = match view {
        View::None | View::Row => None,
        View::Masked if version.content.sensitive => Some(nameless(row.open_content(&world.vault)?)),
        View::Masked => Some(masked(row.open_content(&world.vault)?)),
        View::Full => Some(row.open_content(&world.vault)?),
    };
    let (applicant, representative, components, fees, return_by, external_references, note) = match content {
        None => (None, None, None, None, None, None, None),
        Some(content) => (
            Some(content.applicant),
            content.representative,
            Some(content.components),
            Some(content.fees),
            content.return_by,
            Some(content.external_references),
            content.note,
        ),
    };
    Ok(DossierView {
        id: row.public_id,
        code: row.code,
        reference: row.reference,
        status: row.status,
        national_status: row.status.national(),
        procedure: ProcedureName {
            code: version.procedure_code.clone(),
            name: version.content.name.clone(),
            version: version.number,
            field: version.content.field.clone(),
        },
        agency: agency_name(world, row.agency_id)?,
        competent_agency: agency_name(world, row.competent_id)?,
        holder: agency_name(world, row.holder_id)?,
        assignee: row.assignee_id.and_then(|id| names.get(&id).cloned()),
        channel: row.channel,
        applicant,
        representative,
        components,
        fees,
        return_by,
        external_references,
        note,
        submitted_at: row.submitted_at,
        accept_due_at: row.accept_due_at,
        received_at: row.received_at,
        due_at: row.due_at,
        judged_due_at: row.judged_due_at,
        first_due_at: row.first_due_at,
        expected_due_at: row.expected_due_at,
        finished_at: row.finished_at,
        returned_at: row.returned_at,
        result: row.result,
        outcome: row.outcome,
        is_overdue,
        is_paused: row.is_paused,
        rule_set: row.rule_set,
        marks: row.marks.0,
        custody,
        legs: (view >= View::Masked).then_some(legs),
        allowed_transitions: None,
        view,
        version: row.version,
    })
}

/// An agency's code and name.
///
/// # Errors
/// 500 when the catalogue does not know it, which a foreign key rules out.
pub fn agency_name(world: &World, id: AgencyId) -> Result<AgencyName, Problem> {
    let agency = world.catalogue.tree.agency(id)?;
    Ok(AgencyName { code: agency.code.clone(), name: agency.name.clone() })
}

fn masked(mut content: Content) -> Content {
    let hide = |number: &mut Option<String>, phone: &mut Option<String>| {
        *number = number.as_deref().map(mask::identity_number);
        *phone = phone.as_deref().map(mask::phone);
    };
    hide(&mut content.applicant.identity_number, &mut content.applicant.phone);
    if let Some(document) = &mut content.applicant.identity_document {
        document.number = mask::identity_number(&document.number);
    }
    if let Some(person) = &mut content.representative {
        hide(&mut person.identity_number, &mut person.phone);
    }
    content
}

/// Masked, and nothing that tells who it is: of a sensitive procedure.
fn nameless(content: Content) -> Content {
    let Content { applicant, representative, components, fees, return_by, external_references, note: _ } =
        masked(content);
    Content {
        applicant: Applicant {
            full_name: mask::NAME.to_owned(),
            tax_code: None,
            email: None,
            address: None,
            ..applicant
        },
        representative: representative
            .map(|person| Representative { full_name: mask::NAME.to_owned(), ..person }),
        components,
        fees,
        return_by,
        external_references,
        note: None,
    }
}
