//! What the endpoints of accounts and clients take and give. Whatever holds a password or a secret has no `Debug`.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::{ClientId, Username};
use super::store::{Account, Machine, NamedAbsence};
use super::{Role, Scope};
use crate::db::{Instant, PublicId};

/// An agency by code and name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct HomeView {
    /// Its official code.
    #[schema(example = "000.00.31.H20")]
    code: String,
    /// Its name.
    #[schema(example = "UBND huyện Thanh Bình")]
    name: String,
}

/// A person's account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "username": "clerk@thanh-binh", "full_name": "Nguyễn Văn An",
    "agency": {"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"}, "roles": ["clerk"], "is_active": true,
    "must_change_password": false, "absence": null, "created_at": "2019-01-02T07:00:00+07:00", "version": 1
}))]
pub(super) struct AccountView {
    /// Its key.
    pub(super) id: PublicId,
    /// What the person signs in with.
    username: String,
    /// The person's name.
    full_name: Option<String>,
    /// Where the person works.
    agency: HomeView,
    /// What the person is trusted with there.
    roles: Vec<Role>,
    /// Whether the person can sign in.
    is_active: bool,
    /// Whether the password was given by somebody else and must be changed at the next sign-in.
    must_change_password: bool,
    /// The absence that was entered last, whether it is to come, on or over.
    absence: Option<AbsenceView>,
    /// When it was made.
    created_at: Instant,
    /// Raised at each change; the number in the `ETag`.
    pub(super) version: i64,
}

/// From when to when the person is away, and who stands in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "from": "2019-03-11T07:00:00+07:00", "until": "2019-03-16T07:00:00+07:00",
    "deputy": {"id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b23", "username": "clerk2@thanh-binh"}
}))]
struct AbsenceView {
    /// The beginning.
    from: Instant,
    /// The end.
    until: Instant,
    /// Has the absent person's roles during that time.
    deputy: DeputyView,
}

/// Who stands in.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct DeputyView {
    /// The account's key.
    id: PublicId,
    /// What the person signs in with.
    username: String,
}

impl AccountView {
    /// An account with its absence.
    pub(super) fn of(account: Account, absence: Option<NamedAbsence>) -> Self {
        let absence = absence.map(|absence| AbsenceView {
            from: absence.from_at,
            until: absence.until_at,
            deputy: DeputyView { id: absence.deputy, username: absence.deputy_name },
        });
        Self {
            id: account.public_id,
            username: account.username,
            full_name: account.full_name,
            agency: HomeView { code: account.agency_code, name: account.agency_name },
            roles: account.roles.0,
            is_active: account.is_active,
            must_change_password: account.must_change_password,
            absence,
            created_at: account.created_at,
            version: account.version,
        }
    }
}

/// An account with the password that was made for it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "username": "clerk@thanh-binh", "full_name": "Nguyễn Văn An",
    "agency": {"code": "000.00.31.H20", "name": "UBND huyện Thanh Bình"}, "roles": ["clerk"], "is_active": true,
    "must_change_password": true, "absence": null, "created_at": "2019-01-02T07:00:00+07:00", "version": 1,
    "password": "x7k2p-q9dmb-4wza3-h6yte"
}))]
pub(super) struct AccountWithPassword {
    #[serde(flatten)]
    pub(super) account: AccountView,
    /// Shown once. The person must change it at the next sign-in.
    pub(super) password: String,
}

/// A new account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "username": "clerk@thanh-binh", "full_name": "Nguyễn Văn An", "agency": "000.00.31.H20", "roles": ["clerk"]
}))]
pub(super) struct SubmitAccount {
    /// What the person signs in with; unique, small letters and digits. It never changes.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._@-]+$")]
    pub(super) username: Username,
    /// The person's name.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) full_name: Option<String>,
    /// The code of the agency where the person works.
    #[schema(min_length = 1, max_length = 35)]
    pub(super) agency: String,
    /// What the person is trusted with there; `integration` is for clients.
    #[schema(min_items = 1, max_items = 10)]
    pub(super) roles: Vec<Role>,
}

/// Changes to an account: what is left out stays. Other roles, another agency and `"is_active": false` end every token
/// that the account has.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"roles": ["clerk", "officer"]}))]
pub(super) struct ChangeAccount {
    /// The person's name; `null` clears.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 200)]
    pub(super) full_name: Option<Option<String>>,
    /// The code of the agency where the person works from now on.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
    /// What the person is trusted with from now on.
    #[schema(value_type = Vec<Role>, required = false, min_items = 1, max_items = 10)]
    pub(super) roles: Option<Vec<Role>>,
    /// Whether the person can sign in.
    #[schema(value_type = bool, required = false)]
    pub(super) is_active: Option<bool>,
    /// The person is away and somebody stands in; `null`: is back, or stays.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<SubmitAbsence>, required = false)]
    pub(super) absence: Option<Option<SubmitAbsence>>,
}

/// From when to when a person is away, and who has the person's roles in the meantime. Tokens that the deputy is given during
/// that time end with it at the latest; what the deputy does is done in the deputy's own name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "2019-03-11T07:00:00+07:00", "until": "2019-03-16T07:00:00+07:00",
    "deputy": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b23"
}))]
pub(super) struct SubmitAbsence {
    /// The beginning.
    pub(super) from: Instant,
    /// The end, at most 366 days later.
    pub(super) until: Instant,
    /// The id of another active account of the same agency that is not away itself.
    pub(super) deputy: PublicId,
}

/// A machine client.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "client_id": "province",
    "agency": {"code": "000.00.00.H20", "name": "UBND tỉnh Đồng Tháp"}, "scopes": ["dossiers:read"], "is_active": true,
    "created_at": "2019-01-02T07:00:00+07:00", "version": 1
}))]
pub(super) struct ClientView {
    /// Its key.
    pub(super) id: PublicId,
    /// What it signs in with.
    client_id: String,
    /// Whose subtree it sees.
    agency: HomeView,
    /// What it is trusted with.
    scopes: Vec<Scope>,
    /// Whether it can sign in.
    is_active: bool,
    /// When it was made.
    created_at: Instant,
    /// Raised at each change; the number in the `ETag`.
    pub(super) version: i64,
}

impl From<Machine> for ClientView {
    fn from(client: Machine) -> Self {
        Self {
            id: client.public_id,
            client_id: client.client_id,
            agency: HomeView { code: client.agency_code, name: client.agency_name },
            scopes: client.scopes.0,
            is_active: client.is_active,
            created_at: client.created_at,
            version: client.version,
        }
    }
}

/// A client with its secret.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01695f1a-7e40-7c3b-9d5e-0f5d3a7c1b22", "client_id": "province",
    "agency": {"code": "000.00.00.H20", "name": "UBND tỉnh Đồng Tháp"}, "scopes": ["dossiers:read"], "is_active": true,
    "created_at": "2019-01-02T07:00:00+07:00", "version": 1,
    "client_secret": "R0Jq3l9v3l7Y1mPq7o1v0r8l9y3n4v5w6x7y8z9a0b1"
}))]
pub(super) struct ClientWithSecret {
    #[serde(flatten)]
    pub(super) client: ClientView,
    /// Shown once; 256 random bits.
    pub(super) client_secret: String,
}

/// A new client.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"client_id": "portal", "agency": "000.00.00.H20", "scopes": ["dossiers:read", "events:read"]}))]
pub(super) struct SubmitClient {
    /// What it signs in with; unique, small letters and digits. It never changes.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._@-]+$")]
    pub(super) client_id: ClientId,
    /// The code of the agency whose subtree it sees.
    #[schema(min_length = 1, max_length = 35)]
    pub(super) agency: String,
    /// What it is trusted with.
    #[schema(min_items = 1, max_items = 10)]
    pub(super) scopes: Vec<Scope>,
}

/// Changes to a client: what is left out stays. Each of them ends every token that the client has.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"is_active": false}))]
pub(super) struct ChangeClient {
    /// The code of the agency whose subtree it sees from now on.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
    /// What it is trusted with from now on.
    #[schema(value_type = Vec<Scope>, required = false, min_items = 1, max_items = 10)]
    pub(super) scopes: Option<Vec<Scope>>,
    /// Whether it can sign in.
    #[schema(value_type = bool, required = false)]
    pub(super) is_active: Option<bool>,
}

/// Which accounts or clients are wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListFilter {
    /// Only those of this agency and of all below it.
    #[param(min_length = 1, max_length = 35)]
    pub(super) agency: Option<String>,
    /// Only those that can sign in (`true`) or cannot (`false`).
    pub(super) is_active: Option<bool>,
}

/// A change of one's own password. It has no `Debug`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "x7k2p-q9dmb-4wza3-h6yte", "new_password": "con mèo trèo cây cau"}))]
pub(super) struct ChangePassword {
    /// The one in use.
    #[schema(format = Password, min_length = 1, max_length = 1000)]
    pub(super) current_password: String,
    /// The one that shall hold from now on.
    #[schema(format = Password, min_length = 12, max_length = 128)]
    pub(super) new_password: String,
}

/// What is there, `null` included; what is left out never comes here.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
