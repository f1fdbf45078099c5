//! How higher capabilities take part in a dossier's change: routing (legs, slips, custody), post and statistics
//! implement [`Effect`] and are registered in a fixed order in `lib.rs`.

use std::collections::HashMap;
use std::sync::Arc;

use super::timeline::Moment;
use super::{Action, CustodyView, Dates, Dossier, DossierId, LegView, Transition};
use crate::World;
use crate::access::{AccountId, Identity};
use crate::agencies::AgencyId;
use crate::calendar::MovedLeg;
use crate::db::{Conn, Instant, text_enum};
use crate::http::Problem;
use crate::procedures::Version;

text_enum! {
    /// Who caused an event.
    pub enum ActorKind {
        Account = "account",
        Client = "client",
        Applicant = "applicant",
        System = "system",
    }
}

/// Who asks for a change: a signed-in caller, the applicant by secret, or the program itself.
#[derive(Debug, Clone)]
pub struct Actor {
    pub kind: ActorKind,
    /// The caller, when there is one.
    pub identity: Option<Identity>,
}

impl Actor {
    /// The system's own acts, such as a manifest's acceptance that follows from a signature.
    #[must_use]
    pub fn system() -> Self {
        Self { kind: ActorKind::System, identity: None }
    }

    /// The caller's account or client id.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        self.identity.as_ref().map(|caller| caller.id)
    }

    /// The caller's agency.
    #[must_use]
    pub fn agency_id(&self) -> Option<AgencyId> {
        self.identity.as_ref().map(|caller| caller.agency_id)
    }
}

impl From<&Identity> for Actor {
    fn from(caller: &Identity) -> Self {
        let kind = if caller.is_client() { ActorKind::Client } else { ActorKind::Account };
        Self { kind, identity: Some(caller.clone()) }
    }
}

/// When something happened and when it was written down. They differ for late entries and imports only; figures are
/// booked by `recorded`, deadlines counted by `occurred`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    pub occurred: Instant,
    pub recorded: Instant,
}

impl At {
    /// Happens now.
    #[must_use]
    pub fn now(now: Instant) -> Self {
        Self { occurred: now, recorded: now }
    }
}

/// The open slip of a dossier on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip {
    pub id: i64,
    pub from: AgencyId,
    pub to: AgencyId,
    pub sent_at: Instant,
}

/// A leg that has begun and is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLeg {
    pub key: String,
    pub agency: AgencyId,
    pub is_lead: bool,
}

/// What the rules must know beside the row. Each effect fills in its part before the rules decide.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Where `forward` goes: named by the caller, or the route's next step.
    pub forward_to: Option<AgencyId>,
    pub slip: Option<Slip>,
    pub open_legs: Vec<OpenLeg>,
    /// The dossier is a line of a manifest that is not accepted or cancelled yet.
    pub on_open_manifest: bool,
    /// For `assign`: the account of the officer in the lead.
    pub lead: Option<AccountId>,
    /// The caller's post office may receive this procedure for this agency today.
    pub delegated: bool,
    /// It has to do with this dossier: it took it in, has its papers, or may receive such ones today.
    pub at_office: bool,
    /// For `recompute`: the dates by the calendar as it is now.
    pub dates: Option<Dates>,
}

impl Facts {
    /// A parallel leg or opinion that has begun and is not done.
    #[must_use]
    pub fn parallel_open(&self) -> bool {
        self.open_legs.iter().any(|leg| !leg.is_lead)
    }
}

/// One change of one dossier, as written.
#[derive(Debug)]
pub struct Change {
    /// None at intake.
    pub before: Option<Dossier>,
    pub after: Dossier,
    pub action: Action,
    /// None at intake.
    pub transition: Option<Transition>,
    pub actor: Actor,
    pub at: At,
    pub facts: Facts,
    pub event_id: i64,
}

/// Legs and custody of some dossiers, for their views.
#[derive(Debug, Default)]
pub struct Parts {
    pub legs: HashMap<DossierId, Vec<LegView>>,
    pub custody: HashMap<DossierId, CustodyView>,
}

/// A higher capability's part in changes and views of dossiers.
pub trait Effect: Send + Sync {
    /// Before the rules decide: what this capability knows. `transition` is None when only the possible actions are
    /// asked for.
    ///
    /// # Errors
    /// A problem of the database.
    fn facts(
        &self,
        _conn: &mut Conn,
        _world: &World,
        _actor: &Actor,
        _dossier: &Dossier,
        _transition: Option<&Transition>,
        _facts: &mut Facts,
    ) -> Result<(), Problem> {
        Ok(())
    }

    /// Whether a post office may take in this procedure for this agency on the day of `now`; None: not mine to say.
    ///
    /// # Errors
    /// A problem of the database.
    fn may_take_in(
        &self,
        _conn: &mut Conn,
        _world: &World,
        _office: AgencyId,
        _agency: AgencyId,
        _version: &Version,
    ) -> Result<Option<bool>, Problem> {
        Ok(None)
    }

    /// Before the row is written, after the rules decided: may still set columns that are this capability's, such as
    /// the slip of a forward.
    ///
    /// # Errors
    /// A refusal that undoes the whole change.
    fn prepare(&self, _conn: &mut Conn, _world: &World, _change: &mut Change) -> Result<(), Problem> {
        Ok(())
    }

    /// After row and event are written.
    ///
    /// # Errors
    /// A refusal that undoes the whole change.
    fn announce(&self, _conn: &mut Conn, _world: &World, _change: &Change) -> Result<(), Problem> {
        Ok(())
    }

    /// The open legs whose dates a changed calendar moves, of dossiers with these histories of their clocks.
    ///
    /// # Errors
    /// A problem of the database; `calendar_missing`.
    fn moved_legs(
        &self,
        _conn: &mut Conn,
        _world: &World,
        _histories: &HashMap<DossierId, Vec<Moment>>,
        _moved: &mut HashMap<DossierId, Vec<MovedLeg>>,
    ) -> Result<(), Problem> {
        Ok(())
    }

    /// Adds this capability's parts of the views of `ids`.
    ///
    /// # Errors
    /// A problem of the database.
    fn parts(
        &self,
        _conn: &mut Conn,
        _world: &World,
        _ids: &[DossierId],
        _parts: &mut Parts,
    ) -> Result<(), Problem> {
        Ok(())
    }
}

/// The effects in their order.
pub type Effects = Arc<[Box<dyn Effect>]>;
