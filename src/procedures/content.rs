//! What a version of a procedure says. Kept as one JSON text beside the version and read as a whole.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{agencies::Kind, calendar::rules::TimeLimit, db::types::text_enum};

text_enum! {
    /// How much of a procedure can be done online.
    pub enum OnlineLevel {
        /// Nothing.
        None = "none",
        /// A part; the citizen still comes once.
        Partial = "partial",
        /// All of it.
        Full = "full",
    }
}

text_enum! {
    /// What a fee is counted by.
    pub enum FeePer {
        /// Once a dossier.
        Dossier = "dossier",
        /// Each copy.
        Copy = "copy",
        /// Each page.
        Page = "page",
    }
}

text_enum! {
    /// Who decides on the result.
    pub enum Approval {
        /// The officer who works on it.
        Officer = "officer",
        /// A leader, on the officer's proposal.
        Leader = "leader",
    }
}

text_enum! {
    /// What the end of a supplement does to the time limit.
    pub enum SupplementClock {
        /// It starts again from zero (Decree 61/2018 art. 19.4).
        Restart = "restart",
        /// What was left goes on.
        Resume = "resume",
    }
}

text_enum! {
    /// Who works on a step.
    pub enum StepRole {
        /// The one-stop desk.
        Clerk = "clerk",
        /// A specialist.
        Officer = "officer",
        /// A leader.
        Leader = "leader",
    }
}

/// A field of procedures (lĩnh vực).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "ho-tich", "name": "Hộ tịch"}))]
pub struct FieldView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProcedureFee, example = json!({
    "code": "LP", "name": "Lệ phí", "amount": 8000, "per": "copy", "max": null, "exemptions": []
}))]
pub struct Fee {
    /// Its code, once in the procedure.
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9A-Za-z._-]+$")]
    pub code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Whole đồng.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub amount: i64,
    /// What it is counted by.
    pub per: FeePer,
    /// The most for one dossier, in whole đồng; `null`: no limit.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub max: Option<i64>,
    /// Who does not pay it.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub exemptions: Vec<String>,
}

/// A paper of the dossier (thành phần hồ sơ).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProcedureComponent, example = json!({
    "code": "TK", "name": "Tờ khai đăng ký khai sinh", "required": true, "originals": 1, "copies": 0
}))]
pub struct Component {
    /// Its code, once in the procedure.
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9A-Za-z._-]+$")]
    pub code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// Whether no dossier is complete without it.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub required: bool,
    /// How many originals.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 99, default = 0)]
    pub originals: i32,
    /// How many copies.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 99, default = 0)]
    pub copies: i32,
}

fn yes() -> bool {
    true
}

/// A step of the route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its key, once in the route.
    pub key: String,
    /// Its name.
    pub name: String,
    /// `receiver`, `parent`, `parent/<function>` or an agency's code.
    pub agency: String,
    /// Who works on it there.
    pub role: StepRole,
    /// The agency's share of the time.
    pub time_limit: TimeLimit,
    /// The key of an earlier step that it runs beside.
    pub parallel_with: Option<String>,
}

/// What a version says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcedureContent {
    /// The procedure's name.
    pub name: String,
    /// Its field.
    pub field: FieldView,
    /// The levels at which it is taken in: province, district, commune.
    pub levels: Vec<Kind>,
    /// How much of it can be done online.
    pub online_level: OnlineLevel,
    /// The whole time.
    pub time_limit: TimeLimit,
    /// The fees.
    pub fees: Vec<Fee>,
    /// The papers.
    pub components: Vec<Component>,
    /// The agencies that it goes through; empty: the receiver does it all.
    pub route: Vec<Step>,
    /// Who decides.
    pub approval: Approval,
    /// What the end of a supplement does.
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
}

impl ProcedureContent {
    /// The fee with this code.
    #[must_use]
    pub fn fee(&self, code: &str) -> Option<&Fee> {
        self.fees.iter().find(|fee| fee.code == code)
    }

    /// The paper with this code.
    #[must_use]
    pub fn component(&self, code: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.code == code)
    }

    /// The step with this key.
    #[must_use]
    pub fn step(&self, key: &str) -> Option<&Step> {
        self.route.iter().find(|step| step.key == key)
    }
}
