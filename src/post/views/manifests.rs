//! Manifests as endpoints take and give them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::manifests::{self, LineRow, Manifest, ManifestFilter};
use super::super::{Direction, HandoffState, ItemState, shipments};
use super::agencies;
use crate::World;
use crate::access::{Identity, Operation, Role, accounts, mask};
use crate::db::{Conn, Instant, text_enum};
use crate::dossiers::{self, AgencyName, DossierId, Recipient, addresses, agency_name};
use crate::http::{Code, Problem};

/// A new manifest (bảng kê).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "direction": "to_post", "office": "VNPOST.TAN-LONG", "agency": "000.33.31.H20",
    "items": [{"dossier": "000.33.31.H20-190304-0007", "tracking_code": "RR473124829VN",
        "recipient": {"full_name": "Nguyễn Thị Hoa", "phone": "0901234567", "address": "Ấp Tân Hòa, xã Tân Long"}, "cod_amount": 30000}]
}))]
pub struct SubmitHandoff {
    /// `to_post`: the agency gives, the post office takes; `from_post`: the other way round.
    pub direction: Direction,
    /// Code of the post office.
    #[schema(min_length = 1, max_length = 35)]
    pub office: String,
    /// Code of the agency: the one that received the dossiers.
    #[schema(min_length = 1, max_length = 35)]
    pub agency: String,
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<HandoffItem>,
}

/// A line of a new manifest.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoffItem {
    /// The dossier's code, reference or id.
    #[schema(min_length = 1, max_length = 60)]
    pub dossier: String,
    /// UPU S10 code of the shipment that it travels in; books the shipment.
    #[schema(max_length = 13, example = "RR473124829VN")]
    pub tracking_code: Option<String>,
    /// To whom the post brings it.
    pub recipient: Option<Recipient>,
    /// Whole đồng to be collected from the recipient.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64, default = 0)]
    pub cod_amount: i64,
    /// Whole đồng of fees that go along with the papers.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64, default = 0)]
    pub fees: i64,
    /// Codes of the papers that go; left out or empty: all that the giving side has.
    #[schema(max_items = 100)]
    pub papers: Option<Vec<String>>,
}

/// The second signature on a manifest.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"exceptions": [{"dossier": "000.33.31.H20-190304-0009", "state": "missing", "reason": "Không có trong túi thư"}]}))]
pub struct AcceptHandoff {
    /// Lines that did not come as they should. All others are accepted.
    #[schema(max_items = 200)]
    pub exceptions: Option<Vec<HandoffException>>,
}

text_enum! {
    /// What is wrong with a line.
    pub enum ExceptionState {
        /// It did not come: papers stay with the giving side.
        Missing = "missing",
        /// It came damaged: papers are here, but it is no acceptance of the dossier.
        Damaged = "damaged",
    }
}

/// A line that did not come as it should.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoffException {
    /// The dossier, as the line has it.
    #[schema(min_length = 1, max_length = 60)]
    pub dossier: String,
    pub state: ExceptionState,
    /// What was found.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// A manifest in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "number": "000.33.31.H20-BK-190304-0001", "direction": "to_post",
    "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "state": "draft", "created_by": "clerk@tan-long",
    "created_at": "2019-03-04T15:30:00+07:00", "dispatched_by": null, "dispatched_at": null, "accepted_by": null,
    "accepted_at": null, "cancelled_at": null, "lines": 1, "exceptions": 0, "version": 1
}))]
pub struct HandoffSummary {
    pub id: String,
    pub number: String,
    pub direction: Direction,
    pub office: AgencyName,
    pub agency: AgencyName,
    pub state: HandoffState,
    /// Username.
    pub created_by: Option<String>,
    pub created_at: Instant,
    /// Username: the first signature.
    pub dispatched_by: Option<String>,
    pub dispatched_at: Option<Instant>,
    /// Username: the second signature.
    pub accepted_by: Option<String>,
    pub accepted_at: Option<Instant>,
    pub cancelled_at: Option<Instant>,
    /// How many lines it has.
    pub lines: i64,
    /// How many of them are missing or damaged.
    pub exceptions: i64,
    /// Raised at each change; the number in the `ETag`.
    pub version: i64,
}

/// A manifest with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "number": "000.33.31.H20-BK-190304-0001", "direction": "to_post",
    "office": {"code": "VNPOST.TAN-LONG", "name": "Bưu điện - Văn hóa xã Tân Long"},
    "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "state": "accepted", "created_by": "clerk@tan-long",
    "created_at": "2019-03-04T15:30:00+07:00", "dispatched_by": "clerk@tan-long",
    "dispatched_at": "2019-03-04T15:35:00+07:00", "accepted_by": "post_clerk@buu-dien-tan-long",
    "accepted_at": "2019-03-04T16:00:00+07:00", "cancelled_at": null, "lines": 1, "exceptions": 0, "version": 3,
    "items": [{"line": 1, "dossier": "000.33.31.H20-190304-0007", "tracking_code": "RR473124829VN",
        "recipient": {"full_name": "Nguyễn Thị Hoa", "identity_number": null, "phone": "+84901234567", "address": "Ấp Tân Hòa, xã Tân Long"},
        "cod_amount": 30000, "fees": 0, "papers": [], "state": "accepted", "reason": null}]
}))]
pub struct HandoffView {
    #[serde(flatten)]
    pub manifest: HandoffSummary,
    pub items: Vec<HandoffLine>,
}

/// A line of a manifest.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HandoffLine {
    /// 1, 2, 3 …
    pub line: i32,
    /// Code of the dossier; its reference while it has none.
    pub dossier: String,
    pub tracking_code: Option<String>,
    /// Numbers are masked for whoever sees the dossier so.
    pub recipient: Option<Recipient>,
    /// Whole đồng to be collected from the recipient.
    pub cod_amount: i64,
    /// Whole đồng of fees that go along.
    pub fees: i64,
    /// Codes of papers; empty: all that the giving side has.
    pub papers: Vec<String>,
    pub state: ItemState,
    /// Why it is missing or damaged.
    pub reason: Option<String>,
}

/// Which manifests are wanted. Days are local, the period is half-open.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListHandoffs {
    /// Which way the papers go.
    #[param(inline)]
    direction: Option<Direction>,
    /// Code of the post office.
    #[param(min_length = 1, max_length = 35)]
    office: Option<String>,
    /// Code of the agency.
    #[param(min_length = 1, max_length = 35)]
    agency: Option<String>,
    /// Only manifests in this state.
    #[param(inline)]
    state: Option<HandoffState>,
    /// Drawn up on or after this day.
    created_from: Option<NaiveDate>,
    /// Drawn up before this day.
    created_to: Option<NaiveDate>,
}

impl ListHandoffs {
    pub(in crate::post) fn filter(&self, world: &World) -> Result<ManifestFilter, Problem> {
        let [office, agency] = agencies(world, [("office", &self.office), ("agency", &self.agency)])?;
        let (direction, state) = (self.direction, self.state);
        let (created_from, created_to) = (self.created_from, self.created_to);
        Ok(ManifestFilter { direction, office, agency, state, created_from, created_to })
    }
}

/// Manifests as lists show them, in the same order.
pub(in crate::post) fn summaries(
    conn: &mut Conn,
    world: &World,
    rows: Vec<Manifest>,
) -> Result<Vec<HandoffSummary>, Problem> {
    let sizes = manifests::sizes(conn, rows.iter().map(|manifest| manifest.id).collect())?;
    let people = |manifest: &Manifest| [manifest.created_by, manifest.dispatched_by, manifest.accepted_by];
    let mut ids: Vec<_> = rows.iter().flat_map(people).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let names = if ids.is_empty() { HashMap::new() } else { accounts::names(conn, &ids)? };
    let name = |id: Option<i64>| id.and_then(|id| names.get(&id).cloned());
    rows.into_iter()
        .map(|manifest| {
            let (lines, exceptions) = sizes.get(&manifest.id).copied().unwrap_or_default();
            Ok(HandoffSummary {
                id: manifest.public_id.to_string(),
                number: manifest.number,
                direction: manifest.direction,
                office: agency_name(world, manifest.office_id)?,
                agency: agency_name(world, manifest.agency_id)?,
                state: manifest.state,
                created_by: name(manifest.created_by),
                created_at: manifest.created_at,
                dispatched_by: name(manifest.dispatched_by),
                dispatched_at: manifest.dispatched_at,
                accepted_by: name(manifest.accepted_by),
                accepted_at: manifest.accepted_at,
                cancelled_at: manifest.cancelled_at,
                lines,
                exceptions,
                version: manifest.version,
            })
        })
        .collect()
}

/// A manifest with its lines, as this caller sees it.
pub(in crate::post) fn detail(
    conn: &mut Conn,
    world: &World,
    caller: &Identity,
    manifest: Manifest,
) -> Result<HandoffView, Problem> {
    let rows = manifests::lines(conn, manifest.id)?;
    let addresses = addresses(conn, rows.iter().map(|line| line.dossier_id).collect())?;
    let carried: Vec<i64> = rows.iter().filter_map(|line| line.shipment_id).collect();
    let codes = shipments::tracking_codes(conn, &carried)?;
    let place = manifests::place_of_recipients(manifest.public_id);
    let is_masked = caller.has(Role::Inspector)
        && caller.reason.is_none()
        && !caller.has(Role::Clerk)
        && !caller.has(Role::PostClerk);
    // Whoever is neither side of it sees no names of sensitive procedures, reason or not.
    let is_side = caller.has(Role::Clerk) || caller.has(Role::PostClerk);
    let sensitive = world.catalogue.procedures.sensitive();
    let mut nameless: HashSet<DossierId> = HashSet::new();
    let with_recipient: Vec<_> =
        rows.iter().filter(|line| line.recipient.is_some()).map(|line| line.dossier_id).collect();
    for dossier in dossiers::columns(conn, &with_recipient)? {
        if !is_side && sensitive.contains(dossier.procedure_version_id) {
            nameless.insert(dossier.id);
        } else if !is_masked {
            world.readings.note(&world.vault, caller, Operation::GetHandoff, dossier, world.now)?;
        }
    }
    let line = |row: LineRow| -> Result<HandoffLine, Problem> {
        let shown = row.recipient.filter(|_| !nameless.contains(&row.dossier_id));
        let recipient = shown.map(|sealed| sealed.open(&world.vault, &place)).transpose()?;
        Ok(HandoffLine {
            line: row.line,
            dossier: addresses.get(&row.dossier_id).cloned().unwrap_or_default(),
            tracking_code: row.shipment_id.and_then(|id| codes.get(&id).cloned()),
            recipient: recipient.map(|recipient| if is_masked { masked(recipient) } else { recipient }),
            cod_amount: row.cod_amount,
            fees: row.fees,
            papers: row.papers.0,
            state: row.state,
            reason: row.reason,
        })
    };
    let items = rows.into_iter().map(line).collect::<Result<_, Problem>>()?;
    let mut summaries = summaries(conn, world, vec![manifest])?;
    let manifest = summaries.pop().ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(HandoffView { manifest, items })
}

fn masked(recipient: Recipient) -> Recipient {
    Recipient {
        identity_number: recipient.identity_number.as_deref().map(mask::identity_number),
        phone: recipient.phone.as_deref().map(mask::phone),
        ..recipient
    }
}
