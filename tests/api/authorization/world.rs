//! One thing of each sort that belongs to one agency, a district, and everybody who may ask for it: an account of each role
//! and a client at the district, at a commune below it, at a district beside it and at the province above it.
//!
//! Post clerks stand around the district's post office: at it, at one below, at one beside it, and at the one above all.

use motcua::{
    access::{
        Role, Scope,
        accounts::{NewAccount, NewClient, create_account, create_client},
    },
    db::{Conn, Error, Instant},
};
use serde_json::{Value, json};

use super::table::{PLACES, ROLES, SCOPES};
use crate::support::{
    Answer, Client, DISTRICT, PASSWORD, POST_DISTRICT, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, address,
    business, cheap_hash, marital_status, text,
};

const PROVINCE: &str = "000.00.00.H20";
const OTHER_DISTRICT: &str = "000.00.32.H20";
const POST_PROVINCE: &str = "VNPOST.87";
const POST_OTHER: &str = "VNPOST.875";
/// The department of the district that it hands its dossier to.
pub const TCKH: &str = "000.05.31.H20";
/// A procedure of which there is a draft only.
pub const DRAFT: &str = "9.900000";
/// The shipment that the dossier travels in.
pub const TRACKING_CODE: &str = "RR473124829VN";

const AGENCIES: [&str; 4] = [DISTRICT, TAN_LONG, OTHER_DISTRICT, PROVINCE];
const OFFICES: [&str; 4] = [POST_DISTRICT, POST_TAN_LONG, POST_OTHER, POST_PROVINCE];

/// What can be asked for; all of it belongs to the district.
pub struct Matrix {
    pub account: String,
    pub client: String,
    /// Taken in, with the district, on a manifest that nobody has signed.
    pub dossier: String,
    pub lookup_secret: String,
    pub draft_manifest: String,
    /// Signed by the district, not yet by the post office.
    pub dispatched_manifest: String,
    pub delegation: String,
    /// To a department, not acknowledged, with this dossier on it.
    pub slip_out: String,
    pub sent_dossier: String,
    /// From another commune, not acknowledged.
    pub slip_in: String,
}

/// A caller of the matrix.
pub struct Somebody {
    /// A role, or `integration:<scope>`.
    pub caller: String,
    /// Index of `PLACES`.
    pub place: usize,
    pub client: Client,
}

impl Matrix {
    /// Makes all of it.
    pub async fn new(t: &Test) -> Matrix {
        lay_out(t).await;
        let clerk = t.as_("clerk@thanh-binh").await;
        let admin = t.as_("admin@thanh-binh").await;
        let new = json!({"username": "thing@matrix", "agency": DISTRICT, "roles": ["inspector"]});
        let account = admin.post("/accounts", new).await.expect(201);
        let new = json!({"client_id": "thing", "agency": DISTRICT, "scopes": ["events:read"]});
        let client = admin.post("/clients", new).await.expect(201);
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        let other = clerk.post("/dossiers", business()).await.expect(201);
        let sent = clerk.post("/dossiers", business()).await.expect(201);
        let draft =
            manifest(&clerk, json!({"dossier": address(&dossier), "tracking_code": TRACKING_CODE})).await;
        let dispatched = manifest(&clerk, json!({"dossier": address(&other)})).await;
        clerk.post(&format!("/postal/handoffs/{dispatched}/dispatch"), json!({})).await.expect(200);
        let new = json!({"to_agency": TCKH, "dossiers": [address(&sent)]});
        let slip_out = id(&clerk.post("/transfers", new).await);
        let commune = t.as_("clerk@tan-my").await;
        let theirs = commune.post("/dossiers", marital_status(TAN_MY)).await.expect(201);
        let new = json!({"to_agency": DISTRICT, "dossiers": [address(&theirs)]});
        let slip_in = id(&commune.post("/transfers", new).await);
        let delegations = clerk.get("/postal/delegations").await.expect(200);
        let province = t.as_("admin@dong-thap").await;
        province.post("/procedures", procedure(DRAFT)).await.expect(201);
        Matrix {
            account: text(&account, "/id").to_owned(),
            client: text(&client, "/id").to_owned(),
            dossier: address(&dossier).to_owned(),
            lookup_secret: text(&dossier, "/lookup_secret").to_owned(),
            draft_manifest: draft,
            dispatched_manifest: dispatched,
            delegation: text(&delegations, "/items/0/id").to_owned(),
            slip_out,
            sent_dossier: address(&sent).to_owned(),
            slip_in,
        }
    }

    /// Signs everybody in, one after the other: many at once would look like guessing.
    pub async fn everybody(&self, t: &Test) -> Vec<Somebody> {
        let mut everybody = Vec::new();
        for (place, name) in PLACES.iter().enumerate() {
            for role in ROLES {
                let client = t.as_(&format!("{role}@matrix-{name}")).await;
                everybody.push(Somebody { caller: role.to_owned(), place, client });
            }
            for scope in SCOPES {
                let client = machine(t, &format!("matrix-{name}"), scope).await;
                everybody.push(Somebody { caller: format!("integration:{scope}"), place, client });
            }
        }
        everybody
    }
}

async fn machine(t: &Test, client_id: &str, scope: &str) -> Client {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", PASSWORD),
        ("scope", scope),
    ];
    let granted = t.anonymous().post_form("/auth/token", &form).await.expect(200);
    t.with_token(text(&granted, "/access_token"))
}

async fn manifest(clerk: &Client, item: Value) -> String {
    let new = json!({"direction": "to_post", "office": POST_DISTRICT, "agency": DISTRICT, "items": [item]});
    id(&clerk.post("/postal/handoffs", new).await)
}

fn id(made: &Answer) -> String {
    text(&made.expect(201), "/id").to_owned()
}

/// A procedure that no law knows.
pub fn procedure(code: &str) -> Value {
    json!({
        "code": code, "name": "Cấp giấy xác nhận", "field": {"code": "ho-tich"}, "levels": ["commune"],
        "online_level": "none", "time_limit": {"amount": 10, "unit": "working_days"},
        "components": [{"code": "DON", "name": "Đơn", "required": true, "originals": 1, "copies": 0}],
        "route": [], "approval": "officer", "supplement_clock": "restart", "effective_from": "2019-03-04",
    })
}

/// Agencies beside those of the sample world, and the accounts and clients at all of them.
async fn lay_out(t: &Test) {
    let admin = t.as_("admin@dong-thap").await;
    for (code, kind, parent) in [
        (OTHER_DISTRICT, "district", PROVINCE),
        (POST_PROVINCE, "post_office", PROVINCE),
        (POST_OTHER, "post_office", POST_PROVINCE),
    ] {
        let new = json!({"code": code, "official": false, "name": code, "kind": kind, "parent": parent});
        admin.post("/agencies", new).await.expect(201);
    }
    let moved = json!({"parent": POST_PROVINCE});
    admin.patch(&format!("/agencies/{POST_DISTRICT}"), moved).await.expect(200);
    let (hash, now) = (cheap_hash(), t.now());
    t.db().bulk(|conn| people(conn, &hash, now)).unwrap();
}

fn people(conn: &mut Conn, hash: &str, now: Instant) -> Result<(), Error> {
    for ((name, agency), office) in PLACES.iter().zip(AGENCIES).zip(OFFICES) {
        for role in ROLES {
            let role: Role = role.parse().unwrap();
            let at = if role == Role::PostClerk { office } else { agency };
            let new = NewAccount {
                username: format!("{role}@matrix-{name}").parse().unwrap(),
                full_name: None,
                agency_id: key_of(conn, at)?,
                roles: vec![role],
            };
            create_account(conn, &new, hash, now)?;
        }
        let new = NewClient {
            client_id: format!("matrix-{name}").parse().unwrap(),
            agency_id: key_of(conn, agency)?,
            scopes: Scope::ALL.to_vec(),
        };
        create_client(conn, &new, hash, now)?;
    }
    Ok(())
}

fn key_of(conn: &mut Conn, code: &str) -> Result<i64, Error> {
    use diesel::prelude::*;
    use motcua::db::schema::agencies;
    Ok(agencies::table.filter(agencies::code.eq(code)).select(agencies::id).first(conn)?)
}
