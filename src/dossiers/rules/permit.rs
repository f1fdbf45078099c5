//! Who may do what: role and party of the caller against the dossier. The endpoint has checked already that the caller may
//! see it; here a refusal is a 403.

use crate::access::{Identity, Role, Scope};
use crate::agencies::{AgencyId, Tree};
use crate::dossiers::{Action, Actor, ActorKind, Dossier, Facts, Refusal, Status};

/// Whether `actor` may do `action` to `dossier`.
///
/// # Errors
/// [`Refusal::WrongRole`] when none of the caller's roles does this, [`Refusal::WrongParty`] when a role does but the
/// caller's agency is not the one whose turn it is.
pub fn permit(
    actor: &Actor,
    action: Action,
    dossier: &Dossier,
    facts: &Facts,
    tree: &Tree,
) -> Result<(), Refusal> {
    let caller = match (actor.kind, &actor.identity) {
        (ActorKind::System, _) => return Ok(()),
        (ActorKind::Applicant, _) | (_, None) => {
            let by_secret = matches!(action, Action::RequestWithdrawal | Action::Supplement);
            return if by_secret { Ok(()) } else { Err(Refusal::WrongRole) };
        }
        (ActorKind::Account | ActorKind::Client, Some(caller)) => caller,
    };
    let party = Party { caller, dossier, facts, tree };
    let acting: Vec<bool> = roles(action, dossier)
        .iter()
        .filter(|(role, _)| party.has(*role))
        .map(|(_, place)| party.is_at(*place))
        .collect();
    match acting.as_slice() {
        [] => Err(Refusal::WrongRole),
        places if places.contains(&true) => Ok(()),
        _ => Err(Refusal::WrongParty),
    }
}

/// Whose turn it is.
#[derive(Clone, Copy)]
enum Place {
    /// The agency that received the dossier, or its post office within a delegation.
    Receiver,
    /// The agency that has it; a leader's own or any below.
    Holder,
    /// The addressee of the open slip.
    Addressee,
    /// The sender of the open slip.
    Sender,
    HolderOrAddressee,
    /// An agency with an open leg.
    Leg,
    /// A post office that may receive this procedure for this agency today.
    Delegated,
    /// One that the dossier or its papers came to.
    AtOffice,
    /// Anywhere below the caller's agency.
    Subtree,
}

/// The table of the contract: which role acts at which place.
fn roles(action: Action, dossier: &Dossier) -> &'static [(Role, Place)] {
    use Place::{Addressee, AtOffice, Delegated, Holder, HolderOrAddressee, Leg, Receiver, Sender, Subtree};
    use Role::{Admin, Clerk, Integration, Leader, Officer, PostClerk};
    let untouched = dossier.status == Status::Received;
    match action {
        Action::AskCompletion | Action::Decline | Action::Withdraw | Action::Keep | Action::HandBack => {
            &[(Clerk, Receiver)]
        }
        Action::Submit => &[],
        Action::Accept => &[(Clerk, Receiver), (PostClerk, Delegated)],
        Action::RequestWithdrawal => &[(Clerk, Receiver), (Integration, Subtree)],
        Action::Start => &[(Officer, Holder), (Leader, Holder)],
        Action::Propose | Action::RequestPayment => &[(Officer, Holder), (Leader, Holder)],
        Action::Assign => &[(Leader, Holder), (Officer, Holder)],
        Action::Forward => &[(Clerk, Holder), (Officer, Holder), (Leader, Holder)],
        Action::Recall => &[(Clerk, Sender), (Officer, Sender), (Leader, Sender)],
        Action::Acknowledge | Action::RefuseTransfer => {
            &[(Clerk, Addressee), (Officer, Addressee), (Leader, Addressee)]
        }
        Action::SendBack => {
            &[(Clerk, HolderOrAddressee), (Officer, HolderOrAddressee), (Leader, HolderOrAddressee)]
        }
        Action::OpenLeg => &[(Officer, Holder), (Leader, Holder)],
        Action::FinishLeg => &[(Officer, Leg), (Leader, Leg)],
        // The second request needs a leader; so does asking when the desk has passed the case on.
        Action::RequestSupplement if dossier.supplements > 0 => &[(Leader, Holder)],
        Action::RequestSupplement => &[(Clerk, Receiver), (Officer, Holder), (Leader, Holder)],
        Action::Supplement => &[(Clerk, Receiver), (PostClerk, Delegated), (Integration, Subtree)],
        Action::ConfirmPayment => {
            &[(Clerk, Receiver), (Officer, Holder), (Leader, Holder), (Integration, Subtree)]
        }
        Action::Extend | Action::ReplaceResult | Action::Stop => &[(Leader, Holder)],
        Action::Resolve => &[(Officer, Holder), (Leader, Holder)],
        // What was taken in under a delegation is given out after it too.
        Action::ReturnResult => &[(Clerk, Receiver), (PostClerk, AtOffice)],
        Action::Correct if untouched => &[(Clerk, Receiver), (Leader, Holder)],
        Action::Correct => &[(Leader, Holder)],
        Action::Handoff => &[(Clerk, Receiver), (PostClerk, AtOffice)],
        Action::Recompute => &[(Admin, Subtree)],
        // The program's own.
        Action::Escalate => &[],
    }
}

struct Party<'a> {
    caller: &'a Identity,
    dossier: &'a Dossier,
    facts: &'a Facts,
    tree: &'a Tree,
}

impl Party<'_> {
    fn has(&self, role: Role) -> bool {
        match role {
            Role::Integration => self.caller.has(role) && self.caller.may(Scope::DossiersWrite),
            _ => self.caller.has(role),
        }
    }

    /// A leader stands for his own agency and all below; anybody else for his own.
    fn stands_for(&self, agency: AgencyId) -> bool {
        agency == self.caller.agency_id
            || (self.caller.has(Role::Leader) && self.tree.is_within(agency, self.caller.agency_id))
    }

    fn is_at(&self, place: Place) -> bool {
        let slip = self.facts.slip.as_ref();
        match place {
            Place::Receiver => self.caller.agency_id == self.dossier.agency_id,
            Place::Holder => self.stands_for(self.dossier.holder_id),
            Place::Addressee => slip.is_some_and(|slip| self.stands_for(slip.to)),
            Place::Sender => slip.is_some_and(|slip| self.stands_for(slip.from)),
            Place::HolderOrAddressee => match slip {
                Some(slip) => self.stands_for(slip.to),
                None => self.stands_for(self.dossier.holder_id),
            },
            Place::Leg => self.facts.open_legs.iter().any(|leg| !leg.is_lead && self.stands_for(leg.agency)),
            Place::Delegated => self.facts.delegated,
            Place::AtOffice => self.facts.at_office,
            Place::Subtree => self.tree.is_within(self.dossier.agency_id, self.caller.agency_id),
        }
    }
}
