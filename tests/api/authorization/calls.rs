//! Each operation as it is asked in the matrix: for something of the district's, with a body that is right, and where it
//! changes something with an `If-Match` that is old, so that nothing does change.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{Days, NaiveDate};
use reqwest::Method;
use serde_json::{Value, json};

use super::world::{DRAFT, Matrix, TCKH, TRACKING_CODE, procedure};
use crate::support::{Answer, BIRTH, Client, DISTRICT, POST_DISTRICT, business, with};

/// A version that nothing here has.
const OLD: &str = "\"999.old\"";

/// One call.
pub struct Ask {
    method: String,
    path: String,
    body: Body,
    header: Option<(&'static str, String)>,
    shows: Shows,
}

enum Body {
    None,
    Json(Value),
    Form(&'static str),
}

/// How an answer tells that the thing is in it.
enum Shows {
    Always,
    With(String),
    Unless(&'static str),
}

impl Ask {
    pub async fn send(&self, client: &Client) -> Answer {
        let method: Method = self.method.parse().unwrap();
        let mut call = client.call(method, &self.path);
        if let Some((name, value)) = &self.header {
            call = call.header(name, value);
        }
        match &self.body {
            Body::None => call.await,
            Body::Json(body) => call.raw("application/json", body.to_string()).await,
            Body::Form(form) => call.raw("application/x-www-form-urlencoded", *form).await,
        }
    }

    pub fn is_shown_in(&self, answer: &str) -> bool {
        match &self.shows {
            Shows::Always => true,
            Shows::With(mark) => answer.contains(mark),
            Shows::Unless(mark) => !answer.contains(mark),
        }
    }

    fn query(mut self, query: &str) -> Ask {
        self.path = format!("{}?{query}", self.path);
        self
    }

    /// A list: the thing is in it, or not.
    fn showing(mut self, mark: &str) -> Ask {
        self.shows = Shows::With(mark.to_owned());
        self
    }

    /// A batch: what this stands in for the thing is a refusal.
    fn unless(mut self, mark: &'static str) -> Ask {
        self.shows = Shows::Unless(mark);
        self
    }

    fn json(mut self, body: Value) -> Ask {
        self.body = Body::Json(body);
        self
    }

    fn old(mut self, body: Value) -> Ask {
        self.header = Some(("If-Match", OLD.to_owned()));
        self.json(body)
    }
}

/// Something that was not there before.
fn new_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A filing as this caller may make one.
fn filing(caller: &str) -> Value {
    let channel = match caller {
        "post_clerk" => "post_office",
        "integration:dossiers:write" => "online",
        _ => "counter",
    };
    with(business(), json!({"channel": channel}))
}

/// A delegation of a day that no other is about.
fn delegation() -> Value {
    let day = |number: u32| NaiveDate::from_ymd_opt(2018, 1, 1).unwrap() - Days::new(u64::from(number) * 2);
    let from = day(new_number());
    json!({"office": POST_DISTRICT, "agency": DISTRICT, "valid_from": from, "valid_to": from + Days::new(1)})
}

/// The path with the district's things in its places.
fn filled(m: &Matrix, path: &str) -> String {
    let id = if path.contains("/accounts/") {
        &m.account
    } else if path.contains("/clients/") {
        &m.client
    } else if path.contains("/delegations/") {
        &m.delegation
    } else if path.ends_with("/handoffs/{id}/accept") {
        &m.dispatched_manifest
    } else if path.contains("/handoffs/") {
        &m.draft_manifest
    } else if path.ends_with("/transfers/{id}/acknowledge") {
        &m.slip_in
    } else if path.contains("/transfers/") {
        &m.slip_out
    } else {
        "0191d9d0-7f6c-7c2e-9a53-0d2d2f5c8a10"
    };
    let code = if path.contains("/agencies/") {
        DISTRICT
    } else if path.contains("/procedures/") {
        BIRTH
    } else {
        &m.dossier
    };
    path.replace("{id}", id)
        .replace("{code}", code)
        .replace("{year}", "2019")
        .replace("{form}", "06b")
        .replace("{period}", "2019-02")
        .replace("{version}", "1")
        .replace("{tracking_code}", TRACKING_CODE)
}

/// The call of an operation for a caller. An operation that nothing is said of here gets an empty body.
pub fn ask(m: &Matrix, method: &str, path: &str, caller: &str) -> Ask {
    let full = filled(m, path);
    let path_of = |full: String| if full.starts_with("/api/") { full } else { format!("/{full}") };
    let body = if method == "GET" { Body::None } else { Body::Json(json!({})) };
    let ask =
        Ask { method: method.to_owned(), path: path_of(full), body, header: None, shows: Shows::Always };
    match path.strip_prefix("/api/v1").unwrap_or(path).split('/').nth(1).unwrap_or_default() {
        "auth" => Ask { body: Body::Form("grant_type=none&token=unknown"), ..ask },
        "accounts" | "clients" => of_access(m, ask, method, path),
        "agencies" | "holidays" | "deadlines" => of_agencies(ask, method, path),
        "procedures" => of_procedures(ask, method, path),
        "dossiers" | "public" => of_dossiers(m, ask, method, path, caller),
        "statistics" => of_statistics(ask, method, path),
        "transfers" => of_transfers(m, ask, method, path),
        "postal" => of_post(m, ask, method, path),
        "audit" => ask.query(&format!("dossier={}", m.dossier)),
        _ => ask,
    }
}

fn of_access(m: &Matrix, ask: Ask, method: &str, path: &str) -> Ask {
    match (method, path.trim_start_matches("/api/v1")) {
        ("GET", "/accounts") => ask.query("limit=200").showing(&m.account),
        ("GET", "/clients") => ask.query("limit=200").showing(&m.client),
        ("POST", "/accounts") => {
            let username = format!("new-{}@matrix", new_number());
            ask.json(json!({"username": username, "agency": DISTRICT, "roles": ["inspector"]}))
        }
        ("POST", "/clients") => {
            let client_id = format!("new-{}", new_number());
            ask.json(json!({"client_id": client_id, "agency": DISTRICT, "scopes": ["events:read"]}))
        }
        ("PATCH", "/accounts/{id}") => ask.old(json!({"full_name": "Trần Thị Mai"})),
        ("PATCH", "/clients/{id}") => ask.old(json!({"is_active": false})),
        ("POST", _) => ask.old(json!({})),
        _ => ask,
    }
}

fn of_agencies(ask: Ask, method: &str, path: &str) -> Ask {
    match (method, path.trim_start_matches("/api/v1")) {
        ("POST", "/agencies") => {
            let code = format!("MATRIX.{}", new_number());
            ask.json(json!({
                "code": code, "official": false, "name": "Phòng mới", "kind": "department", "parent": DISTRICT,
            }))
        }
        ("PATCH", "/agencies/{code}") => ask.old(json!({"hotline": "1022"})),
        ("PUT", "/agencies/{code}/working-hours") => {
            ask.old(json!({"effective_from": "2019-04-01", "hours": null}))
        }
        ("GET", "/holidays/{year}") => ask.query(&format!("agency={DISTRICT}")),
        ("PUT", "/holidays/{year}") => {
            let body = json!({"days_off": [{"date": "2019-05-06", "name": "Nghỉ bù"}]});
            ask.query(&format!("agency={DISTRICT}")).old(body)
        }
        ("POST", "/deadlines/preview") => ask.json(json!({
            "agency": DISTRICT, "received_at": "2019-03-04T08:00:00+07:00",
            "time_limit": {"amount": 3, "unit": "working_days"},
        })),
        ("POST", "/deadlines/recompute") => ask.json(json!({"year": 2019, "dry_run": true})),
        _ => ask,
    }
}

fn of_procedures(ask: Ask, method: &str, path: &str) -> Ask {
    match (method, path.trim_start_matches("/api/v1")) {
        ("POST", "/procedures") => ask.json(procedure(&format!("9.{:06}", new_number()))),
        ("POST", "/procedures/{code}/versions") => {
            let path = ask.path.replace(BIRTH, DRAFT);
            Ask { path, ..ask }.json(procedure(DRAFT))
        }
        ("POST", "/procedures/{code}/versions/{version}/publish") => {
            let path = ask.path.replace(BIRTH, DRAFT);
            Ask { path, ..ask }.old(json!({}))
        }
        _ => ask,
    }
}

fn of_dossiers(m: &Matrix, ask: Ask, method: &str, path: &str, caller: &str) -> Ask {
    match (method, path.trim_start_matches("/api/v1")) {
        ("POST", "/dossiers") => ask.json(filing(caller)),
        ("POST", "/dossiers/batch") => ask.json(json!({"items": [filing(caller)]})).showing("\"status\":201"),
        ("GET", "/dossiers") => ask.query("limit=200").showing(&m.dossier),
        ("POST", "/dossiers/search") => ask.json(json!({"limit": 200})).showing(&m.dossier),
        ("POST", "/dossiers/{code}/transitions") => ask.old(json!({"action": "start"})),
        // Nothing that was not asked for can be kept: whoever sees the dossier is told so.
        ("POST", "/dossiers/transitions/batch") => ask
            .json(json!({"items": [{"dossier": m.dossier, "actions": {"action": "keep", "reason": "Không rút"}}]}))
            .unless("\"status\":404"),
        ("GET", "/public/dossiers/{code}") => {
            Ask { header: Some(("X-Lookup-Secret", m.lookup_secret.clone())), ..ask }
        }
        _ => ask,
    }
}

fn of_statistics(ask: Ask, method: &str, path: &str) -> Ask {
    let of_district = format!("agency={DISTRICT}");
    match (method, path.trim_start_matches("/api/v1/statistics")) {
        ("GET", "/on-time" | "/legs" | "/postal" | "/satisfaction" | "/ranking" | "/integrity") => {
            ask.query(&format!("from=2019-03-01&to=2019-04-01&{of_district}"))
        }
        ("GET", "/reports/{form}") => ask.query(&format!("period=2019-02&{of_district}")),
        ("GET", "/annual-summary") => ask.query(&format!("year=2019&{of_district}")),
        ("GET", _) => ask.query(&of_district),
        _ => ask.old(json!({"agency": DISTRICT})),
    }
}

fn of_transfers(m: &Matrix, ask: Ask, method: &str, path: &str) -> Ask {
    match (method, path.trim_start_matches("/api/v1")) {
        ("GET", "/transfers") => ask.query("limit=200").showing(&m.slip_out),
        // It is under way already.
        ("POST", "/transfers") => ask.json(json!({"to_agency": TCKH, "dossiers": [m.sent_dossier]})),
        ("POST", "/transfers/{id}/recall") => ask.old(json!({"reason": "Gửi nhầm"})),
        ("POST", _) => ask.old(json!({})),
        _ => ask,
    }
}

fn of_post(m: &Matrix, ask: Ask, method: &str, path: &str) -> Ask {
    match (method, path.trim_start_matches("/api/v1/postal")) {
        ("GET", "/delegations") => ask.query("limit=200").showing(&m.delegation),
        ("POST", "/delegations") => ask.json(delegation()),
        ("PATCH", "/delegations/{id}") => ask.old(json!({"valid_to": "2030-01-01"})),
        ("GET", "/handoffs") => ask.query("limit=200").showing(&m.draft_manifest),
        // It is on an open one already.
        ("POST", "/handoffs") => ask.json(json!({
            "direction": "to_post", "office": POST_DISTRICT, "agency": DISTRICT, "items": [{"dossier": m.dossier}],
        })),
        ("POST", _) => ask.old(json!({})),
        ("GET", "/shipments") => ask.query("limit=200").showing(TRACKING_CODE),
        _ => ask,
    }
}
