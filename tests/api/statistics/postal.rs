//! What went by the post, and the lists behind it.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};
use serde_json::{Value, json};

use super::figure;
use crate::support::{
    Client, POST_DISTRICT, POST_TAN_LONG, TAN_LONG, TAN_MY, address, business, marital_status,
    on_both_engines, text,
};

const MARCH: &str = "from=2019-03-01&to=2019-04-01";

/// Asks for the report, and that each of its links lists exactly what its figure counts; gives it without the links.
async fn proved(caller: &Client, query: &str) -> Value {
    let mut answer = caller.get(&format!("/statistics/postal?{query}")).await.expect(200);
    let mut total = answer["total"].take();
    let rows = answer["items"].as_array_mut().unwrap();
    for row in rows.iter_mut().chain([&mut total]) {
        let links = row.as_object_mut().unwrap().remove("links").unwrap();
        for (path, link) in links.as_object().unwrap() {
            let link = link.as_str().unwrap();
            let list = caller.get(&format!("{link}&count=true&limit=200")).await.expect(200);
            let count = figure(row, path);
            assert_eq!(list["total"].as_i64(), Some(count), "{path} of {} by {link}", row["office"]);
            assert_eq!(list["items"].as_array().unwrap().len(), usize::try_from(count).unwrap(), "{link}");
        }
        let of_shipments = links.as_object().unwrap().values();
        let of_shipments = of_shipments.filter(|link| link.as_str().unwrap().contains("/postal/shipments?"));
        row["opens"] = json!([links.as_object().unwrap().len(), of_shipments.count()]);
    }
    answer["total"] = total;
    answer
}

/// A tracking code with the check digit of UPU S10.
fn tracking_code(serial: u64) -> String {
    let digits = format!("{serial:08}");
    let weighted =
        digits.bytes().zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| u64::from(digit - b'0') * weight);
    let check = match 11 - weighted.sum::<u64>() % 11 {
        10 => 0,
        11 => 5,
        check => check,
    };
    format!("RR{digits}{check}VN")
}

on_both_engines! {
    async fn shipments_by_office_and_direction(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let dossier = clerk.post("/dossiers", marital_status(TAN_LONG)).await.expect(201);
        let done = json!([{"action": "start"}, {"action": "resolve", "result": "granted"}]);
        t.as_("officer@tan-long").await.act(&dossier, done).await.expect(200);
        let handoff = json!({"direction": "to_post", "office": POST_TAN_LONG, "agency": TAN_LONG, "items": [
            {"dossier": address(&dossier), "tracking_code": "RR473124829VN", "cod_amount": 30000}
        ]});
        clerk.post("/postal/handoffs", handoff).await.expect(201);
        let district = t.as_("leader@thanh-binh").await;
        let answer = proved(&district, MARCH).await;
        let row = &answer["items"][0];
        assert_eq!((answer["items"].as_array().unwrap().len(), &row["office"]["code"]), (1, &json!(POST_TAN_LONG)));
        assert_eq!((&row["to_post"]["total"], &row["to_post"]["under_way"], &row["to_post"]["cod"]), (&json!(1), &json!(1), &json!(30000)));
        assert_eq!((&row["from_post"]["total"], &answer["total"]["to_post"]), (&json!(0), &row["to_post"]));
        assert_eq!(row["to_post"]["dossiers"], json!({"total": 1, "delivered": 0, "returned": 0, "lost": 0, "damaged": 0, "under_way": 1}));
        let office = t.as_("post_clerk@buu-dien-tan-long").await;
        let his = proved(&office, MARCH).await;
        assert_eq!((&his["items"][0]["to_post"], &his["total"]["to_post"]), (&row["to_post"], &row["to_post"]));
        let elsewhere = t.as_("post_clerk@buu-dien-tan-thanh").await;
        assert_eq!(proved(&elsewhere, MARCH).await["items"], json!([]));
        elsewhere.get(&format!("/statistics/postal?{MARCH}&agency={TAN_LONG}")).await.problem(403, "agency_out_of_reach");
        assert_eq!(proved(&district, "from=2019-04-01&to=2019-05-01").await["items"], json!([]));
        clerk.get(&format!("/statistics/postal?{MARCH}")).await.problem(403, "forbidden");
        // Leaders may list dossiers, not shipments; the others both.
        let inspector = proved(&t.as_("inspector@thanh-binh").await, MARCH).await;
        assert_eq!(answer["total"]["opens"], json!([12, 0]));
        assert_eq!((&inspector["total"]["opens"], &his["total"]["opens"]), (&json!([26, 14]), &json!([26, 14])));
        // Of which way and of when says nothing of itself.
        for alone in ["posted_from=2019-03-01", "posted_to=2019-03-01", "posted_office=VNPOST.874"] {
            assert_eq!(district.get(&format!("/dossiers?{alone}")).await.faults(), ["/query/posted required"], "{alone}");
        }
        district.get("/dossiers?posted=to_post.total&posted_office=VNPOST.0").await.problem(422, "invalid_query");
    }

    /// Manifests drawn up, dispatched, accepted with exceptions or cancelled at random: every figure has its list.
    async fn random_manifests_open_to_their_lists(t: Test) {
        let seed: u64 = rand::random();
        println!("seed {seed}");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let sides = [("clerk@tan-long", TAN_LONG, POST_TAN_LONG, "post_clerk@buu-dien-tan-long"), ("clerk@thanh-binh", "000.00.31.H20", POST_DISTRICT, "post_clerk@buu-dien-thanh-binh"), ("clerk@tan-long", TAN_LONG, POST_DISTRICT, "post_clerk@buu-dien-thanh-binh"), ("clerk@tan-my", TAN_MY, POST_DISTRICT, "post_clerk@buu-dien-thanh-binh")];
        let (mut serial, mut sent) = (10_000_000, 0);
        for day in 4..9 {
            t.at(&format!("2019-03-{day:02}T09:00"));
            for _ in 0..3 {
                let (clerk, agency, office, post_clerk) = *sides.choose(&mut rng).unwrap();
                let (clerk, post_clerk) = (t.as_(clerk).await, t.as_(post_clerk).await);
                let mut items = Vec::new();
                for _ in 0..rng.random_range(1..4) {
                    let body = if agency == "000.00.31.H20" { business() } else { marital_status(agency) };
                    let dossier = clerk.post("/dossiers", body).await.expect(201);
                    serial += 1;
                    items.push(json!({"dossier": address(&dossier), "tracking_code": tracking_code(serial), "cod_amount": 1000 * rng.random_range(0..9)}));
                }
                // The papers go back and forth, so that some dossiers are in more than one shipment.
                for _ in 0..rng.random_range(1..3) {
                    let body = json!({"direction": "to_post", "office": office, "agency": agency, "items": items});
                    let made = clerk.post("/postal/handoffs", body).await;
                    if made.status != 201 {
                        break;
                    }
                    let id = text(&made.json(), "/id").to_owned();
                    let path = |step: &str| format!("/postal/handoffs/{id}/{step}");
                    match rng.random_range(0..4) {
                        0 => {}
                        1 => drop(clerk.post(&path("cancel"), json!({})).await.expect(200)),
                        _ => {
                            clerk.post(&path("dispatch"), json!({})).await.expect(200);
                            let missing = json!({"dossier": items[0]["dossier"], "state": if rng.random_bool(0.5) { "missing" } else { "damaged" }, "reason": "x"});
                            let exceptions = if rng.random_bool(0.5) { json!([missing]) } else { json!([]) };
                            post_clerk.post(&path("accept"), json!({"exceptions": exceptions})).await.expect(200);
                        }
                    }
                    sent += 1;
                    for item in &mut items {
                        serial += 1;
                        item["tracking_code"] = json!(tracking_code(serial));
                    }
                }
            }
        }
        assert!(sent >= 15, "too little went by the post: {sent}");
        for who in ["leader@thanh-binh", "inspector@thanh-binh", "leader@tan-long", "post_clerk@buu-dien-thanh-binh", "post_clerk@buu-dien-tan-long"] {
            let caller = t.as_(who).await;
            for query in [MARCH, "from=2019-03-05&to=2019-03-08"] {
                let answer = proved(&caller, query).await;
                for direction in ["to_post", "from_post"] {
                    let sum = |path: &str| -> i64 { answer["items"].as_array().unwrap().iter().map(|row| figure(row, path)).sum() };
                    for part in ["total", "delivered", "returned", "lost", "damaged", "cancelled", "under_way", "cod"] {
                        let path = format!("{direction}.{part}");
                        assert_eq!(sum(&path), figure(&answer["total"], &path), "{path} for {who}");
                    }
                }
            }
        }
        let all = proved(&t.as_("inspector@thanh-binh").await, MARCH).await;
        assert!(figure(&all["total"], "to_post.total") >= 15, "{all:#}");
    }
}
