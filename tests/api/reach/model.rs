//! The naive model: the contract's table on facts that were read through the API. It knows nothing of how the program works
//! the same out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::Value;

use super::lives::{POVERTY, TAN_THANH};
use crate::support::{Answer, Client, DISTRICT, POST_DISTRICT, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, text};

const PROVINCE: &str = "000.00.00.H20";
/// Percent-encoded: "Kiểm tra theo kế hoạch".
const REASON: &str = "Ki%E1%BB%83m%20tra%20theo%20k%E1%BA%BF%20ho%E1%BA%A1ch";
/// Where those who ask belong: agencies that may have to do with a dossier, and some that never do.
const ASKING: [&str; 14] = [
    DISTRICT,
    TAN_LONG,
    TAN_MY,
    TAN_THANH,
    "000.01.31.H20",
    "000.02.31.H20",
    "000.03.31.H20",
    "000.05.31.H20",
    "000.22.31.H20",
    "THUE.874",
    POST_DISTRICT,
    POST_TAN_LONG,
    "VNPOST.30157",
    "VNPOST.30163",
];

/// What the contract's table looks at, of one dossier.
#[derive(Debug, Default)]
pub struct Facts {
    pub code: String,
    pub is_sensitive: bool,
    pub receiver: String,
    /// Receiver, competent agency, holder, addressee of the open slip.
    pub parties: BTreeSet<String>,
    /// Agency, and when its leg ended, of legs that have begun.
    pub legs: Vec<(String, Option<DateTime<FixedOffset>>)>,
    /// The office that took it in, and those of manifests and shipments.
    pub offices: BTreeSet<String>,
}

/// Somebody who asks.
pub struct Asker {
    pub name: String,
    pub roles: Vec<String>,
    pub agency: String,
    pub reason: bool,
    pub client: Client,
}

/// The agencies and who stands above them.
pub struct Tree(BTreeMap<String, Option<String>>);

impl Tree {
    pub async fn read(caller: &Client) -> Tree {
        let all = caller.get("/agencies?limit=200").await.expect(200);
        let above = |it: &Value| (text(it, "/code").to_owned(), it["parent"].as_str().map(str::to_owned));
        Tree(all["items"].as_array().unwrap().iter().map(above).collect())
    }

    pub fn is_within(&self, agency: &str, ancestor: &str) -> bool {
        let mut at = Some(agency);
        while let Some(here) = at {
            if here == ancestor {
                return true;
            }
            at = self.0[here].as_deref();
        }
        false
    }
}

impl Asker {
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|it| it == role)
    }

    /// The table: 0 none, 2 masked, 3 full.
    pub fn sees(&self, tree: &Tree, dossier: &Facts, now: DateTime<FixedOffset>) -> u8 {
        let mut best = 0;
        let mine = |party: &String| {
            *party == self.agency || (self.has("leader") && tree.is_within(party, &self.agency))
        };
        if self.has("clerk") || self.has("officer") || self.has("leader") {
            if dossier.parties.iter().any(mine) {
                best = 3;
            }
            for (agency, ended) in &dossier.legs {
                if mine(agency) {
                    let is_old = ended.is_some_and(|ended| ended < now - TimeDelta::days(30));
                    best = best.max(if is_old { 2 } else { 3 });
                }
            }
        }
        if (self.has("post_clerk") || self.has("leader")) && dossier.offices.iter().any(mine) {
            best = 3;
        }
        if tree.is_within(&dossier.receiver, &self.agency) {
            if self.has("inspector") {
                best = best.max(if self.reason && !dossier.is_sensitive { 3 } else { 2 });
            }
            if self.has("integration") {
                best = best.max(if dossier.is_sensitive { 2 } else { 3 });
            }
        }
        best
    }

    pub async fn get(&self, path: &str) -> Answer {
        let call = self.client.get(path);
        if self.reason { call.header("X-Access-Reason", REASON).await } else { call.await }
    }

    pub async fn search(&self, body: Value) -> Answer {
        let call = self.client.post("/dossiers/search", body);
        if self.reason { call.header("X-Access-Reason", REASON).await } else { call.await }
    }
}

/// What the table looks at, as the leader and the inspector of the district see it.
pub async fn facts(t: &Test, taken_in_by: &BTreeMap<String, String>) -> Vec<Facts> {
    let (leader, inspector) = (t.as_("leader@thanh-binh").await, t.as_("inspector@thanh-binh").await);
    let mut all: BTreeMap<String, Facts> = BTreeMap::new();
    for seen in leader.get("/dossiers?limit=200").await.expect(200)["items"].as_array().unwrap() {
        assert_eq!(seen["view"], "full");
        let code = text(seen, "/code").to_owned();
        let parties = ["/agency/code", "/competent_agency/code", "/holder/code"];
        let begun = seen["legs"].as_array().unwrap().iter().filter(|leg| !leg["started_at"].is_null());
        let ended = |leg: &Value| leg["finished_at"].as_str().map(|at| at.parse().unwrap());
        let facts = Facts {
            is_sensitive: seen["procedure"]["code"] == POVERTY.0,
            receiver: text(seen, "/agency/code").to_owned(),
            parties: parties.map(|place| text(seen, place).to_owned()).into(),
            legs: begun.map(|leg| (text(leg, "/agency/code").to_owned(), ended(leg))).collect(),
            offices: taken_in_by.get(&code).cloned().into_iter().collect(),
            code: code.clone(),
        };
        all.insert(code, facts);
    }
    for slip in leader.get("/transfers?state=sent&limit=200").await.expect(200)["items"].as_array().unwrap() {
        let whole = leader.get(&format!("/transfers/{}", text(slip, "/id"))).await.expect(200);
        for line in whole["lines"].as_array().unwrap().iter().filter(|line| line["state"] == "sent") {
            let dossier = all.get_mut(text(line, "/dossier")).unwrap();
            dossier.parties.insert(text(&whole, "/to/code").to_owned());
        }
    }
    for manifest in inspector.get("/postal/handoffs?limit=200").await.expect(200)["items"].as_array().unwrap()
    {
        let whole = inspector.get(&format!("/postal/handoffs/{}", text(manifest, "/id"))).await.expect(200);
        if whole["state"] != "cancelled" {
            for line in whole["items"].as_array().unwrap() {
                let dossier = all.get_mut(text(line, "/dossier")).unwrap();
                dossier.offices.insert(text(&whole, "/office/code").to_owned());
            }
        }
    }
    all.into_values().collect()
}

/// Everybody, with what the server says of him: people of ended agencies at their successors, deputies with more roles.
pub async fn askers(t: &Test) -> Vec<Asker> {
    let admin = t.as_("admin@dong-thap").await;
    let accounts = admin.get("/accounts?limit=200").await.expect(200);
    let mut all = Vec::new();
    let known = |account: &&Value| ASKING.contains(&text(account, "/agency/code"));
    for account in accounts["items"].as_array().unwrap().iter().filter(known) {
        let name = text(account, "/username").to_owned();
        let client = t.as_(&name).await;
        let me = client.get("/me").await.expect(200);
        let roles: Vec<String> =
            me["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap().to_owned()).collect();
        let agency = text(&me, "/agency/code").to_owned();
        if roles.iter().any(|role| role == "inspector") {
            let (roles, agency, client) = (roles.clone(), agency.clone(), client.clone());
            all.push(Asker { name: format!("{name} with a reason"), roles, agency, reason: true, client });
        }
        // An administrator asks for no dossiers: the matrix says so.
        if roles != ["admin"] {
            all.push(Asker { name, roles, agency, reason: false, client });
        }
    }
    let client = t.as_client().await;
    let roles = vec!["integration".to_owned()];
    all.push(Asker {
        name: "province".to_owned(),
        roles,
        agency: PROVINCE.to_owned(),
        reason: false,
        client,
    });
    all
}
