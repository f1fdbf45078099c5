//! Who calls, and who sees which dossier. The lowest capability: it knows the database and HTTP, and of the others
//! only their tables' names.
//!
//! It owns accounts, machine clients, tokens and keys, the roles that operations name, and the **one predicate**:
//! a dossier is seen in full, masked, as a row of a list, or not at all, by the rule of the contract ("Who calls").
//! The rule exists twice, as a pure function on rows that are already there ([`reach`]) and as SQL that chooses
//! rows ([`predicate`]); a test holds the two against each other over random histories. Both are reached only
//! through a [`Reach`], so a query on dossiers cannot be written without saying who asks.
//!
//! | file | owns |
//! | --- | --- |
//! | `roles` | [`Role`], [`Scope`], the sets of them that operations name |
//! | `caller` | [`Caller`]: from the request's bearer token to an [`Identity`], or 401, or 403 |
//! | `reason` | [`AccessReason`]: why an inspector reads in full |
//! | `reach` | [`Reach`], [`View`], [`RowKeys`]: the rule, pure |
//! | `predicate`, `sight` | the rule in SQL; the views of rows and of one dossier |
//! | `readings` | the log of who read which dossier in full |
//! | `mask` | how masked numbers look |
//! | `vault`, `sealed` | personal data at rest: [`Vault`], and [`Sealed`], a column that only it opens |
//! | `keys`, `tokens`, `revocation`, `passwords` | secrets, access tokens, their end, password hashing |
//! | `rules` | what a password must be, who may have which role where, what a failed try costs |
//! | `standing`, `absence` | who somebody is today: at the successor of his agency, with the roles of whom he stands in for |
//! | `sign_in`, `attempts` | the grants of the token endpoint, refresh tokens, revoking; the delay after failed tries |
//! | `provider` | signing in through a province's OpenID Connect provider |
//! | `accounts` | making and finding accounts and clients |
//! | `service`, `views` | what administrators do with accounts and clients, and a person with his password |
//! | `api`, `store` | the endpoints; SQL |

mod absence;
pub mod accounts;
mod api;
mod attempts;
mod caller;
pub mod keys;
pub mod mask;
pub mod passwords;
mod predicate;
mod provider;
mod reach;
mod readings;
mod reason;
mod revocation;
mod roles;
pub mod rules;
mod sealed;
mod service;
mod sight;
mod sign_in;
mod standing;
mod store;
mod tokens;
mod vault;
mod views;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use api::configure;
pub use caller::Caller;
pub use keys::Keys;
pub use predicate::{Visible, VisibleDossiers, is_visible, shows_names, visible_dossiers};
pub use provider::ProviderSettings;
pub use reach::{Hierarchy, Leg, Reach, RowKeys, Sensitive, View};
pub use readings::{Operation, ReadingLog, Readings, SealedReason, place_of_reason};
pub use reason::AccessReason;
pub use roles::{
    Admin, Anyone, Auditors, CatalogueWriters, CustodyReaders, DelegationReaders, DossierActors,
    DossierReaders, Intake, IntegrityReaders, Leader, OfficerReaders, Oneself, PostActors, PostReaders,
    PostStatisticsReaders, Role, RoleSet, Scope, StatisticsReaders, SubtreeStatisticsReaders, TransferActors,
    TransferReaders, admits,
};
pub use sealed::{BadSeal, Sealed};
pub use sight::{Columns, Sight, find_sight, sight_of, views};
pub use store::readings::reseal_reasons;
pub use vault::{KeyNumber, Resealed, Unopened, Vault};

use crate::clock::Clock;
use crate::db::{Db, Instant, PublicId, text_enum};
use crate::http::{BodyDigest, Claim, Idempotency, Whose};
use passwords::Passwords;
use provider::Provider;
use revocation::Revocations;
use tokens::Tokens;

/// Names a row of `agencies`.
pub type AgencyId = i64;

/// Names a row of `accounts`.
pub type AccountId = i64;

/// Names a row of `dossiers`.
pub type DossierId = i64;

text_enum! {
    /// Who stands behind a token.
    pub enum CallerKind {
        /// A person: a row of `accounts`.
        Account = "account",
        /// A machine: a row of `clients`.
        Client = "client",
    }
}

/// A caller as his token describes him. Everything stands in the token, so that a request costs no query for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Person or machine.
    pub kind: CallerKind,
    /// The row of `accounts` or `clients`.
    pub id: i64,
    /// The same to the outside: a UUID.
    pub public_id: PublicId,
    /// User name or client id.
    pub name: String,
    /// Where he belongs.
    pub agency_id: AgencyId,
    /// The same by its official code.
    pub agency_code: String,
    /// What he is trusted with; for a machine only [`Role::Integration`].
    pub roles: Vec<Role>,
    /// What a machine is trusted with; empty for people.
    pub scopes: Vec<Scope>,
    /// Raised when everything that was given out to him must end; his token carries the number of its day.
    pub generation: i64,
    /// Whether somebody else knows his password: until he has changed it he may do nothing else.
    pub must_change_password: bool,
    /// Why he reads, when this request says so; only an inspector's view depends on it.
    pub reason: Option<AccessReason>,
}

impl Identity {
    /// Whether he has the role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the machine has the scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it is a machine.
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.kind == CallerKind::Client
    }

    /// What a request of his claims, for an effect that is had once.
    #[must_use]
    pub fn claim(&self, once: &Idempotency, body: BodyDigest) -> Claim {
        once.claim(Whose::Account(&self.public_id.to_string()), body)
    }

    /// What he sees of dossiers at this moment, with the sensitive versions that the catalogue knows.
    #[must_use]
    pub fn reach(&self, now: Instant, sensitive: Sensitive) -> Reach {
        Reach::of(self, now, sensitive)
    }

    /// Somebody for a test.
    #[cfg(test)]
    pub(crate) fn sample(agency_id: AgencyId, roles: &[Role], scopes: &[Scope]) -> Self {
        Self {
            kind: if roles.contains(&Role::Integration) { CallerKind::Client } else { CallerKind::Account },
            id: 1,
            public_id: PublicId::with_random(Instant::MIN, [7; 10]),
            name: "someone".to_owned(),
            agency_id,
            agency_code: format!("A{agency_id}"),
            roles: roles.to_vec(),
            scopes: scopes.to_vec(),
            generation: 1,
            must_change_password: false,
            reason: None,
        }
    }
}

/// How tokens are given out.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The `iss` of tokens and the base of the metadata's addresses: the API's public address, without a slash at
    /// its end.
    pub issuer: String,
    /// How long an access token lives; the contract allows 15 minutes.
    pub access_lifetime: Duration,
    /// How long a refresh token lives, counted anew with each refresh.
    pub refresh_lifetime: Duration,
    /// Whether first-party clients may send a user's password.
    pub password_grant: bool,
    /// By whose ID tokens people may sign in.
    pub provider: Option<ProviderSettings>,
}

impl Settings {
    /// The usual ones, for a server at this address.
    #[must_use]
    pub fn at(issuer: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            access_lifetime: Duration::from_secs(15 * 60),
            refresh_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            password_grant: true,
            provider: None,
        }
    }
}

/// What signing in, tokens and their end need at run time: one per process, handed to the workers as
/// `web::Data<Access>`.
pub struct Access {
    db: Db,
    clock: Clock,
    settings: Settings,
    keys: Arc<Keys>,
    tokens: Tokens,
    revocations: Revocations,
    passwords: Passwords,
    provider: Option<Provider>,
    /// Names and addresses of failed tries are kept under hashes with this key.
    attempts_key: [u8; 32],
}

impl Access {
    /// One for this process. Before the first request [`Access::learn_revocations`] must
    /// have succeeded; [`Access::follow_revocations`] must run beside the server.
    #[must_use]
    pub fn new(db: Db, clock: Clock, keys: Arc<Keys>, settings: Settings) -> Self {
        Self {
            tokens: Tokens::new(Arc::clone(&keys), &settings),
            revocations: Revocations::default(),
            passwords: Passwords::new(),
            provider: settings.provider.clone().map(Provider::new),
            attempts_key: keys.derive("sign-in attempts"),
            db,
            clock,
            settings,
            keys,
        }
    }

    /// The secrets of the installation.
    #[must_use]
    pub fn keys(&self) -> &Arc<Keys> {
        &self.keys
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("settings", &self.settings).finish_non_exhaustive()
    }
}
