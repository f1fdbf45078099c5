//! Between agencies: the way of a dossier through its route, slips, and who has the papers.

mod courses;
mod transfers;
mod watch;

use serde_json::Value;

use crate::support::{Client, address};

/// The legs as `key state`, in their order.
async fn legs(caller: &Client, dossier: &Value) -> Vec<String> {
    let answer = caller.get(&format!("/dossiers/{}/legs", address(dossier))).await.expect(200);
    let legs = answer["items"].as_array().unwrap();
    legs.iter()
        .map(|leg| format!("{} {}", leg["key"].as_str().unwrap(), leg["state"].as_str().unwrap()))
        .collect()
}

/// Who had the papers, in their order.
async fn custody(caller: &Client, dossier: &Value) -> Vec<String> {
    let answer = caller.get(&format!("/dossiers/{}/custody", address(dossier))).await.expect(200);
    let mut parties: Vec<String> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            line["party"]["code"].as_str().unwrap_or(line["party"]["kind"].as_str().unwrap()).to_owned()
        })
        .collect();
    parties.dedup();
    parties
}
