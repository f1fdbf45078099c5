//! What the endpoints of the catalogue take and give.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Approval, Component, Fee, FieldView, OnlineLevel, ProcedureContent, Step, StepRole, SupplementClock,
    Version, store::VersionState,
};
use crate::{agencies::Kind, calendar::SubmitTimeLimit, db::Instant, http::Faults};

/// A step of a route.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "key": "tckh", "name": "Thẩm định", "agency": "parent/tckh", "role": "officer",
    "time_limit": {"amount": 1.5, "unit": "working_days"}, "parallel_with": null
}))]
pub struct RouteStep {
    /// Its key, once in the route.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub key: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// `receiver`, `parent`, `parent/<function>` (the agency with that function below the receiver's parent, or below
    /// the receiver when it is the parent), or an agency's code.
    #[schema(min_length = 1, max_length = 60)]
    pub agency: String,
    /// Who works on it there.
    pub role: StepRole,
    /// The agency's share of the time, in the unit of the whole; halves of working days are allowed.
    pub time_limit: SubmitTimeLimit,
    /// The key of an earlier step that it runs beside; `null`: it follows what stands before it.
    #[schema(min_length = 1, max_length = 40)]
    pub parallel_with: Option<String>,
}

impl From<&Step> for RouteStep {
    fn from(step: &Step) -> RouteStep {
        RouteStep {
            key: step.key.clone(),
            name: step.name.clone(),
            agency: step.agency.clone(),
            role: step.role,
            time_limit: step.time_limit.into(),
            parallel_with: step.parallel_with.clone(),
        }
    }
}

/// The field that a procedure belongs to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "ho-tich", "name": "Hộ tịch"}))]
pub struct SubmitField {
    /// Its code.
    #[schema(min_length = 1, max_length = 40, pattern = "^[0-9A-Za-z._-]+$")]
    pub code: String,
    /// Its name; may be left out of a field that is known already.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
}

/// A procedure's new version, which begins as a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "2.000635", "name": "Cấp bản sao trích lục hộ tịch", "field": {"code": "ho-tich", "name": "Hộ tịch"},
    "levels": ["commune", "district"], "online_level": "partial",
    "time_limit": {"amount": 1, "unit": "same_day"},
    "fees": [{"code": "LP", "name": "Lệ phí", "amount": 8000, "per": "copy"}],
    "components": [{"code": "TK", "name": "Tờ khai", "required": true, "originals": 1}],
    "route": [], "approval": "officer", "supplement_clock": "restart", "postal": true,
    "legal_basis": "Luật Hộ tịch 60/2014/QH13", "effective_from": "2019-01-01"
}))]
pub struct SubmitProcedure {
    /// The procedure's code. Required for a new procedure; for a new version of a known one it stands in the path.
    #[schema(min_length = 1, max_length = 40, pattern = "^[0-9A-Za-z._-]+$")]
    pub code: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// Its field.
    pub field: SubmitField,
    /// The levels at which it is taken in: province, district, commune.
    #[schema(min_items = 1, max_items = 3)]
    pub levels: Vec<Kind>,
    /// How much of it can be done online.
    pub online_level: OnlineLevel,
    /// The whole time.
    pub time_limit: SubmitTimeLimit,
    /// The fees.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub fees: Vec<Fee>,
    /// The papers.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub components: Vec<Component>,
    /// The agencies that it goes through; none: the receiver does it all.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub route: Vec<RouteStep>,
    /// Who decides.
    pub approval: Approval,
    /// What the end of a supplement does to the time limit.
    pub supplement_clock: SupplementClock,
    /// Whether it may be sent and returned by post.
    #[serde(default)]
    #[schema(default = false)]
    pub postal: bool,
    /// Whether names are not shown outside the agencies that handle it.
    #[serde(default)]
    #[schema(default = false)]
    pub sensitive: bool,
    /// Whether the data are still to be checked by somebody who knows.
    #[serde(default)]
    #[schema(default = false)]
    pub needs_review: bool,
    /// The law behind it.
    #[schema(max_length = 2000)]
    pub legal_basis: Option<String>,
    /// The decision that published it.
    #[schema(max_length = 500)]
    pub decision: Option<String>,
    /// The first day on which it is in force once it is published.
    pub effective_from: NaiveDate,
    /// The first day on which it is no longer in force.
    pub effective_to: Option<NaiveDate>,
}

impl SubmitProcedure {
    /// The content, or nothing and faults noted. The field's name is filled in by whoever knows the fields.
    pub(super) fn content(&self, field: FieldView, faults: &mut Faults) -> Option<ProcedureContent> {
        let time_limit = self.time_limit.check("/time_limit", faults);
        let steps: Vec<Option<Step>> = self
            .route
            .iter()
            .enumerate()
            .map(|(index, step)| {
                let time_limit = step.time_limit.check(&format!("/route/{index}/time_limit"), faults)?;
                Some(Step {
                    key: step.key.clone(),
                    name: step.name.clone(),
                    agency: step.agency.clone(),
                    role: step.role,
                    time_limit,
                    parallel_with: step.parallel_with.clone(),
                })
            })
            .collect();
        Some(ProcedureContent {
            name: self.name.clone(),
            field,
            levels: self.levels.clone(),
            online_level: self.online_level,
            time_limit: time_limit?,
            fees: self.fees.clone(),
            components: self.components.clone(),
            route: steps.into_iter().collect::<Option<_>>()?,
            approval: self.approval,
            supplement_clock: self.supplement_clock,
            postal: self.postal,
            sensitive: self.sensitive,
            needs_review: self.needs_review,
            legal_basis: self.legal_basis.clone().filter(|text| !text.trim().is_empty()),
            decision: self.decision.clone().filter(|text| !text.trim().is_empty()),
        })
    }
}

/// A version of a procedure.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "1.001612", "version": 1, "state": "published", "name": "Đăng ký thành lập hộ kinh doanh",
    "field": {"code": "ho-kinh-doanh", "name": "Thành lập và hoạt động của hộ kinh doanh"},
    "levels": ["district"], "online_level": "partial", "time_limit": {"amount": 3, "unit": "working_days"},
    "fees": [{"code": "LP", "name": "Lệ phí", "amount": 100_000, "per": "dossier", "max": null, "exemptions": []}],
    "components": [{"code": "GDN", "name": "Giấy đề nghị", "required": true, "originals": 1, "copies": 0}],
    "route": [{
        "key": "tckh", "name": "Thẩm định", "agency": "parent/tckh", "role": "officer",
        "time_limit": {"amount": 1.5, "unit": "working_days"}, "parallel_with": null
    }],
    "approval": "leader", "supplement_clock": "restart", "postal": true, "sensitive": false, "needs_review": true,
    "legal_basis": null, "decision": null, "effective_from": "2019-01-01", "effective_to": null,
    "published_at": "2018-12-28T09:00:00+07:00"
}))]
pub struct ProcedureView {
    /// The procedure's code.
    pub code: String,
    /// The version's number: 1, 2, 3 …
    pub version: i32,
    /// Whether it was published.
    pub state: VersionState,
    /// The procedure's name.
    pub name: String,
    /// Its field.
    pub field: FieldView,
    /// The levels at which it is taken in.
    pub levels: Vec<Kind>,
    /// How much of it can be done online.
    pub online_level: OnlineLevel,
    /// The whole time.
    pub time_limit: SubmitTimeLimit,
    /// The fees.
    pub fees: Vec<Fee>,
    /// The papers.
    pub components: Vec<Component>,
    /// The agencies that it goes through; none: the receiver does it all.
    pub route: Vec<RouteStep>,
    /// Who decides.
    pub approval: Approval,
    /// What the end of a supplement does to the time limit.
    pub supplement_clock: SupplementClock,
    /// Whether it may be sent and returned by post.
    pub postal: bool,
    /// Whether names are not shown outside the agencies that handle it.
    pub sensitive: bool,
    /// Whether the data are still to be checked by somebody who knows.
    pub needs_review: bool,
    /// The law behind it.
    pub legal_basis: Option<String>,
    /// The decision that published it.
    pub decision: Option<String>,
    /// The first day on which it is in force.
    pub effective_from: NaiveDate,
    /// The first day on which it is no longer in force; `null`: no end.
    pub effective_to: Option<NaiveDate>,
    /// When it was published; `null`: it is a draft.
    pub published_at: Option<Instant>,
}

impl From<&Version> for ProcedureView {
    fn from(version: &Version) -> ProcedureView {
        let content = version.content.clone();
        ProcedureView {
            code: version.procedure_code.clone(),
            version: version.number,
            state: if version.is_published() { VersionState::Published } else { VersionState::Draft },
            name: content.name,
            field: content.field,
            levels: content.levels,
            online_level: content.online_level,
            time_limit: content.time_limit.into(),
            fees: content.fees,
            components: content.components,
            route: content.route.iter().map(Into::into).collect(),
            approval: content.approval,
            supplement_clock: content.supplement_clock,
            postal: content.postal,
            sensitive: content.sensitive,
            needs_review: content.needs_review,
            legal_basis: content.legal_basis,
            decision: content.decision,
            effective_from: version.effective_from,
            effective_to: version.effective_to,
            published_at: version.published_at,
        }
    }
}

/// Which procedures are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListProcedures {
    /// Only those of the field with this code.
    #[param(min_length = 1, max_length = 40)]
    pub(super) field: Option<String>,
    /// Only those taken in at this level.
    #[param(inline)]
    pub(super) level: Option<Kind>,
    /// Only those taken in at the level of this agency.
    #[param(min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
    /// A part of the name or code; case and accents don't matter.
    #[param(min_length = 1, max_length = 100)]
    pub(super) q: Option<String>,
    /// The day whose versions are wanted; today when left out.
    pub(super) in_force_on: Option<NaiveDate>,
}

/// Which day is meant.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnDay {
    /// The day whose version is wanted; today when left out.
    pub(super) in_force_on: Option<NaiveDate>,
}

/// All fields.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"items": [{"code": "ho-tich", "name": "Hộ tịch"}]}))]
pub struct FieldsView {
    /// By code.
    pub items: Vec<FieldView>,
}

/// All versions of a procedure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionsView {
    /// By falling number. Drafts are shown to those who may publish them.
    pub items: Vec<ProcedureView>,
}
