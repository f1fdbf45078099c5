//! The public's look-up (tra cứu): with the code and the secret of the receipt, how far a dossier is. Never names or papers.
//!
//! An unknown code and a wrong secret take the same path and look the same.

use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::view::{AgencyName, agency_name};
use super::{Status, store};
use crate::World;
use crate::calendar::rules::Outcome;
use crate::db::{Conn, Instant};
use crate::http::{Code, Problem};

/// How far a dossier is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "000.33.31.H20-190304-0007", "reference": null, "procedure": "Đăng ký khai sinh", "status": "processing",
    "national_status": 4, "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"},
    "holder": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "submitted_at": "2019-03-04T08:30:00+07:00",
    "received_at": "2019-03-04T08:30:00+07:00", "due_at": "2019-03-04T17:00:00+07:00", "expected_due_at": null,
    "finished_at": null, "returned_at": null, "outcome": null, "is_paused": false
}))]
pub struct ProgressView {
    pub code: Option<String>,
    pub reference: Option<String>,
    /// Name of the procedure; null where it is sensitive.
    pub procedure: Option<String>,
    pub status: Status,
    pub national_status: i32,
    pub agency: AgencyName,
    /// Where it is.
    pub holder: AgencyName,
    pub submitted_at: Option<Instant>,
    pub received_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub expected_due_at: Option<Instant>,
    pub finished_at: Option<Instant>,
    pub returned_at: Option<Instant>,
    pub outcome: Option<Outcome>,
    /// Waits for the applicant's papers or money.
    pub is_paused: bool,
}

/// Looks a dossier up by code, reference or id and secret.
///
/// # Errors
/// 404 for an unknown code as for a wrong secret.
pub fn look_up(conn: &mut Conn, world: &World, address: &str, secret: &str) -> Result<ProgressView, Problem> {
    let given = world.secrets.lookup_hash(&secret.trim().to_uppercase());
    let found = store::find(conn, address)?;
    let kept = found.as_ref().map_or("", |dossier| dossier.lookup_hash.as_str());
    let matches: bool = given.as_bytes().ct_eq(kept.as_bytes()).into();
    let Some(dossier) = found.filter(|_| matches) else { return Err(Problem::new(Code::NotFound)) };
    let version = world.catalogue.procedures.version(dossier.procedure_version_id)?;
    let row = dossier.row;
    Ok(ProgressView {
        code: row.code,
        reference: row.reference,
        procedure: (!version.content.sensitive).then(|| version.content.name.clone()),
        status: row.status,
        national_status: row.status.national(),
        agency: agency_name(world, row.agency_id)?,
        holder: agency_name(world, row.holder_id)?,
        submitted_at: row.submitted_at,
        received_at: row.received_at,
        due_at: row.due_at,
        expected_due_at: row.expected_due_at,
        finished_at: row.finished_at,
        returned_at: row.returned_at,
        outcome: row.outcome,
        is_paused: row.is_paused,
    })
}
