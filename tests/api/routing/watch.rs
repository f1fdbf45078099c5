//! The watch over deadlines: who is called when, once, however many copies look.

use motcua::routing::call_all;
use serde_json::{Value, json};

use crate::support::{
    Client, DISTRICT, TAN_LONG, Test, address, all, business, marital_status, on_both_engines,
};

const TCKH: &str = "000.05.31.H20";

/// Level, leg and agency of a dossier's calls, in their order.
async fn calls(caller: &Client, dossier: &Value) -> Vec<(String, Option<String>, String)> {
    let events = caller.get(&format!("/dossiers/{}/events", address(dossier))).await.expect(200);
    let calls = events["items"].as_array().unwrap().iter().filter(|event| event["action"] == "escalate");
    calls
        .map(|event| {
            assert_eq!(event["actor"]["kind"], "system");
            assert_eq!(event["from"], event["to"]);
            let text = |member: &str| event["data"][member].as_str().map(str::to_owned);
            (text("level").unwrap(), text("leg"), text("agency").unwrap())
        })
        .collect()
}

async fn look(t: &Test) -> usize {
    call_all(&t.app(), &|| false).await.unwrap()
}

on_both_engines! {
    async fn two_copies_call_each_once(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let mut dossiers = Vec::new();
        for _ in 0..12 {
            dossiers.push(clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201));
        }
        let copies = [t.app(), t.app()];
        let both = async || -> usize {
            let made = all(copies.iter().map(|app| call_all(app, &|| false))).await;
            made.into_iter().map(Result::unwrap).sum()
        };
        assert_eq!(both().await, 0, "three days are left");
        for (now, made) in [
            // Due on the seventh at five: a quarter of its thirty-one hours before, after it, two working days after it.
            ("2019-03-07T08:00", 12),
            ("2019-03-07T17:00", 0),
            ("2019-03-07T17:00:01", 12),
            ("2019-03-11T16:59", 0),
            ("2019-03-11T17:00", 12),
            ("2019-03-29T09:00", 0),
        ] {
            t.at(now);
            assert_eq!(both().await, made, "{now}");
        }
        let leader = t.as_("leader@thanh-binh").await;
        for dossier in &dossiers {
            let told = calls(&leader, dossier).await;
            let told: Vec<_> = told.iter().map(|(level, leg, agency)| (level.as_str(), leg.as_deref(), agency.as_str())).collect();
            assert_eq!(told, [("officer", None, TAN_LONG), ("leader", None, TAN_LONG), ("leader_above", None, DISTRICT)]);
        }
        assert_eq!(t.count("escalations"), 36);
    }

    async fn after_a_long_silence_all_that_are_due_are_called(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        t.at("2019-03-20T09:00");
        assert_eq!(call_all(&t.app(), &|| true).await.unwrap(), 0, "told to stop");
        assert_eq!(look(&t).await, 3);
        let levels: Vec<String> = calls(&t.as_("clerk@tan-long").await, &dossier).await.into_iter().map(|(level, _, _)| level).collect();
        assert_eq!(levels, ["officer", "leader", "leader_above"]);
    }

    async fn a_leg_is_watched_by_its_own_date(t: Test) {
        let clerk = t.as_("clerk@thanh-binh").await;
        let dossier = clerk.post("/dossiers", business()).await.expect(201);
        clerk.act(&dossier, json!({"action": "forward"})).await.expect(200);
        t.as_("officer@tckh").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        // The leg is due on Wednesday at half past eleven, the whole on Thursday at five.
        t.at("2019-03-06T11:31");
        assert_eq!(look(&t).await, 2);
        let clerk = t.as_("clerk@thanh-binh").await;
        let leg = Some("tckh".to_owned());
        assert_eq!(
            calls(&clerk, &dossier).await,
            [("officer".to_owned(), leg.clone(), TCKH.to_owned()), ("leader".to_owned(), leg, TCKH.to_owned())]
        );
        // The next agency has its own leg and its own calls.
        t.as_("officer@tckh").await.act(&dossier, json!({"action": "forward"})).await.expect(200);
        t.as_("officer@thue").await.act(&dossier, json!({"action": "acknowledge"})).await.expect(200);
        t.at("2019-03-08T07:00");
        look(&t).await;
        let told = calls(&t.as_("clerk@thanh-binh").await, &dossier).await;
        let of_tax = told.iter().filter(|(_, leg, _)| leg.as_deref() == Some("thue")).count();
        let of_whole = told.iter().filter(|(_, leg, _)| leg.is_none()).count();
        assert_eq!((of_tax, of_whole, told.len()), (2, 2, 6));
    }

    async fn a_pause_begun_in_time_holds_the_calls_and_an_end_ends_them(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let paused = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let ended = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        clerk
            .act(&paused, json!({"action": "request_supplement", "items": [{"code": "LH"}], "reason": "Thiếu"}))
            .await
            .expect(200);
        t.as_("officer@tan-long").await.act(&ended, json!({"action": "resolve", "result": "granted"})).await.expect(200);
        t.at("2019-03-20T09:00");
        assert_eq!(look(&t).await, 0);
    }
}
