//! Roles, scopes, and the sets of them that operations name. It owns the words; what a role sees of a dossier
//! is [`reach`](super::reach)'s business, and what it may do to one is decided by the dossier's rules.
//!
//! A set is a type, so that a handler's signature says who may call it (`caller: Caller<Intake>`), and its
//! [`RoleSet::NAMES`] are what the handler's documentation shows as `x-roles`: check and page have one source.

use super::Identity;
use crate::db::types::text_enum;

text_enum! {
    /// What an account is trusted with at its agency.
    pub enum Role {
        /// Agencies, hours, procedures, accounts, delegations of its subtree; never what a dossier says.
        Admin = "admin",
        /// The one-stop desk: intake, handing over, returning.
        Clerk = "clerk",
        /// A specialist, who works on what the agency holds.
        Officer = "officer",
        /// As an officer, and approves, extends, stops; acts for agencies below as well.
        Leader = "leader",
        /// The desk of one post office.
        PostClerk = "post_clerk",
        /// Reads its subtree: masked, or in full with a reason.
        Inspector = "inspector",
        /// A machine client; what it may do is said by its scopes.
        Integration = "integration",
    }
}

text_enum! {
    /// What a machine client is trusted with.
    pub enum Scope {
        /// Reads dossiers of its subtree.
        DossiersRead = "dossiers:read",
        /// Does to a dossier what an applicant or a payment system may do.
        DossiersWrite = "dossiers:write",
        /// Follows the change feed.
        EventsRead = "events:read",
        /// Reports for the carrier.
        PostalWrite = "postal:write",
        /// Reads the figures of its subtree.
        StatisticsRead = "statistics:read",
        /// Keeps the catalogue.
        CatalogWrite = "catalog:write",
    }
}

/// Who may call an operation.
pub trait RoleSet: 'static {
    /// Role names as the contract writes them: a role, `any` for everybody signed in, or
    /// `integration:<scope>` for clients with that scope. The document's `x-roles`.
    const NAMES: &'static [&'static str];
    /// Whether it is open to somebody who must change his password first.
    const BEFORE_PASSWORD_CHANGE: bool = false;
}

/// Everybody who is signed in, for what concerns himself only; also before he has changed a password that was given to
/// him.
#[derive(Debug, Clone, Copy)]
pub struct Oneself;

impl RoleSet for Oneself {
    const NAMES: &'static [&'static str] = Anyone::NAMES;
    const BEFORE_PASSWORD_CHANGE: bool = true;
}

/// Whether one of `names` fits the caller.
#[must_use]
pub fn admits(names: &[&str], caller: &Identity) -> bool {
    names.iter().any(|name| match name.strip_prefix("integration:") {
        Some(scope) => caller.has(Role::Integration) && caller.scopes.iter().any(|had| had.as_str() == scope),
        None => *name == "any" || caller.roles.iter().any(|had| had.as_str() == *name),
    })
}

/// Makes the marker types of role sets.
macro_rules! role_sets {
    ($($(#[$doc:meta])* $set:ident = [$($name:literal),+];)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $set;

            impl RoleSet for $set {
                const NAMES: &'static [&'static str] = &[$($name),+];
            }
        )+

        /// Every set by its name, for tests.
        #[cfg(test)]
        const SETS: &[(&str, &[&str])] = &[$((stringify!($set), &[$($name),+])),+];
    };
}

role_sets! {
    /// Everybody who is signed in.
    Anyone = ["any"];
    /// Keeps agencies, calendar, delegations.
    Admin = ["admin"];
    /// Writes the catalogue of procedures.
    CatalogueWriters = ["admin", "integration:catalog:write"];
    /// May see whom a dossier can be assigned to.
    OfficerReaders = ["clerk", "officer", "leader", "admin"];
    /// Takes dossiers in.
    Intake = ["clerk", "post_clerk", "integration:dossiers:write"];
    /// Reads dossiers, each in the view that [`reach`](super::reach) gives.
    DossierReaders = ["clerk", "officer", "leader", "post_clerk", "inspector", "integration:dossiers:read"];
    /// Acts on dossiers.
    DossierActors = ["clerk", "officer", "leader", "post_clerk", "integration:dossiers:write"];
    /// Sees where the papers are.
    CustodyReaders = ["clerk", "officer", "leader", "post_clerk", "inspector"];
    /// Reads slips.
    TransferReaders = ["clerk", "officer", "leader", "inspector"];
    /// Writes and acknowledges slips.
    TransferActors = ["clerk", "officer", "leader"];
    /// Reads which office may receive what for whom.
    DelegationReaders = ["admin", "clerk", "post_clerk", "inspector"];
    /// Reads manifests and shipments.
    PostReaders = ["clerk", "post_clerk", "inspector"];
    /// Writes, dispatches and accepts manifests.
    PostActors = ["clerk", "post_clerk"];
    /// Sees who read what, and whether histories are whole.
    Auditors = ["inspector"];
    /// Reads on-time figures.
    StatisticsReaders = ["clerk", "leader", "inspector", "integration:statistics:read"];
    /// Reads figures that compare agencies.
    SubtreeStatisticsReaders = ["leader", "inspector", "integration:statistics:read"];
    /// Reads figures on the post.
    PostStatisticsReaders = ["leader", "inspector", "post_clerk", "integration:statistics:read"];
    /// Reads what hints at polished figures.
    IntegrityReaders = ["leader", "inspector"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_every_set_is_a_role_a_scope_or_any() {
        for (set, names) in SETS {
            for name in *names {
                let known = match name.strip_prefix("integration:") {
                    Some(scope) => scope.parse::<Scope>().is_ok(),
                    None => *name == "any" || name.parse::<Role>().is_ok(),
                };
                assert!(known, "{set} names {name}");
            }
        }
    }

    #[test]
    fn no_set_stands_twice() {
        let mut seen = std::collections::BTreeMap::new();
        for (set, names) in SETS {
            let mut names = names.to_vec();
            names.sort_unstable();
            if let Some(other) = seen.insert(names, set) {
                panic!("{set} and {other} are the same set");
            }
        }
    }

    #[test]
    fn a_client_needs_the_scope_and_a_person_the_role() {
        let clerk = Identity::sample(7, &[Role::Clerk], &[]);
        let reader = Identity::sample(7, &[Role::Integration], &[Scope::DossiersRead]);
        let scoped_clerk = Identity::sample(7, &[Role::Inspector], &[Scope::DossiersWrite]);
        for (who, anyone, intake, readers) in
            [(&clerk, true, true, true), (&reader, true, false, true), (&scoped_clerk, true, false, true)]
        {
            assert_eq!(admits(Anyone::NAMES, who), anyone);
            assert_eq!(admits(Intake::NAMES, who), intake);
            assert_eq!(admits(DossierReaders::NAMES, who), readers);
        }
    }
}
