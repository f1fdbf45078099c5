//! The receipt of an intake: the fields of form 01 (Giấy tiếp nhận hồ sơ và hẹn trả kết quả), Circular 01/2018.

use serde::Serialize;
use utoipa::ToSchema;

use super::view::{AgencyName, DossierView, LegView};
use super::{Component, ReturnBy};
use crate::World;
use crate::calendar::rules::TimeLimit;
use crate::db::Instant;
use crate::http::Problem;
use crate::procedures::VersionId;

/// The fields of form 01.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Receipt {
    /// Dossier code, or the reference while there is none.
    pub number: String,
    pub agency: AgencyName,
    pub hotline: Option<String>,
    pub procedure: String,
    pub applicant: String,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub components: Vec<Component>,
    pub time_limit: TimeLimit,
    pub received_at: Option<Instant>,
    /// The date promised; for a submission null until the desk accepts it.
    pub due_at: Option<Instant>,
    /// Each agency's part of the way, in its order.
    pub legs: Vec<ReceiptLeg>,
    /// Until when the desk answers a submission.
    pub accept_due_at: Option<Instant>,
    pub return_by: Option<ReturnBy>,
    /// Whole đồng.
    pub fees_total: i64,
    pub fees_paid: i64,
}

/// An agency's part of the way, as the receipt names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "Thẩm định", "agency": {"code": "000.03.31.H20", "name": "Phòng Tài chính – Kế hoạch"},
    "time_limit": {"amount": 2, "unit": "working_days"}, "due_at": "2019-03-06T17:00:00+07:00"
}))]
pub struct ReceiptLeg {
    pub name: String,
    pub agency: AgencyName,
    pub time_limit: Option<TimeLimit>,
    /// If those before it take their whole time.
    pub due_at: Option<Instant>,
}

/// An intake's answer: the dossier, its receipt, and once the secret of its look-up.
#[derive(Clone, Serialize, ToSchema)]
pub struct SubmittedDossier {
    #[serde(flatten)]
    pub dossier: DossierView,
    pub receipt: Receipt,
    /// 16 Crockford characters; shown once, stored hashed. With it the public follows the dossier.
    #[schema(example = "7ZQ4M0T2K9XW5B1C")]
    pub lookup_secret: String,
}

/// Writes the receipt of a dossier that was just taken in.
///
/// # Errors
/// When the catalogue lacks what the dossier names, which foreign keys rule out.
pub fn with_receipt(
    world: &World,
    dossier: DossierView,
    version: VersionId,
    lookup_secret: String,
) -> Result<SubmittedDossier, Problem> {
    let agency = world.catalogue.tree.by_code(&dossier.agency.code);
    let version = world.catalogue.procedures.version(version)?;
    let fees = dossier.fees.clone().unwrap_or_default();
    let sum = |only_paid: bool| {
        fees.iter().filter(|fee| fee.paid || !only_paid).filter_map(|fee| fee.amount).sum::<i64>()
    };
    let applicant = dossier.applicant.clone();
    let receipt = Receipt {
        number: dossier.code.clone().or_else(|| dossier.reference.clone()).unwrap_or_default(),
        agency: dossier.agency.clone(),
        hotline: agency.and_then(|agency| agency.hotline.clone()),
        procedure: dossier.procedure.name.clone(),
        address: applicant.as_ref().and_then(|applicant| applicant.address.clone()),
        phone: applicant.as_ref().and_then(|applicant| applicant.phone.clone()),
        applicant: applicant.map(|applicant| applicant.full_name).unwrap_or_default(),
        components: dossier.components.clone().unwrap_or_default(),
        time_limit: version.content.time_limit,
        received_at: dossier.received_at,
        due_at: dossier.due_at.or(dossier.expected_due_at),
        legs: dossier.legs.iter().flatten().map(of_leg).collect(),
        accept_due_at: dossier.accept_due_at,
        return_by: dossier.return_by,
        fees_total: sum(false),
        fees_paid: sum(true),
    };
    Ok(SubmittedDossier { dossier, receipt, lookup_secret })
}

fn of_leg(leg: &LegView) -> ReceiptLeg {
    ReceiptLeg {
        name: leg.name.clone(),
        agency: leg.agency.clone(),
        time_limit: leg.share,
        due_at: leg.due_at.or(leg.expected_due_at),
    }
}
