//! The catalogue of procedures: versions, publishing, labels.

use serde_json::{Value, json};

use crate::support::{BIRTH, BUSINESS, LAND_USE, TAN_LONG, birth, on_both_engines, with};

fn new_procedure() -> Value {
    json!({
        "code": "9.000001", "name": "Cấp giấy xác nhận", "field": {"code": "ho-tich"}, "levels": ["commune"],
        "online_level": "none", "time_limit": {"amount": 10, "unit": "working_days"},
        "components": [{"code": "DON", "name": "Đơn", "required": true, "originals": 1, "copies": 0}],
        "route": [
            {"key": "xa", "name": "Thẩm tra", "agency": "receiver", "role": "officer", "time_limit": {"amount": 3, "unit": "working_days"}},
            {"key": "huyen", "name": "Phê duyệt", "agency": "parent/tu-phap", "role": "officer", "time_limit": {"amount": 6, "unit": "working_days"}},
        ],
        "approval": "officer", "supplement_clock": "restart", "effective_from": "2019-03-04",
    })
}

on_both_engines! {
    async fn all_28_procedures_are_there(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let all = clerk.get("/procedures?limit=100&count=true").await.expect(200);
        assert_eq!(all["total"], 28);
        let communes = clerk.get(&format!("/procedures?agency={TAN_LONG}&count=true")).await.expect(200);
        let by_level = clerk.get("/procedures?level=commune&count=true").await.expect(200);
        assert_eq!(communes["total"], by_level["total"]);
        // Case and accents don't matter.
        let found = clerk.get("/procedures?q=KHAI%20SINH&count=true").await.expect(200);
        assert!(found["total"].as_i64().unwrap() >= 2, "{found}");
        assert!(found["items"].as_array().unwrap().iter().any(|it| it["code"] == BIRTH));
        let fields = clerk.get("/fields").await.expect(200);
        assert!(fields["items"].as_array().unwrap().iter().any(|field| field["code"] == "ho-tich"));
    }

    async fn a_procedure_says_its_route(t: Test) {
        let clerk = t.as_("clerk@tan-long").await;
        let procedure = clerk.get(&format!("/procedures/{LAND_USE}")).await.expect(200);
        let steps: Vec<(&str, &Value)> = procedure["route"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| (step["key"].as_str().unwrap(), &step["parallel_with"]))
            .collect();
        assert_eq!(steps, [("tnmt", &Value::Null), ("quy-hoach", &json!("tnmt")), ("thue", &Value::Null)]);
        clerk.get("/procedures/0.000000").await.problem(404, "not_found");
    }

    async fn a_version_is_drafted_published_and_stays(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        let draft = admin.post("/procedures", new_procedure()).await;
        assert_eq!(
            (draft.expect(201)["version"].as_i64(), draft.json()["state"].as_str()),
            (Some(1), Some("draft"))
        );
        let clerk = t.as_("clerk@tan-long").await;
        clerk.get("/procedures/9.000001").await.problem(404, "not_found");
        let publish = "/procedures/9.000001/versions/1/publish";
        let published = admin.post(publish, json!({})).await;
        assert!(published.is_one_of(&[200]), "{published:?}");
        assert_eq!(clerk.get("/procedures/9.000001").await.expect(200)["state"], "published");
        admin.post(publish, json!({})).await.problem(409, "version_published");
        // A second version takes over on its day; dossiers keep theirs.
        let intake = json!({
            "procedure": "9.000001", "agency": TAN_LONG, "channel": "counter",
            "applicant": crate::support::applicant(), "components": [{"code": "DON", "originals": 1}],
        });
        let before = clerk.post("/dossiers", intake.clone()).await.expect(201);
        let second = with(
            new_procedure(),
            json!({"effective_from": "2019-04-01", "time_limit": {"amount": 12, "unit": "working_days"}, "code": null}),
        );
        admin.post("/procedures/9.000001/versions", second).await.expect(201);
        admin.post("/procedures/9.000001/versions/2/publish", json!({})).await.expect(200);
        t.at("2019-04-01T08:00");
        let clerk = t.as_("clerk@tan-long").await;
        let after = clerk.post("/dossiers", intake).await.expect(201);
        assert_eq!(
            (before["procedure"]["version"].as_i64(), after["procedure"]["version"].as_i64()),
            (Some(1), Some(2))
        );
        assert_eq!(clerk.see(&before).await.expect(200)["procedure"]["version"], 1);
        let versions = clerk.get("/procedures/9.000001/versions").await.expect(200);
        assert_eq!(versions["items"].as_array().unwrap().len(), 2);
        assert_eq!(
            clerk.get("/procedures/9.000001/versions/1").await.expect(200)["time_limit"]["amount"],
            10
        );
    }

    async fn what_a_version_must_satisfy(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        let step = |amount: f64| json!([{"key": "a", "name": "A", "agency": "receiver", "role": "officer", "time_limit": {"amount": amount, "unit": "working_days"}}]);
        for (what, changes, pointer) in [
            ("no half day for the desk", json!({"route": step(10.0)}), "/route"),
            (
                "another unit than the whole",
                json!({"route": [{"key": "a", "name": "A", "agency": "receiver", "role": "officer", "time_limit": {"amount": 2, "unit": "working_hours"}}]}),
                "/route",
            ),
            (
                "an agency that there is not",
                json!({"route": [{"key": "a", "name": "A", "agency": "X.99", "role": "officer", "time_limit": {"amount": 2, "unit": "working_days"}}]}),
                "/route",
            ),
            (
                "parallel to nothing",
                json!({"route": [{"key": "a", "name": "A", "agency": "receiver", "role": "officer", "time_limit": {"amount": 2, "unit": "working_days"}, "parallel_with": "b"}]}),
                "/route",
            ),
            ("a level that is none", json!({"levels": ["department"]}), "/levels"),
            (
                "the same paper twice",
                json!({"components": [{"code": "A", "name": "A", "required": true, "originals": 1, "copies": 0}, {"code": "A", "name": "A", "required": true, "originals": 1, "copies": 0}]}),
                "/components",
            ),
            ("ending before it begins", json!({"effective_to": "2019-03-01"}), "/effective_to"),
            (
                "two days on the same day",
                json!({"time_limit": {"amount": 2, "unit": "same_day"}, "route": []}),
                "/time_limit",
            ),
        ] {
            let answer = admin.post("/procedures", with(new_procedure(), changes)).await;
            assert_eq!(answer.status, 422, "{what}: {answer:?}");
            let faults = answer.faults();
            assert!(faults.iter().any(|fault| fault.starts_with(pointer)), "{what}: {faults:?}");
        }
        assert_eq!(t.count("procedures"), 28);
    }

    async fn the_catalogue_is_the_provinces(t: Test) {
        t.as_("admin@thanh-binh").await.post("/procedures", new_procedure()).await.problem(403, "forbidden");
        t.as_("clerk@tan-long").await.post("/procedures", new_procedure()).await.problem(403, "forbidden");
        t.as_client_with("dossiers:write")
            .await
            .post("/procedures", new_procedure())
            .await
            .problem(403, "forbidden");
        t.as_client_with("catalog:write").await.post("/procedures", new_procedure()).await.expect(201);
    }

    async fn two_drafts_at_once_get_numbers_of_their_own(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        let body = with(new_procedure(), json!({"code": null, "effective_from": "2019-06-01"}));
        let drafts = crate::support::all((0..4).map(|_| {
            let (admin, body) = (admin.clone(), body.clone());
            async move {
                admin.post(&format!("/procedures/{BUSINESS}/versions"), body).await.expect(201)["version"]
                    .as_i64()
            }
        }))
        .await;
        let mut numbers = drafts.clone();
        numbers.sort_unstable();
        assert_eq!(numbers, [Some(2), Some(3), Some(4), Some(5)]);
    }

    async fn what_is_not_in_force_is_not_taken_in(t: Test) {
        let admin = t.as_("admin@dong-thap").await;
        admin
            .post("/procedures", with(new_procedure(), json!({"effective_from": "2019-04-01"})))
            .await
            .expect(201);
        let clerk = t.as_("clerk@tan-long").await;
        let intake = with(birth(TAN_LONG), json!({"procedure": "9.000001", "components": null}));
        assert_eq!(clerk.post("/dossiers", intake.clone()).await.faults(), ["/procedure unknown_procedure"]);
        admin.post("/procedures/9.000001/versions/1/publish", json!({})).await.expect(200);
        assert_eq!(clerk.post("/dossiers", intake).await.faults(), ["/procedure procedure_not_in_force"]);
    }

    async fn labels_name_every_code(t: Test) {
        let labels = t.anonymous().get("/labels").await.expect(200);
        let groups = labels["items"].as_array().unwrap();
        let group = |name: &str| {
            groups
                .iter()
                .find(|group| group["group"] == name)
                .unwrap_or_else(|| panic!("{name} in {labels:#}"))
        };
        for name in ["status", "action", "channel", "outcome", "mark"] {
            for label in group(name)["labels"].as_array().unwrap() {
                assert!(label["vi"].as_str().is_some_and(|it| !it.is_empty()), "{label}");
                assert!(label["en"].as_str().is_some_and(|it| !it.is_empty()), "{label}");
            }
        }
        assert_eq!(group("status")["labels"].as_array().unwrap().len(), 12);
        assert_eq!(group("channel")["labels"].as_array().unwrap().len(), 5);
    }
}
