//! Who may call what: every operation of the document × every role, held against the contract's table beside this file.
//!
//! The table is written by hand: a new operation without a line in it fails, and so does a line without an operation.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, on_both_engines};

/// An account for each role that an account can have. The catalogue's administrator sits at the province.
const ACCOUNTS: [(&str, &str); 6] = [
    ("admin", "admin@dong-thap"),
    ("clerk", "clerk@tan-long"),
    ("officer", "officer@tan-long"),
    ("leader", "leader@thanh-binh"),
    ("post_clerk", "post_clerk@buu-dien-tan-long"),
    ("inspector", "inspector@thanh-binh"),
];

/// Every scope that a machine client can have.
const SCOPES: [&str; 6] =
    ["dossiers:read", "dossiers:write", "events:read", "postal:write", "statistics:read", "catalog:write"];

/// `GET /api/v1/me` → `any`; as the contract lists it.
fn table() -> BTreeMap<(String, String), Vec<String>> {
    include_str!("authorization.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace();
            let (method, path, roles) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            let path =
                path.strip_prefix("//").map_or_else(|| format!("/api/v1{path}"), |root| format!("/{root}"));
            ((method.to_owned(), path), roles.split(',').map(str::to_owned).collect())
        })
        .collect()
}

/// Every operation of the document with its `x-roles`.
fn operations(document: &Value) -> BTreeMap<(String, String), Vec<String>> {
    let mut all = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let roles =
                operation["x-roles"].as_array().unwrap_or_else(|| panic!("{method} {path} has no x-roles"));
            let roles = roles.iter().map(|role| role.as_str().unwrap().to_owned()).collect();
            all.insert((method.to_uppercase(), path.clone()), roles);
        }
    }
    all
}

/// The path with something in each place. Whatever stands there, who may not call hears that first.
fn filled(path: &str) -> String {
    let path = path
        .replace("agencies/{code}", "agencies/000.33.31.H20")
        .replace("procedures/{code}", "procedures/1.001193");
    let path =
        path.replace("{year}", "2019").replace("{version}", "1").replace("{tracking_code}", "RR473124829VN");
    let path = path.replace("{form}", "06a").replace("{period}", "2019-01");
    path.replace("{code}", "000.33.31.H20-190304-0001")
        .replace("{id}", "0191d9d0-7f6c-7c2e-9a53-0d2d2f5c8a10")
}

async fn call(caller: &Client, method: &str, path: &str) -> Answer {
    let method: Method = method.parse().unwrap();
    let path = filled(path);
    let path = if path.starts_with("/api/") { path } else { format!("/{path}") };
    let call = caller.call(method.clone(), &path);
    match method {
        Method::GET => call.await,
        _ if path.contains("/auth/") => {
            call.raw("application/x-www-form-urlencoded", "grant_type=none").await
        }
        _ => call.raw("application/json", json!({}).to_string()).await,
    }
}

on_both_engines! {
    async fn the_document_and_the_contract_agree(t: Test) {
        let document = t.anonymous().get("//api/openapi.json").await.expect(200);
        let (found, wanted) = (operations(&document), table());
        let mut differences = Vec::new();
        for (operation, roles) in &wanted {
            match found.get(operation) {
                None => differences.push(format!("{operation:?} is not in the document")),
                Some(has) if has != roles => {
                    differences.push(format!("{operation:?} is for {has:?}, not for {roles:?}"));
                }
                Some(_) => {}
            }
        }
        differences.extend(
            found
                .keys()
                .filter(|it| !wanted.contains_key(it))
                .map(|it| format!("{it:?} is not in authorization.txt")),
        );
        assert!(differences.is_empty(), "{differences:#?}");
    }

    async fn every_operation_for_every_role(t: Test) {
        let mut callers: Vec<(String, Client)> = Vec::new();
        for (role, username) in ACCOUNTS {
            callers.push((role.to_owned(), t.as_(username).await));
        }
        for scope in SCOPES {
            callers.push((format!("integration:{scope}"), t.as_client_with(scope).await));
        }
        let mut wrong = Vec::new();
        for ((method, path), roles) in table() {
            let public = roles.iter().any(|role| role == "public");
            let nobody = call(&t.anonymous(), &method, &path).await;
            if public != (nobody.status != 401 || path.contains("/auth/")) {
                wrong.push(format!("{method} {path} without a login: {}", nobody.status));
            }
            for (role, caller) in &callers {
                let may = public || roles.iter().any(|it| it == "any" || it == role);
                let answer = call(caller, &method, &path).await;
                let refused = answer.status == 403 && answer.json()["code"] == "forbidden";
                // Who may call gets an answer, even if it is that there is no such thing.
                let fits =
                    if may { !refused && answer.status != 401 && answer.status < 500 } else { refused };
                // The OAuth endpoints ask for a client, not for a bearer.
                if !(fits || path == "/metrics" || path == "/livez" || path.contains("/auth/")) {
                    wrong.push(format!("{method} {path} as {role}: {} {}", answer.status, answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
