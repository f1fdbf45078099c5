//! What the endpoints of routing take and give.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::custody::CustodyRow;
use super::slips::{self, Slip, SlipFilter};
use super::{LineState, SlipKind, SlipState};
use crate::World;
use crate::access::accounts;
use crate::agencies::AgencyId;
use crate::db::{self, Conn, Instant, text_enum};
use crate::dossiers::{AgencyName, LegView, Party, addresses, agency_name};
use crate::http::{Code, Faults, Problem};

/// A new slip: dossiers and their papers go from the agency that holds them to another.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "to_agency": "CA.874", "dossiers": ["000.33.31.H20-190304-0007", "000.33.31.H20-190304-0009"],
    "note": "Chuyển Công an huyện đăng ký thường trú"
}))]
pub struct SubmitTransfer {
    /// Code of the agency that gets them.
    #[schema(min_length = 1, max_length = 35)]
    pub to_agency: String,
    /// Codes of dossiers that one agency holds.
    #[schema(min_items = 1, max_items = 200)]
    pub dossiers: Vec<String>,
    /// What the addressee should know.
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// The addressee's answer to a slip.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"lines": [
    {"dossier": "000.33.31.H20-190304-0007", "state": "received", "missing": ["GCS"]},
    {"dossier": "000.33.31.H20-190304-0009", "state": "refused", "reason": "Không thuộc thẩm quyền"}
]}))]
pub struct AcknowledgeTransfer {
    /// Lines about which there is something to say. All others that are not answered yet are received in full.
    #[schema(max_items = 200)]
    pub lines: Option<Vec<LineAnswer>>,
}

text_enum! {
    /// What the addressee says of a line.
    pub enum AnsweredState {
        /// It is here.
        Received = "received",
        /// It did not arrive.
        Missing = "missing",
        /// It is not taken.
        Refused = "refused",
    }
}

/// The answer to one line.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineAnswer {
    /// The dossier's code, as the line has it.
    #[schema(min_length = 1, max_length = 60)]
    pub dossier: String,
    /// Default: `received`. The dossier of a line that is `missing` or `refused` goes back to the sender's state.
    pub state: Option<AnsweredState>,
    /// Required with `missing` and `refused`.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    /// With `received`: codes of papers that did not arrive; they stay with the sender.
    #[schema(max_items = 100)]
    pub missing: Option<Vec<String>>,
}

/// Why a slip is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Chuyển nhầm cơ quan"}))]
pub struct RecallTransfer {
    /// Kept in the history of each dossier.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// A slip (phiếu bàn giao) in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "number": "000.33.31.H20-BG-190304-0001", "kind": "forward",
    "from": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "to": {"code": "CA.874", "name": "Công an huyện Thanh Bình"},
    "state": "sent", "note": null, "sent_by": "clerk@tan-long", "sent_at": "2019-03-04T14:20:00+07:00",
    "due_at": "2019-03-04T17:00:00+07:00", "acknowledged_by": null, "acknowledged_at": null, "dossiers": 2, "version": 1
}))]
pub struct TransferSummary {
    pub id: String,
    pub number: String,
    pub kind: SlipKind,
    pub from: AgencyName,
    pub to: AgencyName,
    pub state: SlipState,
    pub note: Option<String>,
    /// Username.
    pub sent_by: Option<String>,
    pub sent_at: Instant,
    /// Until when the papers must be handed over: the same working day, after 15:00 the start of the next.
    pub due_at: Option<Instant>,
    /// Username of whoever answered the last line.
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<Instant>,
    /// How many lines it has.
    pub dossiers: i64,
    /// Raised at each change; the number in the `ETag`.
    pub version: i64,
}

/// A slip with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "number": "000.33.31.H20-BG-190304-0001", "kind": "forward",
    "from": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "to": {"code": "CA.874", "name": "Công an huyện Thanh Bình"},
    "state": "acknowledged", "note": null, "sent_by": "clerk@tan-long", "sent_at": "2019-03-04T14:20:00+07:00",
    "due_at": "2019-03-04T17:00:00+07:00", "acknowledged_by": "officer@cong-an",
    "acknowledged_at": "2019-03-04T15:10:00+07:00", "dossiers": 1, "version": 2,
    "lines": [{"line": 1, "dossier": "000.33.31.H20-190304-0007", "state": "received", "papers": ["TK", "GCS"], "missing": ["GCS"], "reason": null}]
}))]
pub struct TransferView {
    #[serde(flatten)]
    pub slip: TransferSummary,
    pub lines: Vec<TransferLine>,
}

/// A line of a slip.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TransferLine {
    /// 1, 2, 3 …
    pub line: i32,
    /// The dossier's code.
    pub dossier: String,
    pub state: LineState,
    /// Codes of the papers that go with it.
    pub papers: Vec<String>,
    /// Codes of those that did not arrive; the sender still has them.
    pub missing: Vec<String>,
    /// Why it was refused, missing or recalled.
    pub reason: Option<String>,
}

/// Which slips are wanted. Days are local, the period is half-open.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTransfers {
    /// Code of the sending agency.
    #[param(min_length = 1, max_length = 35)]
    from: Option<String>,
    /// Code of the addressee.
    #[param(min_length = 1, max_length = 35)]
    to: Option<String>,
    /// Only slips in this state.
    #[param(inline)]
    state: Option<SlipState>,
    /// Only slips of this kind.
    #[param(inline)]
    kind: Option<SlipKind>,
    /// Sent on or after this day.
    sent_from: Option<NaiveDate>,
    /// Sent before this day.
    sent_to: Option<NaiveDate>,
}

impl ListTransfers {
    pub(super) fn filter(&self, world: &World) -> Result<SlipFilter, Problem> {
        let mut faults = Faults::default();
        let mut agency = |code: Option<&String>, name: &str| -> Option<AgencyId> {
            let code = code?;
            let found = world.catalogue.tree.by_code(code).map(|agency| agency.id);
            if found.is_none() {
                faults.note(format!("/query/{name}"), Code::UnknownAgency);
            }
            found
        };
        let from = agency(self.from.as_ref(), "from");
        let to = agency(self.to.as_ref(), "to");
        faults.into_query_result()?;
        let (state, kind, sent_from, sent_to) = (self.state, self.kind, self.sent_from, self.sent_to);
        Ok(SlipFilter { from, to, state, kind, sent_from, sent_to })
    }
}

/// The legs of a dossier.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"items": [{
    "key": "cong-an", "name": "Đăng ký thường trú", "agency": {"code": "CA.874", "name": "Công an huyện Thanh Bình"},
    "state": "open", "parallel_with": null, "officer": "officer@cong-an", "started_at": "2019-03-04T15:10:00+07:00",
    "due_at": "2019-03-15T17:00:00+07:00", "judged_due_at": "2019-03-15T17:00:00+07:00", "finished_at": null, "used": 125,
    "share": {"amount": 9, "unit": "working_days"}
}]}))]
pub struct LegList {
    /// In the order of the route.
    pub items: Vec<LegView>,
}

/// Where each paper of a dossier was.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"items": [
    {"papers": null, "party": {"kind": "agency", "code": "000.33.31.H20", "name": "Xã Tân Long"},
     "since": "2019-03-04T08:30:00+07:00", "until": "2019-03-04T15:10:00+07:00", "slip": null},
    {"papers": null, "party": {"kind": "agency", "code": "CA.874", "name": "Công an huyện Thanh Bình"},
     "since": "2019-03-04T15:10:00+07:00", "until": null, "slip": "000.33.31.H20-BG-190304-0001"}
]}))]
pub struct CustodyChain {
    /// In the order in which it came about.
    pub items: Vec<CustodyLine>,
}

/// Somebody had papers from then to then.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustodyLine {
    /// Codes of papers; null: all that no other line of that time names.
    pub papers: Option<Vec<String>>,
    pub party: Party,
    pub since: Instant,
    /// Null: still.
    pub until: Option<Instant>,
    /// Number of the slip or manifest by which they came.
    pub slip: Option<String>,
}

impl CustodyChain {
    pub(super) fn of(world: &World, rows: Vec<CustodyRow>) -> Result<Self, db::Error> {
        let line = |row: CustodyRow| {
            Ok(CustodyLine {
                party: row.party_view(world)?,
                papers: row.papers.map(|papers| papers.0),
                since: row.from_at,
                until: row.until_at,
                slip: row.slip,
            })
        };
        Ok(Self { items: rows.into_iter().map(line).collect::<Result<_, db::Error>>()? })
    }
}

/// Slips as lists show them, in the same order.
///
/// # Errors
/// Those of the database.
pub(super) fn summaries(
    conn: &mut Conn,
    world: &World,
    rows: Vec<Slip>,
) -> Result<Vec<TransferSummary>, Problem> {
    let sizes = slips::sizes(conn, rows.iter().map(|slip| slip.id).collect())?;
    let mut people: Vec<_> =
        rows.iter().flat_map(|slip| [slip.sent_by, slip.acknowledged_by]).flatten().collect();
    people.sort_unstable();
    people.dedup();
    let names = if people.is_empty() { HashMap::new() } else { accounts::names(conn, &people)? };
    let name = |id: Option<i64>| id.and_then(|id| names.get(&id).cloned());
    rows.into_iter()
        .map(|slip| {
            Ok(TransferSummary {
                id: slip.public_id.to_string(),
                number: slip.number,
                kind: slip.kind,
                from: agency_name(world, slip.from_id)?,
                to: agency_name(world, slip.to_id)?,
                state: slip.state,
                note: slip.note,
                sent_by: name(slip.sent_by),
                sent_at: slip.sent_at,
                due_at: slip.due_at,
                acknowledged_by: name(slip.acknowledged_by),
                acknowledged_at: slip.acknowledged_at,
                dossiers: sizes.get(&slip.id).copied().unwrap_or(0),
                version: slip.version,
            })
        })
        .collect()
}

/// A slip with its lines.
///
/// # Errors
/// Those of the database.
pub(super) fn detail(conn: &mut Conn, world: &World, slip: Slip) -> Result<TransferView, Problem> {
    let rows = slips::lines(conn, slip.id)?;
    let addresses = addresses(conn, rows.iter().map(|line| line.dossier_id).collect())?;
    let lines = rows
        .into_iter()
        .map(|row| TransferLine {
            line: row.line,
            dossier: addresses.get(&row.dossier_id).cloned().unwrap_or_default(),
            state: row.state,
            papers: row.papers.0,
            missing: row.missing.0,
            reason: row.reason,
        })
        .collect();
    let mut summaries = summaries(conn, world, vec![slip])?;
    let slip = summaries.pop().ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(TransferView { slip, lines })
}
