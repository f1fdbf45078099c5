//! Who sees which dossier, as the contract says it under "Who calls", on rows that are already there. Pure.
//! [`predicate`](super::predicate) says the same in SQL; whoever changes one changes the other, and the test that
//! compares them fails until he has.
//!
//! A dossier has *parties*: the agency that received it, the competent one, the holder, the addressee of its open
//! slip, agencies whose leg has begun, and post offices that took it in or have it on a manifest or shipment.
//! People of a party see it in full, leaders also for the agencies below their own; thirty days after a leg has
//! ended, its agency sees it masked. Beside that, inspectors and machines see the dossiers *of their subtree*: those
//! that an agency in it received, as the figures count them.
//!
//! DOMAIN.md, "Personal data": sensitive procedures never show names outside the handling agencies. Whoever sees a dossier
//! of one by his subtree alone sees it masked at best, reason or not; and masked, it has no names.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{AgencyId, DossierId, Identity, Role, Scope};
use crate::db::Instant;

/// How long an agency still sees in full what it has worked on.
const AFTER_LEG: TimeDelta = TimeDelta::days(30);

/// How much of a dossier somebody sees, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Nothing: for him it does not exist.
    None,
    /// Code, agencies, procedure, dates, status, outcome; no applicant.
    Row,
    /// As in full, but numbers masked and no documents.
    Masked,
    /// Everything.
    Full,
}

/// Which agency lies below which. The agencies' tree knows it without a query.
pub trait Hierarchy {
    /// Whether `agency` is `ancestor` or lies below it.
    fn is_within(&self, agency: AgencyId, ancestor: AgencyId) -> bool;
}

/// The versions of procedures whose dossiers show no names outside the handling agencies. The catalogue knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sensitive(Arc<[i64]>);

impl Sensitive {
    /// Whether a dossier under this version is one.
    #[must_use]
    pub fn contains(&self, version: i64) -> bool {
        self.0.contains(&version)
    }

    pub(super) fn ids(&self) -> &[i64] {
        &self.0
    }
}

impl FromIterator<i64> for Sensitive {
    fn from_iter<I: IntoIterator<Item = i64>>(versions: I) -> Self {
        Self(versions.into_iter().collect())
    }
}

/// What one caller sees of dossiers at one moment: his roles, worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    agency: AgencyId,
    /// Sees what his agency is a party to.
    works: bool,
    /// Sees what his office took in or has on a manifest or shipment.
    at_post: bool,
    /// Both, for every agency below his own as well.
    leads: bool,
    /// How he sees what his subtree received.
    subtree: View,
    /// A leg that ended before this is masked.
    masked_before: Instant,
    sensitive: Sensitive,
}

/// What the view of one dossier depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKeys {
    /// Which one.
    pub id: DossierId,
    /// Whether its procedure is sensitive.
    pub is_sensitive: bool,
    /// Received it.
    pub agency_id: AgencyId,
    /// Decides on it.
    pub competent_id: AgencyId,
    /// Has it now.
    pub holder_id: AgencyId,
    /// The post office that took it in.
    pub post_office_id: Option<AgencyId>,
    /// The addressee of the open slip.
    pub slip_to: Option<AgencyId>,
    /// Its legs, those that have begun.
    pub legs: Vec<Leg>,
    /// The post offices of its manifests and shipments, those that were not cancelled.
    pub offices: Vec<AgencyId>,
}

/// A leg that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Who works on it.
    pub agency_id: AgencyId,
    /// When that ended; nothing while it lasts.
    pub finished_at: Option<Instant>,
}

impl Reach {
    /// What this caller sees at this moment.
    #[must_use]
    pub fn of(caller: &Identity, now: Instant, sensitive: Sensitive) -> Self {
        let reads = caller.may(Scope::DossiersRead) || caller.may(Scope::DossiersWrite);
        let machine = if !caller.has(Role::Integration) {
            View::None
        } else if reads {
            View::Full
        } else if caller.may(Scope::StatisticsRead) {
            View::Row
        } else {
            View::None
        };
        let inspector = match (caller.has(Role::Inspector), &caller.reason) {
            (false, _) => View::None,
            (true, None) => View::Masked,
            (true, Some(_)) => View::Full,
        };
        Self {
            agency: caller.agency_id,
            works: caller.has(Role::Clerk) || caller.has(Role::Officer),
            at_post: caller.has(Role::PostClerk),
            leads: caller.has(Role::Leader),
            subtree: machine.max(inspector),
            masked_before: now - AFTER_LEG,
            sensitive,
        }
    }

    /// Where the caller belongs.
    #[must_use]
    pub fn agency(&self) -> AgencyId {
        self.agency
    }

    /// Whether there can be dossiers that he sees as well as this. False only when there are none: then a filter
    /// or an order by what this view shows is refused (`filter_not_allowed`).
    #[must_use]
    pub fn allows(&self, at_least: View) -> bool {
        self.works || self.at_post || self.leads || self.subtree >= at_least
    }

    /// How whoever has just changed a dossier under this version sees it: in full, but for a machine that acts for an
    /// applicant.
    #[must_use]
    pub fn view_of_changed(&self, version: i64) -> View {
        let is_handling = self.works || self.at_post || self.leads;
        if is_handling { View::Full } else { self.by_subtree(self.sensitive.contains(version)) }
    }

    pub(super) fn sensitive(&self) -> &Sensitive {
        &self.sensitive
    }

    /// How he sees what his subtree received.
    fn by_subtree(&self, is_sensitive: bool) -> View {
        if is_sensitive { self.subtree.min(View::Masked) } else { self.subtree }
    }

    pub(super) fn works(&self) -> bool {
        self.works
    }

    pub(super) fn at_post(&self) -> bool {
        self.at_post
    }

    pub(super) fn leads(&self) -> bool {
        self.leads
    }

    pub(super) fn subtree(&self) -> View {
        self.subtree
    }

    pub(super) fn masked_before(&self) -> Instant {
        self.masked_before
    }

    /// How this caller sees this dossier: the best view that any of his roles gives him.
    #[must_use]
    pub fn view(&self, tree: &dyn Hierarchy, row: &RowKeys) -> View {
        let mine =
            |party: AgencyId| party == self.agency || (self.leads && tree.is_within(party, self.agency));
        let mut best = View::None;
        if self.subtree > best && tree.is_within(row.agency_id, self.agency) {
            best = self.by_subtree(row.is_sensitive);
        }
        if best < View::Full && (self.works || self.leads) {
            let parties = [Some(row.agency_id), Some(row.competent_id), Some(row.holder_id), row.slip_to];
            if parties.into_iter().flatten().any(mine) {
                best = View::Full;
            } else {
                best = row
                    .legs
                    .iter()
                    .filter(|leg| mine(leg.agency_id))
                    .fold(best, |b, leg| b.max(self.of_leg(*leg)));
            }
        }
        if best < View::Full && (self.at_post || self.leads) {
            let mut offices = row.post_office_id.iter().chain(&row.offices).copied();
            if offices.any(mine) {
                best = View::Full;
            }
        }
        best
    }

    /// Whether he may change this dossier, as far as seeing goes: a machine does for applicants what they may do, and need
    /// not see their names for it.
    pub(super) fn may_act(&self, tree: &dyn Hierarchy, row: &RowKeys, view: View) -> bool {
        view == View::Full || (self.subtree == View::Full && tree.is_within(row.agency_id, self.agency))
    }

    fn of_leg(&self, leg: Leg) -> View {
        match leg.finished_at {
            Some(at) if at < self.masked_before => View::Masked,
            _ => View::Full,
        }
    }
}
