//! What the endpoints of the audit take and give.

use std::collections::HashMap;

use chrono::NaiveDate;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::Anchor;
use super::store::ReadingRow;
use crate::World;
use crate::access::{CallerKind, Operation, accounts, place_of_reason};
use crate::db::{Conn, Cursor, Instant};
use crate::dossiers::{AgencyName, ChainFault, addresses, agency_name};
use crate::http::Problem;

/// Which readings are wanted. Days are local, the period is half-open.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListReadings {
    /// Of this dossier: its code, reference or id.
    #[param(min_length = 1, max_length = 64, example = "000.33.31.H20-190304-0001")]
    pub(super) dossier: Option<String>,
    /// By the account with this user name.
    #[param(min_length = 1, max_length = 64, example = "clerk@tan-long")]
    pub(super) account: Option<String>,
    /// By the machine client with this id.
    #[param(min_length = 1, max_length = 64, example = "province")]
    pub(super) client: Option<String>,
    /// By callers of the agency with this code, and of those below it.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
    /// Only by this operation.
    #[param(inline)]
    pub(super) operation: Option<Operation>,
    /// On or after this day.
    #[param(example = "2019-03-01")]
    pub(super) from: Option<NaiveDate>,
    /// Before this day.
    #[param(example = "2019-04-01")]
    pub(super) to: Option<NaiveDate>,
}

/// Somebody read a dossier in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2019-03-04T09:12:31.204113+07:00", "dossier": "000.33.31.H20-190304-0001",
    "caller": {"kind": "account", "name": "inspector@thanh-binh", "agency": {"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"}},
    "operation": "get_dossier", "reason": "Kiểm tra theo kế hoạch năm 2019"
}))]
pub(super) struct ReadingView {
    at: Instant,
    /// Code of the dossier; its reference while it has none.
    dossier: String,
    caller: CallerView,
    operation: Operation,
    /// What the caller's `X-Access-Reason` said.
    reason: Option<String>,
}

/// Who read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CallerView {
    kind: CallerKind,
    /// User name or client id.
    name: Option<String>,
    /// Where the caller belonged then.
    agency: AgencyName,
}

/// Readings as lists show them, in the same order.
pub(super) fn readings(
    conn: &mut Conn,
    world: &World,
    rows: Vec<ReadingRow>,
) -> Result<Vec<ReadingView>, Problem> {
    let of_kind = |kind: CallerKind| -> Vec<i64> {
        rows.iter().filter(|row| row.caller_kind == kind).map(|row| row.caller_id).collect()
    };
    let people = accounts::names(conn, &of_kind(CallerKind::Account))?;
    let machines = accounts::client_names(conn, &of_kind(CallerKind::Client))?;
    let name_of = |kind: CallerKind, id: i64| {
        let names: &HashMap<i64, String> = match kind {
            CallerKind::Account => &people,
            CallerKind::Client => &machines,
        };
        names.get(&id).cloned()
    };
    let dossiers = addresses(conn, rows.iter().map(|row| row.dossier_id).collect())?;
    let view = |row: ReadingRow| {
        let reason = row.reason.as_ref();
        let reason = reason.map(|sealed| sealed.open(&world.vault, &place_of_reason(row.dossier_id, row.at)));
        Ok(ReadingView {
            at: row.at,
            dossier: dossiers.get(&row.dossier_id).cloned().unwrap_or_default(),
            caller: CallerView {
                kind: row.caller_kind,
                name: name_of(row.caller_kind, row.caller_id),
                agency: agency_name(world, row.agency_id)?,
            },
            operation: row.operation,
            reason: reason.transpose()?,
        })
    };
    rows.into_iter().map(view).collect()
}

/// Which histories are verified.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VerifyQuery {
    /// Only this dossier: its code, reference or id.
    #[param(min_length = 1, max_length = 64, example = "000.33.31.H20-190304-0001")]
    pub(super) dossier: Option<String>,
    /// Only what the agency with this code, and those below it, received.
    #[param(min_length = 1, max_length = 35, example = "000.00.31.H20")]
    pub(super) agency: Option<String>,
    /// How many dossiers are verified in this call.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 5000, default = 1000)]
    pub(super) limit: Option<VerifyLimit>,
    /// `next_cursor` of the call before. The other parameters must be the same as there.
    #[param(value_type = Option<String>, min_length = 1, max_length = 2048, pattern = "^[A-Za-z0-9_-]+$")]
    pub(super) cursor: Option<Cursor>,
}

/// How many dossiers one call verifies.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct VerifyLimit(i64);

impl VerifyLimit {
    pub(super) fn get(self) -> i64 {
        self.0
    }
}

impl Default for VerifyLimit {
    fn default() -> Self {
        Self(1_000)
    }
}

impl TryFrom<i64> for VerifyLimit {
    type Error = &'static str;

    fn try_from(limit: i64) -> Result<Self, Self::Error> {
        if (1..=5_000).contains(&limit) { Ok(Self(limit)) } else { Err("limit must be from 1 to 5000") }
    }
}

/// What was verified, and each place where a history breaks.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "dossiers": 1000, "events": 4423,
    "anchors": {
        "count": 64, "broken": [],
        "latest": {"day": "2019-03-03", "made_at": "2019-03-04T00:10:00+07:00", "heads": 128, "hash": "9f86d081884c7d65…"}
    },
    "items": [{
        "dossier": "000.33.31.H20-190304-0001", "seq": 2, "fault": "hash_differs",
        "detail": "mã băm không khớp với nội dung và sự kiện trước nó"
    }],
    "next_cursor": null
}))]
pub(super) struct VerifyReport {
    /// How many dossiers were verified in this call.
    pub(super) dossiers: usize,
    /// How many events they have.
    pub(super) events: usize,
    pub(super) anchors: AnchorsView,
    /// Where histories break; empty when everything is as it was written.
    pub(super) items: Vec<BreakView>,
    /// Where the next call goes on; null when all were verified.
    pub(super) next_cursor: Option<Cursor>,
}

/// The chain of anchors.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AnchorsView {
    /// How many there are.
    pub(super) count: usize,
    /// Days whose anchor does not follow from itself and the one before it.
    pub(super) broken: Vec<NaiveDate>,
    pub(super) latest: Option<AnchorView>,
}

/// An anchor: the proof of all that was written up to it, to be kept elsewhere.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AnchorView {
    /// The local day that had ended when it was made.
    day: NaiveDate,
    made_at: Instant,
    /// How many histories had gone on since the anchor before.
    heads: i64,
    /// Hex of its HMAC.
    hash: String,
}

impl From<&Anchor> for AnchorView {
    fn from(anchor: &Anchor) -> Self {
        let Anchor { day, made_at, heads, .. } = *anchor;
        Self { day, made_at, heads, hash: HEXLOWER.encode(&anchor.hash) }
    }
}

/// One place where a history breaks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct BreakView {
    /// Code of the dossier; its reference while it has none.
    pub(super) dossier: String,
    /// At which event; null: at the dossier itself.
    pub(super) seq: Option<i64>,
    pub(super) fault: ChainFault,
    /// The same in words.
    pub(super) detail: String,
}
