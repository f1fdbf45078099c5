//! The one predicate against a naive model of the contract's table ("Who sees which dossier"), over random lives: what each
//! caller gets from detail, list, search, count and the links of the figures must be what the model says.
//!
//! Facts are read through the API by somebody who sees everything of the district in full, its leader (`model`); what happens
//! to dossiers is thrown by dice that fall alike in each run (`lives`).

mod lives;
mod model;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use self::{
    lives::{Dice, TAN_THANH, send_off, take_in, try_something},
    model::{Asker, Tree, askers, facts},
};
use crate::support::{POST_DISTRICT, POST_TAN_LONG, TAN_LONG, TAN_MY, Test, address, on_both_engines, text};

/// How many dossiers a world has, and how many things are tried with them.
const DOSSIERS: usize = 9;
const DEEDS: usize = 40;

const VIEWS: [&str; 4] = ["none", "row", "masked", "full"];

/// Holds everything that a caller can find against what the model says that he sees.
async fn check(asker: &Asker, expected: &BTreeMap<String, u8>, sensitive: &BTreeSet<String>, seed: u64) {
    let who = format!("{} (world {seed})", asker.name);
    let meant = |at_least: u8| -> BTreeMap<&str, &str> {
        let seen = expected.iter().filter(|(_, view)| **view >= at_least);
        seen.map(|(code, view)| (code.as_str(), VIEWS[usize::from(*view)])).collect()
    };
    let found = |list: &Value| -> BTreeMap<String, String> {
        let items = list["items"].as_array().unwrap().iter();
        items.map(|it| (text(it, "/code").to_owned(), text(it, "/view").to_owned())).collect()
    };
    let same = |list: &Value, at_least: u8, what: &str| {
        let (found, meant) = (found(list), meant(at_least));
        let found: BTreeMap<&str, &str> =
            found.iter().map(|(code, view)| (code.as_str(), view.as_str())).collect();
        assert_eq!(found, meant, "{who}: {what}");
        assert_eq!(list["total"].as_u64(), Some(meant.len() as u64), "{who}: count of {what}");
    };
    same(&asker.get("/dossiers?limit=200&count=true").await.expect(200), 1, "list");
    same(&asker.search(json!({"limit": 200, "count": true})).await.expect(200), 1, "search");
    // A name finds what is shown with its name, a number what is seen in full.
    let named = |code: &str, view: u8| view == 3 || (view == 2 && !sensitive.contains(code));
    let meant_by_name: Vec<&String> =
        expected.iter().filter(|(code, view)| named(code, **view)).map(|(code, _)| code).collect();
    let by_name = asker.get("/dossiers?limit=200&count=true&q=nguyen%20thi").await.expect(200);
    assert_eq!(found(&by_name).keys().collect::<Vec<_>>(), meant_by_name, "{who}: search by name");
    assert_eq!(by_name["total"].as_u64(), Some(meant_by_name.len() as u64), "{who}: count of search by name");
    let numbers = asker.search(json!({"limit": 200, "count": true, "identity_number": "087190001234"})).await;
    if numbers.status == 403 {
        assert!(meant(3).is_empty(), "{who}: a filter refused that would find something");
    } else {
        same(&numbers.expect(200), 3, "search by number");
    }
    for (code, view) in expected {
        let answer = asker.get(&format!("/dossiers/{code}")).await;
        if *view == 0 {
            assert_eq!(answer.status, 404, "{who}: {code}");
        } else {
            assert_eq!(answer.expect(200)["view"], VIEWS[usize::from(*view)], "{who}: {code}");
        }
        let history = asker.get(&format!("/dossiers/{code}/events")).await;
        assert_eq!(history.status, if *view == 0 { 404 } else { 200 }, "{who}: events of {code}");
    }
}

/// The figures of his agency lead to dossiers that he sees, as many as the figures say.
async fn check_links(asker: &Asker, expected: &BTreeMap<String, u8>, seed: u64) {
    let figures = asker.get("/statistics/on-time?from=2019-03-01&to=2019-06-01").await;
    if figures.status == 403 {
        return;
    }
    let total = figures.expect(200)["total"].clone();
    for figure in ["received.total", "pending.total", "resolved.total"] {
        let link = text(&total["links"], &format!("/{figure}")).to_owned();
        let list = asker.get(&format!("{link}&limit=200&count=true")).await.expect(200);
        let value = &total[figure.split('.').next().unwrap()]["total"];
        assert_eq!(&list["total"], value, "{} (world {seed}): {link}", asker.name);
        for dossier in list["items"].as_array().unwrap() {
            assert!(expected[text(dossier, "/code")] > 0, "{} (world {seed}): {link}", asker.name);
        }
    }
}

async fn check_world(t: &Test, taken_in_by: &BTreeMap<String, String>, seed: u64) {
    let tree = Tree::read(&t.as_("admin@dong-thap").await).await;
    let facts = facts(t, taken_in_by).await;
    let now: DateTime<FixedOffset> = t.now().to_string().parse().unwrap();
    let sensitive: BTreeSet<String> =
        facts.iter().filter(|it| it.is_sensitive).map(|it| it.code.clone()).collect();
    for asker in askers(t).await {
        let expected = facts.iter().map(|it| (it.code.clone(), asker.sees(&tree, it, now))).collect();
        check(&asker, &expected, &sensitive, seed).await;
        check_links(&asker, &expected, seed).await;
    }
}

/// A world that lives, is looked at, grows a month older, loses an agency and gets a deputy, and is looked at again.
async fn live(t: &Test, seed: u64) {
    let mut dice = Dice(seed);
    let (mut dossiers, mut taken_in_by) = (Vec::new(), BTreeMap::new());
    while dossiers.len() < DOSSIERS {
        let Some(dossier) = take_in(t, &mut dice).await else { continue };
        if dossier["channel"] == "post_office" {
            let office = match text(&dossier, "/agency/code") {
                TAN_LONG => POST_TAN_LONG,
                TAN_THANH => "VNPOST.30157",
                _ => POST_DISTRICT,
            };
            taken_in_by.insert(address(&dossier).to_owned(), office.to_owned());
        }
        dossiers.push(dossier);
    }
    for _ in 0..DEEDS {
        let dossier = dice.of(&dossiers).clone();
        try_something(t, &mut dice, &dossier).await;
    }
    for dossier in dossiers.iter().step_by(2) {
        send_off(t, &mut dice, dossier).await;
    }
    check_world(t, &taken_in_by, seed).await;

    let admin = t.as_("admin@dong-thap").await;
    let ends = json!({"valid_to": "2019-03-20", "successor": TAN_LONG});
    admin.patch(&format!("/agencies/{TAN_MY}"), ends).await.expect(200);
    let all = admin.get("/accounts?limit=200").await.expect(200);
    let id = |name: &str| {
        let found = all["items"].as_array().unwrap().iter().find(|it| it["username"] == name);
        text(found.unwrap(), "/id").to_owned()
    };
    let absence = json!({
        "from": "2019-04-01T07:00:00+07:00", "until": "2019-05-01T07:00:00+07:00", "deputy": id("clerk@thanh-binh"),
    });
    admin
        .patch(&format!("/accounts/{}", id("leader@thanh-binh")), json!({"absence": absence}))
        .await
        .expect(200);
    t.at("2019-04-15T09:00");
    for _ in 0..DEEDS / 4 {
        let dossier = dice.of(&dossiers).clone();
        try_something(t, &mut dice, &dossier).await;
    }
    check_world(t, &taken_in_by, seed).await;
}

on_both_engines! {
    async fn everybody_sees_what_the_table_says(t: Test) {
        live(&t, 1).await;
    }

    async fn and_in_another_world(t: Test) {
        live(&t, 2).await;
    }
}
