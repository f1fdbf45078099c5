//! What stands behind a seal.

use data_encoding::HEXLOWER;

use super::rules::ClosingAction;
use super::store::{Closing, Step};
use crate::dossiers::Secrets;

/// The seal of a step. The first step of a closing seals the frozen cells; each later one follows from the one before.
pub(super) fn of(secrets: &Secrets, closing: &Closing, before: Option<&str>, step: &Step) -> String {
    let Step { seq, action, account_id, at, reason, .. } = step;
    let content = match action {
        ClosingAction::Close => [
            closing.public_id.to_string().as_str(),
            &closing.agency_id.to_string(),
            closing.kind.as_str(),
            &closing.period,
            &closing.revision.to_string(),
            &closing.from_on.to_string(),
            &closing.to_on.to_string(),
            &closing.facts,
        ]
        .join("\n"),
        ClosingAction::Submit | ClosingAction::Accept | ClosingAction::Return => {
            closing.public_id.to_string()
        }
    };
    let reason = reason.as_deref().unwrap_or_default();
    let line = format!("period/1\n{seq}\n{action}\n{account_id}\n{at}\n{reason}\n{content}");
    HEXLOWER.encode(&secrets.period(before.unwrap_or_default().as_bytes(), &line))
}
