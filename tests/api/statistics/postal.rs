//! What went by the post.

use serde_json::json;

use crate::support::{POST_TAN_LONG, TAN_LONG, address, marital_status, on_both_engines};

const MARCH: &str = "from=2019-03-01&to=2019-04-01";

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
        let answer = district.get(&format!("/statistics/postal?{MARCH}")).await.expect(200);
        let row = &answer["items"][0];
        assert_eq!((answer["items"].as_array().unwrap().len(), &row["office"]["code"]), (1, &json!(POST_TAN_LONG)));
        assert_eq!((&row["to_post"]["total"], &row["to_post"]["under_way"], &row["to_post"]["cod"]), (&json!(1), &json!(1), &json!(30000)));
        assert_eq!((&row["from_post"]["total"], &answer["total"]["to_post"]), (&json!(0), &row["to_post"]));
        let office = t.as_("post_clerk@buu-dien-tan-long").await;
        assert_eq!(office.get(&format!("/statistics/postal?{MARCH}")).await.expect(200), answer);
        let elsewhere = t.as_("post_clerk@buu-dien-tan-thanh").await;
        assert_eq!(elsewhere.get(&format!("/statistics/postal?{MARCH}")).await.expect(200)["items"], json!([]));
        elsewhere.get(&format!("/statistics/postal?{MARCH}&agency={TAN_LONG}")).await.problem(403, "agency_out_of_reach");
        let april = district.get("/statistics/postal?from=2019-04-01&to=2019-05-01").await.expect(200);
        assert_eq!(april["items"], json!([]));
        clerk.get(&format!("/statistics/postal?{MARCH}")).await.problem(403, "forbidden");
    }
}
