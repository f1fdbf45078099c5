//! What the endpoints of closings take and give.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::{ClosingAction, ClosingState, PeriodKind};
use crate::db::Instant;
use crate::dossiers::AgencyName;

/// What is to be done with the figures of a period.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": "close", "period_kind": "admin_15_14", "agency": "000.33.31.H20"}))]
pub(in crate::statistics) struct ClosePeriod {
    /// `close` when left out.
    pub(super) action: Option<ClosingAction>,
    /// `calendar` when left out.
    pub(super) period_kind: Option<PeriodKind>,
    /// Code of the agency whose figures they are; the caller's own when left out.
    #[schema(min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
    /// Why it is given back.
    #[schema(min_length = 1, max_length = 1000)]
    pub(super) reason: Option<String>,
}

/// Which closings are wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::statistics) struct ListPeriods {
    /// Code of the agency, with all below it; the caller's own when left out.
    #[param(min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
    /// Only that agency, without those below it.
    pub(super) own: Option<bool>,
    /// Only this period: `2019`, `2019-H1`, `2019-9M`, `2019-Q3`, `2019-07`.
    #[param(min_length = 4, max_length = 7)]
    pub(super) period: Option<String>,
    /// Only periods of this kind.
    #[param(inline)]
    pub(super) period_kind: Option<PeriodKind>,
    /// Only those that stand here.
    #[param(inline)]
    pub(super) state: Option<ClosingState>,
}

/// A step of a closing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"action": "return", "by": "leader@thanh-binh", "at": "2019-04-03T09:00:00+07:00", "reason": "Thiếu hồ sơ chứng thực ngày 29/3"}))]
pub(in crate::statistics) struct StepView {
    pub(super) action: ClosingAction,
    /// User name.
    pub(super) by: String,
    pub(super) at: Instant,
    pub(super) reason: Option<String>,
}

/// The closed figures of an agency's period: one revision.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "agency": {"code": "000.33.31.H20", "name": "Xã Tân Long"}, "period": "2019-03",
    "period_kind": "calendar", "from": "2019-03-01", "to": "2019-04-01", "revision": 1, "state": "submitted",
    "figures": {"carried_over": 0, "received.total": 7, "moved.total": 0, "resolved.total": 3, "resolved.early": 1,
        "resolved.on_time": 1, "resolved.late": 1, "withdrawn.total": 1, "stopped.total": 1, "pending.total": 2,
        "pending.in_time": 1, "pending.overdue": 1, "pending.paused": 1},
    "differences": {}, "signed_by": "leader@tan-long", "closed_at": "2019-04-02T08:10:00+07:00",
    "seal": "5f0a3c1de2b94b7f8a6d0c9e1b2a3f4455667788990011223344556677889900",
    "steps": [{"action": "close", "by": "leader@tan-long", "at": "2019-04-02T08:10:00+07:00", "reason": null}], "version": 2
}))]
pub(in crate::statistics) struct ClosingView {
    pub(super) id: String,
    pub(super) agency: AgencyName,
    pub(super) period: String,
    pub(super) period_kind: PeriodKind,
    pub(super) from: NaiveDate,
    /// The day after its last one.
    pub(super) to: NaiveDate,
    /// 1, and one more after each return for correction.
    pub(super) revision: i64,
    pub(super) state: ClosingState,
    /// As they were frozen, of the agency and all below it.
    pub(super) figures: BTreeMap<&'static str, i64>,
    /// What the counters say now beyond the frozen figures; those that are as they were stand not there.
    pub(super) differences: BTreeMap<&'static str, i64>,
    /// User name of the leader who closed it.
    pub(super) signed_by: String,
    pub(super) closed_at: Instant,
    /// HMAC-SHA-256 of the frozen cells, their signer and moment, in hexadecimal digits.
    pub(super) seal: String,
    /// What was done with it, in order.
    pub(super) steps: Vec<StepView>,
    /// Raised at each step; the number in the `ETag`.
    pub(super) version: i64,
}
