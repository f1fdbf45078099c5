//! From which state which action leads where. One `match` without a wildcard over the states: a new state does not compile
//! until every action has answered it.

use crate::dossiers::{Action, Dossier, Mark, Status};

/// The state that `action` leads to from where the dossier stands; None when it is not allowed from there.
#[must_use]
pub fn target(dossier: &Dossier, action: Action) -> Option<Status> {
    let unchanged = Some(dossier.status);
    let before = dossier.status_before;
    match dossier.status {
        Status::Submitted => match action {
            Action::AskCompletion if !dossier.marks.0.contains(&Mark::CompletionAsked) => unchanged,
            Action::Accept => Some(Status::Received),
            Action::Decline | Action::RequestWithdrawal => Some(Status::Declined),
            Action::Handoff | Action::Recompute => unchanged,
            _ => None,
        },
        Status::Received => match action {
            Action::Start => Some(Status::Processing),
            Action::Forward => Some(Status::InTransfer),
            Action::Resolve => Some(Status::Resolved),
            Action::Extend => unchanged,
            Action::RequestSupplement => Some(Status::AwaitingSupplement),
            _ => in_any_open(dossier.status, action),
        },
        Status::InTransfer => match action {
            Action::Recall | Action::RefuseTransfer => before,
            Action::Acknowledge => Some(Status::Processing),
            Action::SendBack => Some(Status::InTransfer),
            _ => in_any_open(dossier.status, action),
        },
        Status::Processing => match action {
            Action::Forward => Some(Status::InTransfer),
            Action::SendBack if dossier.previous_holder_id.is_some() => Some(Status::InTransfer),
            Action::OpenLeg | Action::FinishLeg | Action::Propose | Action::Extend => unchanged,
            Action::RequestSupplement => Some(Status::AwaitingSupplement),
            Action::RequestPayment => Some(Status::AwaitingPayment),
            Action::Resolve => Some(Status::Resolved),
            _ => in_any_open(dossier.status, action),
        },
        Status::AwaitingSupplement => match action {
            Action::Supplement => before,
            _ => in_any_open(dossier.status, action),
        },
        Status::AwaitingPayment => match action {
            Action::ConfirmPayment => before,
            _ => in_any_open(dossier.status, action),
        },
        Status::WithdrawalRequested => match action {
            Action::Withdraw => Some(Status::Withdrawn),
            Action::Keep => dossier.status_kept,
            // The papers that are on their way still arrive; the remembered state moves, this one does not.
            Action::Acknowledge if dossier.status_kept == Some(Status::InTransfer) => unchanged,
            Action::RequestWithdrawal => None,
            _ => in_any_open(dossier.status, action),
        },
        Status::Resolved => match action {
            Action::ReturnResult => Some(Status::Returned),
            Action::ReplaceResult => unchanged,
            _ => in_any_ended(dossier, action),
        },
        Status::Returned => match action {
            Action::ReplaceResult => unchanged,
            _ => in_any_ended(dossier, action),
        },
        Status::Declined | Status::Withdrawn | Status::Stopped => in_any_ended(dossier, action),
    }
}

fn in_any_open(status: Status, action: Action) -> Option<Status> {
    match action {
        Action::Assign | Action::Correct | Action::Handoff | Action::Recompute | Action::Escalate => {
            Some(status)
        }
        Action::RequestWithdrawal => Some(Status::WithdrawalRequested),
        Action::Stop => Some(Status::Stopped),
        _ => None,
    }
}

fn in_any_ended(dossier: &Dossier, action: Action) -> Option<Status> {
    match action {
        Action::HandBack | Action::Handoff => Some(dossier.status),
        // An ended dossier's slip home may still be open; its answer moves papers only.
        Action::Acknowledge | Action::RefuseTransfer if dossier.slip_id.is_some() => Some(dossier.status),
        _ => None,
    }
}
